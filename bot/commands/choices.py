"""What a person may choose for one target, as a form."""

from __future__ import annotations

from bot.domain.asks import ASKS, Form, Input, InputKind
from bot.domain.message import Action
from bot.domain.options import allowed, unchosen, value_words
from bot.domain.platform import Facts, OptionKind, PostOption
from bot.domain.post import Json
from bot.errors import NotFound
from bot.services.context import Services
from bot.services.options import choosable

ORDER = (OptionKind.CHOICE, OptionKind.FLAG, OptionKind.TEXT, OptionKind.LIST, OptionKind.LONG_TEXT)


async def choose_form(svc: Services, action: Action) -> Form:
    """Everything that may be chosen, what is still open first: some chats show only the first five."""
    delivery = await svc.store.read(lambda tx: tx.deliveries.get(action.id))
    account = svc.accounts.get(delivery.account) if delivery is not None else None
    if delivery is None or account is None:
        raise NotFound("That post is not here any more.")
    await account.refresh(svc.clock.now())
    chosen, options = delivery.variant.options, choosable(account)
    open_ = {o.name for o in unchosen(options, chosen)}
    first = sorted(options, key=lambda o: (o.name not in open_, not o.required, ORDER.index(o.kind)))
    inputs = tuple(_input(o, chosen.get(o.name, o.default), account.facts) for o in first)
    title = f"P{delivery.post_id} on {account.platform.title}"
    return Form(title=title, inputs=inputs, submit=ASKS["choose"].submit, then=action)


def _input(option: PostOption, value: Json, facts: Facts) -> Input:
    titles = tuple(title for _, title in allowed(option, facts))
    initial = "" if value in (None, "", []) else value_words(option, value, facts)
    kind = InputKind.LINE
    match option.kind:
        case OptionKind.CHOICE if titles:
            kind = InputKind.CHOICE
        case OptionKind.FLAG:
            kind, initial = InputKind.FLAG, "yes" if value else ""
        case OptionKind.LONG_TEXT:
            kind = InputKind.LONG
    if option.kind in (OptionKind.TEXT, OptionKind.LONG_TEXT) and value:
        initial = str(value)
    return Input(
        name=option.name,
        label=option.title,
        kind=kind,
        help=option.help,
        initial=initial,
        choices=titles if kind is InputKind.CHOICE else (),
        required=option.required,
    )
