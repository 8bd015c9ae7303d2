"""Reactions as votes: the card is read again, and what stands there is what counts."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.approval import Choice, Via
from bot.domain.delivery import State
from bot.domain.message import fold_emoji
from bot.domain.post import Post
from bot.errors import UserError
from bot.ports import Tx
from bot.services.context import Services
from bot.services.review import decide
from bot.services.tell import audit, tell

YES, NO = "✅", "❌"
EMOJI = {YES: Choice.YES, NO: Choice.NO, "white_check_mark": Choice.YES, "x": Choice.NO}.get


def choice_of(emoji: str) -> Choice | None:
    """The vote an emoji stands for, if any; skin tones and variation selectors do not matter."""
    return EMOJI(fold_emoji(emoji))


async def read_reactions(svc: Services, post_id: int, seen: Sequence[tuple[str, str]], by: str) -> str | None:
    """The card's reactions were read again: what stands there is what counts.

    ``seen`` are all (emoji, user) on the card now; ``by`` is whose change triggered the
    reading. Returns what to tell that person, or None. Others' reactions that could not
    be counted are not talked about in public.
    """
    votes = await svc.store.read(lambda tx: tx.votes.of_post(post_id))
    post = await svc.store.read(lambda tx: tx.posts.get(post_id))
    if post is None:
        return None
    stand: dict[str, Choice] = {}
    for emoji, user in seen:
        choice = choice_of(emoji)
        if choice is not None and (choice is Choice.NO or user not in stand):
            stand[user] = choice
    said: str | None = None
    for user, choice in stand.items():
        held = [v for v in votes if v.member == user]
        if held and all(v.via is not Via.REACTION or v.choice is choice for v in held) and user != by:
            continue
        try:
            words = await decide(svc, post_id, user, choice, via=Via.REACTION)
        except UserError as error:
            words = str(error)
        if user == by:
            said = words
        if choice is Choice.NO and user == by:
            await svc.store.write(lambda tx, user=user: _ask_reason(svc, tx, post, user))  # type: ignore[misc]  # mypy infers no lambda with a default
    taken: str | None
    gone = {v.member for v in votes if v.via is Via.REACTION and v.member not in stand}
    for user in gone:
        taken = await _take_back(svc, post_id, user)
        if user == by:
            said = taken
    return said


def _ask_reason(svc: Services, tx: Tx, post: Post, user: str) -> None:
    tell(
        svc,
        tx,
        post,
        f"why:{post.id}:{post.version}:{user}",
        f"{user} said ❌ to {post.name}. What should change? /edit {post.name} makes a new version.",
    )


async def _take_back(svc: Services, post_id: int, user: str) -> str | None:
    """A reaction was removed: the vote goes with it, but only while nothing is decided."""

    def unit(tx: Tx) -> str | None:
        tx.posts.lock(post_id)
        rows = {d.id: d for d in tx.deliveries.of_post(post_id)}
        mine = [v for v in tx.votes.of_post(post_id) if v.member == user and v.via is Via.REACTION]
        waiting = {i for i, d in rows.items() if d.state is State.IN_REVIEW}
        open_ = [v for v in mine if v.delivery_id in waiting]
        for vote in open_:
            tx.votes.drop(vote.delivery_id, user)
        if open_:
            tx.cards.touch(post_id)
            post = tx.posts.get(post_id)
            audit(
                svc,
                tx,
                rows[open_[0].delivery_id].brand,
                user,
                "withdrew",
                post=post,
                facts={"via": "reaction"},
            )
            return "Your vote is withdrawn."
        return (
            "It was decided before; your vote stands. /withdraw stops what has not been sent."
            if mine
            else None
        )

    return await svc.store.write(unit)
