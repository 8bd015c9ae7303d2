"""What a platform granted an account: everything about it that is not secret."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class GrantState(StrEnum):
    """``refreshing`` is written before the platform is asked, so that a crash leaves a trace."""

    GOOD = "good"
    REFRESHING = "refreshing"
    LOST = "lost"


@dataclass(frozen=True, kw_only=True)
class Grant:
    """One row for an account; the tokens are in ``sealed`` and nowhere else.

    ``serial`` counts the pairs of tokens an account has had, ``version`` the changes of the row.
    ``renewable``: there is a refresh token. ``app``: a digest of the client id it was granted to.
    ``subject``: the platform's own id of the profile. ``lease_until``: with an owner, until when
    that one alone may ask for new tokens; without one, not to ask before.
    """

    account: str
    platform: str
    sealed: str
    serial: int = 1
    version: int = 1
    state: GrantState = GrantState.GOOD
    renewable: bool = False
    expires_at: datetime | None = None
    refresh_expires_at: datetime | None = None
    scopes: tuple[str, ...] = ()
    subject: str = ""
    app: str = ""
    lease_owner: str | None = None
    lease_until: datetime | None = None
    updated_at: datetime

    @property
    def ends_at(self) -> datetime | None:
        """When a person has to connect it again, None when that is not known to come."""
        return self.refresh_expires_at if self.renewable else self.expires_at

    def leased(self, now: datetime) -> bool:
        """Whether somebody is asking for new tokens, or the last answer got lost a moment ago."""
        return self.lease_until is not None and self.lease_until > now
