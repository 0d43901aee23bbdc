"""`python -m llm`: train, sample, tokenizer train, info. Each works with no user interface installed."""

from __future__ import annotations

import argparse
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import tyro

from llm.checkpoint_files import CheckpointWarning, CheckpointWriteError
from llm.cli.options import InfoOptions, SampleOptions, TokenizerTrainOptions, TrainOptions, resumed
from llm.runs.failures import OUT_OF_MEMORY, is_out_of_memory

COMMANDS: dict[str, type[Any]] = {
    "train": TrainOptions,
    "sample": SampleOptions,
    "tokenizer": TokenizerTrainOptions,
    "info": InfoOptions,
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command: 0 done, 1 it failed or was stopped, 2 it was asked for something that cannot be done."""
    argv = sys.argv[1:] if argv is None else list(argv)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("always", CheckpointWarning)
            warnings.showwarning = lambda message, *_: print(f"warning: {message}", file=sys.stderr)
            return _run(argv)
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return 1
    except BrokenPipeError:  # the reader has left, as `head` does
        sys.stderr.close()
        return 1
    except (ValueError, RuntimeError, OSError, MemoryError) as error:
        if is_out_of_memory(error):
            print(f"error: {OUT_OF_MEMORY}", file=sys.stderr)
            return 1
        print(f"error: {error}", file=sys.stderr)
        return 2 if isinstance(error, ValueError) and not isinstance(error, CheckpointWriteError) else 1


def _run(argv: Sequence[str]) -> int:
    """A command's own module is imported once it is asked for, so that --help need not wait for the others."""
    options = _parse(argv)
    match options:
        case TrainOptions():
            from llm.cli import train

            return train.run(options, argv)
        case SampleOptions():
            from llm.cli import sample

            return sample.run(options)
        case TokenizerTrainOptions():
            from llm.cli import tokenizer

            return tokenizer.run(options)
        case InfoOptions():
            from llm.cli import info

            return info.run(options)
    raise TypeError(f"expected options of a known command, got {type(options).__name__}")


def _parse(argv: Sequence[str]) -> Any:
    if argv and argv[0] in COMMANDS:
        name, rest = argv[0], argv[1:]
        saved = _resumed(rest) if name == "train" else None
        default = tyro.MISSING_NONPROP if saved is None else saved
        return tyro.cli(COMMANDS[name], prog=f"python -m llm {name}", args=rest, default=default)
    choices: Any = Annotated[TrainOptions, tyro.conf.subcommand("train")]
    for name in list(COMMANDS)[1:]:
        choices = choices | Annotated[COMMANDS[name], tyro.conf.subcommand(name)]
    return tyro.cli(
        choices,
        prog="python -m llm",
        description="Train, run and inspect small GPTs. `python -m llm COMMAND --help` lists a command's options.",
        args=argv,
    )


def _resumed(rest: Sequence[str]) -> TrainOptions | None:
    """The options of the run that `train --resume` goes on with: the defaults of everything not given again."""
    parser = argparse.ArgumentParser(add_help=False, exit_on_error=False, allow_abbrev=False)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--resume", action="store_true")
    try:
        known, _ = parser.parse_known_args(rest)
    except argparse.ArgumentError:  # tyro says it better
        return None
    return resumed(known.out) if known.resume and known.out else None


if __name__ == "__main__":
    sys.exit(main())
