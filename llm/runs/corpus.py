"""From a recipe to its token streams: read the text, learn the tokenizer, encode both sides of the split."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from llm.corpora.catalog import documents
from llm.data import TokenDataset, dataset, split
from llm.runs import corpus_cache
from llm.runs.config import CorpusOptions, RunConfig, RunError
from llm.runs.given import given_tokenizer
from llm.tokenizers.base import END_OF_TEXT, Tokenizer
from llm.tokenizers.bpe import BPETokenizer
from llm.tokenizers.char import CharTokenizer

Say = Callable[[str], None]


@dataclass(frozen=True)
class PreparedData:
    """What a model is trained on, in tokens."""

    tokenizer: Tokenizer
    data: TokenDataset
    facts: dict[str, Any]  # JSON: kind, sha256 and counts of the text; see `_facts`


def prepared_data(
    config: RunConfig,
    base: Path,
    cache: Path | None,
    say: Say,
    tokenizer: Tokenizer | None = None,
    sha256: str | None = None,
) -> PreparedData:
    """The tokenizer and both streams of a recipe; relative paths in it lie in `base`, the run's directory.

    A `tokenizer` given is used instead of learning one, and a `sha256` is the text's that must be found. What was made
    before and lies undamaged in `cache` is taken from there. Raises ValueError, in a sentence, where the text cannot be
    had or is too little.
    """
    wanted = config.tokenizer
    given = given_tokenizer(wanted, base / wanted.directory)[0] if wanted.directory and tokenizer is None else None
    key = corpus_cache.key(config, base) if cache else ""
    if cache and (kept := corpus_cache.fetch(cache / key)):
        stored, data, facts = kept
        if (tokenizer is None or _same(tokenizer, stored)) and sha256 in (None, facts["sha256"]):
            return _finished(PreparedData(stored, data, facts), config)
    texts = _read(config, base, say)
    found_sha256 = _sha256(texts)
    if sha256 not in (None, found_sha256):
        raise RunError("The corpus is not the one that this run was trained on; put it back, or start a new run.")
    made = tokenizer or given or _learned(config, texts, say)
    say("Encoding the text")
    separator = made.special_tokens.get(END_OF_TEXT)
    data = dataset(made, texts, separator, config.validation_fraction, config.training.seed)
    prepared = PreparedData(made, data, _facts(config, texts, found_sha256, data))
    if cache and tokenizer is None:
        corpus_cache.keep(cache / key, made, data, prepared.facts)
    return _finished(prepared, config)


def text_of(options: CorpusOptions, base: Path) -> list[str]:
    """The documents of the chosen corpus."""
    path = None if options.corpus_file is None else base / options.corpus_file
    return documents(options.corpus, options.corpus_seed, options.corpus_chars, path)


def _read(config: RunConfig, base: Path, say: Say) -> list[str]:
    name = "the text file" if config.corpus == "file" else config.corpus.replace("_", " ")
    say(f"Reading {name}, up to {config.corpus_chars:,} characters")
    return text_of(config, base)


def _learned(config: RunConfig, texts: Sequence[str], say: Say) -> Tokenizer:
    """Characters come from all of the text, so that validation text can be encoded; BPE from the training text."""
    wanted = config.tokenizer
    if wanted.kind == "char":
        say("Listing the characters")
        return CharTokenizer.train(texts)
    say(f"Learning {wanted.n_vocab:,} tokens")
    training_texts, _ = split(texts, config.validation_fraction, config.training.seed)
    tokenizer = BPETokenizer.train(training_texts, wanted.n_vocab)
    if tokenizer.n_vocab < wanted.n_vocab:
        say(f"The text has pairs for {tokenizer.n_vocab:,} tokens only, of {wanted.n_vocab:,} asked for.")
    return tokenizer


def _sha256(texts: Sequence[str]) -> str:
    """Of the documents' UTF-8, one after another."""
    digest = hashlib.sha256()
    for text in texts:
        digest.update(text.encode())
    return digest.hexdigest()


def _facts(config: RunConfig, texts: Sequence[str], sha256: str, data: TokenDataset) -> dict[str, Any]:
    return {
        "kind": config.corpus,
        "sha256": sha256,
        "documents": len(texts),
        "repeated": len(texts) - len(set(texts)),  # documents equal to an earlier one
        "characters": sum(map(len, texts)),
        "training_tokens": len(data.train),
        "validation_tokens": len(data.validation),
    }


def _finished(prepared: PreparedData, config: RunConfig) -> PreparedData:
    """With windows where the recipe wants them."""
    if config.windows == "anywhere":
        return prepared
    data = prepared.data.at_documents(prepared.tokenizer.special_tokens[END_OF_TEXT])
    return PreparedData(prepared.tokenizer, data, prepared.facts)


def _same(one: Tokenizer, other: Tokenizer) -> bool:
    """Whether they cut every text alike, as far as their vocabularies tell."""
    return (
        (one.kind, one.n_vocab, dict(one.special_tokens)) == (other.kind, other.n_vocab, dict(other.special_tokens))
        and all(one.token_bytes(id) == other.token_bytes(id) for id in range(one.n_vocab))
    )  # fmt: skip
