"""The corpora by name: the one function that training, the command line and the explorer ask for documents."""

from collections.abc import Iterable
from pathlib import Path

from llm.corpora.brackets import brackets
from llm.corpora.kinds import CorpusKind as CorpusKind
from llm.corpora.repeats import repeats
from llm.corpora.standard_library import standard_library
from llm.corpora.stories import stories
from llm.corpora.sums import sums
from llm.corpora.text_file import text_file


def _source(kind: CorpusKind, seed: int, path: Path | None) -> Iterable[str]:
    match kind:
        case "stories":
            return stories(seed)
        case "sums":
            return sums(seed)
        case "brackets":
            return brackets(seed)
        case "repeats":
            return repeats(seed)
        case "standard_library":
            return standard_library()
        case "file":
            if path is None:
                raise ValueError("expected a path for the corpus 'file', got none; name a text file")
            return text_file(Path(path))
    raise ValueError(f"expected a corpus of {CorpusKind.__args__}, got {kind!r}")


def documents(kind: CorpusKind, seed: int, n_chars: int, path: Path | None = None) -> list[str]:
    """Whole documents until `n_chars` characters are reached or the corpus ends; only the generated kinds use the seed.

    The last document of a finite corpus is cut, so that a large file never exceeds what was asked for.
    """
    if n_chars < 1:
        raise ValueError(f"expected at least 1 character, got {n_chars}")
    finite = kind in ("standard_library", "file")
    taken, left = [], n_chars
    for document in _source(kind, seed, path):
        taken.append(document[:left] if finite else document)
        left -= len(document)
        if left <= 0:
            break
    return taken
