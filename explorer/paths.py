"""Where models lie: shipped in assets/, a person's own in the home directory. The only reader of EXPLORER_HOME."""

import os
import tempfile
from pathlib import Path

import platformdirs

VARIABLE = "EXPLORER_HOME"
ASSETS = Path(__file__).resolve().parent.parent / "assets"
PAGES = Path(__file__).resolve().parent.parent / "pages"


class HomeError(ValueError):
    """The home directory cannot be used; the message says what to do."""


def home() -> Path:
    """The directory of the person's own models: EXPLORER_HOME, else the platform's place for user data."""
    named = os.environ.get(VARIABLE)
    return Path(named).expanduser() if named else usual_home()


def usual_home() -> Path:
    """The platform's place for user data."""
    return platformdirs.user_data_path("vitrine", appauthor=False)


def use_home(named: str | None) -> Path:
    """Settle the home for this process: a named one must exist, the default one is made. Raises HomeError."""
    if named:
        os.environ[VARIABLE] = str(Path(named).expanduser().resolve())
    place = home()
    if os.environ.get(VARIABLE):
        if not place.is_dir():
            found = "a file" if place.exists() else "nothing"
            raise HomeError(f"Expected a directory at {place}, got {found}; make it first or give another --home.")
    else:
        try:
            place.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise HomeError(
                f"Cannot make the home directory {place}: {error.strerror}; give one with --home."
            ) from error
    try:
        with tempfile.TemporaryFile(dir=place):
            return place
    except OSError as error:
        raise HomeError(
            f"Cannot write to the home directory {place}: {error.strerror}; give one with --home."
        ) from error


def models() -> dict[str, Path]:
    """Name -> checkpoint directory, shipped ones first; a name used twice gets its place added."""
    found: dict[str, Path] = {}
    for place, parent in (("", ASSETS), ("home", home() / "models")):
        try:
            entries = sorted(parent.iterdir())
        except OSError:
            continue
        for entry in entries:
            if (entry / "config.json").is_file() and (entry / "model.safetensors").is_file():
                name = entry.name.encode("utf-8", "replace").decode()
                found[f"{name} ({place})" if name in found else name] = entry
    return found


def runs() -> Path:
    """The person's own runs, a directory each."""
    return home() / "runs"


def cache() -> Path:
    """What can be made anew: token streams of corpora."""
    return home() / "cache"


def uploads() -> Path:
    """The person's own texts."""
    return home() / "uploads"


def tokenizers() -> Path:
    """The person's own tokenizers, a directory each."""
    return home() / "tokenizers"
