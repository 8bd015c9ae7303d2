"""What ``[accounts.X]`` says about an Instagram account, and the two doors it may come in by."""

from __future__ import annotations

from dataclasses import dataclass

from bot.api import Secret

INSTAGRAM, FACEBOOK = "instagram", "facebook"
DOORS = (INSTAGRAM, FACEBOOK)
VERSION = "v26.0"
"""Of 29 July 2026; v21.0 ends on 21 January 2027 (graph-api/changelog/versions, read 2026-10-05)."""


@dataclass(frozen=True, kw_only=True)
class InstagramSettings:
    """One professional account.

    ``door``: ``instagram`` is Instagram Login (a token of the account itself), ``facebook`` is Facebook
    Login (the token of a Facebook page that the account is linked to). ``user_id``: the account's
    number; empty is the one that the token belongs to. ``version``: of the Graph API. ``resumable``:
    videos are pushed instead of fetched, which Meta documents for Facebook Login only; None is as
    documented. With ``app_secret``, calls by Facebook Login carry its proof.
    """

    access_token: Secret | None = None
    app_id: Secret | None = None
    app_secret: Secret | None = None
    door: str = INSTAGRAM
    user_id: str = ""
    base_url: str = ""
    version: str = VERSION
    resumable: bool | None = None

    def __post_init__(self) -> None:
        if self.door not in DOORS:
            raise ValueError(f"door must be {' or '.join(DOORS)}, not {self.door!r}")

    @property
    def base(self) -> str:
        """Where the Graph API is, without a slash at the end."""
        usual = f"https://graph.{self.door}.com"
        return (self.base_url or usual).rstrip("/")

    @property
    def pushes(self) -> bool:
        """Whether videos are pushed."""
        return self.door == FACEBOOK if self.resumable is None else self.resumable
