"""How tokens and numbers are written for a reader; numbers.js says the same in the browser."""

import math
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any, Literal

from llm.tokenizers.base import Tokenizer

TokenKind = Literal["text", "byte", "special"]
MINUS = "−"
_WHITESPACE = {" ": "·", "\n": "↵", "\t": "→"}
_SPECIAL = {"endoftext": "end of text"}
_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zs", "Zl", "Zp"}
_EXACT = Context(prec=400)


@dataclass(frozen=True)
class Token:
    """A token as it is shown: plain text and marks (·, ↵, \\xE2) in turn, so that no mark is taken for text."""

    pieces: tuple[str, ...]  # plain, mark, plain, mark, ...
    kind: TokenKind

    @property
    def text(self) -> str:
        return "".join(self.pieces)

    def wire(self) -> dict[str, Any]:
        """The JSON form that parts.js reads."""
        return {"pieces": list(self.pieces), "kind": self.kind}


def token(raw: bytes, special: bool = False) -> Token:
    """Show a token's bytes: whitespace drawn, invisible characters and lone bytes escaped, specials in words."""
    if special:
        name = raw.decode("utf-8", "replace").removeprefix("<|").removesuffix("|>")
        return Token((_SPECIAL.get(name, name.replace("_", " ")),), "special")
    pieces = [""]
    for char in raw.decode("utf-8", "surrogateescape"):
        mark = _mark(char, first=pieces == [""])
        if bool(mark) == bool(len(pieces) % 2):  # the other sort than the piece now open
            pieces.append("")
        pieces[-1] += mark or char
    lone = any("\udc80" <= char <= "\udcff" for char in raw.decode("utf-8", "surrogateescape"))
    return Token(tuple(pieces), "byte" if lone and not any(pieces[::2]) else "text")


def shortened(token: Token, most: int = 24) -> Token:
    """A token of at most `most` characters; of a longer one the two ends, with the mark … between them."""
    n = len(token.text)
    if n <= most:
        return token
    tail = (most - 1) // 2
    left, right, at = [], [], 0
    for piece in token.pieces:
        left.append(piece[: max(0, most - 1 - tail - at)])
        right.append(piece[max(0, n - tail - at) :])
        at += len(piece)
    return Token((*left, *([] if len(left) % 2 else [""]), "…", *right), token.kind)


def _mark(char: str, first: bool) -> str:
    """What stands for a character that cannot be seen, or nothing."""
    if char in _WHITESPACE:
        return _WHITESPACE[char]
    code, category = ord(char), unicodedata.category(char)
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02X}"
    if category in _INVISIBLE or 0xFE00 <= code <= 0xFE0F:
        return f"\\x{code:02X}" if code < 0x80 else f"\\u{{{code:X}}}"
    if category.startswith("M") and first:
        return f"◌{char}"
    return ""


def tokens(tokenizer: Tokenizer, ids: Iterable[int]) -> tuple[Token, ...]:
    """The tokens of a text as they are shown."""
    special = set(tokenizer.special_tokens.values())
    return tuple(token(tokenizer.token_bytes(int(i)), int(i) in special) for i in ids)


def _fixed(x: float, digits: int) -> str:
    """Fixed decimals, ties up, as JavaScript's toFixed; x is not negative."""
    step = Decimal(1).scaleb(-digits)
    return str(Decimal(x).quantize(step, rounding=ROUND_HALF_UP, context=_EXACT))


def _odd(x: float) -> str:
    return "not a number" if math.isnan(x) else f"{MINUS}∞" if x < 0 else "∞"


def signed(x: float, digits: int = 2, plus: bool = False) -> str:
    """Fixed decimals with a real minus; exactly zero is 0; `plus` marks changes."""
    if not math.isfinite(x):
        return _odd(x)
    if x == 0:
        return "0"
    text = _fixed(abs(x), digits)
    if float(text) == 0:
        return text
    return (MINUS if x < 0 else "+" if plus else "") + text


def pct(p: float) -> str:
    """A probability in [0, 1]: 61%, 8.4%, <0.1%, 0."""
    if not math.isfinite(p):
        return _odd(p)
    if p <= 0:
        return "0"
    if p < 0.001:
        return "<0.1%"
    if p < 0.0995:
        return f"{_fixed(p * 100, 1)}%"
    if 0.995 <= p < 0.999999:
        return ">99%"
    return f"{_fixed(p * 100, 0)}%"


def weight(w: float, cell: bool = False) -> str:
    """An attention weight in [0, 1]: 0.87, in a cell .87."""
    text = signed(w)
    if not cell or not text.startswith("0."):
        return "1.0" if cell and text == "1.00" else text
    return text[1:]


def many(n: int, one: str) -> str:
    """1 token; 4,096 tokens."""
    return f"{n:,} {one}" if n == 1 else f"{n:,} {one}s"


def count(n: float) -> str:
    """4,096; 338 k; 1.1 M; 1.5 B."""
    if not math.isfinite(n):
        return _odd(n)
    sign, size = MINUS if n < 0 else "", abs(n)
    if size < 99_999.5:
        return f"{sign}{int(_fixed(size, 0)):,}"
    for unit, name in ((1e3, "k"), (1e6, "M"), (1e9, "B")):
        value = size / unit
        text = _fixed(value, 0 if name == "k" or value >= 99.95 else 1)
        if name == "B" or float(text) < 1000:
            break
    return f"{sign}{text} {name}"


def loss(x: float) -> str:
    """A loss in nats: 2 decimals."""
    if not math.isfinite(x):
        return _odd(x)
    return (MINUS if math.copysign(1, x) < 0 and x != 0 else "") + _fixed(abs(x), 2)


def rate(x: float) -> str:
    """A learning rate: 3e−4, 2.5e−3."""
    if not math.isfinite(x):
        return _odd(x)
    if x == 0:
        return "0"
    exact = Decimal(abs(x))
    exponent = exact.adjusted()
    mantissa = exact.scaleb(-exponent, _EXACT).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP, context=_EXACT)
    if mantissa >= 10:
        mantissa, exponent = Decimal("1.0"), exponent + 1
    text = str(mantissa).removesuffix(".0")
    return f"{MINUS if x < 0 else ''}{text}e{str(exponent).replace('-', MINUS)}"


def duration(seconds: float) -> str:
    """2.1 ms, 42 ms, 4.2 s, 1 min 42 s, 2 h 05 min."""
    if not math.isfinite(seconds):
        return _odd(seconds)
    if seconds < 0.9995:
        return f"{_fixed(seconds * 1000, 1 if seconds < 0.00995 else 0)} ms"
    if seconds < 59.95:
        return f"{_fixed(seconds, 1)} s"
    minutes, rest = divmod(int(_fixed(seconds, 0)), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60:02d} min"
