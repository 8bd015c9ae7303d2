"""The Protocols between the inside and the world. Nothing here does anything."""

from __future__ import annotations

from bot.ports.chatting import (
    Chat,
    ChatSpec,
    Inbox,
)
from bot.ports.publishing import (
    Deps,
    GeneratorSpec,
    Optimizer,
    Platform,
    Publisher,
    Renderer,
    ReportSection,
    RunningSimulator,
    SimulatedAccount,
)
from bot.ports.storing import (
    Accounts,
    Attempts,
    Audit,
    Cards,
    Deliveries,
    Halts,
    Meta,
    NewDelivery,
    Notices,
    Posts,
    Store,
    Tx,
    Votes,
)
from bot.ports.world import (
    Clock,
    Engine,
    Http,
    Log,
    MediaStore,
    Reply,
)

__all__ = [
    "Accounts",
    "Attempts",
    "Audit",
    "Cards",
    "Chat",
    "ChatSpec",
    "Clock",
    "Deliveries",
    "Deps",
    "Engine",
    "GeneratorSpec",
    "Halts",
    "Http",
    "Inbox",
    "Log",
    "MediaStore",
    "Meta",
    "NewDelivery",
    "Notices",
    "Optimizer",
    "Platform",
    "Posts",
    "Publisher",
    "Renderer",
    "Reply",
    "ReportSection",
    "RunningSimulator",
    "SimulatedAccount",
    "Store",
    "Tx",
    "Votes",
]
