"""`python -m llm tokenizer train`: learn a byte-level BPE and show its first merges."""

from __future__ import annotations

from llm.cli.options import CommandError, TokenizerTrainOptions
from llm.corpora.catalog import documents
from llm.tokenizers.base import TOKENIZER_FILE
from llm.tokenizers.bpe import BPETokenizer
from llm.tokenizers.bpe_training import train
from llm.tokenizers.split import check_pattern


def run(options: TokenizerTrainOptions) -> int:
    """Train, save, and say how well the corpus is compressed. Raises CommandError if a tokenizer is already there."""
    if (options.out / TOKENIZER_FILE).exists():
        raise CommandError(f"{options.out} already holds a tokenizer; name another --out, or remove it.")
    check_pattern(options.pattern)
    texts = documents(options.corpus, options.corpus_seed, options.corpus_chars, options.corpus_file)
    pairs = []
    for merge in train(texts, options.n_vocab, pattern=options.pattern):
        pairs.append(merge.pair)
        if merge.rank < options.show:
            text = merge.token_bytes.decode("utf-8", "backslashreplace")
            print(f"{merge.id:6,} = {merge.pair[0]} + {merge.pair[1]}: {text!r}, {merge.count:,} times")
    tokenizer = BPETokenizer(pairs, pattern=options.pattern)
    options.out.mkdir(parents=True, exist_ok=True)
    tokenizer.save(options.out)
    n_bytes = sum(len(text.encode()) for text in texts)
    n_tokens = sum(len(tokenizer.encode(text)) for text in texts)
    print(
        f"{tokenizer.n_vocab:,} tokens saved in {options.out}; "
        f"{n_bytes:,} bytes became {n_tokens:,} tokens of {n_bytes / max(1, n_tokens):.2f} bytes."
    )
    return 0
