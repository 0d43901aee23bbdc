import codecs
from pathlib import Path

import pytest

from explorer.runs import uploads
from explorer.runs.uploads import UploadError, Uploads, read

TEXT = "A hen sat on the gate. " * 40


def test_text_is_read_as_it_is() -> None:
    assert read(TEXT.encode()) == TEXT
    assert read(codecs.BOM_UTF8 + TEXT.encode()) == TEXT
    assert read(TEXT.encode("utf-16")) == TEXT
    crlf = TEXT.replace(". ", ".\r\n")
    assert read(crlf.encode()) == crlf
    odd = "שלום 👩‍👩‍👧 \u2028 e\u0301 \u202e " * 40
    assert read(odd.encode()) == odd
    assert len(read(b"a" * 2_000_000)) == 2_000_000


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "empty"),
        (b" \n\t ", "empty"),
        (b"a", "at least 500"),
        ("é".encode() * 499, "at least 500"),
        (b"\x89PNG\r\n\x1a\n\x00\x00" + TEXT.encode(), "PNG"),
        (b"\x7fELF\x02\x01\x01\x00" + TEXT.encode(), "program"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3" + TEXT.encode(), "PDF"),
        (TEXT.encode() + b"\0", "NUL"),
        (bytes(range(128, 256)) * 20, "no text"),
        (TEXT.encode("utf-16")[:-1], "no text"),
    ],
    ids=str,
)
def test_what_is_no_text_is_refused(raw: bytes, said: str) -> None:
    with pytest.raises(UploadError, match=said) as refused:
        read(raw)
    assert refused.value.bad_bytes == 0
    assert "\n" not in str(refused.value)


def test_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "LARGEST", 600)
    with pytest.raises(UploadError, match="at most"):
        read(TEXT.encode())


def test_bad_bytes_are_counted_and_replaced_when_asked() -> None:
    raw = TEXT.encode("latin-1").replace(b"hen", b"h\xe4hn\xff", 3)
    with pytest.raises(UploadError, match="UTF-8") as refused:
        read(raw)
    assert refused.value.bad_bytes == 6
    assert read(raw, replace_bad=True).count("\ufffd") == 6


def test_a_text_is_kept_once_and_found_again(tmp_path: Path) -> None:
    kept = Uploads(tmp_path / "uploads")
    assert kept.all() == []
    crlf = TEXT + "\r\nend"
    first = kept.add("../<b>a</b>\nb.txt", crlf)
    second = kept.add("again.txt", crlf)
    other = kept.add("", TEXT)
    assert first.sha256 == second.sha256 != other.sha256
    assert [u.name for u in kept.all()] == ["text", "again.txt"]
    assert kept.text(first.sha256) == crlf
    assert kept.path(first.sha256).parent == tmp_path / "uploads"
    assert kept.get(first.sha256[:12]) == second
    assert kept.get("") is None
    kept.path(other.sha256).unlink()
    assert [u.name for u in kept.all()] == ["again.txt"]
    with pytest.raises(UploadError, match="no longer there"):
        kept.text(other.sha256)


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "x" * 64, "a" * 63])
def test_only_a_hash_is_a_path(tmp_path: Path, name: str) -> None:
    with pytest.raises(UploadError):
        Uploads(tmp_path).path(name)


def test_damaged_labels_are_left_out(tmp_path: Path) -> None:
    kept = Uploads(tmp_path)
    kept.add("good.txt", TEXT)
    for name, raw in (("a.json", b"{"), ("b.json", b"[]"), ("c.json", b'{"sha256": 3}')):
        (tmp_path / name).write_bytes(raw)
    assert [u.name for u in kept.all()] == ["good.txt"]


def test_all_of_them_together_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MOST", 1)
    kept = Uploads(tmp_path)
    kept.add("one", TEXT)
    kept.add("one again", TEXT)
    with pytest.raises(UploadError, match="at most 1"):
        kept.add("two", TEXT + "!")
