"""Interventions by identity: none changes nothing, one off is one not there, a whole is its parts, patching all is the
other run."""

import pytest
import torch
from torch import Tensor

from explorer.analysis.ablation import without_head
from explorer.analysis.edits import Means, direction, edits, from_trace, means, reference
from explorer.analysis.interventions import Intervention, Mean, Part, Patch, Scale, Steer
from llm.corpora.catalog import documents
from llm.generation.filters import SamplingConfig
from llm.generation.generate import generate
from llm.model.gpt import GPT
from llm.model.hooks import patch
from llm.tokenizers.char import CharTokenizer
from llm.trace import Trace, hook_name, trace
from tests.explorer.analysis.variants import ADDITIVE, IDS, POST_NORM, build, named

VARIANTS = [pytest.param(variant, id=named(variant)) for variant in [*ADDITIVE, *POST_NORM]]
OTHER = (11, 3, 2, 40, 8, 30, 7)


def run(model: GPT, *stack: Intervention, usual: Means | None = None, source: tuple[int, ...] = OTHER) -> Trace:
    put: dict[Intervention, Tensor] = {}
    for one in stack:
        if isinstance(one, Mean):
            assert usual
            put[one] = usual.of(one.part)
        elif isinstance(one, Patch):
            put[one] = from_trace(trace(model, source), one.source)
    with patch(model, edits(stack, put)):
        return trace(model, IDS)


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_head_off_is_the_pass_without_it(variant: dict[str, object]) -> None:
    model = build(**variant)
    assert torch.equal(run(model).logits, trace(model, IDS).logits)
    assert torch.equal(run(model, Scale(Part(1, 0), 1.0)).logits, trace(model, IDS).logits)
    assert torch.equal(run(model, Scale(Part(1, 0))).logits, without_head(model, torch.tensor(IDS), 1, 0))


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_whole_attention_is_all_its_heads_and_all_its_tokens(variant: dict[str, object]) -> None:
    model = build(**variant)
    usual = means(model, [IDS, IDS[::-1]], "these")
    H = model.config.n_heads

    def made(factor: float | None, part: Part) -> Intervention:
        return Mean(part) if factor is None else Scale(part, factor)

    for factor in (0.0, 2.0, None):
        whole = run(model, made(factor, Part(2)), usual=usual).logits
        heads = run(model, *(made(factor, Part(2, head)) for head in range(H)), usual=usual).logits
        tokens = run(model, *(made(factor, Part(2, at=at)) for at in range(len(IDS))), usual=usual).logits
        torch.testing.assert_close(heads, whole, rtol=0, atol=0)
        torch.testing.assert_close(tokens, whole, rtol=0, atol=0)


@pytest.mark.parametrize("variant", VARIANTS)
def test_patching_everything_gives_the_other_run_and_its_own_changes_nothing(variant: dict[str, object]) -> None:
    model = build(**variant)
    clean, other = trace(model, IDS).logits, trace(model, OTHER).logits
    for layer in range(model.config.n_layers):
        stream = Part(layer, kind="stream")
        assert torch.equal(run(model, Patch(stream)).logits, other)
        assert torch.equal(run(model, Patch(stream), source=IDS).logits, clean)
        each = [Patch(Part(layer, kind="stream", at=at)) for at in range(len(IDS))]
        assert torch.equal(run(model, *each).logits, other)
    for part in (Part(1), Part(0, 0), Part(1, at=3), Part(2, kind="mlp")):
        if part.within(model.config):
            assert torch.equal(run(model, Patch(part), source=IDS).logits, clean)


def test_a_patch_at_a_token_leaves_those_before_it_and_may_come_from_elsewhere() -> None:
    model = build()
    was, other = trace(model, IDS), trace(model, OTHER)
    one = Patch(Part(2, kind="stream", at=4), origin=Part(1, kind="stream", at=0))
    got = run(model, one)
    assert torch.equal(got.logits[:4], was.logits[:4])
    assert not torch.equal(got.logits[4:], was.logits[4:])
    x = got.activations[hook_name("resid_pre", 2)][0]
    assert torch.equal(x[4], other.activations[hook_name("resid_pre", 1)][0, 0])
    short = run(model, Patch(Part(1)), source=OTHER[:3]).activations[hook_name("z", 1)][0]
    assert torch.equal(short[:3], trace(model, OTHER[:3]).activations[hook_name("z", 1)][0])
    assert torch.equal(short[3:], was.activations[hook_name("z", 1)][0, 3:])
    assert torch.equal(run(model, Scale(Part(1, at=20))).logits, was.logits), "no such token in this text"


@pytest.mark.parametrize("variant", VARIANTS)
def test_an_mlp_scaled_writes_as_much_more(variant: dict[str, object]) -> None:
    model = build(**variant)
    if model.config.mlp == "none":
        assert not Part(0, kind="mlp").within(model.config)
        return
    name, whole = hook_name("mlp_out", 0), trace(model, IDS)
    got = run(model, Scale(Part(0, kind="mlp"), 0.25))
    torch.testing.assert_close(got.activations[name], whole.activations[name] * 0.25)
    assert not torch.equal(got.logits, whole.logits)


def test_a_mean_is_that_of_all_tokens_and_stands_at_each() -> None:
    model = build()
    rows = [IDS, IDS[::-1], tuple(range(7))]
    usual = means(model, rows, "three rows")
    each = [trace(model, row).activations[hook_name("z", 1)][0] for row in rows]
    torch.testing.assert_close(usual.z[1], torch.cat(each).mean(dim=0))
    z = run(model, Mean(Part(1, 2)), usual=usual).activations[hook_name("z", 1)][0]
    torch.testing.assert_close(z[:, 2], usual.z[1, 2].expand(len(IDS), -1))
    assert torch.equal(z[:, 1], each[0][:, 1])


def test_of_two_at_one_part_the_later_has_the_last_word() -> None:
    model = build()
    usual = means(model, [IDS], "one row")
    head, whole = Mean(Part(1, 2)), Scale(Part(1))
    z = run(model, whole, head, usual=usual).activations[hook_name("z", 1)][0]
    assert not z[:, [0, 1, 3]].any()
    torch.testing.assert_close(z[:, 2], usual.z[1, 2].expand(len(IDS), -1))
    assert not run(model, head, whole, usual=usual).activations[hook_name("z", 1)].any()


@pytest.mark.parametrize("variant", [{}, {"tied": False, "block": "post_norm"}], ids=named)
def test_steering_adds_a_direction_of_length_one_times_the_strength(variant: dict[str, object]) -> None:
    model, text = build(**variant), "".join(map(chr, range(40, 40 + 61)))
    tokenizer = CharTokenizer.train(text)
    a, b = tokenizer.encode("A")[0], tokenizer.encode("B")[0]
    one = Steer(Part(1, kind="stream", at=2), "A", "B", 3.0)
    along = direction(model, tokenizer, one)
    rows = model.unembed.weight
    torch.testing.assert_close(along, torch.nn.functional.normalize(rows[a] - rows[b], dim=0))
    with patch(model, edits([one], {one: along})):
        got = trace(model, IDS).activations[hook_name("resid_pre", 1)][0]
    was = trace(model, IDS).activations[hook_name("resid_pre", 1)][0]
    torch.testing.assert_close(got[2] - was[2], 3 * along, rtol=1e-4, atol=1e-5)
    assert torch.equal(got[[0, 1, 3, 4]], was[[0, 1, 3, 4]])


@pytest.mark.parametrize("positions", ["rope", "learned", "alibi"])
def test_writing_on_with_a_cache_follows_edits_of_a_token(positions: str) -> None:
    model = build(positions=positions)
    stack: list[Intervention] = [
        Patch(Part(1, kind="stream", at=2)),
        Scale(Part(0, 1, at=8)),  # a token that is written, not read
        Scale(Part(2, 2, at=0)),
        Patch(Part(1, kind="mlp")),
    ]
    put: dict[Intervention, Tensor] = {
        one: from_trace(trace(model, OTHER), one.source) for one in stack if isinstance(one, Patch)
    }
    with patch(model, edits(stack, put)):
        drawn = list(generate(model, IDS, SamplingConfig(temperature=0), 6, 0))
        whole = trace(model, [*IDS, *(token.id for token in drawn)]).logits
    for n, token in enumerate(drawn):
        torch.testing.assert_close(token.logits, whole[len(IDS) - 1 + n], rtol=1e-4, atol=1e-4)


def test_means_are_taken_on_the_models_own_corpus_where_it_can_be_read_again() -> None:
    tokenizer = CharTokenizer.train("\n".join(documents("sums", 1, 5_000)))
    rows, words = reference(tokenizer, {"options": {"corpus": "sums", "corpus_seed": 1}}, 16)
    assert {len(row) for row in rows} == {16}
    assert words == f"the first {16 * len(rows)} tokens of its training corpus"
    assert tokenizer.decode(rows[0]) == "".join(documents("sums", 1, 200))[:16]
    rows, words = reference(tokenizer, {}, 16)
    assert len(rows) == 32
    assert "random tokens" in words
