"""How large is what each head would move: the length of every token's value after the output matrix."""

from __future__ import annotations

import numpy as np
import torch

from llm.model.gpt import GPT
from llm.trace import Trace, hook_name

# Shapes: L layers, H query heads, G key/value heads, T position, D d_head, C d_model.


@torch.no_grad()
def value_sizes(trace: Trace, model: GPT) -> np.ndarray:
    """‖v_j W_O‖ of each head and token, (L, H, T) float32: times the weight, how long what it moves from j is.

    (Kobayashi et al. 2020, "Attention is not only a weight".) The bias of W_O belongs to no token and stays out.
    """
    config, found = model.config, []
    for layer, block in enumerate(model.blocks):
        v = trace.activations[hook_name("v", layer)][0].float()  # T G D
        v = v.repeat_interleave(config.n_heads // config.n_kv_heads, dim=1)  # T H D
        out = block.attn.W_O.weight.float().view(config.d_model, config.n_heads, config.d_head)  # C H D
        gram = torch.einsum("chd,che->hde", out, out)  # ‖v W_O‖² = v W_O W_Oᵀ vᵀ, without a (T, H, C) array
        found.append(torch.einsum("thd,hde,the->ht", v, gram, v).clamp(min=0).sqrt().cpu().numpy())
    return np.stack(found)
