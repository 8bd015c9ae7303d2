"""What the simulated LinkedIn remembers, and how it reads little text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

SELF_SERVE = frozenset({"openid", "profile", "email", "w_member_social"})
COMMUNITY = SELF_SERVE.union(("w_organization_social", "r_organization_social", "rw_organization_admin"))


@dataclass(kw_only=True)
class Token:
    """An access token; ``state`` is "active", "revoked" or "expired"."""

    member: str
    scopes: frozenset[str]
    expires: datetime
    state: str = "active"


@dataclass(kw_only=True)
class StoredPost:
    """A post: ``commentary`` as it was sent, ``rendered`` as a reader sees it, ``counts`` by the names that
    share statistics have."""

    urn: str
    author: str
    commentary: str
    rendered: str
    created_at: datetime
    body: Mapping[str, Any] = field(default_factory=dict)
    lifecycle: str = "PUBLISHED"
    deleted_at: datetime | None = None
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def image(self) -> str | None:
        """URN of its image."""
        urn: str | None = self.body.get("content", {}).get("media", {}).get("id")
        return urn

    @property
    def images(self) -> list[Mapping[str, str]]:
        """The images of a post with several, as they were sent."""
        found: list[Mapping[str, str]] = self.body.get("content", {}).get("multiImage", {}).get("images", [])
        return found

    @property
    def article(self) -> Mapping[str, str]:
        """The link's card."""
        found: Mapping[str, str] = self.body.get("content", {}).get("article", {})
        return found

    @property
    def alt(self) -> str | None:
        """How its image is described."""
        text: str | None = self.body.get("content", {}).get("media", {}).get("altText")
        return text

    def to_json(self) -> dict[str, Any]:
        """As ``GET /rest/posts`` shows it: hashtags come back as templates."""
        at = round(self.created_at.timestamp() * 1000)
        return {
            "id": self.urn,
            "author": self.author,
            "commentary": with_templates(self.commentary),
            "visibility": self.body["visibility"],
            "lifecycleState": self.lifecycle,
            "createdAt": at,
            "publishedAt": at,
            "lastModifiedAt": at,
            "distribution": {"feedDistribution": "MAIN_FEED", "thirdPartyDistributionChannels": []},
            "isReshareDisabledByAuthor": self.body.get("isReshareDisabledByAuthor", False),
            "lifecycleStateInfo": {"isEditedByAuthor": False},
        } | ({"content": self.body["content"]} if "content" in self.body else {})


_TOKEN = re.compile(
    r"""\\(?P<escaped>[\\|{}@\[\]()<>\#*_~])
      | \{hashtag\|\\?\#\|(?P<template>[^{}|]*)\}
      | @\[(?P<name>(?:\\.|[^\[\]\\])+)\]\(urn:li:(?:person|organization):[\w-]+\)
      | \#(?P<tag>\w+)
      | (?P<plain>[^\\|{}@\[\]()<>\#*_~]+)""",
    re.VERBOSE,
)


def render(commentary: str) -> str:
    """What readers see of little text: cut, without a word, at the first stray reserved character."""
    seen = []
    at = 0
    while match := _TOKEN.match(commentary, at):
        kind, text = match.lastgroup, match[match.lastgroup or 0]
        seen.append({"template": f"#{text}", "tag": f"#{text}", "name": _bare(text)}.get(kind or "", text))
        at = match.end()
    return "".join(seen)


def with_templates(commentary: str) -> str:
    r"""``\#word`` as LinkedIn stores it: ``{hashtag|\#|word}``."""

    def template(match: re.Match[str]) -> str:
        return rf"{{hashtag|\#|{match['word']}}}" if match["word"] else match[0]

    return re.sub(r"\\#(?P<word>(?:[^\W_]|\\_)+)|\\.", template, commentary, flags=re.DOTALL)


def plain_length(commentary: str) -> int:
    """UTF-16 units without the escapes; whether LinkedIn counts them is not known."""
    return len(_bare(commentary).encode("utf-16-le", "surrogatepass")) // 2


def _bare(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)
