"""The file as a whole: store, chats, web, brands, accounts, plugins."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bot.config.audience import read_audience, with_audiences
from bot.config.brands import DEFAULT_BRAND, check_name, read_brand
from bot.config.budget import read_budget
from bot.config.people import Known, check_people, read_people
from bot.config.policy import read_policy, with_policies
from bot.config.secret import fetch
from bot.config.table import Table, Tell, dotted
from bot.config.web import WebConfig, read_web
from bot.domain.money import Budget
from bot.domain.outcomes import Audience
from bot.domain.people import Brand, Policy
from bot.domain.post import Json
from bot.domain.words import did_you_mean, nearest
from bot.errors import ConfigError

STORES = ("sqlite+aiosqlite://", "postgresql+psycopg://")
CHANNEL = re.compile(r"([a-z][a-z0-9_-]*):\S+")


@dataclass(frozen=True, kw_only=True)
class AccountConfig:
    """One ``[accounts.NAME]``. ``table`` holds the platform's own keys, still unchecked; ``budget``
    is what the account may spend, whatever the platform."""

    name: str
    brand: str
    platform: str
    table: Mapping[str, Json] = field(default_factory=dict, repr=False)
    budget: Budget | None = None
    approval: Policy | None = None
    audience: Audience | None = None


@dataclass(frozen=True, kw_only=True)
class Config:
    """What the file says. ``store_url`` None means that it does not say; it may hold a password.

    ``people``: a user of a chat (``chat:id``) → the member it is. ``web``: None without ``[web]``.
    """

    path: Path | None = None
    store_url: str | None = field(default=None, repr=False)
    chat_use: tuple[str, ...] = ("console",)
    chat_tables: Mapping[str, Mapping[str, Json]] = field(default_factory=dict, repr=False)
    brands: tuple[Brand, ...] = (DEFAULT_BRAND,)
    people: Mapping[str, str] = field(default_factory=dict)
    accounts: tuple[AccountConfig, ...] = ()
    plugins_disabled: tuple[str, ...] = ()
    plugins_load: tuple[Path, ...] = ()
    web: WebConfig | None = None

    @property
    def folder(self) -> Path:
        """What relative paths in the file start from."""
        return self.path.parent if self.path else Path()

    def problem(self, text: str) -> str:
        """``text`` as a sentence about this file: ``"acme.toml: accounts.acme-li: needs …"``."""
        return f"{self.path.name if self.path else 'configuration'}: {text}"


def load_config(path: Path | None, *, env: Mapping[str, str]) -> Config:
    """Read the file, or take the defaults without one; raises `ConfigError` with every problem found."""
    config, problems = read_config(path, env=env)
    if problems:
        raise ConfigError(problems)
    return config


def read_config(path: Path | None, *, env: Mapping[str, str]) -> tuple[Config, tuple[str, ...]]:
    """What could be understood, and the problems.

    For whoever has more to check with `read_settings` before telling all problems at once.
    Raises `ConfigError` for a file that cannot be read at all.
    """
    if path is None:
        return Config(), ()
    empty, problems = Config(path=path), list[str]()

    def tell(key: str, what: str) -> None:
        problems.append(empty.problem(f"{key}: {what}"))

    top = Table(_document(empty, path), "", tell)
    store, chat, plugins = top.table("store"), top.table("chat"), top.table("plugins")
    brand_tables, account_tables = top.tables("brand"), top.tables("accounts")
    people = top.table("people")
    web = top.table("web") if "web" in top else None
    top.finish()
    use = _chat_use(chat)
    known = Known(use=use, declared=read_people(people, use))
    brands = tuple(
        read_brand(name, table, alone=len(brand_tables) == 1, known=known)
        for name, table in brand_tables.items()
    )
    check_people(known.declared, brands, tell)
    _check_channels(brands, use, tell)
    brand_names = tuple(brand_tables) or (DEFAULT_BRAND.name,)
    zones = {brand.name: brand.timezone for brand in brands}
    accounts = [_account(name, table, brand_names, zones) for name, table in account_tables.items()]
    own = {(a.brand, a.name): a.approval for a in accounts if a and a.approval}
    brands = with_policies(brands or (DEFAULT_BRAND,), own, tell, known)
    brands = with_audiences(brands, {(a.brand, a.name): a.audience for a in accounts if a and a.audience})
    config = Config(
        path=path,
        store_url=_store_url(store, empty.folder, env),
        chat_use=use,
        chat_tables={
            key: chat.take(key, dict, {}) for key, value in chat.rest().items() if isinstance(value, dict)
        },
        brands=brands,
        people=known.declared,
        accounts=tuple(account for account in accounts if account),
        plugins_disabled=plugins.words("disabled"),
        plugins_load=tuple(empty.folder / text for text in plugins.words("load")),
        web=read_web(web) if web is not None else None,
    )
    for table in (store, chat, plugins, *((web,) if web is not None else ())):
        table.finish()
    return config, tuple(problems)


def _document(config: Config, path: Path) -> dict[str, Json]:
    try:
        return tomllib.loads(path.read_text("utf-8-sig"))
    except FileNotFoundError:
        what = "there is no such file"
    except OSError as error:
        what = f"cannot be read ({error.strerror or type(error).__name__})"
    except UnicodeDecodeError:
        what = "is not UTF-8 text"
    except tomllib.TOMLDecodeError as error:
        told = re.match(
            r"(.*?)(?: \(at (line \d+), column (\d+)\))?(?: \(at end of document\))?$", str(error), re.S
        )
        reason, line, column = told.groups() if told else ("", None, None)
        where = f"{line}, column {column}" if line else "the end of the file"
        what = f"{where}: this is not TOML ({reason[:1].lower()}{reason[1:]})"
    except (ValueError, RecursionError):
        # a path or a number too strange for Python, or brackets by the thousand
        what = "holds something that no configuration needs; it cannot be read"
    raise ConfigError([config.problem(what)])


def _store_url(store: Table, folder: Path, env: Mapping[str, str]) -> str | None:
    written = store.raw("url")
    if isinstance(written, dict):
        found = fetch(written, env=env, folder=folder)
        if isinstance(found, str):
            store.wrong("url", found)
            return None
        written = found.reveal()
    if written is None:
        return None
    if not isinstance(written, str) or not written.startswith(STORES):
        store.wrong(
            "url", "must be like sqlite+aiosqlite:///clarion.db or postgresql+psycopg://user@host/name"
        )
        return None
    scheme, _, file = written.partition(":///")
    if scheme == "sqlite+aiosqlite" and file and not file.startswith(("/", ":memory:", "file:")):
        return f"{scheme}:///{(folder / file).absolute()}"
    return written


def _chat_use(chat: Table) -> tuple[str, ...]:
    use = chat.words("use", Config.chat_use)
    if not use and chat.sound:
        chat.wrong("use", 'names no chat, so nobody could talk to me; "console" always works')
    return use


def _check_channels(brands: Iterable[Brand], use: tuple[str, ...], tell: Tell) -> None:
    owners: dict[str, str] = {}
    for brand in brands:
        for channel in brand.channels:
            key = f"{dotted('brand', brand.name)}.channels"
            match = CHANNEL.fullmatch(channel)
            if match is None:
                tell(key, f'{channel!r} must be a chat and a channel, like "console:main"')
            elif match[1] not in use:
                hint = did_you_mean(match[1], use) or "; add it to chat.use"
                tell(key, f"{channel!r} is in a chat that is not in use{hint}")
            elif owners.setdefault(channel, brand.name) != brand.name:
                tell(
                    key, f"{channel!r} already belongs to brand {owners[channel]!r}; a channel has one brand"
                )


def _account(
    name: str, table: Table, brands: tuple[str, ...], zones: Mapping[str, str]
) -> AccountConfig | None:
    check_name(name, table)
    brand = table.take("brand", str, brands[0] if len(brands) == 1 else "")
    if not brand:
        table.wrong("brand", "is missing; name one of " + ", ".join(brands))
    elif brand not in brands:
        hint = did_you_mean(brand, brands) or f"; add [{dotted('brand', brand)}]"
        table.wrong("brand", f"there is no brand {brand!r}{hint}")
    absent = not table.rest().get("platform", "")
    platform = table.take("platform", str, "")
    budget = read_budget(table.table("budget"))
    own = "approval" in table
    approval_table = table.table("approval")
    approval = read_policy(approval_table) if own else None
    audience = read_audience(table.table("audience"), zones.get(brand, "UTC"))
    rest = table.rest()
    meant = next((key for key in rest if nearest(key, ("platform",))), "")
    if absent:
        table.wrong(meant, "unknown key, did you mean 'platform'?" if meant else "needs a platform")
    if not platform:
        return None
    return AccountConfig(
        name=name,
        brand=brand,
        platform=platform,
        table=rest,
        budget=budget,
        approval=approval,
        audience=audience,
    )
