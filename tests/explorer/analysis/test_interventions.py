"""Interventions by identity: none changes nothing, one off is one not there, and a whole is its parts."""

import pytest
import torch
from torch import Tensor

from explorer.analysis.ablation import without_head
from explorer.analysis.interventions import (
    Intervention,
    Means,
    Part,
    Stack,
    edits,
    effective,
    means,
    parse,
    put,
    reference,
    switched,
)
from llm.corpora.catalog import documents
from llm.model.gpt import GPT
from llm.model.hooks import patch
from llm.tokenizers.char import CharTokenizer
from llm.trace import hook_name, trace
from tests.explorer.analysis.variants import ADDITIVE, IDS, POST_NORM, build, named

VARIANTS = [pytest.param(variant, id=named(variant)) for variant in [*ADDITIVE, *POST_NORM]]


def logits(model: GPT, *stack: Intervention, usual: Means | None = None) -> Tensor:
    with patch(model, edits(effective(stack, model.config), usual)):
        return trace(model, IDS).logits


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_head_off_is_the_pass_without_it(variant: dict[str, object]) -> None:
    model = build(**variant)
    ids = torch.tensor(IDS)
    assert torch.equal(logits(model), trace(model, IDS).logits)
    assert torch.equal(logits(model, Intervention(Part(1, 0), 1.0)), trace(model, IDS).logits)
    assert torch.equal(logits(model, Intervention(Part(1, 0), on=False)), trace(model, IDS).logits)
    assert torch.equal(logits(model, Intervention(Part(1, 0))), without_head(model, ids, 1, 0))


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_whole_attention_is_all_its_heads(variant: dict[str, object]) -> None:
    model = build(**variant)
    usual = means(model, [IDS, IDS[::-1]], "these")
    for factor in (0.0, 2.0, None):
        heads = [Intervention(Part(2, head), factor) for head in range(model.config.n_heads)]
        whole = logits(model, Intervention(Part(2), factor), usual=usual)
        torch.testing.assert_close(logits(model, *heads, usual=usual), whole, rtol=0, atol=0)


@pytest.mark.parametrize("variant", VARIANTS)
def test_an_mlp_scaled_writes_as_much_more(variant: dict[str, object]) -> None:
    model = build(**variant)
    one = Intervention(Part(0, mlp=True), 0.25)
    if model.config.mlp == "none":
        assert effective((one,), model.config) == ()
        return
    name, whole = hook_name("mlp_out", 0), trace(model, IDS)
    with patch(model, edits([one])):
        got = trace(model, IDS)
    torch.testing.assert_close(got.activations[name], whole.activations[name] * 0.25)
    assert not torch.equal(got.logits, whole.logits)


def test_a_mean_is_that_of_all_tokens_and_stands_at_each() -> None:
    model = build()
    rows = [IDS, IDS[::-1], tuple(range(7))]
    usual = means(model, rows, "three rows")
    each = [trace(model, row).activations[hook_name("z", 1)][0] for row in rows]
    torch.testing.assert_close(usual.z[1], torch.cat(each).mean(dim=0))
    with patch(model, edits([Intervention(Part(1, 2), None)], usual)):
        z = trace(model, IDS).activations[hook_name("z", 1)][0]
    torch.testing.assert_close(z[:, 2], usual.z[1, 2].expand(len(IDS), -1))
    assert torch.equal(z[:, 1], each[0][:, 1])
    with pytest.raises(ValueError, match="Expected the means"), patch(model, edits([Intervention(Part(1, 2), None)])):
        trace(model, IDS)


def test_a_head_of_an_attention_that_is_off_is_asked_last() -> None:
    model = build()
    usual = means(model, [IDS], "one row")
    stack = (Intervention(Part(1, 2), None), Intervention(Part(1)))
    with patch(model, edits(effective(stack, model.config), usual)):
        z = trace(model, IDS).activations[hook_name("z", 1)][0]
    assert not z[:, [0, 1, 3]].any()
    torch.testing.assert_close(z[:, 2], usual.z[1, 2].expand(len(IDS), -1))


def test_an_address_says_all_of_it() -> None:
    stack: Stack = ()
    for one in (
        Intervention(Part(3, 1)),
        Intervention(Part(2, mlp=True), 0.5),
        Intervention(Part(0), None),
        Intervention(Part(0, 11), 10.0, on=False),
    ):
        stack = put(stack, one)
    text = ",".join(map(str, stack))
    assert text == "3.1x0,m2x0.5,a0~,0.11x10-"
    assert parse(text) == (stack, [])
    assert [one.words for one in stack] == [
        "head 3.1 off",
        "MLP of block 2 × 0.5",
        "attention of block 0 at its mean",
        "head 0.11 × 10",
    ]
    assert parse("") == ((), [])
    assert parse("3.1x0,3.1~")[0] == (Intervention(Part(3, 1), None),)


@pytest.mark.parametrize("bad", ["3.1", "x", "3.1x-1", "h3", "m2x11", "3.1x1e9", "<b>", "3.1x0 ", "٣.1x0", "99999.1x0"])
def test_what_names_no_part_is_told(bad: str) -> None:
    assert parse(f"m1~,{bad}") == ((Intervention(Part(1, mlp=True), None),), [bad])


def test_only_what_is_on_and_in_the_model_counts() -> None:
    model = build(mlp="none")
    stack, _ = parse("9.0x0,0.9x0,m1x0,1.3x0,0.0x1,2.2x0-")
    assert effective(stack, model.config) == (Intervention(Part(1, 3)),)
    assert [one.on for one in switched(stack, False)] == [False] * 6
    assert [one.on for one in switched(stack, True, Part(2, 2))] == [True] * 6


def test_means_are_taken_on_the_models_own_corpus_where_it_can_be_read_again() -> None:
    tokenizer = CharTokenizer.train("\n".join(documents("sums", 1, 5_000)))
    rows, words = reference(tokenizer, {"options": {"corpus": "sums", "corpus_seed": 1}}, 16)
    assert {len(row) for row in rows} == {16}
    assert words == f"the first {16 * len(rows)} tokens of its training corpus"
    assert tokenizer.decode(rows[0]) == "".join(documents("sums", 1, 200))[:16]
    rows, words = reference(tokenizer, {}, 16)
    assert len(rows) == 32
    assert "random tokens" in words
