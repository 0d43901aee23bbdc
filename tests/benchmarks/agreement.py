"""Do our activations, lens and attributions say what TransformerLens says of the same weights? To 1e-4.

`python -m tests.benchmarks.agreement`. GPT-2 shaped models with random weights, in float32, given to both; a figure
above the limit fails the run.
"""

from __future__ import annotations

import copy
import logging
import sys
import warnings
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor
from transformer_lens.model_bridge.sources._bridge_builder import build_bridge_from_module

from explorer.analysis.ablation import without_head
from explorer.analysis.attribution import attribution
from explorer.analysis.logit_lens import logit_lens
from llm.hf import model_from_hf
from llm.model.gpt import GPT
from llm.trace import Trace, trace
from tests.benchmarks.capture import GPT2, SMALL, Shape, hugging_face

# Shapes: L layers, H query heads, T position, C d_model, V d_vocab, N components.

LIMIT = 1e-4
T = 64
WIDER = 0.05  # of a normal deviate, added to every weight: no gain is 1 and no bias 0


def both(shape: Shape) -> tuple[GPT, Any]:
    """Our model and theirs, of the same weights."""
    hf = hugging_face(shape)
    for parameter in hf.parameters():
        parameter.add_(torch.randn_like(parameter), alpha=WIDER)
    ours = model_from_hf(hf.state_dict(), hf.config.to_dict()).eval().requires_grad_(False)
    return ours, build_bridge_from_module(copy.deepcopy(hf), "GPT2LMHeadModel", hf_config=hf.config).eval()


def apart(ours: Tensor, theirs: Tensor) -> float:
    """The largest difference, in parts of the larger of 1 and their largest value; masked scores are -inf in both."""
    finite = torch.isfinite(ours)
    assert ours.shape == theirs.shape, (ours.shape, theirs.shape)
    scale = max(1.0, float(theirs[finite].abs().max()))
    return float((ours - theirs).abs()[finite].max()) / scale


def activations(seen: Trace, theirs: Any) -> tuple[float, int, str]:
    """Over all hook points that both have: the largest difference, of how many, and where."""
    shared = [name for name in seen.activations if name in theirs]
    found = {name: apart(seen.activations[name], theirs[name]) for name in shared}
    worst = max(found, key=lambda name: found[name])
    return found[worst], len(shared), worst


def attributions(model: GPT, seen: Trace, bridge: Any, theirs: Any) -> Iterator[tuple[float, float]]:
    """Every head's and MLP's part of the most likely token's logit against their own stack of results, and what our
    parts leave of the logit, at three positions."""
    layers = model.config.n_layers
    heads = theirs.stack_head_results(layer=layers, return_labels=False)[:, 0]  # N T C
    mlps = torch.stack([theirs[f"blocks.{layer}.hook_mlp_out"][0] for layer in range(layers)])
    gain = bridge.ln_final.original_component.weight
    for at in (0, T // 2, T - 1):
        token = int(seen.logits[at].argmax())
        ours = attribution(seen, model, at, token)
        direction = bridge.unembed.original_component.weight[token] * gain / theirs["ln_final.hook_scale"][0, at]

        def added(parts: Tensor, direction: Tensor = direction, at: int = at) -> Tensor:
            here = parts[:, at]
            return (here - here.mean(dim=-1, keepdim=True)) @ direction

        apart_by = []
        for kind, stack in (("head", heads), ("mlp", mlps)):
            mine = torch.tensor([part.value for part in ours.parts if part.kind == kind], dtype=torch.float64)
            apart_by.append(apart(mine, added(stack).double()))
        yield max(apart_by), abs(ours.remainder)


def lens(model: GPT, seen: Trace, bridge: Any, theirs: Any) -> float:
    """The log-probability of the answer after every block, by their stream, norm and unembedding."""
    answer = int(seen.logits[-1].argmax())
    ours, found = logit_lens(seen, model, answer, False), []
    for layer in range(model.config.n_layers):
        logits = bridge.unembed(bridge.ln_final(theirs[f"blocks.{layer}.hook_resid_post"]))[0]
        found.append(apart(torch.from_numpy(ours.log_prob[-1, layer + 1]), logits.log_softmax(dim=-1)[:, answer]))
    return max(found)


def ablated(model: GPT, seen: Trace, bridge: Any) -> float:
    """The logits without a head in the middle."""
    layer, head = model.config.n_layers // 2, 1

    def silence(z: Tensor, hook: object) -> Tensor:
        z = z.clone().view(1, T, model.config.n_heads, -1)
        z[:, :, head] = 0
        return z

    theirs = bridge.run_with_hooks(seen.ids[None], fwd_hooks=[(f"blocks.{layer}.attn.hook_z", silence)])
    return apart(without_head(model, seen.ids, layer, head), theirs[0])


@torch.no_grad()
def main() -> None:
    warnings.simplefilter("ignore")
    logging.disable()
    print("| model | logits | activations (hook points) | attributions | remainder | logit lens | a head silent |")
    print("|---|---|---|---|---|---|---|")
    worst = 0.0
    for shape in (SMALL, GPT2):
        model, bridge = both(shape)
        seen = trace(model, torch.randint(shape.d_vocab, (T,)).tolist())
        logits, theirs = bridge.run_with_cache(seen.ids[None])
        values, n, where = activations(seen, theirs)
        parts = list(attributions(model, seen, bridge, theirs))
        rest = (lens(model, seen, bridge, theirs), ablated(model, seen, bridge))
        row = (apart(seen.logits, logits[0]), values, *(max(column) for column in zip(*parts, strict=True)), *rest)
        said = [f"{x:.1e}" for x in row]
        said[1] += f" ({n}; {where})"
        print(f"| {shape.name} | {' | '.join(said)} |")
        worst = max(worst, *row)
    if worst > LIMIT:
        sys.exit(f"Expected all within {LIMIT}, got {worst:.1e}.")


if __name__ == "__main__":
    main()
