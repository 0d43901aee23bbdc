"""A trained BPE as a Hugging Face `tokenizer.json`, for any program that reads those."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from llm.tokenizers.base import TokenizerError
from llm.tokenizers.bpe import BPETokenizer, merge
from llm.tokenizers.split import explicit_pattern


def write_huggingface(tokenizer: BPETokenizer, path: Path) -> None:
    """Write the file that `tokenizers.Tokenizer.from_file` reads: the same ids for the same text.

    One difference is in how Hugging Face is called, not in the file: it reads a special token's name in a text as that
    token unless its `encode_special_tokens` is True; ours always reads it as ordinary text.
    """
    path.write_text(json.dumps(huggingface_fields(tokenizer)) + "\n", encoding="ascii")


def huggingface_fields(tokenizer: BPETokenizer) -> dict[str, Any]:
    """The fields of that file. Raises TokenizerError for a special token named as an ordinary one is spelled, and for
    a split pattern of somebody's own.
    """
    spelled = {token: spell(token) for token in tokenizer.ranks}
    vocabulary = {spelled[token]: id for token, id in tokenizer.ranks.items()}
    for name in tokenizer.special_tokens:
        if name in vocabulary:
            raise TokenizerError(
                f"expected special tokens that no other token is spelled like, got {name!r:.80}; name it otherwise"
            )
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [_special(name, id) for name, id in tokenizer.special_tokens.items()],
        "normalizer": None,
        "pre_tokenizer": {
            "type": "Sequence",
            "pretokenizers": [
                {
                    "type": "Split",
                    "pattern": {"Regex": oniguruma_pattern(tokenizer.pattern)},
                    "behavior": "Isolated",
                    "invert": False,
                },
                {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": False, "use_regex": False},
            ],
        },
        "post_processor": None,
        "decoder": {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": False, "use_regex": False},
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": None,
            "continuing_subword_prefix": None,
            "end_of_word_suffix": None,
            "fuse_unk": False,
            "byte_fallback": False,
            "ignore_merges": True,  # a word that is a token needs no merges, here as in `merge`
            "vocab": vocabulary,
            "merges": [f"{spelled[left]} {spelled[right]}" for left, right in joined_pairs(tokenizer.ranks)],
        },
    }


def joined_pairs(ranks: Mapping[bytes, int]) -> list[tuple[bytes, bytes]]:
    """The two tokens that each longer one is joined from, in the order of rank.

    Hugging Face joins the pairs listed, `merge` any two tokens whose bytes make a token. They agree on the pair
    that is left when a token's own bytes are merged without it: no other two ever stand there to be joined.
    """
    pairs: list[tuple[bytes, bytes]] = []
    others = dict(ranks)
    for token in sorted(ranks, key=ranks.__getitem__):
        rank = others.pop(token)
        parts = merge(token, others) if len(token) > 1 else []
        others[token] = rank
        if len(parts) == 2:
            pairs.append((parts[0], parts[1]))
    return pairs


def oniguruma_pattern(name: str) -> str:
    """A split pattern in Hugging Face's dialect, where `{1,3}+` repeats the whole group instead of giving nothing back.

    Nothing follows it in its branch, so nothing could be given back anyway.
    """
    return explicit_pattern(name).replace("{1,3}+", "{1,3}")


def spell(token: bytes) -> str:
    """Bytes as GPT-2 writes them: a visible character for each (Radford et al. 2019), "Ġ" for a space."""
    return token.decode("latin-1").translate(_VISIBLE)


def _visible() -> dict[int, int]:
    """Latin-1 characters that can be seen stay; the others become those from U+0100 on, in order."""
    hidden = [byte for byte in range(256) if not (0x21 <= byte <= 0x7E or 0xA1 <= byte <= 0xFF) or byte == 0xAD]
    return {byte: 0x100 + i for i, byte in enumerate(hidden)}


_VISIBLE = _visible()


def _special(name: str, id: int) -> dict[str, Any]:
    return {
        "id": id,
        "content": name,
        "single_word": False,
        "lstrip": False,
        "rstrip": False,
        "normalized": False,
        "special": True,
    }
