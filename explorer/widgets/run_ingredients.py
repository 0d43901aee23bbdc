"""What the run on show is made of, what can be changed while it runs, and how to make another like it."""

import hashlib
from dataclasses import replace
from html import escape
from urllib.parse import urlencode

import streamlit as st

from explorer.analysis.corpus_facts import CorpusFacts
from explorer.display import count
from explorer.runs.draft import Draft
from explorer.runs.uploads import UploadError, read
from explorer.widgets.background import Answer
from explorer.widgets.corpus_lookup import facts_of
from explorer.widgets.run_form import fact_rows, open_form, price_rows, rows
from explorer.widgets.run_on_show import is_own, runs, show_run, uploads
from explorer.widgets.run_status import rate_control
from explorer.widgets.run_words import model_rows, tokenizer_words, training_rows, word
from llm.model.config import ConfigError
from llm.runs.config import RunConfig, RunError
from llm.runs.directory import RunDirectory
from llm.training.cost import cost

_REFUSED = "_copy_refused"


def run_ingredients(run: RunDirectory) -> None:
    """Draw them. A run whose recipe cannot be read says so."""
    with st.container(key="ingredients", gap=None):
        with st.container(key="ingredients_head", horizontal=True, vertical_alignment="center", gap="small"):
            st.html('<p class="vitrine-h2" role="heading" aria-level="2">Ingredients</p>')
            st.button("New run", key="form_open", type="tertiary", on_click=open_form)
        try:
            config = run.config()
        except (RunError, ConfigError) as error:
            st.html(f'<p class="vitrine-said" role="alert">{escape(str(error))}</p>')
            return
        _lists(run, config)
        if is_own(run) and run.status().live:
            st.html('<p class="vitrine-group vitrine-ruled" role="heading" aria-level="3">Can change while it runs</p>')
            rate_control(run)
        with st.container(key="run_more", horizontal=True, gap="small"):
            st.button("Train a copy", key="copy", type="primary", on_click=_copy, args=(run,))
            st.button("Reseed", key="reseed", on_click=_reseed, args=(run,), help="Train it again from another seed.")
        if run.steps():
            to = f"./?{urlencode({'model': run.id})}"
            st.html(f'<p class="vitrine-note"><a href="{escape(to)}" target="_self">Show on every page</a></p>')
        if said := st.session_state.pop(_REFUSED, ""):
            st.html(f'<p class="vitrine-said" role="alert">{escape(said)}</p>')


def reference(run: RunDirectory) -> Answer:
    """What is known of the text of the run."""
    try:
        return facts_of(run.config(), run.path)
    except (RunError, ConfigError) as error:
        return Answer(error=str(error))


def reference_facts(run: RunDirectory) -> CorpusFacts | None:
    """The same; None while it is looked up, or where it cannot be."""
    found = reference(run).value
    return found if isinstance(found, CorpusFacts) else None


def _lists(run: RunDirectory, config: RunConfig) -> None:
    values, facts, label = Draft.of(config).values, reference_facts(run), run.label()
    st.html('<p class="vitrine-group vitrine-ruled" role="heading" aria-level="3">Text</p>')
    name = [("Run", label.name)] if label.name else []
    tokenizer = tokenizer_words(values, facts.n_vocab if facts else None)
    rows([*name, ("Corpus", word(config.corpus)), ("Tokenizer", tokenizer), *fact_rows(facts)])
    st.html('<p class="vitrine-group vitrine-ruled" role="heading" aria-level="3">Model</p>')
    model = replace(config.model, d_vocab=facts.n_vocab) if facts else config.model
    price = cost(model, config.training)
    rows([*model_rows(values), ("Parameters", count(price.parameters))] if facts else model_rows(values))
    st.html('<p class="vitrine-group vitrine-ruled" role="heading" aria-level="3">Training</p>')
    rows(training_rows(values) + (price_rows(price) if facts else []))


def _text(run: RunDirectory, config: RunConfig) -> str | None:
    """The name of the run's own text among the uploads, where it is put again. Raises UploadError."""
    if config.corpus_file is None:
        return None
    path = run.path / config.corpus_file
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise UploadError(f"The run's text cannot be read: {error.strerror or error}; upload it again.") from error
    text = read(raw)
    known = uploads().get(hashlib.sha256(text.encode()).hexdigest())  # under the name that its file had
    return (known or uploads().add(run.label().name or path.name, text)).sha256


def _given(run: RunDirectory) -> RunConfig:
    """The recipe, its tokenizer where it lies: another run may be given the same."""
    config = run.config()
    if (given := config.tokenizer.directory) is None:
        return config
    return replace(config, tokenizer=replace(config.tokenizer, directory=run.path / given))


def _copy(run: RunDirectory) -> None:
    """The form, filled from this run."""
    try:
        config = _given(run)
        open_form(config, _text(run, config))
    except (RunError, ConfigError, UploadError) as error:
        st.session_state[_REFUSED] = str(error)


def _reseed(run: RunDirectory) -> None:
    """The same again from the next seed, at once; a second click finds another run on show."""
    if st.session_state.get("_run") != run.id:
        return
    try:
        config = _given(run)
        text = _text(run, config)
        seeded = replace(config, training=replace(config.training, seed=config.training.seed + 1))
        show_run(runs().submit(seeded, text=uploads().text(text) if text else None))
    except (RunError, ConfigError, UploadError, OSError) as error:
        st.session_state[_REFUSED] = str(error)
