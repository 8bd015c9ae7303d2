"""/link, /unlink, /whoami: who somebody is in each chat."""

from __future__ import annotations

import re
from typing import Annotated

from bot.commands.context import Context, answered
from bot.commands.spec import Opt, UserName, command
from bot.domain.message import Field, Message
from bot.domain.people import Role
from bot.domain.when import place
from bot.errors import BadInput, NotAllowed
from bot.services.binding import bind, unbind
from bot.services.linking import join, new_code
from bot.services.whoami import described


@command(role=Role.NONE)
async def link(
    ctx: Context,
    *,
    code: Annotated[str, Opt("The code that /link showed you in the other chat", positional=True)] = "",
    member: Annotated[UserName | None, Opt("Admins: the member that --user is")] = None,
    user: Annotated[str, Opt("Admins: a user as chat:ID, as /whoami shows it")] = "",
) -> Message:
    """Be one person in two chats: /link here, the code there.

    Without a code you get one, for you alone and for ten minutes; type it in the other chat as
    /link CODE. From then on both are one person with one vote. An admin can say it for others with
    --member and --user. What the configuration declares under [people] is changed only there.
    """
    if member is not None or user:
        if member is None or not user or code:
            raise BadInput("Write it like: /link --member NAME --user chat:ID")
        _admins_only(ctx)
        return answered(await bind(ctx.svc, ctx.user, ctx.brand, member, _meant(ctx, user)))
    _in_a_team(ctx)
    if code:
        return answered(await join(ctx.svc, ctx.target.chat, ctx.speaker, code))
    fresh = await new_code(ctx.svc, ctx.target.chat, ctx.speaker)
    return answered(
        f"{fresh} is your code, for ten minutes. Type it in the other chat behind the command link. "
        f"Whoever types it is {ctx.user} from then on, so it is for nobody but you."
    )


@command(role=Role.NONE)
async def unlink(
    ctx: Context,
    *,
    user: Annotated[str, Opt("Admins: a user as chat:ID", positional=True)] = "",
) -> Message:
    """Stop being one person with another user; it approves nothing until an admin says who it is."""
    if user:
        _admins_only(ctx)
        return answered(await unbind(ctx.svc, ctx.user, _meant(ctx, user), by_admin=True))
    _in_a_team(ctx)
    mine = f"{ctx.target.chat}:{ctx.speaker}"
    return answered(await unbind(ctx.svc, ctx.user, mine, by_admin=False))


@command(role=Role.NONE)
async def whoami(ctx: Context) -> Message:
    """Tell who you are here: your name, your role and why, your zone."""
    known = await described(ctx.svc, ctx.brand, ctx.user, ctx.target.chat, ctx.speaker)
    zone = f"{place(known.zone)}, the brand's is {place(ctx.brand.timezone)}" if known.zone else ""
    fields = (
        Field(name="You are", value=ctx.user),
        Field(name="Known as", value=" · ".join(known.users)),
        Field(name="Role", value=known.role),
        Field(name="Why", value=known.why),
        Field(name="Zone", value=zone or f"the brand's: {place(ctx.brand.timezone)}"),
    )
    return Message(
        title=f"{ctx.brand.name}", fields=tuple(f for f in fields if f.value), footer=known.hint, private=True
    )


def _meant(ctx: Context, user: str) -> str:
    """A mention is a user of the chat it is typed in."""
    mention = re.fullmatch(r"<@!?([A-Za-z0-9]+)(?:\|[^>]*)?>", user.strip())
    return f"{ctx.target.chat}:{mention[1]}" if mention else user


def _admins_only(ctx: Context) -> None:
    if ctx.brand.role_of(ctx.user) < Role.ADMIN:
        admins = ", ".join(ctx.brand.who(Role.ADMIN)) or "whoever keeps the configuration"
        raise NotAllowed(f"That is for {admins}. /link alone is for everybody.")


def _in_a_team(ctx: Context) -> None:
    if ctx.target.chat not in ctx.svc.teams:
        raise BadInput("At the console people are whom they say; /link is for the chats where a team lives.")
