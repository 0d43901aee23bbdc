"""A recipe in the making: every choice as one plain value by name, so that a form can show it and nothing is lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, get_args

from explorer.runs.presets import matching, spread
from llm.corpora.catalog import CorpusKind
from llm.model.config import ConfigError, GPTConfig
from llm.runs.config import RunConfig, TokenizerOptions

UPLOAD = "upload:"  # before the name of a person's own text
KEPT = "kept:"  # before the name and the directory of a tokenizer that is there already
OWN = "own"  # a recipe that is no preset
TEXT_FILE = Path("corpus.txt")  # where a run keeps it
WIDEST = 2**20  # of an MLP
FOLLOWING = ("d_vocab", "n_kv_heads", "d_mlp")  # of the text, of the heads and of the width
MODEL = tuple(field.name for field in fields(GPTConfig) if field.name not in FOLLOWING)
TRAINING = (
    "steps",
    "batch_size",
    "grad_accumulation",
    "optimizer",
    "lr",
    "muon_lr",
    "newton_schulz",
    "weight_decay",
    "clip_norm",
    "label_smoothing",
    "schedule",
    "warmup_fraction",
    "final_lr_fraction",
    "precision",
    "eval_every",
    "seed",
)
RUN = ("corpus_chars", "windows", "validation_fraction", "checkpoint_every", "prompt", "device", "threads")


@dataclass(frozen=True)
class Draft:
    """Values by name, and the recipe they began as, which keeps what no form shows."""

    base: RunConfig
    values: Mapping[str, Any]

    @classmethod
    def of(cls, config: RunConfig, text: str | None = None) -> Draft:
        """The choices of `config`; `text` names the person's own text where the corpus is a file."""
        values: dict[str, Any] = {"preset": matching(config) or OWN}
        values["text"] = f"{UPLOAD}{text}" if text else config.corpus
        for names, part in ((MODEL, config.model), (TRAINING, config.training), (RUN, config)):
            values |= {name: _typed(part, name) for name in names}
        model = config.model
        values |= {"heads_a_kv": model.n_heads // model.n_kv_heads, "mlp_ratio": model.d_mlp / model.d_model}
        values |= {"threads": config.threads or 0, "looks": len(config.timeline)}
        directory = config.tokenizer.directory
        kind = kept(config.tokenizer.name, directory) if directory else config.tokenizer.kind
        values |= {"tokenizer": kind, "n_vocab": config.tokenizer.n_vocab}
        return cls(config, values)

    @property
    def upload(self) -> str | None:
        """The name of the person's own text, if that is what to learn from."""
        text = self.values["text"]
        return text.removeprefix(UPLOAD) if text.startswith(UPLOAD) else None

    def config(self) -> RunConfig:
        """The recipe. Raises ConfigError or RunError, in a sentence, where the choices do not fit together."""
        v, base = self.values, self.base
        own = self.upload is not None or v["text"] == "file"
        return replace(
            base,
            corpus="file" if own else v["text"],
            corpus_file=TEXT_FILE if own else None,
            model=self._model(),
            training=replace(base.training, **{name: v[name] for name in TRAINING}),
            tokenizer=self._tokenizer(),
            timeline=self._timeline(),
            **{name: v[name] for name in RUN if name != "threads"},
            threads=v["threads"] or None,
        )

    def _model(self) -> GPTConfig:
        v = self.values
        if v["heads_a_kv"] < 1 or v["n_heads"] % v["heads_a_kv"]:
            raise ConfigError(f"heads_a_kv ({v['heads_a_kv']}) must divide n_heads ({v['n_heads']}); 1 always does.")
        if not v["mlp_ratio"] * v["d_model"] < WIDEST:
            raise ConfigError(f"mlp_ratio ({v['mlp_ratio']:g}) makes the MLP wider than {WIDEST:,}; 4 is usual.")
        chosen = {name: v[name] for name in MODEL}
        return replace(self.base.model, **chosen, n_kv_heads=kv_heads(v), d_mlp=mlp_width(v))

    def _tokenizer(self) -> TokenizerOptions:
        """Learned from the text, or the one that lies in a directory."""
        kind, n_vocab, base = self.values["tokenizer"], self.values["n_vocab"], self.base.tokenizer
        if base.directory and kind == kept(base.name, base.directory):
            return base
        if kind.startswith(KEPT):
            name, _, directory = kind.removeprefix(KEPT).partition("\n")
            return TokenizerOptions(n_vocab=n_vocab, directory=Path(directory), name=name)
        return TokenizerOptions(kind, n_vocab)

    def _timeline(self) -> tuple[int, ...]:
        """As it began where neither its length nor the run's changed, else spread anew."""
        steps, looks = self.values["steps"], self.values["looks"]
        if (steps, looks) == (self.base.training.steps, len(self.base.timeline)):
            return self.base.timeline
        return spread(steps, looks)


def kv_heads(values: Mapping[str, Any]) -> int:
    """Heads of k and v; of a draft's values."""
    return int(values["n_heads"] // max(1, values["heads_a_kv"]))


def mlp_width(values: Mapping[str, Any]) -> int:
    """Hidden width of the MLP; of a draft's values."""
    return round(values["mlp_ratio"] * values["d_model"])


def _typed(part: Any, name: str) -> Any:
    """The value, a whole number as a float where the usual value is one: a file may say 0 for 0.0."""
    found = getattr(part, name)
    return float(found) if isinstance(getattr(type(part), name), float) else found


def kept(name: str, directory: Path) -> str:
    """A saved tokenizer as one value of the form."""
    return f"{KEPT}{name}\n{directory}"


def corpora() -> tuple[str, ...]:
    """The corpora that are there without a file."""
    return tuple(kind for kind in get_args(CorpusKind) if kind != "file")
