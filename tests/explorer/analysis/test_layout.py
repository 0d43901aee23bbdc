"""Maps by t-SNE and UMAP: neighbours are kept, progress is told, and a process ends when it is told to."""

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest

from explorer.analysis.layout import Layout, installed, lay_out, progress

STAND_IN = """
import json, os
import numpy as np
class UMAP:
    def __init__(self, **asked):
        self.asked = asked
    def fit_transform(self, vectors):
        told = {"asked": self.asked, "shape": vectors.shape, "lengths": np.linalg.norm(vectors, axis=1).tolist()}
        open(os.environ["UMAP_TOLD"], "w").write(json.dumps(told))
        return vectors[:, :2] + 5
"""


def clusters() -> np.ndarray:
    """Three directions of 20 vectors each, of many lengths."""
    rng = np.random.default_rng(0)
    ways = np.repeat(np.eye(8)[:3], 20, axis=0) + rng.normal(size=(60, 8)) * 0.02
    return np.asarray(ways * rng.uniform(0.5, 20, size=(60, 1)), dtype=np.float32)


def test_tsne_keeps_who_points_alike_together() -> None:
    said: list[str] = []
    points = lay_out(Layout("tsne", 10), clusters(), said.append)
    assert points.shape == (60, 2)
    np.testing.assert_allclose(points.mean(axis=0), 0, atol=1e-4)
    away = np.linalg.norm(points[:, None] - points[None], axis=-1) + np.eye(60) * 1e9
    assert (away.argmin(axis=1) // 20 == np.arange(60) // 20).all()
    assert any("60 vectors" in words for words in said)


def test_what_is_stopped_leaves_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[subprocess.Popen[bytes]] = []
    real = subprocess.Popen

    def popen(*args: object, **kwargs: object) -> subprocess.Popen[bytes]:
        begun.append(real(*args, **kwargs))  # type: ignore[call-overload]
        return begun[-1]

    def stop(words: str) -> None:
        raise ValueError("It was stopped.")

    monkeypatch.setattr(subprocess, "Popen", popen)
    with pytest.raises(ValueError, match="stopped"):
        lay_out(Layout("tsne", 10), clusters(), stop)
    assert begun[0].poll() is not None


def test_an_error_of_the_process_is_a_sentence() -> None:
    with pytest.raises(ValueError, match=r"t-SNE ended with an error: .*perplexity"):
        lay_out(Layout("tsne", 100), clusters(), lambda words: None)


def test_progress_is_what_the_process_has_written() -> None:
    tsne, umap = Layout("tsne", 30), Layout("umap", 15)
    log = "[t-SNE] Iteration 50: error = 5.1\n[t-SNE] Iteration 250: error = 4.1, gradient norm = 0.1\n"
    assert progress(tsne, log, 10, 99) == (
        "t-SNE of 99 vectors: iteration 250 of at most 1,000, 10 s so far, at most about 30 s left"
    )
    assert "finding the neighbours" in progress(tsne, "[t-SNE] Computing 31 nearest neighbors...", 1, 99)
    assert "40% of its epochs" in progress(umap, "\rEpochs completed:  20%| ##\rEpochs completed:  40%| ####", 1, 99)


def test_few_vectors_mind_fewer_others() -> None:
    assert Layout("tsne", 30, 4).within(61) == Layout("tsne", 20, 4)
    assert Layout("tsne", 30).within(5_000) == Layout("tsne", 30)


def test_umap_is_offered_when_it_is_there_and_is_asked_for_what_the_page_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "umap.py").write_text(STAND_IN)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("UMAP_TOLD", str(tmp_path / "told.json"))
    assert installed("umap")
    points = lay_out(Layout("umap", 15, 7), clusters(), lambda words: None)
    told = json.loads((tmp_path / "told.json").read_text())
    assert told["asked"] == {"n_neighbors": 15, "min_dist": 0.1, "random_state": 7, "n_jobs": 1, "verbose": True}
    assert told["shape"] == [60, 8]
    np.testing.assert_allclose(told["lengths"], 1, rtol=1e-5)
    np.testing.assert_allclose(points.mean(axis=0), 0, atol=1e-5)
