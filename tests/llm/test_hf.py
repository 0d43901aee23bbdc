"""Parity with transformers: the same weights give the same logits and activations, and survive both directions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor
from transformers import GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM
from transformers.models.bloom.modeling_bloom import build_alibi_tensor

from llm.hf import config_from_hf, config_to_hf, model_from_hf, weights_to_hf
from llm.model.config import ConfigError, GPTConfig
from llm.model.gpt import GPT
from llm.model.positions import ALiBiPositions
from llm.trace import hook_name, trace

IDS = [(5 * i * i + 1) % 61 for i in range(24)]


def theirs(seed: int = 0, **changes: Any) -> GPT2LMHeadModel:
    """A random GPT-2 with weights large enough that every path moves the logits."""
    torch.manual_seed(seed)
    values: dict[str, Any] = {"vocab_size": 61, "n_positions": 24, "n_embd": 32, "n_layer": 3, "n_head": 4}
    values |= {"bos_token_id": 0, "eos_token_id": 0, "attn_implementation": "eager"}
    return randomized(GPT2LMHeadModel(GPT2Config(**values | changes)))


def randomized(model: Any) -> Any:
    with torch.no_grad():
        for parameter in model.parameters():
            parameter += 0.1 * torch.randn_like(parameter)
    return model.eval()


def close(a: Tensor, b: Tensor) -> bool:
    return a.shape == b.shape and torch.allclose(a, b, atol=1e-4)


def captured(model: Any, path: str) -> list[Tensor]:
    seen: list[Tensor] = []
    model.get_submodule(path).register_forward_hook(lambda module, args, out: seen.append(out))
    return seen


@pytest.mark.parametrize("activation", ["gelu_new", "gelu", "relu"])
@torch.no_grad()
def test_logits_and_activations_equal_theirs(activation: str) -> None:
    hf = theirs(activation_function=activation)
    fused = [captured(hf, f"transformer.h.{layer}.attn.c_attn") for layer in range(3)]
    pre = [captured(hf, f"transformer.h.{layer}.mlp.c_fc") for layer in range(3)]
    post = [captured(hf, f"transformer.h.{layer}.mlp.act") for layer in range(3)]
    attn_out = [captured(hf, f"transformer.h.{layer}.attn.c_proj") for layer in range(3)]
    mlp_out = [captured(hf, f"transformer.h.{layer}.mlp.c_proj") for layer in range(3)]
    expected = hf(torch.tensor([IDS]), output_hidden_states=True, output_attentions=True)

    model = model_from_hf(hf.state_dict(), hf.config.to_dict())
    ours = trace(model, IDS)
    seen = ours.activations
    assert close(ours.logits, expected.logits[0])
    for layer in range(3):
        assert close(seen[hook_name("resid_pre", layer)], expected.hidden_states[layer])
        assert close(seen[hook_name("pattern", layer)], expected.attentions[layer])
        for short, part in zip("qkv", fused[layer][0].split(32, dim=-1), strict=True):
            assert close(seen[hook_name(short, layer)].flatten(2), part)
        assert close(seen[hook_name("attn_out", layer)], attn_out[layer][0])
        assert close(seen[hook_name("pre", layer)], pre[layer][0])
        assert close(seen[hook_name("post", layer)], post[layer][0])
        assert close(seen[hook_name("mlp_out", layer)], mlp_out[layer][0])
    final = model.ln_final(seen[hook_name("resid_post", 2)])
    assert close(final, expected.hidden_states[3])


@pytest.mark.parametrize("tied", [True, False])
@torch.no_grad()
def test_round_trip_loses_no_bit(tied: bool) -> None:
    hf = theirs(tie_word_embeddings=tied, n_inner=40, layer_norm_epsilon=1e-3, resid_pdrop=0.3)
    model = model_from_hf(hf.state_dict(), hf.config.to_dict())
    assert model.config == GPTConfig(
        d_vocab=61, n_ctx=24, n_layers=3, n_heads=4, n_kv_heads=4, d_model=32, d_mlp=40,
        positions="learned", mlp="gelu_tanh", bias=True, tied=tied, dropout=0.3, norm_eps=1e-3,
    )  # fmt: skip
    back = weights_to_hf(model)
    assert back.keys() == hf.state_dict().keys()
    assert all(torch.equal(back[name], tensor) for name, tensor in hf.state_dict().items())
    assert config_from_hf(config_to_hf(model.config)) == model.config


@torch.no_grad()
def test_our_model_runs_there() -> None:
    config = GPTConfig(
        d_vocab=61, n_ctx=24, n_layers=2, n_heads=4, n_kv_heads=4, d_model=32, d_mlp=48,
        positions="learned", mlp="gelu", bias=True,
    )  # fmt: skip
    model = randomized(GPT(config, seed=1))
    hf = GPT2LMHeadModel(GPT2Config(**config_to_hf(config), bos_token_id=0, eos_token_id=0)).eval()
    hf.load_state_dict(weights_to_hf(model))
    assert close(trace(model, IDS).logits, hf(torch.tensor([IDS])).logits[0])


@pytest.mark.parametrize("kept", [lambda n: n != "lm_head.weight", lambda n: True])
def test_prefix_head_and_old_masks_are_optional(kept: Callable[[str], bool]) -> None:
    hf = theirs()
    bare = {name.removeprefix("transformer."): t for name, t in hf.state_dict().items() if kept(name)}
    bare["h.1.attn.bias"] = torch.ones(1, 1, 24, 24).tril()
    bare["h.1.attn.masked_bias"] = torch.tensor(-1e4)
    first, second = (model_from_hf(state, hf.config.to_dict()) for state in (bare, hf.state_dict()))
    assert all(torch.equal(a, b) for a, b in zip(first.parameters(), second.parameters(), strict=True))


LLAMA_LAYER = {
    "self_attn.q_proj": "attn.W_Q", "self_attn.k_proj": "attn.W_K", "self_attn.v_proj": "attn.W_V",
    "self_attn.o_proj": "attn.W_O", "mlp.gate_proj": "mlp.W_gate", "mlp.up_proj": "mlp.W_in",
    "mlp.down_proj": "mlp.W_out",
}  # fmt: skip


@torch.no_grad()
def test_grouped_rotary_gated_rms_model_equals_llama() -> None:
    torch.manual_seed(0)
    values: dict[str, Any] = {
        "vocab_size": 61, "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4,
        "num_key_value_heads": 2, "max_position_embeddings": 24, "rms_norm_eps": 1e-5, "attn_implementation": "eager",
    }  # fmt: skip
    hf = randomized(LlamaForCausalLM(LlamaConfig(**values)))
    model = GPT(
        GPTConfig(
            d_vocab=61, n_ctx=24, n_layers=2, n_heads=4, n_kv_heads=2, d_model=32, d_mlp=48,
            positions="rope", norm="rmsnorm", mlp="swiglu", tied=False,
        )
    ).eval()  # fmt: skip
    weights = hf.state_dict()
    ours = {"embed.weight": weights["model.embed_tokens.weight"], "unembed.weight": weights["lm_head.weight"]}
    ours["ln_final.w"] = weights["model.norm.weight"]
    for layer in range(2):
        at = f"model.layers.{layer}."
        ours |= {f"blocks.{layer}.{b}.weight": weights[f"{at}{a}.weight"] for a, b in LLAMA_LAYER.items()}
        ours[f"blocks.{layer}.ln1.w"] = weights[f"{at}input_layernorm.weight"]
        ours[f"blocks.{layer}.ln2.w"] = weights[f"{at}post_attention_layernorm.weight"]
    model.load_state_dict(ours)
    expected = hf(torch.tensor([IDS]), output_hidden_states=True, output_attentions=True)
    seen = trace(model, IDS)
    assert close(seen.logits, expected.logits[0])
    for layer in range(2):
        assert close(seen.activations[hook_name("resid_pre", layer)], expected.hidden_states[layer])
        assert close(seen.activations[hook_name("pattern", layer)], expected.attentions[layer])


@pytest.mark.parametrize("n_heads", [4, 6, 8])
def test_alibi_equals_blooms_up_to_what_softmax_ignores(n_heads: int) -> None:
    config = GPTConfig(n_heads=n_heads, n_kv_heads=n_heads, d_model=48, positions="alibi")
    ours = ALiBiPositions(config).bias(10, 10)
    bloom = build_alibi_tensor(torch.ones(1, 10), n_heads, torch.float32).view(n_heads, 1, 10).expand(-1, 10, -1)
    assert close((bloom + 0.0).softmax(-1), ours.softmax(-1))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"n_layer": None}, "one without n_layer"),
        ({"n_head": 0}, "n_heads must be a whole number of at least 1"),
        ({"n_embd": "32"}, "d_model must be a whole number of at least 1, got '32'"),
        ({"n_head": 5}, "must be a multiple of n_heads"),
        ({"n_layer": 1_000_000_000}, "Expected the 1000000000 layers of the configuration, got the weights of 3"),
        ({"n_positions": 1_000_000_000_000}, r"Expected transformer.wpe.weight of shape \(1000000000000, 32\)"),
        ({"vocab_size": 60}, r"wte.weight of shape \(60, 32\) with this configuration, got \(61, 32\)"),
        ({"activation_function": "swish"}, "activation_function to be one of gelu_new"),
        ({"resid_pdrop": "0.1"}, "Expected numbers as resid_pdrop"),
        ({"layer_norm_epsilon": "1e-5"}, "norm_eps must be a number"),
        ({"model_type": "llama"}, "model_type 'gpt2', got 'llama'"),
        ({"scale_attn_by_inverse_layer_idx": True}, "it cannot be imported"),
    ],
)
def test_configurations_that_do_not_fit_are_said(changes: dict[str, Any], message: str) -> None:
    hf = theirs()
    with pytest.raises(ValueError, match=message):
        model_from_hf(hf.state_dict(), hf.config.to_dict() | changes)


def test_missing_keys_are_said() -> None:
    with pytest.raises(ConfigError, match="one without n_positions, n_head"):
        config_from_hf({"vocab_size": 61, "n_layer": 3, "n_embd": 32})


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda s: s.pop("transformer.h.1.ln_2.bias"), r"1 are missing \(transformer.h.1.ln_2.bias\)"),
        (lambda s: s.update({"transformer.extra": torch.ones(1)}), r"1 are unknown \(transformer.extra\)"),
        (lambda s: s.update({"lm_head.weight": torch.ones(61, 32)}), "lm_head.weight differs from the embedding"),
        (lambda s: s.update({"transformer.wpe.weight": torch.ones(24, 32).int()}), "floating point, got torch.int32"),
        (lambda s: s.update({"transformer.h.0.mlp.c_fc.weight": torch.ones(128, 32)}), r"of shape \(32, 128\)"),
        (lambda s: s.clear(), "got the weights of 0"),
    ],
)  # fmt: skip
def test_weights_that_do_not_fit_are_said(edit: Callable[[dict[str, Tensor]], object], message: str) -> None:
    hf = theirs()
    state = dict(hf.state_dict())
    edit(state)
    with pytest.raises(ValueError, match=message):
        model_from_hf(state, hf.config.to_dict())


def test_only_gpt2_shapes_are_exported(tiny_model: GPT) -> None:
    with pytest.raises(ConfigError, match=r"needs positions 'learned', not 'rope'; bias True, not False; n_kv_heads 4"):
        weights_to_hf(tiny_model)
