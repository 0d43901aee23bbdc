"""Which number format the matrix products of training use; weights and optimizer state are float32 always."""

from contextlib import AbstractContextManager, nullcontext
from typing import Any, Literal

import torch

from llm.training.config import Precision


def resolve_precision(precision: Precision, device: torch.device) -> Literal["fp32", "bf16"]:
    """What "auto" means on `device`: bf16 where hardware multiplies it about twice as fast as float32, else fp32."""
    if precision != "auto":
        return precision
    if device.type == "cuda":
        return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp32"
    if device.type == "cpu":
        able = torch.cpu.get_capabilities()
        return "bf16" if able.get("avx512_bf16") or able.get("amx_bf16") else "fp32"
    return "fp32"


def autocast(precision: Literal["fp32", "bf16"], device: torch.device) -> AbstractContextManager[Any]:
    """Matrix products in bf16 inside the context, or nothing changed for fp32."""
    return torch.autocast(device.type, dtype=torch.bfloat16) if precision == "bf16" else nullcontext()
