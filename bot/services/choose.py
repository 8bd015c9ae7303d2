"""A person chooses something for one target of a post, by command or on its card."""

from __future__ import annotations

from collections.abc import Mapping

from bot.domain.delivery import Delivery
from bot.domain.options import assignments, option_named, read_option, unchosen
from bot.domain.people import Brand
from bot.domain.platform import OptionKind
from bot.domain.post import Json
from bot.domain.words import listed
from bot.errors import BadInput, NotFound
from bot.services.changing import Changes
from bot.services.context import Services
from bot.services.edit import edit
from bot.services.options import choosable, read_choice


async def choose(svc: Services, brand: Brand, post_id: int, member: str, where: str, text: str) -> str:
    """Keep a choice for one target: a new version, which only that target is asked about again.

    Raises as `edit` does.
    """
    return await edit(
        svc, brand, post_id, member, Changes(options=await read_choice(svc, brand, where, text))
    )


async def choose_pressed(
    svc: Services, brand: Brand, delivery: Delivery, member: str, values: Mapping[str, str], text: str
) -> str:
    """The same from a button: a form's values by option name, or words; a word alone means what is open."""
    account = svc.accounts.get(delivery.account)
    if account is None:
        raise NotFound(f"{delivery.account} is no longer in the configuration.")
    await account.refresh(svc.clock.now())
    options = {o.name: o for o in choosable(account)}
    given = {name: value for name, value in values.items() if name in options}
    if not given and "=" not in text:
        open_ = unchosen(tuple(options.values()), delivery.variant.options)
        if len(open_) != 1:
            raise BadInput(f"Write it like name=value. There are {listed(sorted(options))}.")
        given = {open_[0].name: text}
    elif not given:
        given = assignments(text)
    found: dict[str, Json] = {}
    for name, value in given.items():
        option = option_named(tuple(options.values()), name, account.platform.title)
        read = read_option(option, value, account.facts)
        now = delivery.variant.options.get(option.name)
        if option.kind is OptionKind.FLAG and values:
            read = bool(read)  # an empty box of a form is a no
            now = bool(now if now is not None else option.default)
        if read != now:
            found[option.name] = read
    if not found:
        raise BadInput("You changed nothing.")
    return await edit(svc, brand, delivery.post_id, member, Changes(options={account.name: found}))
