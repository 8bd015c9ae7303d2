"""Uploads as they arrive at the simulated X."""

from __future__ import annotations

import re


def multipart(kind: str, body: bytes) -> dict[str, tuple[bytes, str]]:
    """The fields of a multipart body: name → (content, media type).

    ``kind`` is the ``Content-Type`` with its boundary; a body that does not fit has no fields.
    """
    boundary = re.search(r'boundary="?([^";]+)', kind)
    found: dict[str, tuple[bytes, str]] = {}
    for piece in body.split(b"--" + boundary[1].encode())[1:-1] if boundary else ():
        head, _, content = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        text = head.decode(errors="replace")
        name = re.search(r'\bname="([^"]*)"', text)
        mime = re.search(r"(?im)^content-type:\s*(\S+)", text)
        if name:
            found[name[1]] = (content.removesuffix(b"\r\n"), mime[1] if mime else "")
    return found
