"""What is saved comes back; what is damaged or hostile is refused in one sentence that names the file."""

import hashlib
import json
import struct
from collections.abc import Callable
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from llm.checkpoint import CheckpointError, load_checkpoint, load_training, save_checkpoint, thin
from llm.data import TokenDataset
from llm.model.config import GPTConfig
from llm.model.gpt import GPT
from llm.tokenizers.char import CharTokenizer
from llm.training.config import TrainingConfig
from llm.training.state import TrainingState
from llm.training.trainer import train

CHARACTERS = CharTokenizer([chr(65 + i) for i in range(58)])  # and 3 special tokens: 61
MODEL = GPTConfig(d_vocab=61, n_ctx=16, n_layers=2, n_heads=4, n_kv_heads=2, d_model=16, d_mlp=24)
RECIPE = TrainingConfig(steps=8, batch_size=2, eval_every=4, eval_windows=2)
_IDS = np.random.Generator(np.random.PCG64(0)).integers(0, 58, 400).astype(np.uint16)
DATA = TokenDataset(_IDS[:300], _IDS[300:], n_bytes_validation=100)


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """A checkpoint with training state, four steps in."""
    model = GPT(replace(MODEL, dropout=0.1), seed=0)
    state = TrainingState(model, RECIPE)
    list(islice(train(state, DATA), 4))
    directory = tmp_path / "step-00000004"
    save_checkpoint(directory, model, CHARACTERS, {"note": "for tests"}, state)
    return directory


def reseal(directory: Path) -> None:
    """Make the manifest agree with the files again, as someone who means harm would."""
    path = directory / "MANIFEST.json"
    manifest = json.loads(path.read_text())
    for name in manifest["files"]:
        raw = (directory / name).read_bytes()
        manifest["files"][name] = {"bytes": len(raw), "sha256": hashlib.sha256(raw).hexdigest()}
    path.write_text(json.dumps(manifest))


@pytest.mark.parametrize("tied", [True, False])
def test_float32_comes_back_bit_for_bit(tmp_path: Path, tied: bool) -> None:
    model = GPT(replace(MODEL, tied=tied, bias=True, positions="learned"), seed=0)
    save_checkpoint(tmp_path / "m", model, CHARACTERS, {"seed": 0})
    loaded = load_checkpoint(tmp_path / "m")
    assert loaded.model.config == model.config
    assert not loaded.model.training
    assert dict(loaded.provenance) == {"seed": 0}
    assert loaded.tokenizer.encode("HELLO") == CHARACTERS.encode("HELLO")
    ours, theirs = dict(model.named_parameters()), dict(loaded.model.named_parameters())
    assert ours.keys() == theirs.keys()
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)
    ids = torch.arange(16)[None]
    assert torch.equal(model.eval()(ids), loaded.model(ids))


def test_float16_is_half_the_size_and_loads_as_float32(tmp_path: Path, tiny_model: GPT) -> None:
    for dtype in ("float32", "float16"):
        save_checkpoint(tmp_path / dtype, tiny_model, CHARACTERS, {}, dtype=dtype)
    large, small = ((tmp_path / dtype / "model.safetensors").stat().st_size for dtype in ("float32", "float16"))
    assert large - small == pytest.approx(2 * tiny_model.n_params, abs=200)  # the header's offsets are shorter
    loaded = load_checkpoint(tmp_path / "float16").model
    for name, parameter in loaded.named_parameters():
        assert parameter.dtype == torch.float32
        assert torch.equal(parameter, tiny_model.get_parameter(name).half().float())


def test_a_weight_too_large_for_float16_is_refused(tmp_path: Path) -> None:
    model = GPT(MODEL, seed=0)
    with torch.no_grad():
        model.embed.weight[3, 5] = 1e6
    with pytest.raises(CheckpointError, match=r"embed\.weight"):
        save_checkpoint(tmp_path / "m", model, CHARACTERS, {}, dtype="float16")
    assert list(tmp_path.iterdir()) == []


def test_a_tokenizer_of_another_size_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"5 tokens and the model 61"):
        save_checkpoint(tmp_path / "m", GPT(MODEL), CharTokenizer("ab"), {})


def test_training_goes_on_exactly(saved: Path) -> None:
    unbroken = TrainingState(GPT(replace(MODEL, dropout=0.1), seed=0), RECIPE)
    expected = [report.loss for report in train(unbroken, DATA)]
    model = load_checkpoint(saved).model
    state = TrainingState(model, RECIPE)
    load_training(saved, state)
    assert (state.step, state.best_step) == (4, 4)
    assert [report.loss for report in train(state, DATA)] == expected[4:]
    assert all(torch.equal(p, unbroken.model.get_parameter(n)) for n, p in model.named_parameters())


def test_thin_leaves_the_weights_in_float16(saved: Path) -> None:
    before = load_checkpoint(saved)
    thin(saved)
    after = load_checkpoint(saved)
    assert {path.name for path in saved.iterdir()} == {
        "MANIFEST.json", "config.json", "tokenizer.json", "model.safetensors"
    }  # fmt: skip
    assert dict(after.provenance) == dict(before.provenance)
    assert after.model.config == before.model.config
    for name, parameter in after.model.named_parameters():
        assert torch.equal(parameter, before.model.get_parameter(name).half().float())
    with pytest.raises(CheckpointError, match="no training state"):
        load_training(saved, TrainingState(after.model, RECIPE))
    assert [path.name for path in saved.parent.iterdir()] == [saved.name]


def test_thin_twice_writes_once(saved: Path) -> None:
    thin(saved)
    written = (saved / "MANIFEST.json").stat().st_ino
    thin(saved)
    assert (saved / "MANIFEST.json").stat().st_ino == written


def test_thin_keeps_weights_that_float16_cannot_hold(saved: Path) -> None:
    tensors = load_file(saved / "model.safetensors")
    tensors["embed.weight"][0, 0] = 1e6
    save_file(tensors, saved / "model.safetensors")
    reseal(saved)
    thin(saved)
    thin(saved)
    assert load_checkpoint(saved).model.embed.weight[0, 0].item() == 1e6
    assert not (saved / "optim.safetensors").exists()


def test_thin_refuses_a_damaged_checkpoint_and_leaves_it(saved: Path) -> None:
    raw = (saved / "model.safetensors").read_bytes()
    (saved / "model.safetensors").write_bytes(raw[:-1] + bytes([raw[-1] ^ 1]))
    before = sorted((path.name, path.read_bytes()) for path in saved.iterdir())
    with pytest.raises(CheckpointError, match="SHA-256"):
        thin(saved)
    assert sorted((path.name, path.read_bytes()) for path in saved.iterdir()) == before


def test_a_lean_checkpoint_cannot_be_resumed(tmp_path: Path) -> None:
    model = GPT(MODEL, seed=0)
    save_checkpoint(tmp_path / "m", model, CHARACTERS, {})
    with pytest.raises(CheckpointError, match="no training state"):
        load_training(tmp_path / "m", TrainingState(model, RECIPE))


def test_the_state_of_another_model_or_optimizer_is_refused(saved: Path) -> None:
    for model, recipe in (
        (GPT(replace(MODEL, n_layers=1)), RECIPE),
        (GPT(replace(MODEL, d_mlp=32)), RECIPE),
        (GPT(MODEL), replace(RECIPE, optimizer="adamw")),
    ):
        with pytest.raises(CheckpointError, match=r"optim\.safetensors cannot be resumed from"):
            load_training(saved, TrainingState(model, recipe))


def _json(name: str, **changes: Any) -> Callable[[Path], None]:
    def edit(directory: Path) -> None:
        path = directory / name
        path.write_text(json.dumps(json.loads(path.read_text()) | changes))

    return edit


def _raw(name: str, content: bytes) -> Callable[[Path], None]:
    def edit(directory: Path) -> None:
        (directory / name).write_bytes(content)

    return edit


def _weights(change: Callable[[dict[str, torch.Tensor]], object]) -> Callable[[Path], None]:
    def edit(directory: Path) -> None:
        tensors = load_file(directory / "model.safetensors")
        change(tensors)
        save_file(tensors, directory / "model.safetensors")

    return edit


def _truncated(directory: Path) -> None:
    path = directory / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-100])


def _lying_shape(directory: Path) -> None:
    path = directory / "model.safetensors"
    raw = path.read_bytes()
    path.write_bytes(raw.replace(b'"shape":[61,16]', b'"shape":[61,99]', 1))


HOSTILE: dict[str, tuple[Callable[[Path], None], str]] = {
    "header of 2^62 bytes": (_raw("model.safetensors", struct.pack("<Q", 1 << 62) + b"{}"), "not a readable"),
    "header of 101 MB": (_raw("model.safetensors", struct.pack("<Q", 101 << 20) + b"{}"), "not a readable"),
    "seven bytes": (_raw("model.safetensors", b"\x00" * 7), "not a readable"),
    "no bytes": (_raw("model.safetensors", b""), "not a readable"),
    "truncated": (_truncated, "not a readable"),
    "lying shape": (_lying_shape, "not a readable"),
    "trailing byte": (
        lambda d: _raw("model.safetensors", (d / "model.safetensors").read_bytes() + b"x")(d),
        "readable",
    ),
    "pickle": (_raw("model.safetensors", b"\x80\x04cos\nsystem\n(S'touch x'\ntR."), "not a readable"),
    "NaN": (_weights(lambda t: t["embed.weight"].__setitem__((0, 0), float("nan"))), "NaN"),
    "infinity": (_weights(lambda t: t["embed.weight"].__setitem__((0, 0), float("inf"))), "infinity"),
    "wrong shape": (_weights(lambda t: t.update({"embed.weight": torch.zeros(61, 8)})), r"shape \(61, 16\)"),
    "other format": (_weights(lambda t: t.update({"embed.weight": t["embed.weight"].double()})), "F64"),
    "missing tensor": (_weights(lambda t: t.pop("blocks.1.attn.W_Q.weight")), "lacks 'blocks.1.attn.W_Q.weight'"),
    "extra tensor": (_weights(lambda t: t.update({"../../x": torch.zeros(1)})), r"'\.\./\.\./x'"),
    "many tensors": (_weights(lambda t: t.update({f"x{i}": torch.zeros(1) for i in range(5000)})), "'x0'"),
    "own unembedding": (_weights(lambda t: t.update({"unembed.weight": torch.zeros(61, 16)})), "tied"),
    "config not tied": (_json("config.json", tied=False), "not tied"),
    "config wider": (_json("config.json", d_model=32), "too small|shape"),
    "config of a billion layers": (_json("config.json", n_layers=10**9), "too small"),
    "config of a billion tokens": (_json("config.json", d_vocab=10**9), "1,000,000,000"),
    "config of a context beyond memory": (_json("config.json", n_ctx=10**10), "10,000,000,000"),
    "config with text for a number": (_json("config.json", n_layers="2"), "n_layers"),
    "config with an unknown key": (_json("config.json", auto_map="x.py"), "auto_map"),
    "config with NaN": (_raw("config.json", b'{"dropout": NaN}'), "NaN"),
    "config nested too deep": (_raw("config.json", b"[" * 200_000), "not JSON"),
    "config no object": (_raw("config.json", b"[1]"), "no object"),
    "config not text": (_raw("config.json", b"\xff\xfe\x00"), "not JSON"),
    "tokenizer of another model": (lambda d: CharTokenizer("abc").save(d), "6 tokens and the model 61"),
    "tokenizer not ours": (_raw("tokenizer.json", b"{}"), "tokenizer.json"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_though_its_hash_is_right(saved: Path, name: str) -> None:
    edit, message = HOSTILE[name]
    edit(saved)
    reseal(saved)
    with pytest.raises(CheckpointError, match=message) as caught:
        load_checkpoint(saved)
    assert "\n" not in str(caught.value)
    assert str(saved) in str(caught.value)


@pytest.mark.parametrize(
    ("name", "edit", "message"),
    [
        ("state.json", _json("state.json", step="many"), "counts"),
        ("state.json", _json("state.json", best_loss=[1]), "best_loss"),
        ("state.json", _raw("state.json", b"{}"), "cannot be resumed"),
        ("optim.safetensors", _raw("optim.safetensors", b"junk-junk-junk"), "not a readable"),
    ],
)
def test_a_hostile_training_state_is_refused(
    saved: Path, name: str, edit: Callable[[Path], None], message: str
) -> None:
    edit(saved)
    reseal(saved)
    with pytest.raises(CheckpointError, match=message):
        load_training(saved, TrainingState(GPT(MODEL), RECIPE))
