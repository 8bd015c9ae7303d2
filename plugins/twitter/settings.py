"""What an account on X is set to."""

from __future__ import annotations

from dataclasses import dataclass

from bot.api import Secret


@dataclass(frozen=True, kw_only=True)
class TwitterSettings:
    """One account on X, posting with its owner's OAuth 1.0a keys or with OAuth 2.0.

    The four keys are OAuth 1.0a. ``client_id`` and ``client_secret`` are the app of OAuth 2.0,
    whose tokens come from ``clarion connect``; an app that X calls public has no secret.
    ``base_url``: X itself, a simulator, or any server that speaks its paths. ``handle``:
    the name in links, without it they read ``x.com/i/…``. ``premium``: the account may
    post long texts and videos. ``video_seconds`` and ``video_bytes``: the most that X takes
    from this account, where that is more than it promises everybody; 0 is what it promises.
    ``fields_param``: how X calls the list of wanted fields; its documents of 2026 use both
    ``tweet.fields`` and ``post.fields``.
    """

    api_key: Secret | None = None
    api_secret: Secret | None = None
    access_token: Secret | None = None
    access_token_secret: Secret | None = None
    client_id: Secret | None = None
    client_secret: Secret | None = None
    base_url: str = "https://api.x.com"
    handle: str = ""
    premium: bool = False
    video_seconds: int = 0
    video_bytes: int = 0
    fields_param: str = "tweet.fields"
