"""What a list calls its entries: the browser sends back the words, so no two may be the same."""

from collections import Counter
from collections.abc import Mapping

_END = 4  # letters of a key, as the command line takes them for a short id


def told_apart(names: Mapping[str, str]) -> dict[str, str]:
    """The names by key, each that occurs twice with the end of its key."""
    times = Counter(names.values())
    said = {key: name if times[name] == 1 else f"{name} · {key[-_END:]}" for key, name in names.items()}
    again = Counter(said.values())
    return {key: name if again[name] == 1 else f"{names[key]} · {key}" for key, name in said.items()}
