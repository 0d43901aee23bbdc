"""A directory <-> model + tokenizer + provenance, and the state of its training. Safetensors and JSON, never pickle."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor
from torch.overrides import TorchFunctionMode

from llm.checkpoint_files import CheckpointError as CheckpointError
from llm.checkpoint_files import CheckpointWriteError, read_json, sealed, verify, write_json
from llm.checkpoint_files import latest as latest
from llm.model.config import ConfigError, GPTConfig
from llm.model.gpt import GPT
from llm.model.size import size
from llm.tokenizers.base import Tokenizer
from llm.tokenizers.load import load_tokenizer
from llm.training.state import TrainingState

StorageType = Literal["float32", "float16"]
_READABLE = {"F32": torch.float32, "F16": torch.float16}
_TRAINING = frozenset({"optim.safetensors", "state.json"})  # files for resuming alone
_LONGEST_CONTEXT = 1 << 20  # tokens


@dataclass(frozen=True)
class Checkpoint:
    """A model, the tokenizer it was trained with, and where both come from."""

    path: Path
    model: GPT
    tokenizer: Tokenizer
    provenance: Mapping[str, Any]


def save_checkpoint(
    directory: Path,
    model: GPT,
    tokenizer: Tokenizer,
    provenance: Mapping[str, Any],
    training: TrainingState | None = None,
    dtype: StorageType = "float32",
    overwrite: bool = False,
) -> None:
    """Write a checkpoint, all or nothing; with `training`, all that an exact resume needs.

    float16 halves the size and is read back as float32. `overwrite` replaces an earlier checkpoint. Raises
    CheckpointError when the directory is taken, a weight is not finite (in `dtype`), or the disk fails.
    """
    if tokenizer.n_vocab != model.config.d_vocab:
        raise CheckpointError(_other_vocabulary(directory, tokenizer.n_vocab, model.config.d_vocab))
    weights = {name: _stored(name, p, getattr(torch, dtype)) for name, p in model.named_parameters()}
    memory = {name: t.detach().cpu().contiguous() for name, t in training.tensors().items()} if training else {}
    n_bytes = sum(t.numel() * t.element_size() for t in (*weights.values(), *memory.values()))
    with sealed(directory, provenance, n_bytes, overwrite) as hidden:
        try:
            write_json(hidden / "config.json", model.config.to_dict())
            tokenizer.save(hidden)
            save_file(weights, hidden / "model.safetensors")
            if training:
                save_file(memory, hidden / "optim.safetensors")
                write_json(hidden / "state.json", training.values())
        except SafetensorError as error:
            raise CheckpointWriteError(f"{directory} could not be written: {error}.") from error


def load_checkpoint(directory: Path, device: torch.device | str = "cpu") -> Checkpoint:
    """The model (float32, evaluation mode) and tokenizer of a checkpoint; CheckpointError if any check fails."""
    directory = Path(directory)
    manifest = verify(directory)
    config = _read_config(directory / "config.json")
    try:
        tokenizer = load_tokenizer(directory)
    except ValueError as error:
        raise CheckpointError(f"{directory / 'tokenizer.json'} cannot be used: {error}") from error
    if tokenizer.n_vocab != config.d_vocab:
        raise CheckpointError(_other_vocabulary(directory, tokenizer.n_vocab, config.d_vocab))
    model = _read_model(directory / "model.safetensors", config)
    return Checkpoint(directory, model.to(device).eval(), tokenizer, manifest["provenance"])


def thin(directory: Path) -> None:
    """Rewrite a checkpoint as weights in float16 without training state, all or nothing; one already so is left alone.

    Weights too large for float16 stay float32. Raises CheckpointError if it is damaged or the disk fails.
    """
    directory = Path(directory)
    manifest = verify(directory)
    weights = _read_tensors(directory / "model.safetensors")
    halved = {name: tensor.half() for name, tensor in weights.items()}
    smaller = halved if all(torch.isfinite(t).all() for t in halved.values()) else weights
    is_thin = not _TRAINING & set(manifest["files"])
    if is_thin and all(smaller[name].dtype == tensor.dtype for name, tensor in weights.items()):
        return
    n_bytes = sum(t.numel() * t.element_size() for t in smaller.values())
    with sealed(directory, manifest["provenance"], n_bytes, overwrite=True) as hidden:
        for name in set(manifest["files"]) - _TRAINING - {"model.safetensors"}:
            shutil.copyfile(directory / name, hidden / name)
        try:
            save_file(smaller, hidden / "model.safetensors")
        except SafetensorError as error:
            raise CheckpointWriteError(f"{directory} could not be written: {error}.") from error


def load_training(directory: Path, state: TrainingState) -> None:
    """Set the optimizer state and step of `state` to those saved; its model's weights are `load_checkpoint`'s part.

    Raises CheckpointError if nothing was saved for resuming, or it belongs to another model or optimizer.
    """
    directory = Path(directory)
    if "state.json" not in verify(directory)["files"]:
        raise CheckpointError(f"{directory} holds no training state; resume from a step-* checkpoint of a run.")
    path = directory / "optim.safetensors"
    values = read_json(directory / "state.json")
    try:
        state.restore(_read_tensors(path), values)
    except (KeyError, TypeError, ValueError) as error:
        raise CheckpointError(f"{path} cannot be resumed from: {error}.") from error


def _stored(name: str, parameter: Tensor, dtype: torch.dtype) -> Tensor:
    tensor = parameter.detach().to("cpu", dtype).contiguous()
    if not torch.isfinite(tensor).all():
        remedy = "store them as float32, or train again" if dtype == torch.float16 else "train again"
        raise CheckpointError(
            f"The weights {name!r} hold NaN or a number too large for {dtype}, and nothing was written; "
            f"{remedy} with a lower learning rate."
        )
    return tensor


def _read_config(path: Path) -> GPTConfig:
    try:
        return GPTConfig.from_dict(read_json(path))
    except ConfigError as error:
        raise CheckpointError(f"{path} cannot be used: {error}") from error
    except TypeError as error:
        raise CheckpointError(f"{path} cannot be used: a value has the wrong type ({error}).") from error


def _read_model(path: Path, config: GPTConfig) -> GPT:
    """The size is bounded before a model is built, and names and shapes compared before a weight is read."""
    shapes = _read_shapes(path)
    n_params, largest = size(config).parameters, path.stat().st_size // 2
    if n_params > largest or config.n_layers > len(shapes):
        raise CheckpointError(
            f"{path} is too small for its config.json: {n_params:,} parameters in {config.n_layers:,} layers expected, "
            f"got a file of {path.stat().st_size:,} bytes with {len(shapes):,} tensors."
        )
    if config.n_ctx > _LONGEST_CONTEXT:  # position tables are made, not read, so no file size bounds them
        raise CheckpointError(f"{path}: a context of {config.n_ctx:,} tokens is more than {_LONGEST_CONTEXT:,}.")
    with _WithoutDrawing():
        model = GPT(config)
    parameters = dict(model.named_parameters())
    _compare(path, shapes, {name: tuple(p.shape) for name, p in parameters.items()}, config)
    with torch.no_grad():
        for name, tensor in _read_tensors(path).items():
            if not torch.isfinite(tensor).all():
                raise CheckpointError(f"{path} holds NaN or infinity in {name!r}; the model is broken.")
            parameters[name].copy_(tensor)
    return model


class _WithoutDrawing(TorchFunctionMode):
    """No random start for weights that are read in full anyway: drawing it took most of the time of loading."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if getattr(func, "__name__", "") in ("normal_", "uniform_", "kaiming_uniform_"):
            return args[0] if args else kwargs["tensor"]
        return func(*args, **(kwargs or {}))


def _compare(
    path: Path, found: Mapping[str, tuple[int, ...]], expected: Mapping[str, tuple[int, ...]], config: GPTConfig
) -> None:
    if config.tied and "unembed.weight" in found:
        raise CheckpointError(f"{path} has an unembedding of its own, but config.json says that it is tied.")
    if not config.tied and "unembed.weight" not in found:
        raise CheckpointError(f"{path} has no unembedding, but config.json says that it is not tied.")
    if missing := sorted(set(expected) - set(found)):
        raise CheckpointError(f"{path} lacks {missing[0]!r} and does not fit its config.json.")
    if extra := sorted(set(found) - set(expected)):
        raise CheckpointError(f"{path} holds {extra[0][:80]!r}, which its config.json does not have.")
    for name, shape in expected.items():
        if found[name] != shape:
            raise CheckpointError(f"{path}: expected {name!r} of shape {shape}, got {found[name]}.")


def _read_shapes(path: Path) -> dict[str, tuple[int, ...]]:
    """Shapes by name from the header alone; CheckpointError on a broken file or a number format not ours."""
    try:
        with safe_open(path, "pt") as file:
            slices = {name: file.get_slice(name) for name in file.keys()}  # noqa: SIM118  # it has no __iter__
            if foreign := sorted({s.get_dtype() for s in slices.values()} - set(_READABLE)):
                raise CheckpointError(f"{path} stores {foreign[0]} numbers; expected {' or '.join(_READABLE)}.")
            return {name: tuple(s.get_shape()) for name, s in slices.items()}
    except (SafetensorError, OSError) as error:
        raise CheckpointError(f"{path} is not a readable safetensors file: {error}.") from error


def _read_tensors(path: Path) -> dict[str, Tensor]:
    """Every tensor of a file whose header has been checked."""
    _read_shapes(path)
    with safe_open(path, "pt") as file:
        return {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118


def _other_vocabulary(directory: Path, n_tokenizer: int, n_model: int) -> str:
    return (
        f"{directory}: the tokenizer has {n_tokenizer:,} tokens and the model {n_model:,}; "
        "they belong to different checkpoints; put the tokenizer that the model was trained with beside it."
    )
