"""Interventions: what is done to a part of a model in every forward pass; as an address and as a sentence say it."""

from __future__ import annotations

import hashlib
from abc import abstractmethod
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import quote

from torch import Tensor

from llm.model.config import GPTConfig
from llm.tokenizers.base import Tokenizer
from llm.trace import hook_name

# Shapes: B batch, T position, H query heads, D d_head, C d_model.

Kind = Literal["attention", "mlp", "stream"]
Matrix = Literal["unembed", "embed"]
LETTERS: dict[Kind, str] = {"attention": "a", "mlp": "m", "stream": "r"}
_HOOKS: dict[Kind, str] = {"attention": "z", "mlp": "mlp_out", "stream": "resid_pre"}


@dataclass(frozen=True)
class Part:
    """A head, all heads of a block, a block's MLP or the stream that enters a block, at every token or at one; all
    count from 0.

    A head is changed at z, before its output matrix: what the matrices write, and every sum over heads, follows. An
    attention's bias stays.
    """

    layer: int
    head: int | None = None
    kind: Kind = "attention"
    at: int | None = None

    @property
    def name(self) -> str:
        """head 3.1; MLP of block 2 at token 5."""
        if self.head is not None:
            named = f"head {self.layer}.{self.head}"
        else:
            words = {"attention": "attention of", "mlp": "MLP of", "stream": "stream into"}
            named = f"{words[self.kind]} block {self.layer}"
        return named if self.at is None else f"{named} at token {self.at}"

    def __str__(self) -> str:
        """3.1; m2@5."""
        where = f"{LETTERS[self.kind]}{self.layer}" if self.head is None else f"{self.layer}.{self.head}"
        return where if self.at is None else f"{where}@{self.at}"

    @property
    def hook(self) -> str:
        """Where it is read and changed."""
        return hook_name(_HOOKS[self.kind], self.layer)

    def of(self, x: Tensor) -> Tensor:
        """Its share of what passes there: B T H D, B T D or B T C."""
        return x if self.head is None else x[:, :, self.head]

    def within(self, config: GPTConfig) -> bool:
        """Whether such a model has it."""
        here = self.layer < config.n_layers and (self.head is None or self.head < config.n_heads)
        fits = self.at is None or self.at < config.n_ctx
        return here and fits and not (self.kind == "mlp" and config.mlp == "none")


@dataclass(frozen=True)
class Intervention:
    """What is done to a part. Abstract: it is a Scale, a Mean, a Patch or a Steer."""

    part: Part
    on: bool = field(default=True, kw_only=True)

    @property
    @abstractmethod
    def words(self) -> str:
        """As a sentence says it."""

    @property
    def slot(self) -> tuple[Any, ...]:
        """Of those that share one the last is kept."""
        return self.part, "result"

    @property
    def idle(self) -> bool:
        """Whether it changes nothing, whatever the model."""
        return False

    @property
    def of_a_text(self) -> bool:
        """Whether it is meant for places in one text, and so says nothing of another."""
        return self.part.at is not None

    def lacks(self, config: GPTConfig, tokenizer: Tokenizer) -> str:
        """Why it cannot act in such a model; mostly nothing."""
        return "" if self.part.within(config) else "not in this model"

    @abstractmethod
    def edit(self, x: Tensor, given: Tensor | None) -> Tensor:
        """What stands in place of x, the part's share at all of its tokens (B T ...)."""

    @abstractmethod
    def __str__(self) -> str:
        """As an address says it; a minus where it is switched off."""

    @property
    def _off(self) -> str:
        return "" if self.on else "-"


@dataclass(frozen=True)
class Scale(Intervention):
    """The part's result times a factor; 0 takes it out."""

    factor: float = 0.0

    @property
    def words(self) -> str:
        return f"{self.part.name} {f'× {self.factor:g}' if self.factor else 'off'}"

    @property
    def idle(self) -> bool:
        return self.factor == 1

    def edit(self, x: Tensor, given: Tensor | None) -> Tensor:
        return x * self.factor

    def __str__(self) -> str:
        return f"{self.part}x{self.factor:g}{self._off}"


@dataclass(frozen=True)
class Mean(Intervention):
    """The part's mean in place of its result; given (H D, D or C)."""

    @property
    def words(self) -> str:
        return f"{self.part.name} at its mean"

    def edit(self, x: Tensor, given: Tensor | None) -> Tensor:
        assert given is not None
        return given.to(x.dtype).expand_as(x)

    def __str__(self) -> str:
        return f"{self.part}~{self._off}"


@dataclass(frozen=True)
class Patch(Intervention):
    """What a part gives in the clean model's run over another text, in place of its result; given (T' ...).

    With a token it is that of one token of the other text, else token by token as far as that text goes.
    """

    text: str = ""
    origin: Part | None = None  # where it is taken from, if not from the same part and token
    made_on: str = ""  # the mark of the prompt that it was made on

    @property
    def source(self) -> Part:
        return self.origin or self.part

    @property
    def words(self) -> str:
        cut = self.text if len(self.text) <= 40 else f"{self.text[:39]}…"
        where = f"{self.origin.name} of " if self.origin else ""
        return f"{self.part.name} patched from {where}“{' '.join(cut.split())}”"

    @property
    def slot(self) -> tuple[Any, ...]:
        return self.part, "patch"

    @property
    def of_a_text(self) -> bool:
        return True

    def lacks(self, config: GPTConfig, tokenizer: Tokenizer) -> str:
        if not (self.part.within(config) and self.source.within(config)):
            return "not in this model"
        try:
            n = len(tokenizer.encode(self.text))
        except ValueError:
            return "this model cannot read its text"
        if not 0 < n <= config.n_ctx:
            return "this model cannot read its text"
        return f"its text has no token {self.source.at}" if (self.source.at or 0) >= n else ""

    def edit(self, x: Tensor, given: Tensor | None) -> Tensor:
        assert given is not None
        return given.to(x.dtype).expand_as(x)

    def __str__(self) -> str:
        origin = f"<{self.origin}" if self.origin else ""
        return f"{self.part}{origin}{self._off}={_quoted(self.text)}{f'#{self.made_on}' if self.made_on else ''}"


@dataclass(frozen=True)
class Steer(Intervention):
    """Strength times a direction added to the stream: a token's row of W_U or W_E, or that less another's, at length 1;
    given (C)."""

    word: str = ""
    less: str = ""
    strength: float = 1.0
    matrix: Matrix = "unembed"

    @property
    def words(self) -> str:
        less = f" − {_shown(self.less)}" if self.less else ""
        sign = "−" if self.strength < 0 else "+"
        by = "W_E" if self.matrix == "embed" else "W_U"
        return f"{self.part.name} {sign} {abs(self.strength):g} × {by} of {_shown(self.word)}{less}"

    @property
    def slot(self) -> tuple[Any, ...]:
        return self.part, self.word, self.less, self.matrix

    @property
    def idle(self) -> bool:
        return self.strength == 0

    def lacks(self, config: GPTConfig, tokenizer: Tokenizer) -> str:
        if not self.part.within(config):
            return "not in this model"
        for word in filter(None, (self.word, self.less)):
            if one_token(tokenizer, word) is None:
                return f"{_shown(word)} is not one token here"
        same = self.less and one_token(tokenizer, self.word) == one_token(tokenizer, self.less)
        return "the two tokens are one" if same else ""

    def edit(self, x: Tensor, given: Tensor | None) -> Tensor:
        assert given is not None
        return x + self.strength * given.to(x.dtype)

    def __str__(self) -> str:
        kind, less = "e" if self.matrix == "embed" else "", f"/{_quoted(self.less)}" if self.less else ""
        return f"{self.part}+{self.strength:g}{kind}{self._off}:{_quoted(self.word)}{less}"


def one_token(tokenizer: Tokenizer, word: str) -> int | None:
    """The token that a word is, or None where it is none or several."""
    try:
        ids = tokenizer.encode(word)
    except ValueError:
        return None
    return ids[0] if len(ids) == 1 else None


def mark(text: str) -> str:
    """By which a text is known again."""
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=3).hexdigest()


def _quoted(text: str) -> str:
    return quote(text, safe=" ")


def _shown(word: str) -> str:
    return f"“{word.replace(' ', '·')}”"
