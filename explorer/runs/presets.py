"""Recipes that each teach one thing and show it in about a minute on two CPU cores. Steps, not seconds: they repeat."""

from __future__ import annotations

from dataclasses import dataclass, replace

from llm.corpora.catalog import CorpusKind
from llm.model.config import GPTConfig
from llm.runs.config import RunConfig, TokenizerOptions, WindowKind
from llm.training.config import TrainingConfig

CHECKPOINTS = 16  # of a preset's run to look back at


@dataclass(frozen=True)
class Preset:
    """A recipe, and in a sentence what will be seen and when."""

    title: str
    lesson: str
    config: RunConfig


def spread(steps: int, n: int) -> tuple[int, ...]:
    """`n` steps from 0 to `steps`, dense at the start, where most changes; fewer where there are fewer steps."""
    if n < 1:
        return ()
    if n == 1:
        return (steps,)
    places = {round(steps * (i / (n - 1)) ** 2) for i in range(n)}
    return tuple(sorted(places))


def _preset(
    title: str,
    lesson: str,
    corpus: CorpusKind,
    model: GPTConfig,
    training: TrainingConfig,
    tokenizer: TokenizerOptions | None = None,
    corpus_chars: int = 1_000_000,
    validation_fraction: float = 0.05,
    windows: WindowKind = "anywhere",
    timeline: tuple[int, ...] = (),
    prompt: str = "",
) -> Preset:
    steps = training.steps
    config = RunConfig(
        corpus=corpus,
        corpus_chars=corpus_chars,
        model=model,
        training=replace(training, eval_every=max(1, steps // 20)),
        tokenizer=tokenizer or TokenizerOptions("char"),
        validation_fraction=validation_fraction,
        windows=windows,
        checkpoint_every=max(1, steps // 10),
        timeline=timeline or spread(steps, CHECKPOINTS),
        prompt=prompt,
    )
    return Preset(title, lesson, config)


def _small(n_layers: int, d_model: int, n_ctx: int, n_heads: int = 4) -> GPTConfig:
    return GPTConfig(
        n_ctx=n_ctx, n_layers=n_layers, n_heads=n_heads, n_kv_heads=n_heads, d_model=d_model, d_mlp=4 * d_model
    )


def _muon(steps: int, batch_size: int) -> TrainingConfig:
    return TrainingConfig(steps=steps, batch_size=batch_size, lr=6e-3, muon_lr=0.03, newton_schulz="polar_express_3")


PRESETS: dict[str, Preset] = {
    "sums": _preset(
        "Sums",
        "Two numbers up to 99. First it learns how a sum looks; well before the end it adds pairs it has never seen.",
        "sums",
        _small(2, 128, 64),
        _muon(900, 16),
        corpus_chars=600_000,
        validation_fraction=0.1,
        windows="documents",
        prompt="47+85=",
    ),
    "brackets": _preset(
        "Brackets",
        "Four kinds of brackets, nested. Within the first hundreds of steps it closes the right kind most of the time; "
        "deep nesting comes last.",
        "brackets",
        _small(2, 64, 64),
        _muon(1500, 16),
        windows="documents",
        prompt="([{<",
    ),
    "stories": _preset(
        "Stories, by character",
        "Letters, then words, then the shape of sentences: watch the sample turn from noise to spelling by half of "
        "the steps.",
        "stories",
        _small(3, 128, 128),
        _muon(500, 8),
        corpus_chars=2_000_000,
        prompt="One morning",
    ),
    "stories_bpe": _preset(
        "Stories, by BPE",
        "The same stories in 1,024 learned pieces. Words come whole, so it writes sentences sooner than by character.",
        "stories",
        _small(3, 128, 128),
        _muon(400, 8),
        TokenizerOptions("bpe", 1024),
        corpus_chars=2_000_000,
        prompt="One morning",
    ),
    "induction": _preset(
        "An induction head",
        "Lists said over and over. The loss stays level, then falls off a cliff: the model has learned to look back.",
        "repeats",
        GPTConfig(n_ctx=64, n_layers=2, n_heads=4, n_kv_heads=4, d_model=64, d_mlp=256, mlp="none", tied=False),
        TrainingConfig(
            steps=1400,
            batch_size=32,
            optimizer="adamw",
            lr=1e-3,
            weight_decay=0.01,
            warmup_fraction=0.05,
            schedule="constant",
        ),
        windows="documents",
        corpus_chars=2_000_000,
        timeline=(*range(0, 601, 100), 680, *range(710, 851, 20), 880, 920, 980, 1060, 1200, 1400),
        prompt="Quick-fox! Quick-fox! Qui",
    ),
    "nanogpt": _preset(
        "nanoGPT's example",
        "The shape of nanoGPT's README for a CPU: 4 blocks, 128 wide, context 64. Here it learns to write Python; "
        "give it tiny-shakespeare to repeat the original.",
        "standard_library",
        _small(4, 128, 64),
        TrainingConfig(steps=240, batch_size=12, lr=1e-2, muon_lr=0.06, newton_schulz="polar_express_3", clip_norm=0.0),
        prompt="def ",
    ),
}
FIRST = "stories"


def matching(config: RunConfig) -> str | None:
    """The preset that this recipe is, whatever its seed, device and threads; None if it is nobody's."""
    for name, preset in PRESETS.items():
        seeded = replace(preset.config.training, seed=config.training.seed)
        model = replace(preset.config.model, d_vocab=config.model.d_vocab)
        alike = replace(preset.config, training=seeded, model=model, device=config.device, threads=config.threads)
        if alike == config:
            return name
    return None
