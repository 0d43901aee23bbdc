"""The payload of Cut and its words: the drawn part is the text's beginning, numbers count all, nothing is lost."""

import pytest

from explorer.analysis.cutting import Bytes, Characters, Cut, Cutter, cut
from explorer.widgets.cut_presets import PRESETS
from explorer.widgets.cutting import DRAWN, LONGEST, fertility_table, payload
from llm.tokenizers import own_pattern
from llm.tokenizers.bpe import BPETokenizer
from tests.explorer.widgets.test_component import unpack

BPE = BPETokenizer.train("the cat and the hat and the mat. " * 20, 280)
CUTTERS: dict[str, Cutter] = {"characters": Characters(), "bytes": Bytes(), "mine": BPE}


def cuts(text: str) -> dict[str, Cut | str]:
    return {name: cut(cutter, text) for name, cutter in CUTTERS.items()}


@pytest.mark.parametrize("text", [*PRESETS.values(), "", "мир" * DRAWN, " " * LONGEST])
def test_the_drawn_tokens_are_the_beginning_of_the_text(text: str) -> None:
    header, arrays = unpack(payload(text, CUTTERS, cuts(text)))
    raw, limit = text.encode(), len(text[:DRAWN].encode())
    for place, (panel, cutter) in enumerate(zip(header["panels"], CUTTERS.values(), strict=True)):
        ids, ends = arrays[f"ids{place}"].tolist(), arrays[f"ends{place}"].tolist()
        drawn = b"".join(cutter.token_bytes(id) for id in ids)
        assert drawn == raw[: len(drawn)]
        assert len(drawn) >= limit
        assert len(drawn) == (ends[-1] if ends else 0)
        assert panel["n"] == len(cutter.encode(text))
        assert panel["exact"]
        assert {int(id) for id in panel["words"]} == set(ids)
    assert header["left_out"] == (len(text) > DRAWN)
    (split,) = header["splits"]
    assert (split["pattern"], split["of"]) == ("gpt4", ["mine"])
    assert len(split["words"]) == len(arrays["took0"])
    assert sum(part["n"] for part in split["parts"]) >= len(arrays["took0"])


def test_whose_split_is_shown() -> None:
    older = BPETokenizer(BPE.merges, pattern="gpt2")
    beside: dict[str, Cutter] = {"bytes": Bytes(), "mine": BPE, "older": older, "again": BPE}
    header, arrays = unpack(payload("it's 1234", beside, {name: cut(one, "it's 1234") for name, one in beside.items()}))
    assert [(split["pattern"], split["of"]) for split in header["splits"]] == [
        ("gpt4", ["mine", "again"]),
        ("gpt2", ["older"]),
    ]
    assert (len(arrays["took0"]), len(arrays["took1"])) == (5, 3)
    only: dict[str, Cutter] = {"bytes": Bytes()}
    assert unpack(payload("it", only, {"bytes": cut(Bytes(), "it")}))[0]["splits"] == []


def test_a_split_that_takes_too_long_just_then_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    own: dict[str, Cutter] = {"mine": BPE, "own": BPETokenizer(BPE.merges, pattern=r"\w+")}
    made: dict[str, Cut | str] = {name: cut(one, "the cat") for name, one in own.items()}
    monkeypatch.setattr(own_pattern, "PATIENCE", 0.0)
    monkeypatch.setattr(own_pattern, "PER_CHARACTER", 0.0)
    header, arrays = unpack(payload("the cat", own, made))
    named, late = header["splits"]
    assert named["words"]
    assert late["error"].startswith(r"The split pattern '\w+' took more than 0.0 seconds on 7 characters")
    assert (late["of"], late["words"], late["parts"]) == (["own"], [], [])
    assert "took1" not in arrays


def test_a_tokenizer_that_cannot_read_it_says_so() -> None:
    mixed: dict[str, Cut | str] = {"mine": cut(BPE, "abc"), "other": "Expected one of 3 characters."}
    header, arrays = unpack(payload("abc", {"mine": BPE}, mixed))
    assert header["panels"][1] == {"name": "other", "error": "Expected one of 3 characters."}
    assert "ids1" not in arrays


def test_markup_in_a_name_stays_text() -> None:
    table = fertility_table("a word", {"<b>mine</b>": cut(BPE, "a word")})
    assert "<b>mine</b>" not in table
    assert "&lt;b&gt;mine&lt;/b&gt;" in table


def test_the_table_counts_words_by_script() -> None:
    table = fertility_table(PRESETS["One sentence, many scripts"], cuts(PRESETS["One sentence, many scripts"]))
    assert "Cyrillic, 11 words" in table
    assert "Han, " in table
    assert "No words" in fertility_table("…", cuts("…"))
    assert "No words" in fertility_table("", {})
