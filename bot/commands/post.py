"""/post, /edit and /preview: making a post."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from bot.commands.context import LATEST, Context, said
from bot.commands.rehearsal import shown
from bot.commands.spec import Accounts, MediaPaths, Opt, PairTexts, PostRef, Texts, WhenText, command
from bot.domain.delivery import Delivery, State
from bot.domain.message import Message
from bot.domain.people import Role
from bot.domain.platform import Finding
from bot.domain.post import Post
from bot.ports import Tx
from bot.services.compose import Draft, compose, when_words
from bot.services.echoes import collisions_of, echoes_of
from bot.services.changing import Changes
from bot.services.edit import edit as change
from bot.services.preview import preview_text, save_preview
from bot.services.rehearse import rehearse
from bot.services.variants import Wanted

DRY_RUN = "Show what there would be, and write nothing"
FOLLOW_UP = "How long after the post, like 2h, and what follows then"
FOLLOW_UPS = 'Other follow-ups instead; `0s ""` for none'


@command(role=Role.CREATE)
async def post(
    ctx: Context,
    *,
    text: Annotated[str, Opt("What to say", long=True, positional=True)] = "",
    to: Annotated[Accounts | None, Opt("Accounts or platforms, with commas; without it, everywhere")] = None,
    for_: Annotated[PairTexts | None, Opt("An account and its own text", long=True)] = None,
    media: Annotated[MediaPaths | None, Opt("An image file; several are shown together")] = None,
    alt: Annotated[Texts | None, Opt("What an image shows, for people who do not see it; in order")] = None,
    at: Annotated[WhenText | None, Opt("When: now, fri 17:30, next slot, every fri 9:00 10 times")] = None,
    thread: Annotated[bool, Opt("Split a long text into a thread where the platform has them")] = False,
    link: Annotated[str | None, Opt("A page to show with its card")] = None,
    comment: Annotated[str | None, Opt("A first comment below the post", long=True)] = None,
    comment_after: Annotated[str | None, Opt("How long after the post it comes, like 10m")] = None,
    follow_up: Annotated[PairTexts | None, Opt(FOLLOW_UP, long=True, first="AFTER")] = None,
    dry_run: Annotated[bool, Opt(DRY_RUN)] = False,
) -> Message:
    """Draft a post, show what every platform will get, and ask for approval."""
    draft = Draft(
        text=text,
        accounts=to or (),
        own_texts=for_ or {},
        media=media or (),
        alts=alt or (),
        at=at or "",
        thread=thread,
        extras=Wanted(comment=comment, comment_after=comment_after, follow_ups=follow_up, link=link),
    )
    if dry_run:
        seen = await rehearse(ctx.svc, lambda svc: compose(svc, ctx.brand, ctx.user, draft))
        return shown(ctx, seen, title="Dry run of a new post")
    made = await compose(ctx.svc, ctx.brand, ctx.user, draft)
    rows = await ctx.svc.store.read(lambda tx: tx.deliveries.of_post(made.id))
    for row in rows:
        save_preview(ctx.svc, made, row)
    broken = [r.account for r in rows if r.state is State.DRAFT]
    when = when_words(ctx.svc, ctx.brand, made, rows[0].due if rows else None)
    if len(broken) == len(rows):
        return said(
            f"{made.name} is kept as a draft: it cannot go out as it is. "
            f"The card says why; /edit {made.name} mends it."
        )
    left = f" {', '.join(broken)} cannot go out as it is; the card says why." if broken else ""
    left += await _beside(ctx, made, rows)
    left += f" DRY RUN: nothing is sent for {ctx.brand.name}." if ctx.brand.dry_run else ""
    if ctx.brand.policy.mode == "none":
        return said(f"{made.name} goes out {when}.{left}")
    return said(f"{made.name} waits for approval ({when}).{left}")


async def _beside(ctx: Context, made: Post, rows: Sequence[Delivery]) -> str:
    """Where nobody is asked there is no card to read before it goes out: what is alike is said here."""
    unasked = [r for r in rows if ctx.brand.policy_for(r.account).mode == "none"]

    def unit(tx: Tx) -> list[Finding]:
        now, brand = ctx.svc.clock.now(), ctx.brand
        return [
            found
            for row in unasked
            for found in (*echoes_of(tx, brand, row, now), *collisions_of(tx, brand, row, made.wish, now))
        ]

    found = await ctx.svc.store.read(unit) if unasked else []
    return "".join(f" ⚠ {f.text}." for f in found)


@command(role=Role.CREATE)
async def edit(
    ctx: Context,
    *,
    post: Annotated[PostRef, Opt("Which post: P42 or latest")],
    text: Annotated[str | None, Opt("The new text, for every account", long=True, positional=True)] = None,
    for_: Annotated[PairTexts | None, Opt("An account and its own new text", long=True)] = None,
    media: Annotated[MediaPaths | None, Opt("Another image file")] = None,
    alt: Annotated[Texts | None, Opt("What an image shows; in order")] = None,
    at: Annotated[WhenText | None, Opt("Another time")] = None,
    add: Annotated[Accounts | None, Opt("Accounts to add")] = None,
    drop: Annotated[Accounts | None, Opt("Accounts to leave out")] = None,
    thread: Annotated[bool, Opt("Split a long text into a thread")] = False,
    link: Annotated[str | None, Opt("Another page to show, or an empty text for none")] = None,
    comment: Annotated[str | None, Opt("Another first comment, or an empty text for none", long=True)] = None,
    comment_after: Annotated[str | None, Opt("How long after the post it comes, like 10m")] = None,
    follow_up: Annotated[PairTexts | None, Opt(FOLLOW_UPS, long=True, first="AFTER")] = None,
    dry_run: Annotated[bool, Opt(DRY_RUN)] = False,
) -> Message:
    """Change a post. Whoever's part changes is asked again; the rest stays approved."""
    found = await ctx.post(post)
    changes = Changes(
        text=text,
        own_texts=for_ or {},
        media=media,
        alts=alt,
        at=at,
        add=add or (),
        drop=drop or (),
        thread=True if thread else None,
        extras=Wanted(comment=comment, comment_after=comment_after, follow_ups=follow_up, link=link),
    )
    if dry_run:
        seen = await rehearse(
            ctx.svc, lambda svc: change(svc, ctx.brand, found.id, ctx.user, changes), post_id=found.id
        )
        return shown(ctx, seen, title=f"Dry run of {found.name} v{seen.post.version}")
    words = await change(ctx.svc, ctx.brand, found.id, ctx.user, changes)
    fresh = await ctx.post(f"P{found.id}")
    for row in await ctx.svc.store.read(lambda tx: tx.deliveries.of_post(found.id)):
        if row.state in (State.DRAFT, State.IN_REVIEW):
            save_preview(ctx.svc, fresh, row)
    return said(words)


@command(role=Role.VIEW)
async def preview(
    ctx: Context,
    *,
    post: Annotated[PostRef, Opt("Which post: P42 or latest", positional=True)] = LATEST,
    to: Annotated[Accounts | None, Opt("Only these accounts")] = None,
) -> Message:
    """Show exactly what each account will get, and save it to a file."""
    found = await ctx.post(post)
    rows = await ctx.svc.store.read(lambda tx: tx.deliveries.of_post(found.id))
    texts = []
    for row in rows:
        if to and row.account not in to and row.platform not in to:
            continue
        path = save_preview(ctx.svc, found, row)
        if ctx.target.chat in ctx.svc.teams:  # nobody there can open a file of this machine
            texts.append(preview_text(ctx.svc, found, row).rstrip())
            continue
        texts.append(
            preview_text(ctx.svc, found, row) + (f"saved as {path}" if path else "(could not be saved)")
        )
    return said("\n\n".join(texts) or f"{found.name} has nothing for that account.")
