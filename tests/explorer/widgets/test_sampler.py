"""The payload of the sampling picture: scores as they are, every word readable, nothing that a slider changes."""

from pathlib import Path

import numpy as np
import pytest

from explorer import display
from explorer.analysis.sampling import funnel
from explorer.widgets.focus import Focus
from explorer.widgets.prompt import Prompt
from explorer.widgets.sampler import lead, payload, words
from explorer.widgets.sampling_settings import Settings
from llm.checkpoint import Checkpoint, load_checkpoint
from llm.generation.filters import SamplingConfig
from llm.trace import trace
from tests.explorer.widgets.test_component import unpack


@pytest.fixture
def checkpoint(tiny_checkpoint: Path) -> Checkpoint:
    return load_checkpoint(tiny_checkpoint)


@pytest.fixture
def prompt(checkpoint: Checkpoint) -> Prompt:
    ids = checkpoint.tokenizer.encode("Ben and Jack. Ben and")
    return Prompt("Ben and Jack. Ben and", tuple(ids), display.tokens(checkpoint.tokenizer, ids))


def test_words_are_what_the_page_shows_elsewhere(checkpoint: Checkpoint) -> None:
    found, tokens = words(checkpoint.tokenizer), display.tokens(checkpoint.tokenizer, range(320))
    starts = [0, *found.ends[:-1]]
    read = [bytes(found.letters[a:b]).decode().split("\0") for a, b in zip(starts, found.ends, strict=True)]
    assert read == [list(token.pieces) for token in tokens]
    assert [("text", "byte", "special")[kind & 3] for kind in found.kinds] == [token.kind for token in tokens]


def test_only_whole_characters_can_be_put_behind_a_text(checkpoint: Checkpoint) -> None:
    joins = words(checkpoint.tokenizer).kinds & 4 == 0
    assert joins[ord("a")]
    assert not joins[0xC3]
    assert not any(joins[i] for i in checkpoint.tokenizer.special_tokens.values())


def test_payload(checkpoint: Checkpoint, prompt: Prompt) -> None:
    at = Focus(0, 0, 2)
    logits = trace(checkpoint.model, prompt.ids).logits[2].numpy()
    header, arrays = unpack(payload(checkpoint, prompt, at, logits, Settings(), "idea"))
    assert np.array_equal(arrays["logits"], logits)
    assert arrays["logits"].dtype == np.float32
    assert arrays["seen"].tolist() == sorted(set(prompt.ids[:3]))
    assert header["next"] == prompt.ids[3]
    assert len(header["tokens"]) == len(prompt.ids)


def test_a_text_is_not_continued_from_inside_a_character(checkpoint: Checkpoint) -> None:
    text = "a😀b"
    ids = tuple(checkpoint.tokenizer.encode(text))
    prompt = Prompt(text, ids, display.tokens(checkpoint.tokenizer, ids))
    logits = np.zeros(320, np.float32)
    whole = [
        unpack(payload(checkpoint, prompt, Focus(0, 0, token), logits, Settings(), "idea"))[0]["whole"]
        for token in range(len(ids))
    ]
    ends = {len(text[:n].encode()) for n in range(1, 4)}
    lengths = np.cumsum([len(checkpoint.tokenizer.token_bytes(id)) for id in ids])
    assert whole == [int(n) in ends for n in lengths]
    assert whole.count(False) == 3


def test_place_tells_positions_texts_and_what_followed_apart(checkpoint: Checkpoint, prompt: Prompt) -> None:
    logits = np.zeros(320, np.float32)
    shorter = Prompt("", prompt.ids[:3], prompt.tokens[:3])
    packed = [
        payload(checkpoint, text, Focus(0, 0, token), logits, Settings(), "idea")
        for text, token in [(prompt, 2), (prompt, 3), (shorter, 2)]
    ]
    assert len({unpack(one)[0]["place"] for one in packed}) == 3
    assert packed[0] == payload(checkpoint, prompt, Focus(0, 0, 2), logits, Settings(), "idea")


def test_lead_names_the_filters_that_removed_something(checkpoint: Checkpoint) -> None:
    logits = np.log(np.array([0.4, 0.3, 0.2, 0.06, 0.04]))

    def said(config: SamplingConfig) -> str:
        return "".join(str(part) for part in lead(funnel(logits, config), checkpoint.tokenizer))

    assert said(SamplingConfig(top_k=4, top_p=0.9, min_p=0.7)) == (
        "Watch the count fall: top-k leaves 4 of 5 tokens, top-p 3, min-p 2 to draw from."
    )
    assert "top-k" not in said(SamplingConfig(top_k=9, top_p=0.5))
    assert said(SamplingConfig(temperature=2)).startswith("No filter removes a token: any of 5 tokens can be drawn, ")
