"""The form of the Train page: it loses nothing, submits once, and learns from a text of one's own."""

from pathlib import Path

import pytest

from explorer import paths
from explorer.runs.presets import PRESETS
from explorer.runs.uploads import Uploads
from tests.pages.opened import page_file
from tests.pages.train_page import button, field, fine, keys, opened, own, shown, words

TEXT = "A hen sat on the gate and looked at the road. " * 60


def test_the_form_becomes_a_run_once(home: Path) -> None:
    app = opened()
    field(app, "preset").set_value("sums")
    fine(app.run())
    field(app, "steps").set_value(40)
    field(app, "n_heads").set_value(2)
    field(app, "mlp").set_value("swiglu")
    fine(app.run())
    assert field(app, "heads_a_kv").value == 1, "k and v follow the heads"
    button(app, "train_run").click()
    fine(app.run())
    (run,) = own(home)
    config = run.config()
    assert (config.corpus, config.windows, config.training.steps) == ("sums", "documents", 40)
    assert (config.model.n_heads, config.model.n_kv_heads, config.model.mlp) == (2, 2, "swiglu")
    assert config.timeline[-1] == 40
    assert shown(app) == run.id
    assert "Queued" in words(app)
    assert "train_run" not in keys(app), "a second click finds no button"
    assert {"copy", "reseed", "form_open"} <= keys(app)


def test_the_browser_is_told_no_field_what_it_holds(home: Path) -> None:
    """Or a page overtaken by the next would undo what was typed meanwhile; what a preset changes are new fields."""
    app = opened()
    steps = field(app, "steps")
    steps.set_value(40)
    fine(app.run())
    assert field(app, "steps").key == steps.key
    field(app, "preset").set_value("sums")
    fine(app.run())
    assert field(app, "steps").key != steps.key
    assert field(app, "steps").value == PRESETS["sums"].config.training.steps
    fields = [one for kind in (app.selectbox, app.number_input, app.text_input, app.checkbox) for one in kind]
    drawn = [one.proto for one in fields if (one.key or "").startswith("draft_")]
    assert len(drawn) == 40
    assert not any(proto.set_value for proto in drawn)


def test_what_does_not_fit_is_said_and_nothing_is_lost(home: Path) -> None:
    app = opened()
    field(app, "steps").set_value(77)
    field(app, "d_model").set_value(130)
    fine(app.run())
    assert "Width (130) must be a multiple of Heads" in words(app)
    assert button(app, "train_run").disabled
    field(app, "d_model").set_value(64)
    fine(app.run())
    assert not button(app, "train_run").disabled
    assert field(app, "steps").value == 77


def test_an_uploaded_text_is_kept_offered_and_trained_on(home: Path) -> None:
    app = opened()
    app.file_uploader(key="upload").upload("my <hen>.txt", TEXT.encode(), "text/plain")
    fine(app.run())
    (kept,) = Uploads(paths.uploads()).all()
    assert field(app, "text").value == f"upload:{kept.sha256}"
    assert "my &lt;hen&gt;.txt" in words(app)
    assert "my <hen>.txt" in field(opened(), "text").options, "after a refresh too"
    button(app, "train_run").click()
    fine(app.run())
    (run,) = own(home)
    assert run.config().corpus == "file"
    assert (run.path / "corpus.txt").read_text("utf-8") == TEXT


def test_an_uploaded_text_outlives_a_preset_and_is_chosen_whole(home: Path) -> None:
    app = opened()
    app.file_uploader(key="upload").upload("mine.txt", TEXT.encode(), "text/plain")
    fine(app.run())
    mine = field(app, "text").value
    field(app, "preset").set_value("brackets")
    fine(app.run())
    field(app, "text").set_value("stories")
    fine(app.run())
    field(app, "prompt").set_value("One morning")
    fine(app.run())
    field(app, "text").set_value(mine)
    fine(app.run())
    button(app, "train_run").click()
    fine(app.run())
    (run,) = own(home)
    config = run.config()
    assert (run.path / "corpus.txt").read_text("utf-8") == TEXT
    assert config.training == PRESETS["brackets"].config.training
    assert (config.corpus_chars, config.windows, config.prompt) == (len(TEXT), "anywhere", "")


def test_a_preset_keeps_an_uploaded_text(home: Path) -> None:
    app = opened()
    app.file_uploader(key="upload").upload("mine.txt", TEXT.encode(), "text/plain")
    fine(app.run())
    field(app, "preset").set_value("stories_bpe")
    fine(app.run())
    assert "mine.txt" in words(app)
    button(app, "train_run").click()
    fine(app.run())
    (run,) = own(home)
    assert (run.path / "corpus.txt").read_text("utf-8") == TEXT


def test_a_copy_leaves_the_text_its_name(home: Path) -> None:
    app = opened()
    app.file_uploader(key="upload").upload("mine.txt", TEXT.encode(), "text/plain")
    fine(app.run())
    button(app, "train_run").click()
    fine(app.run())
    (run,) = own(home)
    run.set_label(name="My fables")
    button(app, "copy").click()
    fine(app.run())
    assert [kept.name for kept in Uploads(paths.uploads()).all()] == ["mine.txt"]


def test_a_refusal_names_its_file_and_goes_with_it(home: Path) -> None:
    app = opened()
    app.file_uploader(key="upload").upload("<b>.txt", b"tiny", "text/plain")
    fine(app.run())
    assert "<b>&lt;b&gt;.txt</b> is refused. Expected at least" in words(app)
    app.file_uploader(key="upload").upload("hens.txt", TEXT.encode(), "text/plain")
    fine(app.run())
    assert "is refused" not in words(app)
    assert "hens.txt" in words(app)


@pytest.mark.parametrize("raw", [b"", b"tiny", b"\x89PNG\x00" + bytes(900)])
def test_what_is_no_text_is_refused_in_a_sentence(home: Path, raw: bytes) -> None:
    app = opened()
    app.file_uploader(key="upload").upload("a.txt", raw, "text/plain")
    fine(app.run())
    assert "Expected" in words(app)
    assert Uploads(paths.uploads()).all() == []


def test_bad_bytes_are_replaced_when_asked(home: Path) -> None:
    app = opened()
    app.file_uploader(key="upload").upload("a.txt", TEXT.encode() + b"\xff\xfe", "text/plain")
    fine(app.run())
    button(app, "replace").click()
    fine(app.run())
    (kept,) = Uploads(paths.uploads()).all()
    assert kept.characters == len(TEXT) + 2


def test_a_text_too_short_for_the_context_is_said(home: Path) -> None:
    app = opened()
    app.file_uploader(key="upload").upload("a.txt", ("word " * 110).encode(), "text/plain")
    fine(app.run())
    for _ in range(100):
        if "needs at least" in words(fine(app.run())):
            break
    assert words(app).count("The validation text needs at least") == 2, "beside the button and in the group"
    assert button(app, "train_run").disabled


def test_a_draft_and_its_preset_outlive_another_page(home: Path) -> None:
    app = opened()
    field(app, "preset").set_value("sums")
    fine(app.run())
    field(app, "steps").set_value(40)
    fine(app.run())
    app.switch_page(page_file("sampling"))
    fine(app.run())
    app.switch_page(page_file("train"))
    fine(app.run())
    assert (field(app, "preset").value, field(app, "steps").value) == ("sums", 40)
