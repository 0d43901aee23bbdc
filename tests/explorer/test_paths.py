"""Where models are looked for, and what a home must be."""

from pathlib import Path

import pytest

from explorer import paths
from explorer.paths import HomeError


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(paths.VARIABLE, str(tmp_path))
    return tmp_path


def _checkpoint(directory: Path) -> Path:
    directory.mkdir(parents=True)
    for name in ("config.json", "model.safetensors"):
        (directory / name).touch()
    return directory


def test_models_come_from_assets_then_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "ASSETS", home / "assets")
    shipped = _checkpoint(home / "assets" / "stories")
    mine, same = _checkpoint(home / "models" / "mine"), _checkpoint(home / "models" / "stories")
    (home / "models" / "half").mkdir()
    (home / "models" / "half" / "config.json").touch()
    assert paths.models() == {"stories": shipped, "mine": mine, "stories (home)": same}


def test_no_models_directory_is_no_error(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "ASSETS", home / "assets")
    assert paths.models() == {}


def test_named_home_is_used_and_must_exist(home: Path, tmp_path: Path) -> None:
    place = tmp_path / "place"
    with pytest.raises(HomeError, match="make it first"):
        paths.use_home(str(place))
    place.mkdir()
    assert paths.use_home(str(place)) == paths.home() == place.resolve()


def test_a_file_is_no_home(home: Path) -> None:
    file = home / "file"
    file.touch()
    with pytest.raises(HomeError, match="got a file"):
        paths.use_home(str(file))


def test_default_home_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(paths.VARIABLE, raising=False)
    monkeypatch.setattr("platformdirs.user_data_path", lambda *_, **__: tmp_path / "data" / "vitrine")
    assert paths.use_home(None) == tmp_path / "data" / "vitrine"
    assert paths.home().is_dir()


@pytest.mark.parametrize("named", [True, False])
def test_home_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: bool) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setenv(paths.VARIABLE, str(tmp_path))
    if not named:
        monkeypatch.delenv(paths.VARIABLE)
        monkeypatch.setattr("platformdirs.user_data_path", lambda *_, **__: tmp_path)
    monkeypatch.setattr("tempfile.TemporaryFile", refuse)
    with pytest.raises(HomeError, match=r"Cannot write .*Permission denied.*--home"):
        paths.use_home(str(tmp_path) if named else None)
