"""The names of the corpora, apart from their text: a recipe names one without reading any."""

from typing import Literal

CorpusKind = Literal["stories", "sums", "brackets", "repeats", "standard_library", "file"]
