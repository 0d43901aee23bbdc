"""Published vocabularies: cut as tiktoken cuts, taken from a checked file only, fetched whole or not at all."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import tiktoken
import tiktoken_ext.openai_public as official

from llm.tokenizers.base import TokenizerError
from llm.tokenizers.bpe import BPETokenizer
from llm.tokenizers.published import PUBLISHED, Published, fetch, load_published, place_of
from llm.tokenizers.rank_file import write_ranks

TEXT = "I'll pay 12345 $!\n\n  THE World's мир 世界 👩‍👩‍👧 naïveCamelCase //\r\n  "


@pytest.fixture(autouse=True)
def no_other_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path / "theirs"))


@pytest.fixture
def rank_file(tmp_path: Path) -> Path:
    path = tmp_path / "small.ranks"
    write_ranks(path, BPETokenizer.train("the world and the word " * 9, 280).ranks)
    return path


def known(name: str, file: Path) -> Published:
    """A vocabulary of that split whose file is at hand."""
    raw = file.read_bytes()
    return replace(PUBLISHED[name], url=file.as_uri(), sha256=hashlib.sha256(raw).hexdigest())


@pytest.mark.parametrize("name", PUBLISHED)
def test_it_is_what_tiktoken_says_it_is(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, str] = {}

    def ranks(url: str, expected_hash: str) -> dict[bytes, int]:
        asked[url] = expected_hash
        return {}

    monkeypatch.setattr(official, "load_tiktoken_bpe", ranks)
    theirs = getattr(official, "r50k_base" if name == "gpt2" else name)()
    ours = PUBLISHED[name]
    assert asked == {ours.url: ours.sha256}
    assert (ours.split, dict(ours.special_tokens)) == (theirs["pat_str"], theirs["special_tokens"])


@pytest.mark.parametrize("name", PUBLISHED)
def test_fetched_and_loaded_it_cuts_as_tiktoken_does(name: str, rank_file: Path, tmp_path: Path) -> None:
    published, said = known(name, rank_file), list[str]()
    assert place_of(published, tmp_path / "kept") is None
    fetch(published, tmp_path / "kept", said.append, lambda: False)
    assert said
    assert place_of(published, tmp_path / "kept") == tmp_path / "kept" / f"{name}.tiktoken"
    tokenizer = load_published(published, tmp_path / "kept")
    ranks = BPETokenizer.train("the world and the word " * 9, 280).ranks
    theirs = tiktoken.Encoding(name, pat_str=published.split, mergeable_ranks=dict(ranks), special_tokens={})
    ids = tokenizer.encode(TEXT)
    assert ids == theirs.encode_ordinary(TEXT)
    assert tokenizer.decode(ids) == TEXT
    assert b"".join(map(tokenizer.token_bytes, ids)) == TEXT.encode()
    assert tokenizer.n_vocab == max(tokenizer.special_tokens.values()) + 1


def test_what_tiktoken_keeps_is_found(rank_file: Path, tmp_path: Path) -> None:
    published = known("gpt2", rank_file)
    theirs = tmp_path / "theirs" / hashlib.sha1(published.url.encode()).hexdigest()
    theirs.parent.mkdir()
    theirs.write_bytes(rank_file.read_bytes())
    assert load_published(published, tmp_path / "nowhere").encode("the")


def _cancelled() -> bool:
    return True


@pytest.mark.parametrize(
    ("change", "cancelled", "said"),
    [
        (lambda p: replace(p, sha256="0" * 64), None, "expected the file with SHA-256"),
        (lambda p: replace(p, url=p.url + "x"), None, "could not be fetched"),
        (lambda p: p, _cancelled, "cancelled"),
    ],
    ids=["another file", "not there", "cancelled"],
)
def test_what_goes_wrong_leaves_nothing(
    change: Callable[[Published], Published],
    cancelled: Callable[[], bool] | None,
    said: str,
    rank_file: Path,
    tmp_path: Path,
) -> None:
    with pytest.raises(TokenizerError, match=said):
        fetch(change(known("gpt2", rank_file)), tmp_path / "kept", lambda words: None, cancelled or (lambda: False))
    assert not (tmp_path / "kept").exists()


def test_a_damaged_file_is_not_used(rank_file: Path, tmp_path: Path) -> None:
    published = known("gpt2", rank_file)
    fetch(published, tmp_path, lambda words: None, lambda: False)
    (tmp_path / "gpt2.tiktoken").write_bytes(rank_file.read_bytes()[:-3])
    with pytest.raises(TokenizerError, match="fetch it again"):
        load_published(published, tmp_path)
    with pytest.raises(TokenizerError, match="fetch it first"):
        load_published(PUBLISHED["o200k_base"], tmp_path)
