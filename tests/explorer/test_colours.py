"""One look: tokens.css is the source, config.toml and streamlit.css repeat what Streamlit cannot read from it."""

import re
import tomllib
from pathlib import Path

import pytest

EXPLORER = Path(__file__).resolve().parents[2] / "explorer"
TOKENS = (EXPLORER / "widgets" / "components" / "kit" / "tokens.css").read_text("utf-8")
STYLE = (EXPLORER / "widgets" / "streamlit.css").read_text("utf-8")
THEME = tomllib.loads((EXPLORER / ".streamlit" / "config.toml").read_text("utf-8"))["theme"]
SAME = {  # option of config.toml -> token
    "backgroundColor": "paper",
    "secondaryBackgroundColor": "well",
    "textColor": "ink",
    "borderColor": "line",
    "linkColor": "ink",
    "codeTextColor": "ink",
    "codeBackgroundColor": "well",
    "dataframeBorderColor": "hair",
    "dataframeHeaderBackgroundColor": "paper",
    "dataframeHeaderTextColor": "ink-3",
    "grayBackgroundColor": "well",
    "grayColor": "ink-3",
    "redColor": "bad",
    "orangeColor": "k-text",
    "yellowColor": "mlp-text",
    "greenColor": "v-text",
    "blueColor": "q-text",
    "violetColor": "attn-text",
    "chartSequentialColors": "seq",
}


def tokens(theme: str) -> dict[str, str]:
    """Name -> value in that theme, references followed."""
    blocks = re.findall(r'([^{}]*data-theme="(\w+)"[^{}]*)\{([^}]*)\}', TOKENS)
    body = next(text for _, name, text in blocks if name == theme)
    found = {name: value.strip() for name, value in re.findall(r"--([\w-]+):\s*([^;]+);", body)}

    def follow(value: str) -> str:
        named = re.fullmatch(r"var\(--([\w-]+)\)", value)
        return follow(found[named[1]]) if named else value

    return {name: follow(value) for name, value in found.items()}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_config_repeats_the_tokens(theme: str) -> None:
    known = tokens(theme)
    got = {name: THEME[theme][name] for name in SAME}
    got["chartSequentialColors"] = ",".join(got["chartSequentialColors"])
    assert got == {name: known[token] for name, token in SAME.items()}
    assert THEME[theme]["sidebar"]["backgroundColor"] == known["rail"]
    assert THEME[theme]["sidebar"]["borderColor"] == known["hair"]
    diverging, scale = THEME[theme]["chartDivergingColors"], known["div"].split(",")
    assert (diverging[0], diverging[-1]) == (scale[0], scale[-1])


def test_the_style_sheet_repeats_the_tokens() -> None:
    said = re.findall(r"--([\w-]+):\s*light-dark\(([^,]+),\s*([^)]+)\)", STYLE)
    assert said
    light, dark = tokens("light"), tokens("dark")
    assert {name: (a.strip(), b.strip()) for name, a, b in said} == {
        name: (light[name], dark[name]) for name, _, _ in said
    }
