"""/post, /edit and /preview: making a post."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from bot.commands.context import LATEST, Context, said
from bot.commands.experiment import number_of
from bot.commands.rehearsal import shown
from bot.commands.spec import Accounts, MediaPaths, Opt, PairTexts, PostRef, Texts, WhenText, command
from bot.domain.delivery import Delivery, State
from bot.domain.message import Message
from bot.domain.people import Role
from bot.domain.platform import Finding
from bot.domain.post import Post
from bot.domain.preparing import UNDER_WAY, Preparation, Stage
from bot.domain.words import listed
from bot.ports import Drawn, Tx
from bot.services.changing import Changes
from bot.services.compose import Draft, compose, when_words
from bot.services.drawing import pictures, save_picture, show_again
from bot.services.echoes import collisions_of, echoes_of
from bot.services.edit import edit as change
from bot.services.experimenting.arms import arm_words
from bot.services.options import chosen_for
from bot.services.preview import preview_text, save_preview
from bot.services.rehearse import rehearse
from bot.services.suiting import left_out_words
from bot.services.variants import Wanted

WHEN = "When: now, best, fri 17:30, next slot, every fri 9:00 10 times"
DRY_RUN = "Show what there would be, and write nothing"
SET = "A choice for one account, like acme-tt.privacy=public; or for all, like fit=blur"
MEDIA = "A picture, video, document or subtitles; several are shown together"
FOLLOW_UP = "How long after the post, like 2h, and what follows then"
FOLLOW_UPS = 'Other follow-ups instead; `0s ""` for none'


@command(role=Role.CREATE)
async def post(
    ctx: Context,
    *,
    text: Annotated[str, Opt("What to say", long=True, positional=True)] = "",
    to: Annotated[Accounts | None, Opt("Accounts or platforms, with commas; without it, everywhere")] = None,
    for_: Annotated[PairTexts | None, Opt("An account and its own text", long=True)] = None,
    media: Annotated[MediaPaths | None, Opt(MEDIA)] = None,
    alt: Annotated[Texts | None, Opt("What an image shows, for people who do not see it; in order")] = None,
    at: Annotated[WhenText | None, Opt(WHEN)] = None,
    thread: Annotated[bool, Opt("Split a long text into a thread where the platform has them")] = False,
    set_: Annotated[Texts | None, Opt(SET)] = None,
    link: Annotated[str | None, Opt("A page to show with its card")] = None,
    comment: Annotated[str | None, Opt("A first comment below the post", long=True)] = None,
    comment_after: Annotated[str | None, Opt("How long after the post it comes, like 10m")] = None,
    follow_up: Annotated[PairTexts | None, Opt(FOLLOW_UP, long=True, first="AFTER")] = None,
    no_crosspost: Annotated[bool, Opt("Never propose it for another account")] = False,
    experiment: Annotated[str, Opt("The test of captions that gives it a variant, like E3")] = "",
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
        options=set_ or (),
        reserved=no_crosspost,
        experiment=number_of(experiment) if experiment else 0,
    )
    if dry_run:
        seen = await rehearse(ctx.svc, lambda svc: compose(svc, ctx.brand, ctx.user, draft))
        return shown(ctx, seen, title="Dry run of a new post")
    made = await compose(ctx.svc, ctx.brand, ctx.user, draft)
    rows, needed = await ctx.svc.store.read(lambda tx: _rows(tx, made.id))
    for row in rows:
        save_preview(ctx.svc, made, row, needed.get(row.id, ()))
    making = [r.account for r in rows if any(p.stage in UNDER_WAY for p in needed.get(r.id, ()))]
    broken = [r.account for r in rows if r.state is State.DRAFT and r.account not in making]
    due, several = rows[0].due if rows else None, len({row.due for row in rows}) > 1
    when = when_words(ctx.svc, ctx.brand, made, due, several=several)
    if len(broken) == len(rows):
        return said(
            f"{made.name} is kept as a draft: it cannot go out as it is. "
            f"The card says why; /edit {made.name} mends it."
        )
    if len(making) + len(broken) == len(rows):
        return said(
            f"{made.name}: its files are prepared for {listed(making)} first; then it is asked about."
        )
    left = f" {', '.join(broken)} cannot go out as it is; the card says why." if broken else ""
    left += f" Its files are prepared for {listed(making)} first." if making else ""
    left += "" if to else left_out_words(ctx.svc, ctx.brand, {r.account for r in rows})
    left += await _beside(ctx, made, rows)
    left += f" {await arm_words(ctx.svc, made.id)}" if experiment else ""
    left += f" DRY RUN: nothing is sent for {ctx.brand.name}." if ctx.brand.dry_run else ""
    if ctx.brand.policy.mode == "none":
        return said(f"{made.name} goes out {when}.{left}")
    return said(f"{made.name} waits for approval ({when}).{left}")


def _rows(tx: Tx, post_id: int) -> tuple[tuple[Delivery, ...], dict[int, tuple[Preparation, ...]]]:
    """The targets of a post, and by their ids what they need made of their files."""
    needed: dict[int, tuple[Preparation, ...]] = {}
    for found in tx.preparations.of_post(post_id):
        needed[found.delivery_id] = (*needed.get(found.delivery_id, ()), found)
    return tx.deliveries.of_post(post_id), needed


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
    media: Annotated[MediaPaths | None, Opt("Another file in the place of those before")] = None,
    alt: Annotated[Texts | None, Opt("What an image shows; in order")] = None,
    at: Annotated[WhenText | None, Opt("Another time")] = None,
    add: Annotated[Accounts | None, Opt("Accounts to add")] = None,
    drop: Annotated[Accounts | None, Opt("Accounts to leave out")] = None,
    thread: Annotated[bool, Opt("Split a long text into a thread")] = False,
    set_: Annotated[Texts | None, Opt(SET)] = None,
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
        options=await chosen_for(ctx.svc, ctx.brand, found.id, set_ or (), add or ()),
    )
    if dry_run:
        seen = await rehearse(
            ctx.svc, lambda svc: change(svc, ctx.brand, found.id, ctx.user, changes), post_id=found.id
        )
        return shown(ctx, seen, title=f"Dry run of {found.name} v{seen.post.version}")
    return said(await change(ctx.svc, ctx.brand, found.id, ctx.user, changes))


@command(role=Role.VIEW)
async def preview(
    ctx: Context,
    *,
    post: Annotated[PostRef, Opt("Which post: P42 or latest", positional=True)] = LATEST,
    to: Annotated[Accounts | None, Opt("Only these accounts")] = None,
    dark: Annotated[bool, Opt("Draw the pictures as they look at night")] = False,
) -> Message:
    """Show exactly what each account will get, and save it to files."""
    found = await ctx.post(post)
    rows, needed = await ctx.svc.store.read(lambda tx: _rows(tx, found.id))
    rows = tuple(r for r in rows if not to or r.account in to or r.platform in to)
    waiting = {r.id for r in rows if any(p.stage is not Stage.DONE for p in needed.get(r.id, ()))}
    ready = [r for r in rows if r.id not in waiting]
    cards = dict(zip([r.id for r in ready], await pictures(ctx.svc, ready, dark=dark), strict=True))
    drawn = [cards.get(r.id) for r in rows]
    texts, team = [], ctx.target.chat in ctx.svc.teams  # nobody there can open a file of this machine
    for row, card in zip(rows, drawn, strict=True):
        prepared = needed.get(row.id, ())
        text, path = preview_text(ctx.svc, found, row, prepared), save_preview(ctx.svc, found, row, prepared)
        where = [] if team else [f"saved as {path}" if path else "(could not be saved)"]
        if row.id in waiting:
            where.append("its picture is drawn once its files are ready")
        elif isinstance(card, str):
            where.append(f"There is no picture of it: {card}")
        elif card is not None and not team and (path := await save_picture(ctx.svc, found, row, card)):
            where.append(f"a picture of it: {path}")
        elif card is not None and team:
            await show_again(ctx.svc, found, row, card, dark=dark)
        texts.append("\n".join([text.rstrip(), *where]))
    shown_there = (
        " The pictures come in its thread." if team and any(isinstance(c, Drawn) for c in drawn) else ""
    )
    return said(("\n\n".join(texts) or f"{found.name} has nothing for that account.") + shown_there)
