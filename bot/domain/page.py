"""What a web page says about itself, for a link's card: Open Graph, else its title and description.

Source: the Open Graph protocol (ogp.me) and the HTML standard's ``title`` and ``meta``.
"""

from __future__ import annotations

import codecs
import re
from contextlib import suppress
from dataclasses import dataclass
from html.parser import HTMLParser

TITLE, DESCRIPTION = 200, 300
"""Characters kept; feeds show less."""

HEAD = 512 * 1024
"""Characters of a page that are looked at."""

MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
NO_LETTERS = frozenset(
    (
        "idna",
        "punycode",
        "raw_unicode_escape",
        "raw-unicode-escape",
        "undefined",
        "unicode_escape",
        "unicode-escape",
    )
)
"""Codecs of Python that no page is written in."""


@dataclass(frozen=True, kw_only=True)
class About:
    """``image`` is an address, perhaps relative; empty is not said."""

    title: str = ""
    description: str = ""
    image: str = ""
    image_alt: str = ""


class _Head(HTMLParser):
    """Collects the first of every ``meta`` and the title; a page's body adds nothing after it."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: dict[str, str] = {}
        self._title: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "title" and "title" not in self.said:
            self._title = []
        if tag == "meta":
            found = {name: value or "" for name, value in attrs}
            key = (found.get("property") or found.get("name") or "").strip().casefold()
            if key and found.get("content", "").strip():
                self.said.setdefault(key, found["content"])

    def handle_data(self, data: str) -> None:
        if self._title is not None:
            self._title.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "title" and self._title is not None:
            self.said.setdefault("title", "".join(self._title))
            self._title = None


def about(page: str) -> About:
    """Read a page's head; whatever it does not say stays empty."""
    head = _Head()
    end = page.find("</head", 0, HEAD)
    with suppress(AssertionError, ValueError):  # how html.parser gives up on broken declarations
        head.feed(page[: end if end >= 0 else HEAD])
        head.close()

    def said(name: str, *plain: str) -> str:
        """Open Graph's word; else the plain one, else that of another vocabulary with a colon."""
        others = [key for key in head.said if key.endswith(f":{name}")]
        found = (head.said.get(key, "") for key in (f"og:{name}", *plain, *others))
        return next((text for text in found if text.strip()), "")

    return About(
        title=_line(said("title", "title"), TITLE),
        description=_line(said("description", "description"), DESCRIPTION),
        image=(head.said.get("og:image:secure_url") or said("image")).strip(),
        image_alt=_line(said("image:alt"), TITLE),
    )


def decoded(body: bytes, content_type: str) -> str:
    """A page's bytes as text: by its byte order mark, the header, its own word, else UTF-8."""
    for mark, name in MARKS:
        if body.startswith(mark):
            return body.decode(name, "replace").removeprefix("\ufeff")
    said = re.search(r"charset\s*=\s*[\"']?([\w.:-]+)", content_type, re.I | re.A)
    inside = re.search(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]+)", body[:2048], re.I)
    for name in (said[1] if said else "", inside[1].decode("ascii", "ignore") if inside else ""):
        with suppress(LookupError, UnicodeError):
            if codecs.lookup(name).name not in NO_LETTERS:
                return body.decode(name, "replace")
    return body.decode("utf-8", "replace")


def _line(text: str, most: int) -> str:
    """One line without control signs, at most so long."""
    text = " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]", " ", text).split())
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
