"""config.toml: what it means, and that every mistake in it gets its sentence, all at once."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.config import Config, load_config, read_config
from bot.domain.people import Role
from bot.errors import ConfigError

ROOT = Path(__file__).parents[2]


def read(folder: Path, text: str, **env: str) -> Config:
    path = folder / "acme.toml"
    path.write_text(text, "utf-8")
    return load_config(path, env=env)


def problems(folder: Path, text: str, **env: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read(folder, text, **env)
    assert all(problem.startswith("acme.toml: ") for problem in caught.value.problems)
    return [problem.removeprefix("acme.toml: ") for problem in caught.value.problems]


def test_nothing_at_all_is_a_console_with_one_brand(tmp_path: Path) -> None:
    for config in (load_config(None, env={}), read(tmp_path, "")):
        assert config.store_url is None
        assert config.chat_use == ("console",)
        assert config.accounts == ()
        (brand,) = config.brands
        assert (brand.name, brand.timezone, brand.channels) == ("acme", "UTC", ("console:main",))
        assert [brand.role_of(name) for name in ("alice", "bob", "carol", "dana", "eve")] == [
            Role.CREATE,
            Role.APPROVE,
            Role.APPROVE,
            Role.ADMIN,
            Role.NONE,
        ]


def test_everything_is_read(tmp_path: Path) -> None:
    config = read(
        tmp_path,
        """
        [store]
        url = "postgresql+psycopg://me@db/clarion"
        [chat]
        use = ["console"]
        slack = { base_url = "http://x" }
        [brand.acme]
        timezone = "Europe/Lisbon"
        channels = ["console:main"]
        roles = { view = ["eve"], create = ["alice"], approve = ["bob", "carol"], admin = ["dana"] }
        approval = { mode = "any", needed = 2, author_may_approve = true, expires = "90m" }
        slots = ["mon-fri 09:00", "sat,sun 11:00"]
        quiet = "22:00-07:00"
        [brand.other]
        channels = ["console:other"]
        approval = { mode = "none", expires = "7d" }
        [accounts.acme-x]
        brand = "acme"
        platform = "demo"
        base_url = "http://127.0.0.1:9001"
        token = { env = "T" }
        [plugins]
        disabled = ["tips"]
        load = ["./mine.py", "/abs/yours.py"]
        """,
    )
    acme, other = config.brands
    assert config.store_url == "postgresql+psycopg://me@db/clarion"
    assert config.chat_tables == {"slack": {"base_url": "http://x"}}
    assert acme.timezone == "Europe/Lisbon"
    assert dict(acme.roles) == {
        Role.VIEW: ("eve",),
        Role.CREATE: ("alice",),
        Role.APPROVE: ("bob", "carol"),
        Role.ADMIN: ("dana",),
    }
    assert (acme.policy.mode, acme.policy.needed, acme.policy.expires_s) == ("any", 2, 5400)
    assert acme.policy.author_may_approve
    assert (acme.slots, acme.quiet) == (("mon-fri 09:00", "sat,sun 11:00"), "22:00-07:00")
    assert (other.policy.mode, other.policy.expires_s) == ("none", 7 * 86400)
    (account,) = config.accounts
    assert (account.name, account.brand, account.platform) == ("acme-x", "acme", "demo")
    assert account.table == {"base_url": "http://127.0.0.1:9001", "token": {"env": "T"}}
    assert config.plugins_disabled == ("tips",)
    assert config.plugins_load == (tmp_path / "mine.py", Path("/abs/yours.py"))


def test_the_example_in_the_repository_runs_simulated() -> None:
    config = load_config(ROOT / "config.toml", env={})
    assert config.accounts == ()
    assert config.store_url is None
    assert config.brands[0].members(Role.APPROVE) == ("bob", "carol", "dana")


def test_the_example_means_what_it_says_when_all_of_it_is_used(tmp_path: Path) -> None:
    text = (ROOT / "config.toml").read_text("utf-8")
    assert text.count("\n#= ") > 8
    config = read(tmp_path, text.replace("\n#= ", "\n"))
    assert config.store_url == f"sqlite+aiosqlite:///{tmp_path}/clarion.db"
    assert [account.name for account in config.accounts] == ["acme-x", "acme-li"]
    assert config.accounts[1].table == {"author": "urn:li:organization:2414183"}
    assert config.plugins_load == (tmp_path / "mine.py",)


def test_the_store_lies_beside_the_file(tmp_path: Path) -> None:
    def url(written: str) -> str | None:
        return read(tmp_path, f'store.url = "{written}"').store_url

    assert url("sqlite+aiosqlite:///a/b.db") == f"sqlite+aiosqlite:///{tmp_path}/a/b.db"
    assert url("sqlite+aiosqlite:////var/b.db") == "sqlite+aiosqlite:////var/b.db"
    assert url("sqlite+aiosqlite:///:memory:") == "sqlite+aiosqlite:///:memory:"
    assert url("sqlite+aiosqlite://") == "sqlite+aiosqlite://"


def test_a_store_url_may_be_a_secret_and_is_never_shown(tmp_path: Path) -> None:
    config = read(tmp_path, 'store.url = { env = "DB" }', DB="postgresql+psycopg://me:hunter2@db/x")
    assert config.store_url == "postgresql+psycopg://me:hunter2@db/x"
    assert "hunter2" not in repr(config)
    assert problems(tmp_path, 'store.url = { env = "DB" }') == ["store.url: needs DB in the environment"]


def test_members_of_a_brand_on_the_console_may_be_left_out(tmp_path: Path) -> None:
    (brand,) = read(tmp_path, "[brand.shop]").brands
    assert (brand.channels, brand.role_of("bob")) == (("console:main",), Role.APPROVE)


def test_the_only_brand_owns_the_accounts(tmp_path: Path) -> None:
    assert read(tmp_path, '[brand.shop]\n[accounts.a]\nplatform = "demo"').accounts[0].brand == "shop"


def test_a_group_counts_as_enough_people(tmp_path: Path) -> None:
    roles = 'chat.use = ["console", "slack"]\n[brand.b]\nroles.approve = ["@leads"]\napproval.needed = 3'
    assert read(tmp_path, roles).brands[0].policy.needed == 3


def test_a_byte_order_mark_is_no_problem(tmp_path: Path) -> None:
    assert read(tmp_path, "\ufeff[brand.shop]\r\n").brands[0].name == "shop"


BRAND = '[brand.acme]\nroles = { create = ["alice"], approve = ["bob", "carol"] }\n'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            '[accounts.acme-x]\nbrand = "acme"\nplatfrom = "demo"',
            "accounts.acme-x.platfrom: unknown key, did you mean 'platform'?",
        ),
        ('[accounts.x]\nbase_url = "http://h"', "accounts.x: needs a platform"),
        ("[accounts.x]\nplatform = 5", "accounts.x.platform: must be text in quotes"),
        ('[accounts.x]\nplatform = ""', "accounts.x: needs a platform"),
        ("accounts.x = 5", "accounts.x: must be a table, like { key = value }"),
        ('["a c"]', "'a c': unknown key"),
        ('["a\\u001b[2Jc"]', "'a\\x1b[2Jc': unknown key"),
        ("[brands.acme]", "brands: unknown key, did you mean 'brand'?"),
        ("[account.x]", "account: unknown key, did you mean 'accounts'?"),
        ("stores = 1", "stores: unknown key, did you mean 'store'?"),
        ("store = 1", "store: must be a table, like { key = value }"),
        ("store.ulr = 'x'", "store.ulr: unknown key, did you mean 'url'?"),
        (
            "store.url = 'mysql://x'",
            "store.url: must be like sqlite+aiosqlite:///clarion.db or postgresql+psycopg://user@host/name",
        ),
        ("store.url = 5", "store.url: must be like sqlite"),
        ("chat.use = 'console'", 'chat.use: must be a list of texts, like ["…"]'),
        ("chat.use = []", "chat.use: names no chat"),
        ("chat.usage = 1", "chat.usage: unknown key, did you mean 'use'?"),
        ("plugins.load = [1]", 'plugins.load: must be a list of texts, like ["…"]'),
        ("plugins.disable = []", "plugins.disable: unknown key, did you mean 'disabled'?"),
        ('["brand"."a b"]', "brand.'a b': a name has at most 40 letters, digits, - and _"),
        (BRAND + "timezone = 'Europe/Lisbonn'", "did you mean 'Europe/Lisbon'?"),
        (BRAND + "timezone = 'europe/berlin'", "did you mean 'Europe/Berlin'?"),
        (BRAND + "timezone = '/etc/passwd'", "brand.acme.timezone: '/etc/passwd' is not an IANA time zone"),
        (BRAND + "timezone = 'America'", "brand.acme.timezone: 'America' is not an IANA time zone"),
        (BRAND + "timezone = 2", "brand.acme.timezone: must be text in quotes"),
        (BRAND + "chanels = []", "brand.acme.chanels: unknown key, did you mean 'channels'?"),
        (BRAND + "channels = ['main']", "brand.acme.channels: 'main' must be a chat and a channel"),
        (
            BRAND + "channels = ['slack:C1']",
            "brand.acme.channels: 'slack:C1' is in a chat that is not in use; add it to chat.use",
        ),
        (BRAND + "channels = ['consol:main']", "did you mean 'console'?"),
        (BRAND + "channels = ['']", "brand.acme.channels: holds an empty text"),
        (BRAND + "slots = ['mon-fry 09:00']", "brand.acme.slots: “mon-fry 09:00”"),
        (BRAND + "slots = ['mon 25:00']", "brand.acme.slots: “mon 25:00”"),
        (BRAND + "quiet = 'at night'", "brand.acme.quiet: “at night”"),
        (BRAND + "approval.mode = 'nome'", "'nome' is not a mode, did you mean 'none'?"),
        (BRAND + "approval.needed = 0", "brand.acme.approval.needed: must be at least 1"),
        (BRAND + "approval.needed = true", "brand.acme.approval.needed: must be a whole number"),
        (BRAND + "approval.needed = 3", "brand.acme.approval: needs 3 but only 2 may approve"),
        (BRAND + "approval.expires = '2 days'", "brand.acme.approval.expires: '2 days' is not a time"),
        (BRAND + "approval.expires = '0h'", "brand.acme.approval.expires: '0h' is not a time"),
        (BRAND + "approval.expires = '999999d'", "brand.acme.approval.expires: '999999d' is not a time"),
        (BRAND + "approval.author_may_approve = 1", "author_may_approve: must be true or false"),
        (
            BRAND + "approval.author = true",
            "brand.acme.approval.author: unknown key, did you mean 'author_may",
        ),
        ("brand.b.roles.aprove = ['bob']", "brand.b.roles.aprove: unknown key, did you mean 'approve'?"),
        ("brand.b.roles.approve = 'bob'", 'brand.b.roles.approve: must be a list of texts, like ["…"]'),
        ("brand.b.roles.create = ['al']", "brand.b.approval: needs 1 but nobody may approve"),
        (BRAND + "[accounts.x]\nplatform='demo'\nbrand='acne'", "no brand 'acne', did you mean 'acme'?"),
        ("[accounts.x]\nplatform='demo'\nbrand='zoo'", "there is no brand 'zoo'; add [brand.zoo]"),
        (
            "[brand.a]\nchannels=['console:main']\n[brand.b]\nchannels=['console:main']",
            "brand.b.channels: 'console:main' already belongs to brand 'a'; a channel has one brand",
        ),
        (
            "[brand.a]\n[brand.b]\n[accounts.x]\nplatform='demo'",
            "accounts.x.brand: is missing; name one of a, b",
        ),
        ("[accounts.'a,b']\nplatform='demo'", "accounts.'a,b': a name has at most 40 letters"),
    ],
)
def test_one_mistake_one_sentence(tmp_path: Path, text: str, expected: str) -> None:
    told = problems(tmp_path, text)
    assert len(told) == 1, told
    assert expected in told[0]
    assert "\x1b" not in told[0]


def test_all_mistakes_at_once(tmp_path: Path) -> None:
    told = problems(
        tmp_path,
        """
        [stor]
        [brand.acme]
        timezone = "Mars"
        roles = { approve = ["Bob", "bob"] }
        approval = { needed = 2, expires = "soon" }
        [accounts.x]
        brand = "acme"
        """,
    )
    assert [sentence.split(":")[0] for sentence in told] == [
        "stor",
        "brand.acme.timezone",
        "brand.acme.approval.expires",
        "brand.acme.approval",
        "accounts.x",
    ]


def test_what_is_right_can_still_be_used_beside_the_problems(tmp_path: Path) -> None:
    path = tmp_path / "acme.toml"
    path.write_text('[accounts.x]\nplatfrom = "demo"\n[accounts.y]\nplatform = "demo"\nkey = 1')
    config, told = read_config(path, env={})
    assert [account.name for account in config.accounts] == ["y"]
    assert told == ("acme.toml: accounts.x.platfrom: unknown key, did you mean 'platform'?",)
    assert config.problem("accounts.y.key: odd") == "acme.toml: accounts.y.key: odd"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[brand\n", "line 1, column 7: this is not TOML"),
        ('a = 1\nb = "x', "this is not TOML"),
        ("a = ", "this is not TOML"),
        ("a = " + "[" * 5000, "cannot be read"),
        ("a = " + "9" * 5000, "cannot be read"),
    ],
)
def test_a_file_that_is_not_toml(tmp_path: Path, text: str, expected: str) -> None:
    (told,) = problems(tmp_path, text)
    assert expected in told


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "latin.toml").write_bytes(b"a = '\xff'")
    (tmp_path / "folder.toml").mkdir()
    for name, expected in [
        ("none.toml", "none.toml: there is no such file"),
        ("latin.toml", "latin.toml: is not UTF-8 text"),
        ("folder.toml", "folder.toml: cannot be read (Is a directory)"),
    ]:
        with pytest.raises(ConfigError) as caught:
            load_config(tmp_path / name, env={})
        assert caught.value.problems == (expected,)


KEYS = re.findall(
    r"\S+",
    "store url chat use slack brand acme timezone channels roles view create approve admin approval mode "
    "needed author_may_approve expires slots quiet accounts acme-x platform plugins disabled load env file",
)
WORDS = re.findall(
    r"\S+",
    "mon-fri_09:00 daily_9:00 22:00-07:00 any none all console:main console slack alice @group 48h 0d UTC "
    "Europe/Lisbon . / sqlite+aiosqlite:///x.db acme",
)
CHARACTERS = st.characters(codec="utf-8")
LEAVES = st.one_of(
    st.sampled_from(WORDS).map(lambda word: word.replace("_", " ")),
    st.text(CHARACTERS, max_size=12),
    st.integers(-(2**70), 2**70),
    st.booleans(),
    st.floats(),
    st.dates(),
)


def nested(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    keys = st.one_of(st.sampled_from(KEYS), st.text(CHARACTERS, max_size=8))
    return st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4)


def toml(value: Any) -> str:
    """The value as TOML, tables inline."""
    match value:
        case bool():
            return str(value).lower()
        case str():
            return '"' + "".join(f"\\U{ord(char):08x}" for char in value) + '"'
        case dict():
            return "{" + ", ".join(f"{toml(key)} = {toml(inner)}" for key, inner in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(toml, value)) + "]"
        case date():
            return value.isoformat()
    return str(value)


DOCUMENTS = st.dictionaries(
    st.sampled_from(["store", "chat", "brand", "accounts", "plugins", "other"]),
    st.recursive(LEAVES, nested, max_leaves=12),
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(document=DOCUMENTS)
@example(
    document={"accounts": {"acme-x": {"platform": "demo", "token": {"file": "\0"}}}, "store": {"url": {}}}
)
@example(document={"store": {"url": {"file": "."}}})
@example(document={"brand": {"acme": {"approval": {"needed": 2**70}, "timezone": "\0"}}})
def test_nonsense_is_a_config_error_or_a_config(tmp_path: Path, document: dict[str, Any]) -> None:
    text = "\n".join(f"{toml(key)} = {toml(value)}" for key, value in document.items())
    told: tuple[str, ...] = ()
    config = None
    try:
        config = read(tmp_path, text)
    except ConfigError as error:
        told = error.problems
    assert (config is None) is bool(told)
    assert all(p.startswith("acme.toml: ") and p.isprintable() for p in told), told
    assert config is None or all(brand.policy.needed >= 1 for brand in config.brands)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=60) | st.text("[]{}=.\"'\n #ab1-:", max_size=60).map(str.encode))
def test_any_bytes_are_a_config_error_or_a_config(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "acme.toml"
    path.write_bytes(content)
    told: tuple[str, ...] = ("",)
    try:
        load_config(path, env={})
    except ConfigError as error:
        told = error.problems
    assert told
