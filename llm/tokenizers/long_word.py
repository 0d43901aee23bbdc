"""`merge` for a word of any length: a heap holds the possible joins, where `merge` looks at all of them each time."""

from __future__ import annotations

import heapq
from collections.abc import Mapping


def merge_long(word: bytes, ranks: Mapping[bytes, int]) -> list[bytes]:
    """What `merge` gives, in n log n steps where `merge` takes up to n² of them."""
    if word in ranks:
        return [word]
    n = len(word)
    parts = [word[i : i + 1] for i in range(n)]  # b"" where a part was joined to the one before it
    before, after = list(range(-1, n - 1)), list(range(1, n + 1))
    joins: list[tuple[int, int, bytes]] = []  # rank, place of the left part, what they become
    for i in range(n - 1):
        joined = word[i : i + 2]
        if joined in ranks:
            joins.append((ranks[joined], i, joined))
    heapq.heapify(joins)
    while joins:
        _, left, joined = heapq.heappop(joins)
        right = after[left]
        if not parts[left] or right >= n or parts[left] + parts[right] != joined:
            continue  # one of the two was joined to another since
        parts[left], parts[right] = joined, b""
        after[left] = following = after[right]
        if following < n:
            before[following] = left
        for i, j in ((before[left], left), (left, following)):
            if i >= 0 and j < n and (wider := parts[i] + parts[j]) in ranks:
                heapq.heappush(joins, (ranks[wider], i, wider))
    return [part for part in parts if part]
