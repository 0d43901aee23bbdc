"""Settings from an address: what makes sense is taken, the rest stays as it opens."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from explorer.widgets.sampling_settings import LIMITS, OPENING, Settings, parsed
from llm.generation.filters import SamplingConfig
from tests.tiny_home import NAME

ROOT = Path(__file__).resolve().parents[3]


def test_every_setting_has_a_name_and_limits() -> None:
    assert set(Settings().wire()) == set(LIMITS)
    assert all(least <= Settings().wire()[name] <= most for name, (least, most) in LIMITS.items())


def test_round_trip() -> None:
    settings = Settings(SamplingConfig(0.7, 3, 0.25, 0.125, 1.5), 7, 1000)
    assert parsed(settings.wire()) == settings
    assert parsed({name: f"{value:.10g}" for name, value in settings.wire().items()}) == settings


@pytest.mark.parametrize(
    "junk",
    ["", "x", "nan", "inf", "-1", "1e3", "0x1", " 1", "1.5.2", "9" * 400, "٣", None, True, [], float("nan"), -0.5],
)
@pytest.mark.parametrize("name", list(LIMITS))
def test_junk_is_left_aside(name: str, junk: object) -> None:
    assert parsed({name: junk}) == Settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [("temperature", "10.01"), ("top_k", "2.5"), ("top_p", "1.01"), ("repetition_penalty", "0"), ("seed", str(2**32))],
)
def test_outside_its_limits_a_number_is_junk(name: str, value: str) -> None:
    assert parsed({name: value}).config == OPENING
    assert parsed({name: value}).seed == Settings().seed


def _app(**query: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "explorer" / "app.py"), default_timeout=60)
    for name, value in {"model": NAME, "prompt": "Ben and Jack", **query}.items():
        app.query_params[name] = value
    app.run()
    return app.switch_page(str(ROOT / "pages" / "sampling.py")).run()


def _lead(app: AppTest) -> str:
    return next(str(part.proto.body) for part in app.get("html") if "vitrine-lead" in part.proto.body)


def test_a_link_sets_them_and_defaults_leave_the_address(tiny_checkpoint: Path) -> None:
    app = _app(temperature="0", top_k="40", seed="1337")
    assert not app.exception
    assert list(app.query_params["temperature"]) == ["0"]
    assert "top_k" not in app.query_params
    assert "seed" not in app.query_params
    assert "temperature 0 leaves 1 of 320 tokens" in _lead(app)


def test_the_lead_counts_what_is_left(tiny_checkpoint: Path) -> None:
    app = _app(temperature="1", top_k="5", top_p="1", min_p="0")
    assert "top-k leaves 5 of 320 tokens to draw from" in _lead(app)
    app = _app(temperature="1", top_k="0", top_p="1", min_p="0")
    assert "any of 320 tokens can be drawn" in _lead(app)
