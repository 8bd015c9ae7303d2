"""How a post will look on its platform, as far as a drawing needs it: declared there, drawn by us."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Look:
    """The outline of one platform's post.

    ``frame``: width over height of the media as it is shown first; 0 keeps the file's own.
    ``cut``: characters after which the text is folded behind ``more``; 0 never.
    """

    name: str
    handle: str = ""
    frame: float = 0.0
    cut: int = 0
    more: str = "more"
