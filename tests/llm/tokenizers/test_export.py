"""The exported files give other programs' encoders our ids, on any text."""

from __future__ import annotations

from pathlib import Path

import pytest
import tiktoken
from hypothesis import given, settings
from hypothesis import strategies as st
from tiktoken.load import load_tiktoken_bpe
from tokenizers import Regex, Tokenizer, pre_tokenizers

from llm.tokenizers.base import TokenizerError
from llm.tokenizers.bpe import BPETokenizer
from llm.tokenizers.export import joined_pairs, oniguruma_pattern, spell, write_huggingface
from llm.tokenizers.rank_file import RANK_FILE
from llm.tokenizers.split import PATTERNS, explicit_pattern, words

TEXT = (
    "Mia put the red kite in the box. “Where is the kite?” asked Ben. The kite isn't in the shed!\n\n"
    "Τα παιδιά 1234 + 56789 = 6912; naïve café — 漢字漢字 🎈🎈🎈\tdef f(x):\r\n    return x\n  aaaa aaaaaa"
) * 6
WHERE_ENGINES_DIFFER = "abcdef ghi'st\r\n\t123!?,\x00\x1c\x1d\x1e\x1f\x85\xa0\u2028\u3000"
ANY = st.lists(
    st.one_of(
        st.text(max_size=20),
        st.text(alphabet=WHERE_ENGINES_DIFFER, max_size=30),
        st.sampled_from(["the kite", " isn't", "漢字", "🎈", "I'ſ", " ", "\n", "<|endoftext|>", "e\u0301", "12345678"]),
    ),
    max_size=40,
).map("".join)


@pytest.fixture(scope="module", params=sorted(PATTERNS))
def bpe(request: pytest.FixtureRequest) -> BPETokenizer:
    return BPETokenizer.train(TEXT, 340, pattern=request.param)


@pytest.fixture(scope="module")
def theirs(bpe: BPETokenizer, tmp_path_factory: pytest.TempPathFactory) -> Tokenizer:
    path = tmp_path_factory.mktemp("export") / "tokenizer.json"
    write_huggingface(bpe, path)
    loaded = Tokenizer.from_file(str(path))
    loaded.encode_special_tokens = True
    return loaded


@settings(max_examples=300)
@given(ANY)
def test_hugging_face_gives_our_ids(bpe: BPETokenizer, theirs: Tokenizer, text: str) -> None:
    ids = bpe.encode_from_scratch(text)
    assert theirs.encode(text).ids == ids
    assert theirs.decode(ids, skip_special_tokens=False) == text


@pytest.fixture(scope="module")
def rank_file(bpe: BPETokenizer, tmp_path_factory: pytest.TempPathFactory) -> tiktoken.Encoding:
    directory = tmp_path_factory.mktemp("ranks")
    bpe.save(directory)
    ranks = load_tiktoken_bpe(str(directory / RANK_FILE))
    return tiktoken.Encoding("x", pat_str=explicit_pattern(bpe.pattern), mergeable_ranks=ranks, special_tokens={})


@settings(max_examples=300)
@given(ANY)
def test_tiktoken_gives_our_ids(bpe: BPETokenizer, rank_file: tiktoken.Encoding, text: str) -> None:
    ids = bpe.encode_from_scratch(text)
    assert rank_file.encode_ordinary(text) == ids
    assert rank_file.decode(ids) == text


@given(st.text(alphabet="ab", min_size=2, max_size=60))
def test_pairs_are_the_merges_that_were_learned(corpus: str) -> None:
    bpe = BPETokenizer.train(corpus, 280, special_tokens=())
    assert joined_pairs(bpe.ranks) == [(bpe.token_bytes(left), bpe.token_bytes(right)) for left, right in bpe.merges]


def test_merges_that_no_trainer_learns_are_exported_as_they_encode(tmp_path: Path) -> None:
    """`abc` is listed as ab + c, but with bc learned first only a + bc ever stands there."""
    bpe = BPETokenizer([(98, 99), (97, 98), (257, 99), (258, 258)])
    assert joined_pairs(bpe.ranks) == [(b"b", b"c"), (b"a", b"b"), (b"a", b"bc"), (b"abc", b"abc")]
    write_huggingface(bpe, tmp_path / "tokenizer.json")
    theirs = Tokenizer.from_file(str(tmp_path / "tokenizer.json"))
    for text in ("abc", "xabc", "abcabcabc", "aabbcc", "ababc"):
        assert theirs.encode(text).ids == bpe.encode_from_scratch(text)


@pytest.mark.parametrize("name", PATTERNS)
def test_hugging_face_cuts_at_every_character_as_we_do(name: str) -> None:
    split = pre_tokenizers.Split(Regex(oniguruma_pattern(name)), behavior="isolated")
    everything = [chr(c) for c in range(0x110000) if not 0xD800 <= c < 0xE000]
    for template in ("x{}", "1{}", " {} "):
        text = "".join(template.format(c) for c in everything[::5])
        assert [word for word, _ in split.pre_tokenize_str(text)] == list(words(text, name))


def test_special_tokens_keep_their_ids(bpe: BPETokenizer, theirs: Tokenizer) -> None:
    assert theirs.get_vocab_size() == bpe.n_vocab
    for name, id in bpe.special_tokens.items():
        assert theirs.token_to_id(name) == id
        assert theirs.decode([id], skip_special_tokens=False) == name


def test_hugging_face_reads_special_names_unless_told_not_to(tmp_path: Path) -> None:
    bpe = BPETokenizer.train(TEXT, 300)
    write_huggingface(bpe, tmp_path / "tokenizer.json")
    theirs = Tokenizer.from_file(str(tmp_path / "tokenizer.json"))
    assert theirs.encode("a<|endoftext|>").ids == [97, bpe.special_tokens["<|endoftext|>"]]
    theirs.encode_special_tokens = True
    assert theirs.encode("a<|endoftext|>").ids == bpe.encode("a<|endoftext|>")


@pytest.mark.parametrize("merges", [[], [(97, 98)]])
def test_the_smallest_vocabularies_are_exported(tmp_path: Path, merges: list[tuple[int, int]]) -> None:
    bpe = BPETokenizer(merges, special_tokens=())
    write_huggingface(bpe, tmp_path / "tokenizer.json")
    theirs = Tokenizer.from_file(str(tmp_path / "tokenizer.json"))
    assert theirs.encode("abé\0").ids == bpe.encode("abé\0")


@pytest.mark.parametrize("name", ["a", "Ġ", "ab"])
def test_a_special_token_spelled_like_another_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(TokenizerError, match="spelled like"):
        write_huggingface(BPETokenizer([(97, 98)], special_tokens=[name]), tmp_path / "tokenizer.json")
    assert not list(tmp_path.iterdir())


def test_bytes_are_spelled_as_gpt2_spells_them() -> None:
    assert spell(b" the\n") == "ĠtheĊ"
    assert sorted(spell(bytes([byte])) for byte in range(256)) == sorted(pre_tokenizers.ByteLevel.alphabet())
