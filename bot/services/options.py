"""What people choose for a post on one platform: from what they typed to the variants that keep it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.domain.delivery import State
from bot.domain.options import assignments, option_named, options_of, read_option
from bot.domain.people import Brand
from bot.domain.platform import PostOption
from bot.domain.post import Json, Variant
from bot.domain.words import listed
from bot.errors import BadInput, NotFound
from bot.services.context import Connected, Services

Chosen = Mapping[str, Mapping[str, Json]]
"""Account → option → value; None takes a choice back."""


def choosable(account: Connected) -> tuple[PostOption, ...]:
    """What may be chosen for a post on this account, whatever it carries."""
    return options_of(account.platform.options, account.rules(_bare(account)))


def _bare(account: Connected) -> Variant:
    return Variant(account=account.name, platform=account.platform.name, parts=())


def read_wishes(targets: Sequence[Connected], texts: Sequence[str]) -> Chosen:
    """``acme-tt.privacy=only me`` or, for everybody who knows it, ``fit=blur``.

    Raises `BadInput` for a choice, an option or an account that is not there.
    """
    found: dict[str, dict[str, Json]] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise BadInput(f"“{text[:60]}” is no choice. Write it like: --set ACCOUNT.NAME=VALUE")
        where, dot, option = name.strip().rpartition(".")
        for account in _meant(targets, where if dot else "", option):
            known = option_named(choosable(account), option, account.platform.title)
            found.setdefault(account.name, {})[known.name] = read_option(known, value, account.facts)
    return found


def _meant(targets: Sequence[Connected], where: str, option: str) -> Sequence[Connected]:
    if where:
        match = [t for t in targets if where in (t.name, t.platform.name)]
        if not match:
            raise BadInput(
                f"This post does not go to {where}; it goes to {listed([t.name for t in targets])}."
            )
        return match
    plain = option.casefold().replace("-", "_")
    match = [t for t in targets if plain in {o.name.casefold() for o in choosable(t)}]
    if not match:
        known = sorted({o.name for t in targets for o in choosable(t)})
        there = f" There are {listed(known)}." if known else ""
        raise BadInput(f"None of these accounts has an option “{option}”.{there}")
    return match


async def chosen_for(
    svc: Services, brand: Brand, post_id: int, texts: Sequence[str], added: Sequence[str] = ()
) -> Chosen:
    """The same for a post that is there, with the accounts that are being added to it."""
    if not texts:
        return {}
    rows = await svc.store.read(lambda tx: tx.deliveries.of_post(post_id))
    names = {r.account for r in rows if r.state is not State.CANCELLED}
    mine = svc.accounts_of(brand.name)
    names |= {a.name for a in mine for name in added if name in (a.name, a.platform.name)}
    targets = [a for a in mine if a.name in names]
    for target in targets:
        await target.refresh(svc.clock.now())
    return read_wishes(targets, texts)


async def read_choice(svc: Services, brand: Brand, where: str, text: str) -> Chosen:
    """``privacy=public title=Launch day`` for the accounts meant, read by what they allow now."""
    found: dict[str, dict[str, Json]] = {}
    pairs = assignments(text)
    for account in await known_accounts(svc, brand, where):
        for name, value in pairs.items():
            known = option_named(choosable(account), name, account.platform.title)
            found.setdefault(account.name, {})[known.name] = read_option(known, value, account.facts)
    return found


async def known_accounts(svc: Services, brand: Brand, where: str) -> Sequence[Connected]:
    """The accounts meant, with what their platforms allow now; raises `NotFound`."""
    mine = svc.accounts_of(brand.name)
    match = [a for a in mine if where in (a.name, a.platform.name)]
    if not match:
        names = listed([a.name for a in mine]) or "none"
        raise NotFound(f"{brand.name} has no account “{where}”. It has {names}.")
    for account in match:
        await account.refresh(svc.clock.now())
    return match


def with_options(variant: Variant, chosen: Chosen) -> Variant:
    """The variant with what was chosen for its account."""
    own = chosen.get(variant.account)
    if not own:
        return variant
    merged = {**variant.options, **own}
    return replace(variant, options={name: value for name, value in merged.items() if value is not None})
