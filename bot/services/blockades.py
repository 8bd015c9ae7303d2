"""Telling the channel, once, which plugin held everybody up."""

from __future__ import annotations

from datetime import timedelta

from bot.domain.message import Message
from bot.ports import Tx
from bot.registry import Blockade
from bot.services.chores import Chore
from bot.services.context import Services
from bot.services.tell import tell_brand

TELLS = 2.0
"""Seconds from which on people hear of it; what is shorter, like the loading of a library on a busy
machine, is only logged."""


async def tell_blockades(svc: Services) -> None:
    """Say of every plugin that blocked which one it was, where, and for how long."""
    found = tuple(b for b in svc.registry.watch.blockades.values() if b.seconds >= TELLS)
    if not found or {b.plugin for b in found} <= svc.registry.watch.told:
        return

    def unit(tx: Tx) -> None:
        for blockade in found:
            for brand in svc.brands:
                message = Message(text=_words(blockade))
                tell_brand(svc, tx, brand, f"plugin:{blockade.plugin}:blocked", message)

    await svc.store.write(unit)
    svc.registry.watch.told.update(b.plugin for b in found)


def _words(blockade: Blockade) -> str:
    return (
        f"The plugin {blockade.plugin} held everything up for {blockade.seconds:.1f} s (in {blockade.what}). "
        f"Nothing was lost. Its author can mend it; `[plugins] disabled` leaves it out."
    )


BLOCKADES = Chore(name="blockades", every=timedelta(seconds=1), run=tell_blockades)
