"""Kept tokenizers: found again by name, whole or not at all; their files are what other programs read."""

import unicodedata
from pathlib import Path

import pytest
import tiktoken
from hypothesis import given
from hypothesis import strategies as st
from tiktoken.load import load_tiktoken_bpe
from tokenizers import Tokenizer as HuggingFace

from explorer.tokenizers import KeptTokenizers, exported
from llm.tokenizers.base import TokenizerError
from llm.tokenizers.bpe import BPETokenizer
from llm.tokenizers.char import CharTokenizer
from llm.tokenizers.load import load_tokenizer
from llm.tokenizers.split import explicit_pattern

BPE = BPETokenizer.train("the cat and the hat and the mat. " * 20, 280)
TEXT = "the cats, 12 мир\n 👩‍👩‍👧 <|endoftext|> I'll"


def test_kept_and_found_again(tmp_path: Path) -> None:
    kept = KeptTokenizers(tmp_path / "tokenizers")
    assert kept.names() == []
    kept.add("Märchen 512 (short)", BPE)
    kept.add("abc", CharTokenizer.train("abc"))
    assert kept.names() == ["Märchen 512 (short)", "abc"]
    assert kept.get("Märchen 512 (short)").encode(TEXT) == BPE.encode(TEXT)
    assert kept.stamp("abc") > 0 == kept.stamp("gone")
    kept.remove("abc")
    kept.remove("abc")
    assert kept.names() == ["Märchen 512 (short)"]
    assert sorted(path.name for path in kept.root.iterdir()) == [".deleted", "Märchen 512 (short)"]


def test_the_last_deleted_one_can_be_brought_back(tmp_path: Path) -> None:
    kept = KeptTokenizers(tmp_path)
    kept.add("first", BPE)
    kept.add("second", BPE)
    kept.remove("first")
    kept.remove("second")
    assert kept.names() == []
    kept.bring_back("second")
    assert kept.names() == ["second"]
    assert kept.get("second").encode(TEXT) == BPE.encode(TEXT)
    for gone in ("first", "second", "never"):
        with pytest.raises(TokenizerError, match="can no longer be brought back"):
            kept.bring_back(gone)


@pytest.mark.parametrize(
    "name",
    [
        *("", " ", "..", "../a", "a/b", "a\\b", ".a", "a ", "a.", "a\0b", "a\nb", "a:b", "x" * 61, "a\u202eb"),
        *("CON", "nul", "com1.txt", "Lpt9 .x", "AUX."),
    ],
)
def test_what_is_no_name(name: str, tmp_path: Path) -> None:
    with pytest.raises(TokenizerError, match="Expected a name"):
        KeptTokenizers(tmp_path).add(name, BPE)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "name", ["Café [1] (final)", "e\u0301tude & co", "C++, v2", "(draft)", "漢字", "CONtent", "a'b"]
)
def test_names_that_people_give(name: str, tmp_path: Path) -> None:
    kept = KeptTokenizers(tmp_path)
    kept.add(name, BPE)
    assert kept.names() == [unicodedata.normalize("NFC", name)]
    assert kept.get(name).n_vocab == BPE.n_vocab
    with pytest.raises(TokenizerError, match="already"):
        kept.add(unicodedata.normalize("NFD", name), BPE)


@given(st.text(max_size=80) | st.sampled_from(["CON", "a/b: c?", ".a.", "résumé [1].v2-500", "\u202e" * 9]))
def test_what_is_suggested_is_taken(text: str) -> None:
    name = KeptTokenizers.suggested(text)
    assert KeptTokenizers(Path("anywhere")).path(name).name == name
    assert KeptTokenizers.suggested(name) == name


def test_suggestions_keep_what_they_can() -> None:
    assert KeptTokenizers.suggested("résumé [1]-500") == "résumé [1]-500"
    assert KeptTokenizers.suggested("what? a/b: c-500") == "what a b c-500"
    assert KeptTokenizers.suggested("...") == "tokenizer"


def test_a_name_is_used_once(tmp_path: Path) -> None:
    kept = KeptTokenizers(tmp_path)
    kept.add("Mine", BPE)
    with pytest.raises(TokenizerError, match="already"):
        kept.add("mine", BPE)


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no directory")
    with pytest.raises(TokenizerError, match="cannot be kept"):
        KeptTokenizers(tmp_path / "file").add("mine", BPE)


def test_what_is_damaged_is_a_sentence(tmp_path: Path) -> None:
    kept = KeptTokenizers(tmp_path)
    (kept.add("mine", BPE) / "tokenizer.json").write_text("{")
    with pytest.raises(TokenizerError, match="expected JSON"):
        kept.get("mine")


def test_our_file(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_bytes(exported(BPE, "vitrine"))
    assert load_tokenizer(tmp_path).encode(TEXT) == BPE.encode(TEXT)


def test_the_file_that_tiktoken_reads(tmp_path: Path) -> None:
    (tmp_path / "mine.tiktoken").write_bytes(exported(BPE, "tiktoken"))
    ranks = load_tiktoken_bpe(str(tmp_path / "mine.tiktoken"))
    theirs = tiktoken.Encoding("mine", pat_str=explicit_pattern("gpt4"), mergeable_ranks=ranks, special_tokens={})
    assert theirs.encode_ordinary(TEXT) == BPE.encode_from_scratch(TEXT)


def test_the_file_that_hugging_face_reads(tmp_path: Path) -> None:
    (tmp_path / "hf.json").write_bytes(exported(BPE, "huggingface"))
    theirs = HuggingFace.from_file(str(tmp_path / "hf.json"))
    plain = TEXT.replace("<|endoftext|>", "")
    assert theirs.encode(plain, add_special_tokens=False).ids == BPE.encode(plain)
