"""What the browser is told about heads, and the sentences over the picture."""

import dataclasses

import numpy as np
import pytest

from explorer import display
from explorer.analysis.ablation import loss_change
from explorer.analysis.attention import EXACT_BYTES, TILE_BYTES, exact, pattern
from explorer.analysis.head_maths import head_maths
from explorer.analysis.head_roles import ROLES, head_roles, heads_on_text
from explorer.analysis.seen_tokens import TokenPool
from explorer.analysis.value_sizes import value_sizes
from explorer.widgets import attention_shapes
from explorer.widgets.attention_wall import Wall, head_words, lead, measured_on, payload
from explorer.widgets.component import pack
from explorer.widgets.focus import Focus
from explorer.widgets.prompt import Prompt
from llm.model.config import GPTConfig
from llm.model.gpt import GPT
from llm.trace import Trace, trace

POOL = TokenPool(tuple(range(50)), "50 ids seen in a test")


def prompt(seen: Trace) -> Prompt:
    ids = tuple(int(id) for id in seen.ids)
    return Prompt("", ids, tuple(display.token(bytes([97 + id % 26])) for id in ids))


def made(model: GPT, seen: Trace, at: Focus) -> Wall:
    return Wall(
        heads_on_text(seen, model),
        exact(seen, at.layer, at.head),
        (head_roles(model, POOL.ids, first=60, n_sequences=2), POOL),
        value_sizes(seen, model),
        loss_change(seen, model, at.layer, at.head),
    )


def said(text: Prompt, at: Focus, wall: Wall, row: np.ndarray) -> str:
    return "".join(part if isinstance(part, str) else part.text for part in lead(text, at, wall, row))


def test_payload_holds_every_head(tiny_model: GPT, tiny_trace: Trace) -> None:
    at, text = Focus(1, 2, 15), prompt(tiny_trace)
    header, arrays = payload(text, at, tiny_model.config, made(tiny_model, tiny_trace, at))
    pack(header, **arrays)
    assert header["shape"] == "B H Tq Tk = 1 4 16 16"
    assert len(header["words"]["here"]) == len(header["words"]["standing"]) == 8
    assert header["effect"]["loss"] == loss_change(tiny_trace, tiny_model, 1, 2)
    assert arrays["standing"].shape == arrays["here"].shape == (len(ROLES) + 1, 2, 4)
    assert "focus" not in header, "the same bytes may serve another focus"


def test_one_token_and_no_standing_roles(tiny_model: GPT) -> None:
    seen, at = trace(tiny_model, [9]), Focus(0, 0, 0)
    wall = dataclasses.replace(made(tiny_model, seen, at), standing=None)
    header, arrays = payload(prompt(seen), at, tiny_model.config, wall)
    pack(header, **arrays)
    assert header["standing"] is None
    assert header["effect"]["loss"] is None
    assert np.array_equal(arrays["standing"], arrays["here"], equal_nan=True)
    assert "all attention stays on it" in said(prompt(seen), at, wall, np.ones(1))


@pytest.mark.parametrize(("n_tokens", "limit"), [(10, 20_000), (64, 450_000), (256, EXACT_BYTES)])
def test_bytes_of_sixteen_heads(n_tokens: int, limit: int) -> None:
    model = GPT(GPTConfig(d_vocab=64, d_model=32, d_mlp=32), seed=0).eval()
    seen, at = trace(model, [i % 64 for i in range(n_tokens)]), Focus(0, 0, 0)
    header, arrays = payload(prompt(seen), at, model.config, made(model, seen, at))
    assert len(pack(header, **arrays)) < limit
    assert arrays["cells"].nbytes <= TILE_BYTES


def test_words_follow_reading_order() -> None:
    scores = np.zeros((len(ROLES) + 1, 2, 2))
    scores[ROLES.index("previous"), 0, 1] = 0.9
    scores[ROLES.index("induction"), 1, 0] = 0.5
    scores[-1, 1, 1] = 1.0
    assert head_words(scores) == ["mixed", "previous", "induction", "even"]


def test_measured_on_says_pool_length_and_seed(tiny_model: GPT) -> None:
    roles = head_roles(tiny_model, POOL.ids, first=60, n_sequences=2)
    assert measured_on(roles, POOL) == (
        "2 texts of 11 random tokens said twice, end of text first; drawn from 50 ids seen in a test, seed 0."
    )


def test_the_lead_names_the_largest_weight(tiny_model: GPT, tiny_trace: Trace) -> None:
    at, text = Focus(1, 2, 9), prompt(tiny_trace)
    row = np.zeros(16)
    row[[3, 9]] = 0.75, 0.25
    words = said(text, at, made(tiny_model, tiny_trace, at), row)
    assert words.startswith("Head 2 of block 1 ")
    assert words.endswith(f"{text.tokens[9].text}: 75% of its attention goes to {text.tokens[3].text}, 6 tokens back.")
    row[9] = 1.0
    assert said(text, at, made(tiny_model, tiny_trace, at), row).endswith("goes to itself.")


def test_the_lead_says_when_a_role_has_nothing_to_do(tiny_model: GPT) -> None:
    seen, at = trace(tiny_model, range(10)), Focus(0, 0, 9)
    wall = made(tiny_model, seen, at)
    assert wall.standing
    roles = dataclasses.replace(
        wall.standing[0], scores={role: np.full((2, 4), 0.8 * (role == "induction")) for role in ROLES}
    )
    wall = dataclasses.replace(wall, standing=(roles, POOL))
    words = said(prompt(seen), at, wall, pattern(seen, 0)[0, 9])
    assert "finds an earlier copy" in words
    assert "nothing repeats" in words


def test_shapes_name_the_key_value_head(tiny_model: GPT, tiny_trace: Trace) -> None:
    at, config = Focus(1, 3, 0), tiny_model.config
    header, arrays = attention_shapes.payload(prompt(tiny_trace), at, config, head_maths(tiny_trace, config, 1, 3))
    pack({**header}, **arrays)
    assert header["parts"]["q"] == {
        "hook": "blocks.1.attn.hook_rot_q",
        "letters": "B T H D",
        "sizes": [1, 16, 4, 8],
        "index": "[0, :, 3, :]",
    }
    assert header["parts"]["k"]["index"] == "[0, :, 1, :]"
    assert header["parts"]["v"]["letters"] == "B T G D"
    assert np.isfinite(arrays["scores"]).all()
