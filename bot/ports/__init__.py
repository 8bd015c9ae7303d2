"""The Protocols between the inside and the world. Nothing here does anything."""

from __future__ import annotations

from bot.ports.advising import BestTimes, Experimenting, Optimizer, Tips, Winners
from bot.ports.alerting import Alerts
from bot.ports.budgeting import Budgets, Echo, Echoes
from bot.ports.chatting import (
    Chat,
    ChatSpec,
    Heard,
    Inbox,
    Profile,
    TeamChat,
)
from bot.ports.experimenting import Experiments
from bot.ports.figures import Figures
from bot.ports.granting import (
    AppKeys,
    ClientProof,
    GivenCode,
    Grants,
    Keep,
    OAuth,
    Renewal,
    Seal,
    TokenAsk,
    Tokens,
    TokenSteps,
)
from bot.ports.keeping import Kept
from bot.ports.measuring import Reading, Snapshots
from bot.ports.preparing import Preparations
from bot.ports.proposing import Proposals
from bot.ports.publishing import (
    Deps,
    GeneratorSpec,
    Platform,
    Publisher,
    Renderer,
    ReportSection,
    Revising,
    RunningSimulator,
    SimulatedAccount,
)
from bot.ports.queueing import Backlog, Queue
from bot.ports.reporting import Reports
from bot.ports.saying import Cards, Heards, Notices
from bot.ports.storing import (
    Accounts,
    Attempts,
    Audit,
    Calendars,
    Deliveries,
    Halts,
    Meta,
    NewDelivery,
    People,
    Posts,
    Reminders,
    Rules,
    Votes,
)
from bot.ports.studio import Drawn, Lettering, Studio
from bot.ports.timing import Forecasts
from bot.ports.transacting import Store, Tx
from bot.ports.world import (
    Clock,
    Engine,
    Http,
    Log,
    MediaLinks,
    MediaStore,
    Pages,
    Reply,
    Web,
)

__all__ = [
    "Accounts",
    "Alerts",
    "AppKeys",
    "Attempts",
    "Audit",
    "Backlog",
    "BestTimes",
    "Budgets",
    "Calendars",
    "Cards",
    "Chat",
    "ChatSpec",
    "ClientProof",
    "Clock",
    "Deliveries",
    "Deps",
    "Drawn",
    "Echo",
    "Echoes",
    "Engine",
    "Experimenting",
    "Experiments",
    "Figures",
    "Forecasts",
    "GeneratorSpec",
    "GivenCode",
    "Grants",
    "Halts",
    "Heard",
    "Heards",
    "Http",
    "Inbox",
    "Keep",
    "Kept",
    "Lettering",
    "Log",
    "MediaLinks",
    "MediaStore",
    "Meta",
    "NewDelivery",
    "Notices",
    "OAuth",
    "Optimizer",
    "Pages",
    "People",
    "Platform",
    "Posts",
    "Preparations",
    "Profile",
    "Proposals",
    "Publisher",
    "Queue",
    "Reading",
    "Reminders",
    "Renderer",
    "Renewal",
    "Reply",
    "ReportSection",
    "Reports",
    "Revising",
    "Rules",
    "RunningSimulator",
    "Seal",
    "SimulatedAccount",
    "Snapshots",
    "Store",
    "Studio",
    "TeamChat",
    "Tips",
    "TokenAsk",
    "TokenSteps",
    "Tokens",
    "Tx",
    "Votes",
    "Web",
    "Winners",
]
