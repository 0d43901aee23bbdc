"""The names of a run's choices as a reader sees them."""

from collections.abc import Mapping
from typing import Any

from explorer.display import rate
from explorer.runs.draft import KEPT, UPLOAD, kv_heads, mlp_width
from llm.model.config import GPTConfig
from llm.tokenizers.base import SPECIAL_TOKENS

WORDS = {
    "stories": "Stories",
    "sums": "Sums",
    "brackets": "Brackets",
    "repeats": "Lists said twice",
    "standard_library": "Python's library",
    "file": "Your own text",
    "bpe": "BPE",
    "char": "characters",
    "none": "none",
    "learned": "learned",
    "sinusoidal": "sinusoidal",
    "rope": "RoPE",
    "alibi": "ALiBi",
    "layernorm": "LayerNorm",
    "rmsnorm": "RMSNorm",
    "pre_norm": "before (pre-norm)",
    "post_norm": "after (post-norm)",
    "relu": "ReLU",
    "gelu": "GELU",
    "gelu_tanh": "GELU, by tanh",
    "swiglu": "SwiGLU",
    "muon": "Muon",
    "adamw": "AdamW",
    "jordan_5": "Jordan's polynomial, 5 times",
    "polar_express_3": "Polar Express, 3 times",
    "linear": "falls in a line",
    "cosine": "falls as a cosine",
    "constant": "constant",
    "auto": "found for you",
    "fp32": "float32",
    "bf16": "bfloat16",
    "anywhere": "anywhere",
    "documents": "at a document's start",
}

STATES = {
    "queued": "Queued",
    "preparing": "Preparing",
    "running": "Training",
    "paused": "Paused",
    "stopped": "Stopped",
    "finished": "Finished",
    "failed": "Failed",
    "killed": "Killed",
    "damaged": "Damaged",
}

Rows = list[tuple[str, str]]


def word(kind: str) -> str:
    """The reader's name of a kind; a new one says itself."""
    if kind.startswith(KEPT):
        return kind.removeprefix(KEPT).partition("\n")[0] or "given"
    return WORDS.get(kind, kind.removeprefix(UPLOAD).replace("_", " "))


def tokenizer_words(values: Mapping[str, Any], n_vocab: int | None = None) -> str:
    """83 characters; BPE 1,024; My stories, 512."""
    if values["tokenizer"].startswith(KEPT):
        return word(values["tokenizer"]) + (f", {n_vocab:,}" if n_vocab else "")
    if values["tokenizer"] == "char":
        return f"{n_vocab - len(SPECIAL_TOKENS):,} characters" if n_vocab else "characters"
    return f"{word(values['tokenizer'])} {n_vocab or values['n_vocab']:,}"


def model_rows(values: Mapping[str, Any]) -> Rows:
    """The shape, and of the rest what is not usual; of a draft's values."""
    v, usual = values, GPTConfig()
    heads = f"{v['n_heads']}" if v["heads_a_kv"] == 1 else f"{v['n_heads']}, {kv_heads(v)} of k, v"
    rows = [("Blocks", f"{v['n_layers']}"), ("Heads", heads), ("Width", f"{v['d_model']:,}")]
    rows += [("Context", f"{v['n_ctx']:,}"), ("Positions", word(v["positions"]))]
    if v["mlp"] == "none":
        rows.append(("MLP", "none"))
    elif v["mlp"] != usual.mlp or v["mlp_ratio"] != 4:
        rows.append(("MLP", f"{word(v['mlp'])} {mlp_width(v):,}"))
    if v["norm"] != usual.norm:
        rows.append(("Norm", word(v["norm"])))
    if v["block"] != usual.block:
        rows.append(("Norms", word(v["block"]).partition(" ")[0]))
    if v["bias"]:
        rows.append(("Biases", "yes"))
    if not v["tied"]:
        rows.append(("Unembedding", "its own"))
    if v["dropout"]:
        rows.append(("Dropout", f"{v['dropout']:g}"))
    return rows


def training_rows(values: Mapping[str, Any]) -> Rows:
    """Steps, batch, optimizer, rates, seed; of a draft's values."""
    v = values
    batch = f"{v['batch_size']} × {v['n_ctx']}"
    if v["grad_accumulation"] > 1:
        batch = f"{v['grad_accumulation']} × {batch}"
    rows = [("Steps", f"{v['steps']:,}"), ("Batch", batch), ("Optimizer", word(v["optimizer"]))]
    rows.append(("Muon's rate", rate(v["muon_lr"])) if v["optimizer"] == "muon" else ("Learning rate", rate(v["lr"])))
    return [*rows, ("Seed", f"{v['seed']}")]


def flops(n: float) -> str:
    """3.6 MFLOP, 1.2 GFLOP: a count of multiplications and additions."""
    for size, unit in ((1e15, "PFLOP"), (1e12, "TFLOP"), (1e9, "GFLOP"), (1e6, "MFLOP"), (1e3, "kFLOP")):
        if n >= size:
            return f"{n / size:.1f} {unit}"
    return f"{n:.0f} FLOP"


def bytes_words(n: float) -> str:
    """31 MB, 1.4 GB."""
    return f"{n / 1e9:.1f} GB" if n >= 1e9 else f"{max(1, round(n / 1e6))} MB"
