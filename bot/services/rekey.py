"""Sealing everything anew with the key that seals now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from bot.errors import KeyLost
from bot.ports import Seal, Store, Tx


@dataclass(frozen=True, kw_only=True)
class Rekeyed:
    """How many entries are sealed with the first key now, and whose could not be opened."""

    sealed: int
    lost: tuple[str, ...]


async def rekey(store: Store, vault: Seal, fits: Callable[[str], bool]) -> Rekeyed:
    """Open and seal every grant in one transaction; ``fits``: it is sealed with the first key already.

    Nobody changes a grant meanwhile; whoever sealed one with the old key just before finds the
    row changed and seals again. What no key opens stays as it is.
    """

    def unit(tx: Tx) -> Rekeyed:
        done, lost = 0, list[str]()
        for grant in tx.grants.all(lock=True):
            if not fits(grant.sealed):
                try:
                    tx.grants.save(replace(grant, sealed=vault.seal(vault.unseal(grant.sealed))))
                except KeyLost:
                    lost.append(grant.account)
                    continue
            done += 1
        return Rekeyed(sealed=done, lost=tuple(lost))

    return await store.write(unit)
