"""A chat that does not let us speak: said once where the brand's people still read us."""

from __future__ import annotations

from bot.domain.message import Message, Target
from bot.domain.records import Notice
from bot.errors import ChatError
from bot.ports import Tx
from bot.services.context import Services

SHUT = "shut:"
"""What the keys of such an incident begin with."""

WAITS = "What belongs there waits; nothing is lost."


async def tell_shut(svc: Services, where: str, error: ChatError) -> None:
    """``where`` is a channel's address, or a chat's name when none of its channels can be reached.

    Said once in each other channel of the brands that talk there.
    """
    message = Message(text=f"{_sentence(where, error)} {WAITS}")
    await svc.store.write(lambda tx: _put(svc, tx, f"{SHUT}{where}", where, message))


async def tell_refused(svc: Services, where: Target, name: str, what: str, error: ChatError) -> None:
    """One message that a service does not take; ``name`` says which, ``what`` it is for people."""
    reason = str(error).rstrip(".")
    text = f"I could not show {what} in {where.address}: {reason}. I try again later."
    message = Message(text=text)
    await svc.store.write(lambda tx: _put(svc, tx, f"refused:{name}", where.address, message))


def open_again(tx: Tx, where: str) -> None:
    """It lets us in: the next time it does not is news again."""
    tx.notices.forget(f"{SHUT}{where}@")


def _put(svc: Services, tx: Tx, key: str, where: str, message: Message) -> None:
    chat, _, channel = where.partition(":")
    for name in svc.brands:
        targets = svc.channels(name)
        concerned = [t for t in targets if t.address == where or (not channel and t.chat == chat)]
        for target in targets if concerned else ():
            if target not in concerned:
                key_here = f"{key}@{target.address}"
                tx.notices.put(Notice(id=0, key=key_here, target=target, message=message, brand=name))


def _sentence(where: str, error: ChatError) -> str:
    said = str(error).strip() or f"I cannot write in {where}"
    if said == (type(error).__doc__ or "").splitlines()[0]:
        said = f"I cannot write in {where}: it does not let me in any more"
    return said if said.endswith((".", "!", "?")) else f"{said}."
