"""What the Train page says beside its pictures: the shapes of this run, and what the pictures do not show."""

from dataclasses import replace
from html import escape

import streamlit as st

from explorer.analysis.corpus_facts import SMOOTHING
from explorer.display import count
from explorer.widgets.run_ingredients import reference_facts
from explorer.widgets.run_words import flops
from llm.model.config import ConfigError
from llm.runs.config import RunError
from llm.runs.directory import RunDirectory
from llm.training.cost import cost

# Shapes: B windows of a batch, T context, C width, V tokens of the vocabulary.


def shapes(run: RunDirectory) -> None:
    """One update of this run, as the shapes that pass through it."""
    try:
        config = run.config()
    except (RunError, ConfigError):
        return
    facts, t, m = reference_facts(run), config.training, config.model
    if facts:
        m = replace(m, d_vocab=facts.n_vocab)
    B, T, C, V = t.batch_size, m.n_ctx, m.d_model, m.d_vocab
    said = [
        ("ids", "B T", f"{B} × {T}", "windows of the text, drawn by (seed, step)"),
        ("targets", "B T", f"{B} × {T}", "the same windows, one token further on"),
        ("hook_embed", "B T C", f"{B} × {T} × {C}", "each token as a vector"),
        ("blocks.0.attn.hook_pattern", "B H T T", f"{B} × {m.n_heads} × {T} × {T}", "who reads from whom"),
        ("logits", "B T V", f"{B} × {T} × {V:,}", "a score for every token, at every place"),
        ("loss", "", "1", f"the mean of {B * T:,} cross-entropies, nats"),
        ("gradient", "", count(cost(m, t).parameters), "one number for each parameter"),
    ]
    rows = "".join(
        f"<tr><td><code>{escape(name)}</code></td><td><code>{letters}</code></td><td><code>{sizes}</code></td>"
        f"<td>{escape(what)}</td></tr>"
        for name, letters, sizes, what in said
    )
    work = flops(cost(m, t).flops_per_token * B * T * t.grad_accumulation)
    many = f" {t.grad_accumulation} such batches make one update." if t.grad_accumulation > 1 else ""
    st.html(
        '<p class="vitrine-h2 vitrine-part" role="heading" aria-level="2">One update, in shapes</p>'
        f'<div class="vitrine-scroll"><table class="vitrine-shapes"><tbody>{rows}</tbody></table></div>'
        f'<p class="vitrine-note vitrine-quiet">About {work} forward and back.{many}</p>'
    )


def below() -> None:
    """What the pictures do not show."""
    with st.container(key="train_notes", gap=None):
        st.html(
            '<p class="vitrine-note vitrine-quiet">A falling loss says that the next token is guessed better, not what '
            "was understood; a head that looks as if it does a job may not be the one that does it: remove it, on the "
            "page of induction, to find out. The dashed lines are what counting reaches on the same validation text. "
            f"{escape(SMOOTHING)}</p>"
        )
