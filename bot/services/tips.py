"""Tips about a post: asked once for each version and kept beside it, so that its card costs nothing more."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.domain.content import content_type
from bot.domain.delivery import Delivery, State
from bot.domain.look import Look
from bot.domain.outcomes import PostOutcome
from bot.domain.platform import Feature
from bot.domain.post import Media, MediaKind
from bot.domain.tips import AccountProfile, Draft, PastPost, ShownFile, Suggestion, comparable
from bot.errors import BadInput, PublishError, StoreError
from bot.ports import Lettering, Tips, Tx
from bot.services.advised import advised, adviser
from bot.services.context import Connected, Services
from bot.services.measuring.outcomes import outcomes
from bot.services.shown import put_tips

SINCE, MOST_POSTS = timedelta(days=365), 200
"""How far back an account's own posts count, and how many of them, the newest."""

MOST = 30
"""Tips kept of one version; an adviser that says more has said nothing."""

OPEN = frozenset({State.DRAFT, State.IN_REVIEW, State.CHANGES_REQUESTED})


@dataclass(frozen=True, kw_only=True)
class Told:
    """What was said about one target: ``tips`` None where nobody could say anything; ``posts``: how many
    posts of the account could be compared."""

    delivery: Delivery
    tips: tuple[Suggestion, ...] | None
    posts: int


async def keep_tips(svc: Services, post_id: int) -> None:
    """Ask about the newest version of a post and keep the answer; nothing is kept where nobody advises."""
    if not advises(svc):
        return
    post, rows = await svc.store.read(lambda tx: (tx.posts.get(post_id), tx.deliveries.of_post(post_id)))
    if post is None or post.brand not in svc.brands:
        return
    told = await tips_about(svc, post.brand, [d for d in rows if d.state in OPEN])
    found = [tip for one in told for tip in one.tips or ()]
    await svc.store.write(lambda tx: put_tips(tx, post_id, post.version, found))


def advises(svc: Services) -> bool:
    """Whether anybody here has tips."""
    return adviser(svc, Tips) is not None  # type: ignore[type-abstract]  # told apart by what it can be asked


async def tips_about(svc: Services, brand: str, deliveries: Sequence[Delivery]) -> list[Told]:
    """What there is to say now about each of them."""
    accounts = {d.account for d in deliveries}
    past = await _past(svc, brand, accounts) if accounts else {}
    return [await _told(svc, d, past.get(d.account, ())) for d in deliveries]


async def _told(svc: Services, delivery: Delivery, past: tuple[PastPost, ...]) -> Told:
    now = svc.clock.now()
    draft = await draft_of(svc, delivery)
    profile = AccountProfile(account=delivery.account, platform=delivery.platform, posts=past)
    ask: Callable[[Tips], list[Suggestion]] = lambda one: one.suggest(draft, profile, now=now)  # noqa: E731
    tips = await advised(svc, Tips, ask, sound=lambda said: _sound(said, draft))  # type: ignore[type-abstract]  # as below
    posts = len(comparable(profile, now))
    return Told(delivery=delivery, tips=None if tips is None else tuple(tips), posts=posts)


def _sound(said: object, draft: Draft) -> bool:
    """Whether it can be shown as it is: only tips, about this account, with numbers that are numbers."""
    return (
        isinstance(said, list)
        and len(said) <= MOST
        and all(isinstance(s, Suggestion) and s.sound and s.account == draft.account for s in said)
    )


async def draft_of(svc: Services, delivery: Delivery) -> Draft:
    """A target as an adviser is shown it."""
    connected, variant = svc.accounts.get(delivery.account), delivery.variant
    ask = connected.platform.look if connected is not None else None
    look = (ask(variant, connected.facts) if ask is not None and connected is not None else None) or Look()
    first = variant.parts[0] if variant.parts else None
    files = [await _shown(svc, m) for m in (first.media if first else ())]
    covers = [await _shown(svc, m.cover, cover=True) for m in variant.media if m.cover is not None]
    return Draft(
        account=delivery.account,
        platform=delivery.platform,
        content_type=content_type(variant),
        text=variant.body,
        title=_title(connected, delivery),
        heading=look.heading,
        feed=first.text if look.text is None and first else look.text or "",
        cut=look.cut,
        lines=look.lines,
        frame=look.frame,
        ratios=look.ratios,
        alt_texts=connected is not None and Feature.ALT_TEXT in connected.platform.features,
        shown=(*files, *covers),
    )


def _title(connected: Connected | None, delivery: Delivery) -> str:
    return connected.platform.title if connected else delivery.platform


async def _shown(svc: Services, media: Media, *, cover: bool = False) -> ShownFile:
    found = await _lettering(svc, media) if cover else Lettering()
    return ShownFile(
        name=media.name,
        kind=media.kind.value,
        width=media.width,
        height=media.height,
        alt=media.alt,
        cover=cover,
        letters=found.height,
        contrast=found.contrast,
    )


async def _lettering(svc: Services, media: Media) -> Lettering:
    if svc.studio is None or media.kind is not MediaKind.IMAGE:
        return Lettering()
    try:
        return await svc.studio.lettering(media)
    except (BadInput, PublishError, StoreError):
        return Lettering()  # a file that cannot be read is somebody else's sentence


async def _past(svc: Services, brand: str, accounts: set[str]) -> Mapping[str, tuple[PastPost, ...]]:
    """The newest posts of each account with what they brought and what they said."""
    since = svc.clock.now() - SINCE
    found: dict[str, tuple[PastPost, ...]] = {}
    by_account: dict[str, list[PostOutcome]] = {}
    for one in await outcomes(svc, brand, accounts=accounts, since=since):
        by_account.setdefault(one.account_id, []).append(one)
    for account, told in by_account.items():
        newest = sorted(told, key=lambda one: one.published_at)[-MOST_POSTS:]
        found[account] = await svc.store.read(lambda tx, rows=newest: _with_texts(tx, rows))  # type: ignore[misc]  # mypy infers no lambda with a default
    return found


def _with_texts(tx: Tx, told: Sequence[PostOutcome]) -> tuple[PastPost, ...]:
    pairs = ((one, tx.deliveries.get(int(one.post_id))) for one in told)
    return tuple(PastPost(outcome=one, text=row.variant.body) for one, row in pairs if row is not None)
