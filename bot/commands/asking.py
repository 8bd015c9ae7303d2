"""Which form a press or a command needs before it can go on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bot.commands.choices import choose_form
from bot.commands.context import brand_here
from bot.commands.forms import command_form
from bot.commands.line import gather
from bot.commands.presses import brand_pressed, check
from bot.commands.spec import Command
from bot.domain.asks import ASKS, LABEL, TEXT, Ask, Form, Input, InputKind
from bot.domain.message import Action, Invocation, Press
from bot.domain.people import Brand
from bot.domain.post import Post
from bot.errors import BadInput, NotFound, UserError
from bot.ports import Tx
from bot.services.context import Services
from bot.services.people import member_of
from bot.services.texts import AT, FIELD, OWN, Texts, texts_of

NOTHING_WITHOUT = frozenset({"post"})
"""Commands that require nothing by themselves, and do nothing without words."""

OF_A_POST = ("text", "to", "at", "media")
"""What is asked for when a message is made a post, or a post is begun with nothing."""


async def form_for(svc: Services, commands: Mapping[str, Command], said: Invocation | Press) -> Form | None:
    """The form to show first; None to go on at once. Raises `UserError` with what to tell instead."""
    if isinstance(said, Press):
        return await _of_press(svc, said)
    command = commands.get(said.command.casefold())
    if command is None:
        return None
    try:
        brand = brand_here(svc, said.target)
        given = dict(said.values) if said.values is not None else _typed(command, said.raw)
    except UserError:
        return None  # the dispatch tells what is wrong with it
    user = await member_of(svc, brand, said.target.chat, said.user)
    if brand.role_of(user) < command.role:
        return None
    if said.partial and len(str(given.get(TEXT, ""))) > FIELD:
        return None  # a form would cut it: it is drafted as it is
    if said.partial:
        return command_form(command, given, only=OF_A_POST[:3])
    if command.name in ASKS and (form := await _of_command(svc, brand, command.name, given)):
        return form
    missing = any(o.required and given.get(o.name) in (None, "") for o in command.options)
    if missing:
        return command_form(command, given)
    empty = command.name in NOTHING_WITHOUT and not given and not said.files
    return command_form(command, given, only=OF_A_POST) if empty else None


def _typed(command: Command, raw: str) -> dict[str, Any]:
    return gather(raw, command.options, name=command.name, usage=command.usage)


async def _of_press(svc: Services, press: Press) -> Form | None:
    ask = ASKS.get(press.action.verb)
    if ask is None or press.action.kind not in ask.kinds or press.text or press.values:
        return None
    brand = await brand_pressed(svc, press)
    user = await member_of(svc, brand, press.target.chat, press.user)
    await check(svc, brand, user, press)
    if press.action.verb == "choose":
        return await choose_form(svc, press.action)
    if press.action.verb == "edit":
        return await _edit_form(svc, press.action)
    return _simple(ask, press.action)


async def _of_command(svc: Services, brand: Brand, verb: str, given: Mapping[str, Any]) -> Form | None:
    """A command that names a post and nothing else asks what the post's button asks."""
    number = re.fullmatch(r"p?(\d{1,12})", str(given.get("post", "")).strip().casefold())
    if set(given) != {"post"} or number is None:
        return None
    post = await svc.store.read(lambda tx: tx.posts.get(int(number[1])))
    if post is None or post.brand != brand.name:
        return None
    action = Action(verb=verb, kind="post", id=post.id, version=post.version)
    return await _edit_form(svc, action) if verb == "edit" else _simple(ASKS[verb], action)


def _simple(ask: Ask, action: Action) -> Form:
    kind = InputKind.LONG if ask.long else InputKind.LINE
    inputs = [Input(name=TEXT, label=ask.label, kind=kind, required=not ask.optional and not ask.labels)]
    if ask.labels:
        inputs.insert(0, Input(name=LABEL, label="Reason", kind=InputKind.CHOICE, choices=ask.labels))
    return Form(title=ask.title, inputs=tuple(inputs), submit=ask.submit, then=action)


async def _edit_form(svc: Services, action: Action) -> Form:
    """The text for everybody, the time, and each text that an account has of its own."""
    ask = ASKS["edit"]

    def unit(tx: Tx) -> tuple[Post | None, Texts | None]:
        post = tx.posts.get(action.id)
        return post, texts_of(svc, tx, post) if post else None

    post, known = await svc.store.read(unit)
    if post is None or known is None:
        raise NotFound("That post is not here any more.")
    if len(known.text) > FIELD:
        raise BadInput(
            f"{post.name} is longer than a form takes ({FIELD:,} characters). "
            f'/edit {post.name} "…" gives it another text.'
        )
    inputs = [
        Input(name=TEXT, label="Text for everybody", kind=InputKind.LONG, initial=known.text),
        Input(name=AT, label="When", initial=known.at),
    ]
    inputs += [
        Input(
            name=f"{OWN}{account}",
            label=f"{svc.accounts[account].platform.title} ({account})",
            kind=InputKind.LONG,
            help="Its own text; empty, it gets the text for everybody",
            initial=text,
        )
        for account, text in known.own.items()
        if len(text) <= FIELD
    ]
    return Form(title=f"Edit {post.name}", inputs=tuple(inputs), submit=ask.submit, then=action)
