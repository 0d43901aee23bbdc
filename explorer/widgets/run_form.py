"""The form of a new run: a preset and the few facts of it, the rest a click away, what it will cost, and Train."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from html import escape
from typing import Any

import streamlit as st

from explorer.analysis.corpus_facts import CorpusFacts
from explorer.display import count, duration, loss
from explorer.runs.draft import Draft
from explorer.runs.presets import FIRST, PRESETS, matching
from explorer.runs.uploads import UploadError
from explorer.widgets import draft_fields as fields
from explorer.widgets.background import Answer
from explorer.widgets.corpus_lookup import facts_of, seconds_of
from explorer.widgets.field_names import sentence
from explorer.widgets.run_form_model import model_fields
from explorer.widgets.run_form_text import learn_from, text_fields
from explorer.widgets.run_form_training import schedule_line, training_fields
from explorer.widgets.run_on_show import runs, show_run, uploads
from explorer.widgets.run_words import (
    Rows,
    bytes_words,
    flops,
    model_rows,
    tokenizer_words,
    training_rows,
    word,
)
from llm.model.config import ConfigError
from llm.runs.config import RunConfig, RunError
from llm.training.cost import Cost, cost

_OPEN = "_form_open"
_REFUSED = "_train_refused"


def is_open(usually: bool = False) -> bool:
    """Whether the form stands in the place of the run's ingredients; `usually` until somebody has said."""
    return bool(st.session_state.get(_OPEN, usually))


def open_form(config: RunConfig | None = None, text: str | None = None) -> None:
    """Show the form: as it was left, or filled from a recipe."""
    st.session_state[_OPEN] = True
    if config:
        fields.begin(config, text)


def run_form(may_close: bool) -> None:
    """Draw it."""
    if fields.draft() is None or not is_open():
        open_form(None if fields.draft() else PRESETS[FIRST].config)
    with st.container(key="ingredients", gap=None):
        _heading(may_close)
        with st.container(key="form_preset", gap=None):
            _preset_picker()
        draft = fields.drafted()
        config, wrong = _config(draft)
        answer = _facts(config) if config else Answer()
        facts = answer.value if isinstance(answer.value, CorpusFacts) else None
        price = _price(config, facts) if config else None
        with st.container(key="form_train", gap=None):  # what comes and goes here moves no field below it
            _train(config, wrong, answer)
            if config and price and not answer.error:
                _time(config, price, facts)
        _group("Text", lambda: text_fields(facts, answer))
        with st.container(key="form_text", gap=None):
            text_rows(draft.values, _corpus_name(draft), facts, answer)
        _group("Model", model_fields)
        rows(model_rows(draft.values) + ([("Parameters", count(price.parameters))] if price else []))
        _group("Training", training_fields)
        rows(training_rows(draft.values) + (price_rows(price) if price else []))
        if config:
            st.html(schedule_line(config.training))
    if fields.drafted() is not draft:
        st.rerun()  # the rows above speak of what the fields held before
    if answer.pending and config:
        _watch(lambda: _facts(config).pending, "facts")


def _config(draft: Draft) -> tuple[RunConfig | None, str]:
    """The recipe, or the sentence that says why there is none."""
    try:
        return draft.config(), ""
    except (ConfigError, RunError) as error:
        return None, str(error)


def _heading(may_close: bool) -> None:
    with st.container(key="ingredients_head", horizontal=True, vertical_alignment="center", gap="small"):
        st.html('<p class="vitrine-h2" role="heading" aria-level="2">New run</p>')
        if may_close:
            st.button("Back to the run", key="form_close", type="tertiary", on_click=_close)


def _close() -> None:
    st.session_state[_OPEN] = False


def _preset_picker() -> None:
    titles = {name: preset.title for name, preset in PRESETS.items()}
    fields.select("preset", [*titles], words=lambda name: titles.get(name, "None of them"), then=_begin)
    if (picked := fields.value("preset")) in PRESETS:
        config = _config(fields.drafted())[0]
        changed = "" if config and matching(config) == picked else " <b>You have changed it.</b>"
        st.html(f'<p class="vitrine-lesson">{escape(PRESETS[picked].lesson)}{changed}</p>')


def _begin(preset: str) -> None:
    """All of a preset, but on the person's own text where there is one."""
    if preset in PRESETS:
        own = fields.drafted().upload
        fields.begin(PRESETS[preset].config)
        if own:
            learn_from(own)


def _group(name: str, body: Callable[[], None]) -> None:
    """A name above a hairline, and what can be changed behind one word."""
    with st.container(key=f"group_{name.lower()}", horizontal=True, vertical_alignment="center", gap="small"):
        st.html(f'<p class="vitrine-group" role="heading" aria-level="3">{name}</p>')
        with st.popover("Change", key=f"change_{name.lower()}", type="tertiary"):
            body()


def rows(pairs: Rows) -> None:
    """Names left, values right."""
    listed = "".join(
        f'<div role="listitem"><span>{escape(name)}</span> <span>{escape(value)}</span></div>' for name, value in pairs
    )
    st.html(f'<div class="vitrine-rows" role="list">{listed}</div>')


def text_rows(values: Mapping[str, Any], corpus: str, facts: CorpusFacts | None, answer: Answer) -> None:
    """The corpus, its tokens, and what counting reaches."""
    tokenizer = tokenizer_words(values, facts.n_vocab if facts else None)
    rows([("Corpus", corpus), ("Tokenizer", tokenizer), *fact_rows(facts)])
    if answer.pending:
        st.html(f'<p class="vitrine-lesson" role="status">{escape(answer.phase or "Waiting to read the text")}</p>')


def _corpus_name(draft: Draft) -> str:
    kept = uploads().get(draft.upload) if draft.upload else None
    return kept.name if kept else word(draft.values["text"])


def fact_rows(facts: CorpusFacts | None) -> Rows:
    """Tokens to learn from, and the two losses that counting reaches."""
    if facts is None:
        return []
    return [
        ("Tokens", f"{facts.training_tokens:,}"),
        ("Unigram loss", loss(facts.unigram)),
        ("Bigram loss", loss(facts.bigram)),
    ]


def _facts(config: RunConfig) -> Answer:
    if upload := fields.drafted().upload:
        try:
            config = replace(config, corpus_file=uploads().path(upload))
        except UploadError as error:
            return Answer(error=str(error))
    return facts_of(config, uploads().root)


def _train(config: RunConfig | None, wrong: str, answer: Answer) -> None:
    """The button, and beside it why it cannot be pressed or why it was refused."""
    said = st.session_state.pop(_REFUSED, "") or wrong or ("" if answer.pending else answer.error)
    st.button("Train", key="train_run", type="primary", disabled=config is None or bool(answer.error), on_click=_submit)
    if said:
        st.html(f'<p class="vitrine-said" role="alert">{escape(sentence(said))}</p>')


def _price(config: RunConfig, facts: CorpusFacts | None) -> Cost:
    n_vocab = facts.n_vocab if facts else config.tokenizer.n_vocab
    return cost(replace(config.model, d_vocab=n_vocab), config.training)


def price_rows(price: Cost) -> Rows:
    """Work and memory of training."""
    return [("FLOPs a token", count(price.flops_per_token)), ("Memory", bytes_words(price.memory_bytes))]


def _time(config: RunConfig, price: Cost, facts: CorpusFacts | None) -> None:
    """How long it will take, from updates on this very device; once the vocabulary is known."""
    own, vocabulary = runs().own(), facts.n_vocab if facts else 0
    time = seconds_of(config, vocabulary, own) if facts else Answer(pending=True)
    if time.pending:
        said = "Timing an update on this machine"
    elif time.value:
        said = f"About {duration(time.value * config.training.steps)} if nothing else runs on this machine"
    else:
        said = f"{flops(price.flops_total)} in all; too large to time here first"
    st.html(f'<p class="vitrine-cost" role="status">{escape(said)}</p>')
    if time.pending and facts:
        _watch(lambda: seconds_of(config, vocabulary, own).pending, "time")


def _watch(pending: Callable[[], bool], key: str) -> None:
    """Look again until it is there, then draw the page anew."""
    drawn = False

    @st.fragment(run_every=0.4)
    def looking() -> None:
        nonlocal drawn
        st.html(f'<span class="vitrine-waiting" data-for="{key}"></span>')
        if drawn and not pending():
            st.rerun()  # not before the browser has this page: what a run that is overtaken had set would be lost
        drawn = True

    looking()


def _submit() -> None:
    """Queue the run, once: a second click of the same form finds it closed."""
    draft = fields.draft()
    if not is_open() or draft is None:
        return
    try:
        config = draft.config()
        text = uploads().text(draft.upload) if draft.upload else None
        id = runs().submit(config, name=_name(draft, config), text=text)
    except (ConfigError, RunError, UploadError, OSError) as error:
        st.session_state[_REFUSED] = str(error)
        return
    st.session_state[_OPEN] = False
    show_run(id)


def _name(draft: Draft, config: RunConfig) -> str:
    """What a run is called until somebody names it: the person's text, or the preset where nothing was changed."""
    preset = matching(config)
    return _corpus_name(draft) if draft.upload or preset is None else PRESETS[preset].title
