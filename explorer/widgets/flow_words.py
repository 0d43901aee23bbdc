"""Home in sentences and tables: what to look at, what one head is good for, what the picture leaves out."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from explorer.analysis.ablation import HeadEffect
from explorer.analysis.activations import Activation
from explorer.analysis.forward_pass import ForwardPass, left_out, row
from explorer.analysis.residual import chosen_heads
from explorer.display import Token, pct, signed, weight
from explorer.widgets.flow import ARC
from explorer.widgets.focus import Focus
from explorer.widgets.header import rich
from explorer.widgets.prompt import Prompt

Words = Mapping[int, Token]
SPREAD = 0.25  # a largest weight under this is no look at one token


def lead(passed: ForwardPass, text: Prompt, words: Words, at: Focus) -> tuple[str | Token, ...]:
    """Where the head in focus reads from the token in focus, and what the model expects after that token."""
    reads = row(passed, at.layer, at.head, at.token)
    key, token = int(reads.argmax()), text.tokens[at.token]
    share, head = float(reads[key]), f"In block {at.layer}, head {at.head}"
    given = f", with {said(share)} of its attention."
    if at.token == 0:
        look: tuple[str | Token, ...] = ("The first token, ", token, ", has nothing to look back to.")
    elif share < SPREAD:
        look = (f"{head} spreads its attention from ", token, f" widely: the most for one token is {said(share)}.")
    elif key == at.token:
        look = (f"{head} looks from ", token, " at itself", given)
    else:
        relation = _relation(text.ids, at.token, key)
        look = (f"{head} looks back from ", token, " to ", text.tokens[key], f", {relation}", given)
    best, p = int(passed.next.ids[at.token, 0]), said(float(passed.next.probs[at.token, 0]))
    copied = key < at.token and share >= SPREAD and text.ids[key] == best
    expected = "it" if copied else words[best]
    return ("Each line is one token. ", *look, " The model expects ", expected, f" next: {p}.")


def said(p: float) -> str:
    """A probability inside a sentence: 61%, more than 99%, under 0.1%."""
    return pct(p).replace(">", "more than ").replace("<", "under ")


def _relation(ids: Sequence[int], query: int, key: int) -> str:
    if key and ids[key - 1] == ids[query]:
        return "the token after the earlier one"
    if key == query - 1:
        return "the token just before it"
    if ids[key] == ids[query]:
        return "the same token, earlier"
    return "the first token" if key == 0 else f"{query - key} tokens back"


def without(effect: HeadEffect, every: np.ndarray | None, words: Words, text: Prompt, at: Focus) -> str:
    """What the probability of the expected token is without the head in focus, as HTML; `every` from every_head()."""
    before, after = float(effect.before[at.token]), float(effect.after[at.token])
    token, instead = int(effect.token[at.token]), int(effect.instead[at.token])
    where = () if at.token == len(text.ids) - 1 else (" after ", text.tokens[at.token])
    if pct(before) == pct(after):
        change = f" stays at {said(before)}."
    else:
        change = f" {'falls' if after < before else 'rises'} from {said(before)} to {said(after)}."
    other: tuple[str | Token, ...] = ()
    if instead != token:
        other = (" ", words[instead], f" becomes the most likely one, {said(float(effect.instead_after[at.token]))}.")
    most = () if every is None else _strongest(every[:, :, at.token], before, words[token], at)
    body = rich(" the probability of ", words[token], *where, change, *other, *most, _HOW)
    return f'<p class="vitrine-note"><b>Without block {at.layer} head {at.head}</b>{body}</p>'


_HOW = " Measured by a second forward pass with its result set to zero."


def _strongest(after: np.ndarray, before: float, token: Token, at: Focus) -> tuple[str | Token, ...]:
    """Which head the expected token leans on most, given its probability without each, (L, H)."""
    layer, head = (int(n) for n in np.unravel_index(int(after.argmin()), after.shape))
    least = float(after[layer, head])
    if pct(least) == pct(before) or least > before:
        return (" No single head carries it.",)
    if (layer, head) == (at.layer, at.head):
        return (" ", token, " leans on no other head as much.")
    return (" ", token, f" leans most on block {layer} head {head}: without that, {said(least)}.")


def not_shown(passed: ForwardPass, text: Prompt, at: Focus) -> str:
    """What the picture leaves out, with its true share, as HTML."""
    heads = chosen_heads(passed.lengths.heads, at.layer, at.head, at.token)
    share = left_out(passed, heads, ARC)
    arcs = f"Arcs under {weight(ARC)} are left out; they carry {said(share)} of the weight of the heads drawn."
    closed = (" A closed block shows the head that adds most to ", text.tokens[at.token], ".") if len(heads) > 1 else ()
    sentence = "Not shown: an arc says where a head reads, not how much the answer depends on it. "
    return f'<p class="vitrine-note vitrine-quiet">{rich(sentence, arcs, *closed)}</p>'


def description(passed: ForwardPass, text: Prompt, words: Words, at: Focus) -> str:
    """The picture in a few sentences, for those who do not see it."""
    c, reads = passed.config, row(passed, at.layer, at.head, at.token)
    token, key, best = text.tokens[at.token].text, int(reads.argmax()), int(passed.next.ids[at.token, 0])
    entering = passed.lengths.entering[:, at.token]
    return (
        f"{_counted(len(text.ids), 'token')} through {_counted(c.n_layers, 'block')} of {_counted(c.n_heads, 'head')}. "
        f"In block {at.layer}, head {at.head}, token {at.token} {token} reads most from token {key} "
        f"{text.tokens[key].text}, weight {weight(float(reads[key]))}. "
        f"Its vector has length {signed(float(entering[0]))} as it enters block 0, "
        f"and {signed(float(entering[-1]))} at the final norm. "
        f"The most likely token after it is {words[best].text}, {said(float(passed.next.probs[at.token, 0]))}."
    )


def _counted(n: int, noun: str) -> str:
    return f"{n} {noun}{'s' * (n != 1)}"


def heading(text: str) -> str:
    """The name of a part of the page, as HTML."""
    return f'<p class="vitrine-note"><b>{rich(text)}</b></p>'


def next_table(passed: ForwardPass, words: Words, token: int) -> pd.DataFrame:
    """The next-token list as a table: word, probability; then all others together."""
    rows = [
        (words[int(i)].text, float(p)) for i, p in zip(passed.next.ids[token], passed.next.probs[token], strict=True)
    ]
    if passed.next.n_rest:
        rows.append((f"{passed.next.n_rest:,} others", float(passed.next.rest[token])))
    return pd.DataFrame(rows, columns=["next token", "probability"])


def weight_table(passed: ForwardPass, text: Prompt, at: Focus) -> pd.DataFrame:
    """What the token in focus reads in the head in focus, and the length of its stream entering each block."""
    reads = row(passed, at.layer, at.head, at.token)
    order = np.argsort(-reads, kind="stable")
    return pd.DataFrame(
        {
            "position": order,
            "reads from": [text.tokens[int(j)].text for j in order],
            "weight": reads[order].astype(float),
        }
    )


def shape_table(activations: Sequence[Activation]) -> pd.DataFrame:
    """Every hook: name, shape, meaning, L2 norm."""
    return pd.DataFrame(
        {
            "hook": [one.name for one in activations],
            "shape": [" × ".join(f"{n:,}" for n in one.shape) for one in activations],
            "meaning": [one.meaning for one in activations],
            "L2 norm": [one.length for one in activations],
        }
    )
