"""Whether an account may try other hours now and then, as people decided."""

from __future__ import annotations

from bot.domain.people import Brand, Role
from bot.domain.words import listed
from bot.errors import NotAllowed
from bot.ports import Tx
from bot.services.context import Services
from bot.services.tell import audit

OFF = "off"


def _key(account: str) -> str:
    return f"explore:{account}"


def explores(tx: Tx, account: str) -> bool:
    """Whether one automatic choice in seven goes to an hour that is tried to learn from it."""
    return tx.meta.get(_key(account)) != OFF


async def let_explore(svc: Services, brand: Brand, account: str, member: str, on: bool) -> str:
    """Switch it; for people who may approve. Raises `NotAllowed`."""
    if brand.role_of(member) < Role.APPROVE:
        raise NotAllowed(f"That is for {listed(brand.who(Role.APPROVE), 'or')}.")

    def unit(tx: Tx) -> bool:
        if explores(tx, account) == on:
            return False
        tx.meta.put(_key(account), "on" if on else OFF)
        audit(svc, tx, brand.name, member, "explore", facts={"account": account, "on": on})
        return True

    changed = await svc.store.write(unit)
    word = "on" if on else "off"
    if not changed:
        return f"Trying other hours is {word} for {account} already."
    if on:
        return f"Every 7th post of {account} that is left to me tries another hour from now on."
    return f"{account} goes out at the hours that look best; I try no others. `--explore on` begins again."
