"""Keeping a chat connected: one that falls over is started again, and keeps nobody else from working."""

from __future__ import annotations

from bot.errors import ChatClosed, ChatError, StoreError
from bot.ports import Inbox, TeamChat
from bot.services.context import Services
from bot.services.locked_out import tell_shut

AGAIN = (1.0, 5.0, 30.0, 120.0, 600.0)
"""Seconds before a chat that ended is started again."""

STEADY = 60.0
"""Seconds of work after which a fall counts as the first one."""


async def listen(svc: Services, chat: TeamChat, inbox: Inbox) -> None:
    """Serve one chat until it is cancelled, whatever happens to it."""
    falls = 0
    while True:
        began = svc.clock.monotonic()
        try:
            await chat.run(inbox)
            svc.log.warning("chat_ended", chat=chat.name)
        except ChatError as error:
            svc.log.error("chat_failed", chat=chat.name, error=str(error), detail=error.detail)
            if isinstance(error, ChatClosed):
                await _tell(svc, chat.name, error)
        except Exception as error:
            # A fault in one service's library must not end the others, nor the publishing.
            svc.log.error("chat_broke", chat=chat.name, error=type(error).__name__, exc_info=error)
        falls = 0 if svc.clock.monotonic() - began > STEADY else falls
        await svc.clock.sleep(AGAIN[min(falls, len(AGAIN) - 1)])
        falls += 1


async def _tell(svc: Services, chat: str, error: ChatClosed) -> None:
    try:
        await tell_shut(svc, chat, error)
    except StoreError as broken:
        svc.log.warning("chat_failure_untold", chat=chat, error=str(broken))
