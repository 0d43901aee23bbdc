"""What each preset of the Train page reaches, and in how long: python -m tests.benchmarks.presets [name ...]

One thread by default (VITRINE_THREADS); prints a table row for each, with the validation loss along the way.
"""

import json
import os
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from explorer.analysis.corpus_facts import corpus_facts
from explorer.analysis.run_metrics import RunMetrics
from explorer.runs.presets import PRESETS
from llm.runs.corpus import prepared_data
from llm.runs.directory import RunDirectory
from llm.runs.loop import train_run


def main(names: list[str]) -> None:
    threads = int(os.environ.get("VITRINE_THREADS", "1"))
    print(
        "| preset | steps | s by the clock | s of one core "
        "| unigram, bigram | validation loss at 10%, 25%, 50%, 100% | sample |"
    )
    print("|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as place:
        for name in names or list(PRESETS):
            config = replace(PRESETS[name].config, threads=threads)
            run = RunDirectory.create(Path(place) / name, config)
            prepared = prepared_data(config, run.path, Path(place) / "cache", lambda words: None)
            facts = corpus_facts(prepared.facts, prepared.data, prepared.tokenizer.n_vocab, config.model.n_ctx)
            began = time.process_time()
            status = train_run(run, cache=Path(place) / "cache")
            worked = time.process_time() - began
            metrics = RunMetrics(run.metrics).read()
            seen = metrics.evaluated
            steps = metrics.step[seen]
            at = [int(seen[abs(steps - share * status.steps).argmin()]) for share in (0.1, 0.25, 0.5, 1.0)]
            losses = ", ".join(f"{metrics.validation_loss[i]:.2f}" for i in at)
            sample = json.loads(run.samples.read_text("utf-8").splitlines()[-1])
            counted = f"{facts.unigram:.2f}, {facts.bigram:.2f}"
            print(
                f"| {name} | {status.step:,} | {status.seconds:.0f} | {worked:.0f} | {counted} | {losses} "
                f"| {sample['prompt'] + sample['text']!r} |",
                flush=True,
            )


if __name__ == "__main__":
    main(sys.argv[1:])
