"""The vocabularies that OpenAI published for GPT-2 and after: found among the files here, or fetched when asked for."""

from __future__ import annotations

import hashlib
import os
import tempfile
import urllib.request
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import tiktoken

from llm.tokenizers.base import END_OF_TEXT, TokenizerError, by_id, decode, token_bytes, without_lone_surrogates
from llm.tokenizers.rank_file import read_ranks

_PLACE = "https://openaipublic.blob.core.windows.net/encodings/"
_LARGEST = 16 * 2**20  # bytes of a rank file
_PATIENCE = 10.0  # seconds without a byte
_BLOCK = 65_536

# Splits and hashes are those of tiktoken_ext/openai_public.py.
_GPT2_SPLIT = r"""'(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s"""
_CL100K_SPLIT = (
    r"""'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+"""
    r"""|\s++$|\s*[\r\n]|\s+(?!\S)|\s"""
)
_UPPER, _LOWER = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
_END = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
_O200K_SPLIT = "|".join(
    [
        rf"[^\r\n\p{{L}}\p{{N}}]?{_UPPER}*{_LOWER}+{_END}",
        rf"[^\r\n\p{{L}}\p{{N}}]?{_UPPER}+{_LOWER}*{_END}",
        r"\p{N}{1,3}",
        r" ?[^\s\p{L}\p{N}]+[\r\n/]*",
        r"\s*[\r\n]+",
        r"\s+(?!\S)",
        r"\s+",
    ]
)


@dataclass(frozen=True)
class Published:
    """One vocabulary, and all that is needed to have it."""

    name: str
    url: str  # of its rank file
    sha256: str
    split: str  # its pattern
    special_tokens: Mapping[str, int]


def _published(name: str, file: str, sha256: str, split: str, **special: int) -> Published:
    names = {END_OF_TEXT: special.pop("endoftext"), **{f"<|{word}|>": id for word, id in special.items()}}
    return Published(name, f"{_PLACE}{file}.tiktoken", sha256, split, MappingProxyType(names))


PUBLISHED: Mapping[str, Published] = {
    one.name: one
    for one in (
        _published(
            "gpt2",
            "r50k_base",  # the same ids as GPT-2's own two files, in one
            "306cd27f03c1a714eca7108e03d66b7dc042abe8c258b44c199a7ed9838dd930",
            _GPT2_SPLIT,
            endoftext=50256,
        ),
        _published(
            "cl100k_base",
            "cl100k_base",
            "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7",
            _CL100K_SPLIT,
            endoftext=100257,
            fim_prefix=100258,
            fim_middle=100259,
            fim_suffix=100260,
            endofprompt=100276,
        ),
        _published(
            "o200k_base",
            "o200k_base",
            "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d",
            _O200K_SPLIT,
            endoftext=199999,
            endofprompt=200018,
        ),
    )
}


class PublishedTokenizer:
    """tiktoken with the ranks and the split of a published vocabulary."""

    def __init__(self, published: Published, ranks: Mapping[bytes, int]) -> None:
        self.name = published.name
        self.special_tokens = published.special_tokens
        tokens = {rank: token for token, rank in ranks.items()}
        self._vocabulary = by_id(tokens | {id: name.encode() for name, id in self.special_tokens.items()})
        self.n_vocab = len(self._vocabulary)
        self._encoding = tiktoken.Encoding(
            self.name, pat_str=published.split, mergeable_ranks=dict(ranks), special_tokens={}
        )

    def encode(self, text: str) -> list[int]:
        """Ids of the text; a TokenizerError where tiktoken gives up, as on a million blanks before a word."""
        try:
            return self._encoding.encode_ordinary(without_lone_surrogates(text))
        except BaseException as error:  # a panic in its Rust code is no Exception
            if isinstance(error, (KeyboardInterrupt, SystemExit)):
                raise
            raise TokenizerError(f"tiktoken gave up ({error}); give a shorter text") from None

    def decode(self, ids: Iterable[int]) -> str:
        """Text of the ids; a character cut in half becomes U+FFFD."""
        return decode(self._vocabulary, ids)

    def token_bytes(self, id: int) -> bytes:
        """The bytes one id stands for."""
        return token_bytes(self._vocabulary, id)


def place_of(published: Published, directory: Path) -> Path | None:
    """Its rank file, in `directory` or where tiktoken keeps what it fetched; None where it is in neither."""
    named = os.environ.get("TIKTOKEN_CACHE_DIR") or os.environ.get("DATA_GYM_CACHE_DIR")
    theirs = Path(named) if named else Path(tempfile.gettempdir()) / "data-gym-cache"
    key = hashlib.sha1(published.url.encode(), usedforsecurity=False).hexdigest()
    found = (directory / f"{published.name}.tiktoken", theirs / key)
    return next((path for path in found if path.is_file()), None)


def load_published(published: Published, directory: Path) -> PublishedTokenizer:
    """The tokenizer of a rank file that is here. Raises TokenizerError where there is none, or it is another."""
    path = place_of(published, directory)
    try:
        raw = path.read_bytes() if path and path.stat().st_size <= _LARGEST else b""
    except OSError as error:
        raise TokenizerError(f"{published.name}: its rank file could not be read ({error.strerror})") from None
    if path is None:
        raise TokenizerError(f"expected the rank file of {published.name} in {directory}, found none; fetch it first")
    _require_same(published, raw)
    return PublishedTokenizer(published, read_ranks(path))


def fetch(published: Published, directory: Path, say: Callable[[str], None], cancelled: Callable[[], bool]) -> None:
    """Download a rank file into `directory`, whole and checked. Raises TokenizerError in a sentence."""
    request = urllib.request.Request(published.url, headers={"User-Agent": "vitrine"})
    raw = bytearray()
    try:
        with urllib.request.urlopen(request, timeout=_PATIENCE) as answer:
            while block := answer.read(_BLOCK):
                raw += block
                say(f"{len(raw) / 2**20:.1f} MB of {published.name}")
                if cancelled():
                    raise TokenizerError(f"{published.name}: the download was cancelled")
                if len(raw) > _LARGEST:
                    raise TokenizerError(f"{published.name}: expected at most {_LARGEST >> 20} MB, got more")
    except OSError as error:  # URLError, timeouts
        reason = getattr(error, "reason", None) or error
        reason = getattr(reason, "strerror", None) or reason
        raise TokenizerError(f"{published.name} could not be fetched ({reason}); try again when online") from None
    _require_same(published, bytes(raw))
    try:
        directory.mkdir(parents=True, exist_ok=True)
        temporary = directory / f".{published.name}.{os.getpid()}"
        temporary.write_bytes(raw)
        temporary.replace(directory / f"{published.name}.tiktoken")
    except OSError as error:
        raise TokenizerError(f"{published.name} cannot be kept in {directory}: {error.strerror or error}") from None


def _require_same(published: Published, raw: bytes) -> None:
    if (found := hashlib.sha256(raw).hexdigest()) != published.sha256:
        raise TokenizerError(
            f"{published.name}: expected the file with SHA-256 {published.sha256[:12]}…, got {found[:12]}…; "
            "delete it and fetch it again"
        )
