"""`python -m explorer` (or `python path/to/explorer`): the explorer in a browser; with `worker` or `runs`, its runs."""

import sys
from pathlib import Path

if not __package__:  # started by path: the repository is not where Python looks
    sys.path[0] = str(Path(__file__).resolve().parent.parent)


def main() -> int:
    """Each command loads only what it needs: a worker neither torch nor streamlit."""
    match sys.argv[1:]:
        case ["worker", *arguments]:
            from explorer.runs.worker_process import main as work

            return work(arguments)
        case ["runs", *arguments]:
            from explorer.runs.cli import main as runs

            return runs(arguments)
        case arguments:
            from explorer.serve import main as serve

            return serve(arguments)


if __name__ == "__main__":
    sys.exit(main())
