"""A person's own texts: checked, kept under the hash of their characters, and found again after a refresh."""

from __future__ import annotations

import hashlib
import json
import re
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from llm.data import clean_text, decode_text

LARGEST = 20 * 2**20  # bytes of one text
LARGEST_ALL = 200 * 2**20  # bytes of all texts together
MOST = 50  # texts
SMALLEST = 500  # characters: less than this teaches a model nothing
DAMAGE = 0.1  # most bytes that may be replaced; beyond, it is another kind of file
_BINARY = {
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"GIF8": "a GIF picture",
    b"%PDF": "a PDF",
    b"PK\x03\x04": "a zip archive, as Word files are",
    b"\x1f\x8b": "a gzip archive",
    b"\x7fELF": "a program",
    b"MZ": "a program",
}
_SHA = re.compile(r"[0-9a-f]{64}")


class UploadError(ValueError):
    """A file that cannot be learned from, in one sentence; `bad_bytes` of it could be replaced."""

    def __init__(self, message: str, bad_bytes: int = 0) -> None:
        super().__init__(message)
        self.bad_bytes = bad_bytes


@dataclass(frozen=True)
class Upload:
    """One text."""

    sha256: str  # of its UTF-8
    name: str  # of the file, as the person had it
    characters: int
    added: float  # seconds since 1970


def read(raw: bytes, replace_bad: bool = False, smallest: int = SMALLEST) -> str:
    """The text of an uploaded file, of `smallest` characters at least. Raises UploadError."""
    if len(raw) > LARGEST:
        raise UploadError(f"Expected at most {LARGEST >> 20} MB, got {len(raw) / 2**20:.1f} MB; give a part of it.")
    if not raw.strip():
        raise UploadError("Expected text, got an empty file; choose another.")
    for start, what in _BINARY.items():
        if raw.startswith(start) and (b"\0" in raw or not _is_utf8(raw)):
            raise UploadError(f"Expected text, got {what}; save its words as plain text (.txt).")
    try:
        text = decode_text(raw)
    except ValueError as error:
        bad = 0 if b"\0" in raw else _bad_bytes(raw)
        if not bad or bad > DAMAGE * len(raw):
            raise UploadError(f"This is no text in UTF-8: {error}.") from error
        if not replace_bad:
            said = str(error)
            raise UploadError(f"{said[:1].upper()}{said[1:]}, or have what is none replaced.", bad) from error
        text = raw.decode("utf-8-sig", "replace")
    text = clean_text(text)
    if len(text.strip()) < smallest:
        raise UploadError(
            f"Expected at least {smallest:,} characters to learn from, got {len(text.strip()):,}; give more text."
        )
    return text


class Uploads:
    """The texts under one directory: <sha256>.txt, and <sha256>.json with the file's name."""

    def __init__(self, root: Path) -> None:
        self.root = Path(root)

    def add(self, name: str, text: str) -> Upload:
        """Keep a text; one that is there already is not kept twice. Raises UploadError."""
        raw = text.encode()
        sha = hashlib.sha256(raw).hexdigest()
        label = clean_text(name).strip()[:120] or "text"
        upload = Upload(sha, label, len(text), time.time())
        if not self.path(sha).is_file():
            there = self.all()
            held = sum(self.path(other.sha256).stat().st_size for other in there)
            if len(there) >= MOST or held + len(raw) > LARGEST_ALL:
                raise UploadError(
                    f"Expected at most {MOST} texts of {LARGEST_ALL >> 20} MB together; delete some in {self.root}."
                )
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            _write_whole(self.path(sha), raw)
            _write_whole(self.root / f"{sha}.json", json.dumps(asdict(upload)).encode())
        except OSError as error:
            raise UploadError(f"The text cannot be kept in {self.root}: {error.strerror or error}.") from error
        return upload

    def all(self) -> list[Upload]:
        """Newest first; what is damaged is left out."""
        found = [upload for path in self.root.glob("*.json") if (upload := self._read(path))]
        return sorted(found, key=lambda upload: -upload.added)

    def get(self, sha256: str) -> Upload | None:
        """The text of this hash, or of one that begins with it."""
        return next((upload for upload in self.all() if sha256 and upload.sha256.startswith(sha256)), None)

    def path(self, sha256: str) -> Path:
        """Where its characters lie."""
        if not _SHA.fullmatch(sha256):
            raise UploadError(f"Expected the hash of a text, got {sha256!r:.80}; choose a text again.")
        return self.root / f"{sha256}.txt"

    def text(self, sha256: str) -> str:
        """Its characters. Raises UploadError if they are gone."""
        try:
            with self.path(sha256).open(encoding="utf-8", newline="") as file:
                return file.read()
        except (OSError, ValueError) as error:
            raise UploadError("Your text is no longer there; upload it again.") from error

    def _read(self, path: Path) -> Upload | None:
        try:
            upload = Upload(**json.loads(path.read_bytes()))
        except (OSError, ValueError, TypeError):
            return None
        fits = isinstance(upload.sha256, str) and upload.sha256 == path.stem and isinstance(upload.name, str)
        return upload if fits and self.path(upload.sha256).is_file() else None


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


def _bad_bytes(raw: bytes) -> int:
    """How many bytes a decoder must replace to read the rest as UTF-8."""
    return sum(0xDC80 <= ord(c) <= 0xDCFF for c in raw.decode("utf-8", "surrogateescape"))


def _write_whole(path: Path, raw: bytes) -> None:
    temporary = path.with_name(f".{path.name}.{time.monotonic_ns()}")
    temporary.write_bytes(raw)
    temporary.replace(path)
