"""`python -m explorer` (or `python path/to/explorer`): the explorer in a browser."""

import sys
from pathlib import Path

if not __package__:  # started by path: the repository is not where Python looks
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from explorer.serve import main

if __name__ == "__main__":
    sys.exit(main())
