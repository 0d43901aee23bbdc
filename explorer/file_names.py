"""Names that files may have on every system."""

import unicodedata

_LONGEST = 200  # bytes
_DEVICES = {"con", "prn", "aux", "nul", "conin$", "conout$"} | {
    f"{p}{n}" for p in ("com", "lpt") for n in "123456789¹²³"
}


def is_plain(name: object) -> bool:
    """Whether it names an entry of a directory, and nothing elsewhere on any system."""
    if not isinstance(name, str) or not name or name[0] in ".- " or name[-1] in ". " or not name.isprintable():
        return False
    if name.partition(".")[0].rstrip().lower() in _DEVICES:  # what Windows takes for one, whatever follows the dot
        return False
    return not set(name) & set('/\\:*?"<>|') and len(name.encode(errors="replace")) <= _LONGEST


def plain(text: str, otherwise: str, longest: int) -> str:
    """The text as a name that `is_plain`, of at most so many characters; `otherwise` where nothing is left."""
    composed = unicodedata.normalize("NFC", text)
    found = " ".join("".join(c if is_plain(f"a{c}a") else " " for c in composed).split())
    found = found.lstrip(".- ")[:longest].rstrip(". ")
    return found if is_plain(found) else otherwise
