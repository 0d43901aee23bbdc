"""BPE against its peers in one interleaved run: `python tests/benchmarks/bpe.py [tinyshakespeare.txt]`.

Training is timed against Hugging Face `tokenizers` twice: doing the same job (GPT-4's pattern, the same documents), and
doing what it does fastest (GPT-2's built-in split, line by line, on all cores); and against rustbpe, which counts words
on all cores too. Encoding is timed against tiktoken.
"""

from __future__ import annotations

import os
import sys
import sysconfig
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import rustbpe
import tiktoken
from tokenizers import Regex, Tokenizer, models, pre_tokenizers, trainers

from llm.corpora.stories import stories
from llm.tokenizers.bpe import BPETokenizer
from llm.tokenizers.bpe_training import train
from llm.tokenizers.export import oniguruma_pattern
from llm.tokenizers.split import PATTERNS

SIZES = (1024, 4096, 8192)
REPEATS = 3
GPT4 = PATTERNS["gpt4"].replace("<L>", r"\p{L}").replace("<N>", r"\p{N}")


def standard_library(n_chars: int) -> list[str]:
    """The first `n_chars` characters of this Python's own source, a document per file."""
    documents: list[str] = []
    left = n_chars
    for path in sorted(Path(sysconfig.get_path("stdlib")).rglob("*.py")):
        if left <= 0:
            break
        if "site-packages" in path.parts:
            continue
        try:
            text = path.read_text(encoding="utf-8")[:left]
        except UnicodeDecodeError:
            continue
        documents.append(text)
        left -= len(text)
    return documents


def told(n_chars: int) -> list[str]:
    """The first `n_chars` characters of the generated stories, a document each."""
    documents: list[str] = []
    left = n_chars
    for story in stories(seed=0):
        documents.append(story[:left])
        left -= len(documents[-1])
        if left <= 0:
            break
    return documents


def our_train(documents: Sequence[str], n_vocab: int) -> None:
    """Train ours to the last merge."""
    for _ in train(documents, n_vocab, special_tokens=()):
        pass


def encode_cold(tokenizer: BPETokenizer, text: str) -> None:
    """Encode with a copy that has seen no word yet."""
    BPETokenizer(tokenizer.merges).encode_from_scratch(text)


def hf_train(documents: Sequence[str], n_vocab: int, same_job: bool) -> None:
    """Train Hugging Face's BPE, on our pattern or on its own split of GPT-2's words."""
    peer = Tokenizer(models.BPE())
    byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=not same_job)
    if same_job:
        split = pre_tokenizers.Split(Regex(oniguruma_pattern("gpt4")), behavior="isolated")
        peer.pre_tokenizer = pre_tokenizers.Sequence([split, byte_level])
    else:
        peer.pre_tokenizer = byte_level
        documents = [line for document in documents for line in document.splitlines(keepends=True)]
    trainer = trainers.BpeTrainer(
        vocab_size=n_vocab,
        min_frequency=2,
        show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )
    peer.train_from_iterator(documents, trainer)


def rust_train(documents: Sequence[str], n_vocab: int) -> None:
    """Train rustbpe on the same words."""
    rustbpe.Tokenizer().train_from_iterator(iter(documents), n_vocab, pattern=GPT4)


def interleaved(calls: Mapping[str, Callable[[], object]], repeats: int = REPEATS) -> dict[str, float]:
    """Best seconds of each call, taken in turns so that a busy machine slows all alike."""
    best = dict.fromkeys(calls, float("inf"))
    for _ in range(repeats):
        for name, call in calls.items():
            start = time.perf_counter()
            call()
            best[name] = min(best[name], time.perf_counter() - start)
    return best


def training_table(corpora: Mapping[str, Sequence[str]]) -> None:
    print(f"Training, best seconds of {REPEATS} in turn; x is how many times faster ours is\n")
    print("| corpus | n_vocab | ours | HF, same job | x | HF, GPT-2 words by line | x | rustbpe | x |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name, documents in corpora.items():
        for size in SIZES:
            seconds = interleaved(
                {
                    "ours": partial(our_train, documents, size),
                    "same": partial(hf_train, documents, size, same_job=True),
                    "line": partial(hf_train, documents, size, same_job=False),
                    "rust": partial(rust_train, documents, size),
                }
            )
            ours = seconds.pop("ours")
            peers = " | ".join(f"{theirs:.3f} | {theirs / ours:.2f}" for theirs in seconds.values())
            print(f"| {name} | {size} | {ours:.3f} | {peers} |", flush=True)


def encoding_table(corpora: Mapping[str, Sequence[str]], n_chars: int = 4_000_000) -> None:
    print(f"\nEncoding with a vocabulary of 4096, MB/s, best of {REPEATS} in turn; x is ours to tiktoken\n")
    print("| corpus | MB | tiktoken | ours | x | from scratch, no word known | from scratch again |")
    print("|---|---|---|---|---|---|---|")
    for name, documents in corpora.items():
        text = "\n".join(documents)[:n_chars]
        megabytes = len(text.encode()) / 1e6
        tokenizer = BPETokenizer.train(documents, 4096)
        peer = tiktoken.Encoding("peer", pat_str=GPT4, mergeable_ranks=dict(tokenizer.ranks), special_tokens={})
        if not peer.encode_ordinary(text) == tokenizer.encode(text) == tokenizer.encode_from_scratch(text):
            raise SystemExit(f"{name}: the three encoders disagree")
        seconds = interleaved(
            {
                "tiktoken": partial(peer.encode_ordinary, text),
                "ours": partial(tokenizer.encode, text),
                "scratch": partial(tokenizer.encode_from_scratch, text),
                "cold": partial(encode_cold, tokenizer, text),
            },
            repeats=2 * REPEATS,
        )
        speed = {who: megabytes / s for who, s in seconds.items()}
        print(
            f"| {name} | {megabytes:.1f} | {speed['tiktoken']:.1f} | {speed['ours']:.1f} "
            f"| {speed['ours'] / speed['tiktoken']:.2f} | {speed['cold']:.1f} | {speed['scratch']:.1f} |",
            flush=True,
        )


def main() -> None:
    print(f"Python {sys.version.split()[0]}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the start\n")
    corpora: dict[str, Sequence[str]] = {}
    if len(sys.argv) > 1:
        corpora["tinyshakespeare"] = [Path(sys.argv[1]).read_text(encoding="utf-8")]
    else:
        print("tinyshakespeare left out: give the path of its text file as the argument\n")
    corpora["stories, 10 MB"] = told(10_000_000)
    corpora["standard library, 10 MB"] = standard_library(10_000_000)
    training_table(corpora)
    encoding_table(corpora)
    print(f"\nLoad {os.getloadavg()[0]:.1f} at the end")


if __name__ == "__main__":
    main()
