from dataclasses import replace

import torch
from torch.utils.flop_counter import FlopCounterMode

from llm.data import batch
from llm.model.config import GPTConfig
from llm.model.gpt import GPT
from llm.training.config import OptimizerKind, TrainingConfig
from llm.training.cost import cost
from llm.training.losses import next_token_loss
from llm.training.state import TrainingState
from llm.training.trainer import train
from tests.llm.training.test_trainer import DATA

MODEL = GPTConfig(d_vocab=17, n_ctx=16, n_layers=2, n_heads=2, n_kv_heads=2, d_model=32, d_mlp=64)
TRAINING = TrainingConfig(steps=3, batch_size=4, grad_accumulation=2, eval_every=0, precision="fp32")


def test_flops_are_those_of_a_step() -> None:
    """PyTorch counts whole attention matrices; ours counts what the causal mask leaves."""
    counter = FlopCounterMode(display=False)
    with counter:
        next_token_loss(GPT(MODEL, seed=0), batch(DATA.train, 0, 0, 4, 16)).backward()
    counted = counter.get_total_flops() / (4 * 16)
    hidden = 3 * 2 * MODEL.n_layers * MODEL.d_model * (MODEL.n_ctx - 1)
    assert counted - hidden == cost(MODEL, TRAINING).flops_per_token


def test_tokens_are_those_that_training_reads() -> None:
    state = TrainingState(GPT(MODEL, seed=0), TRAINING)
    *_, last = train(state, DATA)
    priced = cost(MODEL, TRAINING)
    assert priced.tokens == last.tokens
    assert priced.flops_total == priced.flops_per_token * last.tokens
    assert priced.parameters == sum(p.numel() for p in state.model.parameters())


def test_memory_holds_weights_gradients_and_optimizer() -> None:
    kinds: tuple[OptimizerKind, ...] = ("adamw", "muon")
    for optimizer in kinds:
        config = replace(TRAINING, optimizer=optimizer)
        state = TrainingState(GPT(MODEL, seed=0), config)
        list(train(state, DATA))
        kept = sum(t.numel() for t in state.tensors().values()) + 2 * sum(p.numel() for p in state.model.parameters())
        small = cost(MODEL, config).memory_bytes - cost(MODEL, replace(config, batch_size=1)).memory_bytes
        fixed = cost(MODEL, replace(config, batch_size=1)).memory_bytes - small / 3
        assert abs(fixed / 4 - kept) < 0.02 * kept
        assert small > 3 * 4 * 16 * MODEL.d_model * MODEL.n_layers * torch.float32.itemsize


def test_accumulation_costs_time_and_no_memory() -> None:
    more = replace(TRAINING, grad_accumulation=8)
    assert cost(MODEL, more).flops_total == 4 * cost(MODEL, TRAINING).flops_total
    assert cost(MODEL, more).memory_bytes == cost(MODEL, TRAINING).memory_bytes
