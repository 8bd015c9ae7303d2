"""What every service is given: the ports, the brands and the connected accounts."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from bot.domain.extras import remarks
from bot.domain.fitting import MediaRules
from bot.domain.message import Target
from bot.domain.money import Budget
from bot.domain.options import option_findings, options_of, unchosen
from bot.domain.people import Brand
from bot.domain.platform import Facts, Finding, PostOption
from bot.domain.post import Variant
from bot.domain.rates import Meter
from bot.errors import NotFound, PublishError
from bot.ports import (
    Chat,
    Clock,
    Engine,
    Figures,
    Log,
    MediaStore,
    Pages,
    Platform,
    Publisher,
    Store,
    Studio,
    TeamChat,
    Tokens,
)
from bot.registry import Registry
from bot.services.census import Census
from bot.services.fits import Fits

LEASE_MARGIN = timedelta(seconds=90)
"""Added to a platform's ``commit_timeout`` to make a lease (reference: engine, §3.5)."""


@dataclass(kw_only=True)
class Connected:
    """One account of the configuration with its publisher.

    ``granted``: it speaks with what its owner allowed in ``clarion connect``, not with keys of
    its own. ``facts`` are what the platform allowed when it was last asked; see `refresh`. ``app``
    names the developer app (a hash), ``budget`` is what the account may spend, ``meter`` is
    where its publisher says what it read about rates; ``tokens`` what it asks when it is ``granted``.
    """

    name: str
    brand: str
    platform: Platform[Any]
    publisher: Publisher
    granted: bool = False
    facts: Facts = field(default_factory=Facts)
    known_at: datetime | None = None
    app: str = ""
    budget: Budget | None = None
    meter: Meter = field(default_factory=Meter)
    tokens: Tokens | None = None

    @property
    def lease(self) -> timedelta:
        return self.platform.commit_timeout + LEASE_MARGIN

    async def refresh(self, now: datetime) -> None:
        """Ask the platform what it allows, if what we know is stale; what fails changes nothing."""
        if self.known_at is not None and (self.facts.expires_at is None or self.facts.expires_at > now):
            return
        try:
            self.facts, self.known_at = await self.publisher.facts(), now
        except PublishError:
            return

    def rules(self, variant: Variant) -> MediaRules | None:
        """What files the variant may carry now; None where the platform says nothing."""
        return self.platform.media(variant, self.facts) if self.platform.media is not None else None

    def options(self, variant: Variant) -> tuple[PostOption, ...]:
        """What a person may choose for this variant."""
        return options_of(self.platform.options, self.rules(variant))

    def inspect(self, variant: Variant, *, post: str = "") -> tuple[Finding, ...]:
        """What the publisher finds in a variant, and what nobody has chosen yet; pure. ``post`` is its
        name, for the way out."""
        declared = self.platform.options
        open_ = {o.name for o in unchosen(declared, variant.options)}
        found = [f for f in self.publisher.inspect(variant.carried, self.facts) if f.code not in open_]
        lacking = option_findings(declared, variant.options, self.facts, account=self.name, post=post)
        return (*lacking, *found, *remarks(variant, self.platform.features, self.platform.title))


@dataclass(frozen=True, kw_only=True)
class Rest:
    """Until when a channel is left alone. ``shut``: it does not let us in, and people were told.
    ``stumbles``: how often in a row nobody knew what became of a message."""

    until: datetime
    shut: bool = False
    stumbles: int = 0


@dataclass(frozen=True, kw_only=True)
class Services:
    """The composition root fills this once; services and commands take it as an argument.

    ``owner`` names this process in leases, ``alone`` says that no other works on the database,
    ``instance`` names this database in the keys of calls. ``wake`` tells the pump that something may be
    due now; ``carrying`` lets one courier at a time speak where messages keep one order, ``speaking``
    are the channels of team chats that one of ours is at work on, ``resting`` those that are left
    alone for a while, ``roused``: how often a chat was there again; ``serving`` are the accounts
    that this process is at work on; ``chored``: when each chore
    last ran; ``census``: what this process knows of people, from which ``brands`` have theirs.
    ``previews`` is the folder where previews are saved. ``studio`` makes files fit, None where nothing
    can; ``preparing`` is what it is at work on here, by preparation, each with the scope that ends it.
    ``rehearsing``: nothing that is done stays, so nothing is made of files. ``figures`` draws charts,
    None where nothing can. ``fits`` are the models of good times that this process has fitted.
    """

    store: Store
    clock: Clock
    log: Log
    registry: Registry
    engine: Engine
    media: MediaStore
    brands: dict[str, Brand]
    accounts: Mapping[str, Connected]
    chats: Mapping[str, Chat]
    owner: str
    instance: str
    previews: Path
    simulated: bool = False
    alone: bool = True
    pages: Pages | None = None
    wake: Callable[[], None] = field(default=lambda: None)
    carrying: asyncio.Lock = field(default_factory=asyncio.Lock)
    speaking: set[str] = field(default_factory=set)
    resting: dict[str, Rest] = field(default_factory=dict)
    roused: Counter[str] = field(default_factory=Counter)
    serving: set[str] = field(default_factory=set)
    chored: dict[str, datetime] = field(default_factory=dict)
    census: Census = field(default_factory=Census)
    studio: Studio | None = None
    rehearsing: bool = False
    preparing: dict[int, asyncio.Timeout] = field(default_factory=dict)
    figures: Figures | None = None
    fits: Fits = field(default_factory=Fits)

    @cached_property
    def teams(self) -> Mapping[str, TeamChat]:
        """The chats in which teams live, by name."""
        return {name: chat for name, chat in self.chats.items() if isinstance(chat, TeamChat)}

    def brand_of(self, target: Target) -> Brand:
        """The brand whose channel this is; raises `NotFound` when nobody claims it."""
        for brand in self.brands.values():
            if target.address in brand.channels:
                return brand
        raise NotFound(f"No brand talks in {target.address}. Add it to a brand's `channels`.")

    def accounts_of(self, brand: str) -> tuple[Connected, ...]:
        return tuple(a for a in self.accounts.values() if a.brand == brand)

    def channels(self, brand: str) -> tuple[Target, ...]:
        """Where the brand's cards and news go."""
        addresses = self.brands[brand].channels if brand in self.brands else ()
        pairs = (address.split(":", 1) for address in addresses)
        return tuple(Target(chat=chat, channel=channel) for chat, channel in pairs if chat in self.chats)
