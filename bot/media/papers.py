"""Documents and captions: what they are, whether they can be read, how many pages there are."""

from __future__ import annotations

import logging
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path

from bot.domain.post import MediaKind
from bot.errors import BadInput

MOST_WORDS = 2 * 1000**2
"""Bytes of captions; an hour of speech has a tenth of it."""

MOST_PDF = 200 * 1000**2
"""Bytes of a PDF whose pages are counted; the largest that any platform takes is 100 MB."""

MOST_PARTS = 20_000
"""Files in an office document; real ones have hundreds."""

OFFICE = "application/vnd.openxmlformats-officedocument."
DOCX, PPTX = f"{OFFICE}wordprocessingml.document", f"{OFFICE}presentationml.presentation"

SRT = re.compile(r"(\d+):(\d\d):(\d\d),(\d{3})\s*-->\s*(\d+):(\d\d):(\d\d),(\d{3})")
VTT = re.compile(r"(?:(\d+):)?(\d\d):(\d\d)\.(\d{3})\s*-->\s*(?:(\d+):)?(\d\d):(\d\d)\.(\d{3})")


@dataclass(frozen=True, kw_only=True)
class Paper:
    """``pages`` is 0 where unknown; ``seconds``: when the last caption ends."""

    mime: str
    kind: MediaKind
    pages: int = 0
    seconds: float = 0.0


def look(source: Path, head: bytes, name: str) -> Paper | None:
    """A document or captions, or None; in this thread. Raises `BadInput` for one that is damaged."""
    if head.startswith(b"%PDF-"):
        pages = _pages(source, name)
        return Paper(mime="application/pdf", kind=MediaKind.DOCUMENT, pages=pages)
    if head.startswith(b"PK\3\4"):
        return _office(source, name)
    return _captions(source, head, name)


def _pages(source: Path, name: str) -> int:
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    if source.stat().st_size > MOST_PDF:
        raise BadInput(f"{name} is larger than any platform takes. Save it with smaller pictures.")
    quiet = logging.getLogger("pypdf")
    before, quiet.disabled = quiet.disabled, True
    try:
        with PdfReader(source, strict=False) as reader:
            if reader.is_encrypted and not reader.decrypt(""):
                raise BadInput(f"{name} needs a password to be read. Save it without one.")
            pages = len(reader.pages)
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, OSError, RecursionError):
        raise BadInput(f"{name} is a damaged PDF. Export it anew.") from None
    finally:
        quiet.disabled = before
    if not pages:
        raise BadInput(f"{name} has no pages.")
    return pages


def _office(source: Path, name: str) -> Paper | None:
    """Word or PowerPoint, from the names inside; nothing is unpacked."""
    try:
        with zipfile.ZipFile(source) as parts:
            names = parts.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise BadInput(f"{name} is cut off or damaged. Send it again.") from None
    if len(names) > MOST_PARTS:
        raise BadInput(f"{name} has more parts than a document has.")
    if "word/document.xml" in names:
        return Paper(mime=DOCX, kind=MediaKind.DOCUMENT)
    if "ppt/presentation.xml" in names:
        slides = sum(re.fullmatch(r"ppt/slides/slide\d+\.xml", part) is not None for part in names)
        return Paper(mime=PPTX, kind=MediaKind.DOCUMENT, pages=slides)
    return None


def _captions(source: Path, head: bytes, name: str) -> Paper | None:
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    vtt = start.startswith(b"WEBVTT")
    numbered = re.match(rb"\d+\s*\r?\n\s*\d+:\d\d:\d\d", start) is not None
    if not (vtt or numbered):
        return None
    if source.stat().st_size > MOST_WORDS:
        raise BadInput(f"{name} is too large for captions (at most {MOST_WORDS // 10**6} MB).")
    try:
        text = source.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput(f"The captions in {name} are not in UTF-8. Save them so.") from None
    mime = "text/vtt" if vtt else "application/x-subrip"
    return Paper(mime=mime, kind=MediaKind.CAPTIONS, seconds=_last(text, VTT if vtt else SRT, name))


def _last(text: str, form: re.Pattern[str], name: str) -> float:
    """When the last caption ends; raises `BadInput` where one ends before it begins, or none is there."""
    last = 0.0
    for number, line in enumerate(text.splitlines(), 1):
        if "-->" not in line:
            continue
        match = form.match(line.strip())
        if match is None:
            raise BadInput(f"Line {number} of {name} is no time of a caption: {line.strip()[:60]}")
        values = [int(value or 0) for value in match.groups()]
        start, end = (h * 3600 + m * 60 + s + ms / 1000 for h, m, s, ms in (values[:4], values[4:]))
        if end <= start:
            raise BadInput(f"Line {number} of {name}: the caption ends before it begins.")
        last = max(last, end)
    if not last:
        raise BadInput(f"There are no captions in {name}.")
    return last
