"""Maps that keep neighbours and not distances: t-SNE and UMAP, each worked out in a process of its own, which says how
far it is and can be ended at any moment."""

import importlib.util
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import IO, Literal, get_args

import numpy as np

from explorer.display import many

# Shapes: V d_vocab, C d_model.

Method = Literal["tsne", "umap"]
NAMES: dict[Method, str] = {"tsne": "t-SNE", "umap": "UMAP"}
SCALES = (5, 15, 30, 50, 100)  # perplexity of t-SNE, neighbours of UMAP: about how many others each point minds
USUAL: dict[Method, int] = {"tsne": 30, "umap": 15}
ITERATIONS = 1000  # of t-SNE, at most
LOOK = 0.2  # seconds between two looks at the process
ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Layout:
    """What a map is made by; the same one of the same vectors is the same map."""

    method: Method
    scale: int
    seed: int = 0

    def within(self, n: int) -> "Layout":
        """For n vectors: nobody minds more others than a third of them."""
        return Layout(self.method, min(self.scale, max(2, (n - 1) // 3)), self.seed)


def installed(method: Method) -> bool:
    """UMAP is an optional extra."""
    return method == "tsne" or importlib.util.find_spec("umap") is not None


def lay_out(layout: Layout, vectors: np.ndarray, say: Callable[[str], None]) -> np.ndarray:
    """V 2, float32, about 0, of vectors (V C), compared by their cosines. What `say` raises ends the process."""
    long = np.linalg.norm(vectors, axis=1, keepdims=True)
    with TemporaryDirectory(prefix="vitrine-layout-") as folder:
        np.save(f"{folder}/vectors.npy", (vectors / np.maximum(long, 1e-12)).astype(np.float32))
        command = [sys.executable, "-u", "-m", __name__, folder, layout.method, f"{layout.scale}", f"{layout.seed}"]
        log = Path(folder, "log")
        with log.open("wb") as said, _running(command, said) as process:
            began = time.monotonic()
            while process.poll() is None:
                say(progress(layout, log.read_text("utf-8", "replace"), time.monotonic() - began, len(vectors)))
                time.sleep(LOOK)
        if process.returncode:
            last = (log.read_text("utf-8", "replace").strip().splitlines() or ["no word"])[-1]
            raise ValueError(f"{NAMES[layout.method]} ended with an error: {last[:200]}")
        points = np.load(f"{folder}/points.npy")
    return np.asarray(points - points.mean(axis=0), dtype=np.float32)


@contextmanager
def _running(command: list[str], log: IO[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    """A process that has ended when the block is left."""
    threads = str(max(1, (os.cpu_count() or 2) // 2))  # the other cores are the pages'; who waits for one spins
    env = {**os.environ, "OMP_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads, "OMP_WAIT_POLICY": "PASSIVE"}
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=log, stderr=subprocess.STDOUT, cwd=ROOT, env=env)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def progress(layout: Layout, log: str, seconds: float, n: int) -> str:
    """A sentence of what the process has written so far."""
    name, spent = NAMES[layout.method], f"{seconds:,.0f} s so far"
    if layout.method == "tsne" and (found := re.findall(r"Iteration (\d+):", log)):
        done = int(found[-1])
        left = f"at most about {seconds * (ITERATIONS - done) / done:,.0f} s left"
        return f"{name} of {many(n, 'vector')}: iteration {done:,} of at most {ITERATIONS:,}, {spent}, {left}"
    if layout.method == "umap" and (found := re.findall(r"Epochs completed:\s*(\d+)%", log)):
        return f"{name} of {many(n, 'vector')}: {found[-1]}% of its epochs, {spent}"
    return f"{name} of {many(n, 'vector')}: finding the neighbours of each, {spent}"


def tsne(vectors: np.ndarray, perplexity: int, seed: int) -> np.ndarray:
    """V 2 (van der Maaten and Hinton 2008), begun from the principal components."""
    from sklearn.manifold import TSNE

    init = "pca" if min(vectors.shape) >= 2 else "random"
    made = TSNE(perplexity=perplexity, max_iter=ITERATIONS, init=init, random_state=seed, verbose=2)
    return np.asarray(made.fit_transform(vectors))


def umap(vectors: np.ndarray, neighbours: int, seed: int) -> np.ndarray:
    """V 2 (McInnes, Healy and Melville 2018)."""
    from umap import UMAP

    made = UMAP(n_neighbors=neighbours, min_dist=0.1, random_state=seed, n_jobs=1, verbose=True)
    return np.asarray(made.fit_transform(vectors))


def main(folder: str, method: str, scale: str, seed: str) -> None:
    """The process, which does not outlive the one that waits for it."""
    assert method in get_args(Method)
    Thread(target=lambda: (os.read(0, 1), os._exit(1)), daemon=True).start()  # its end of the pipe has closed
    vectors = np.load(f"{folder}/vectors.npy")
    np.save(f"{folder}/points.npy", {"tsne": tsne, "umap": umap}[method](vectors, int(scale), int(seed)))


if __name__ == "__main__":
    main(*sys.argv[1:])
