"""The deeper looks at a head: what the browser is told, and what the address asks for."""

import numpy as np
import pytest

from explorer import display
from explorer.analysis.head_maths import head_maths
from explorer.analysis.rollout import rollout_of
from explorer.widgets import attention_rollout, attention_score
from explorer.widgets.attention_look import LOOKS, Choice
from explorer.widgets.attention_looks import ran
from explorer.widgets.component import pack
from explorer.widgets.focus import Focus
from explorer.widgets.prompt import Prompt
from llm.model.gpt import GPT
from llm.model.positions import alibi_slopes
from llm.trace import Trace, trace
from tests.explorer.analysis.variants import IDS, build

AT = Focus(1, 3, 5)


def prompt(seen: Trace) -> Prompt:
    ids = tuple(int(id) for id in seen.ids)
    return Prompt("", ids, tuple(display.token(bytes([97 + id % 26])) for id in ids))


@pytest.mark.parametrize(
    ("word", "edits"),
    [
        ("1.3.5_2x0.5_4x0", ((2, 0.5), (4, 0.0))),
        ("1.3.5_4x0_2x0.5", ((2, 0.5), (4, 0.0))),
        ("1.3.4_2x0.5", ()),
        ("1.3.5_6x0.5", ()),
        ("1.3.5_2x1.5_3x1", ((3, 1.0),)),
        ("1.3.5_2x_x_junk", ()),
        ("", ()),
    ],
)
def test_edits_hold_for_the_row_that_they_name(word: str, edits: tuple[tuple[int, float], ...]) -> None:
    assert Choice({"row": word}).edits(AT) == edits


def test_the_usual_choices_need_no_words() -> None:
    usual = Choice({})
    assert (usual.look, usual.total, usual.whole_vocabulary) == (None, "one", False)
    assert Choice({"look": "nonsense", "sum": "x"}).look is None
    assert all(ran(look) for look in LOOKS)


def test_one_score_has_the_slope_of_its_head_and_its_key_value_head() -> None:
    for positions in ("rope", "alibi"):
        model = build(positions=positions)
        seen = trace(model, IDS)
        header, arrays = attention_score.payload(prompt(seen), AT, model.config, head_maths(seen, model.config, 1, 3))
        pack(header, **arrays)
        assert header["kv_head"] == 1
        assert header["slope"] == (float(alibi_slopes(4)[3]) if positions == "alibi" else 0.0)
        assert header["hooks"]["q"] == "blocks.1.attn.hook_rot_q"
        terms = arrays["q"][6].astype(np.float64) * arrays["k"][2] / np.sqrt(model.config.d_head)
        assert terms.sum() - header["slope"] * 4 == pytest.approx(arrays["scores"][6, 2], rel=1e-5, abs=1e-5)


def test_a_long_text_sends_the_row_in_focus(
    tiny_model: GPT, tiny_trace: Trace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attention_score, "ROWS_BYTES", 100)
    maths = head_maths(tiny_trace, tiny_model.config, 1, 3)
    header, arrays = attention_score.payload(prompt(tiny_trace), AT, tiny_model.config, maths)
    assert header["first_row"] == 5
    assert arrays["scores"].shape == (1, 16)
    assert np.array_equal(arrays["pattern"][0], maths.pattern[5])


def test_rollout_travels_for_every_query(tiny_model: GPT, tiny_trace: Trace) -> None:
    seen = rollout_of(tiny_trace, tiny_model, 5)
    header, arrays = attention_rollout.payload(prompt(tiny_trace), AT, tiny_model.config, seen)
    pack(header, **arrays)
    assert header["first"] == 0
    assert arrays["rolled"].shape == arrays["block"].shape == (16, 2, 16)
