"""`python -m llm sample`: continue a prompt, written out as it is drawn."""

from __future__ import annotations

import codecs
import sys

from llm.cli.open import open_checkpoint
from llm.cli.options import CommandError, SampleOptions
from llm.data import clean_text
from llm.generation.generate import generate
from llm.runs.device import pick_device
from llm.tokenizers.base import END_OF_TEXT


def run(options: SampleOptions) -> int:
    """Write each sample up to its end of text. The prompt follows an end-of-text token, as documents do in training."""
    checkpoint = open_checkpoint(options.checkpoint, pick_device(options.device))
    tokenizer, n_ctx = checkpoint.tokenizer, checkpoint.model.config.n_ctx
    end = tokenizer.special_tokens.get(END_OF_TEXT)
    prompt = clean_text(options.prompt)
    ids = [*([] if end is None else [end]), *tokenizer.encode(prompt)]
    if len(ids) > n_ctx:
        raise CommandError(f"The prompt has {len(ids):,} tokens and the model reads {n_ctx:,}; shorten it.")
    for index in range(options.samples):
        if options.samples > 1:
            _write(f"{'' if index == 0 else chr(10)}--- sample {index + 1}, seed {options.seed + index}\n")
        _write(prompt)
        decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        stop = () if end is None else (end,)
        for token in generate(
            checkpoint.model, ids, options.sampling, options.max_new_tokens, options.seed + index, stop
        ):
            if token.id not in stop:
                _write(decoder.decode(tokenizer.token_bytes(token.id)))
        _write(decoder.decode(b"", final=True) + "\n")
    return 0


def _write(text: str) -> None:
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(text.encode(encoding, errors="backslashreplace").decode(encoding))
    sys.stdout.flush()
