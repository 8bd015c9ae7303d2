"""A plugin's settings: filled from a table, checked key by key, secrets never in the file."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config import Secret, read_config, read_settings
from bot.errors import BadInput

HOW = 'write { env = "NAME" } or { file = "path" }'
FALLBACK = {"key": "DEMO_KEY", "token": "DEMO_TOKEN", "spare": "DEMO_SPARE"}


@dataclass(frozen=True, kw_only=True)
class Demo:
    author: str
    key: Secret
    token: Secret
    spare: Secret | None = None
    pages: int = 3
    share: float = 0.5
    loud: bool = False
    tags: tuple[str, ...] = ()
    note: str | None = None
    made: str = field(default="no", init=False)

    def __post_init__(self) -> None:
        if not self.author.startswith("urn:"):
            raise BadInput("author must begin with urn:")


ENV = {"DEMO_KEY": "k", "DEMO_TOKEN": "t"}


def read(table: dict[str, Any], env: dict[str, str] | None = None, folder: Path = Path()) -> Any:
    return read_settings(
        Demo,
        table,
        where="accounts.a",
        env=ENV if env is None else env,
        fallback=FALLBACK,
        folder=folder,
    )


def test_everything_given(tmp_path: Path) -> None:
    (tmp_path / "token.txt").write_text("  from file\n")
    demo = read(
        {
            "author": "urn:1",
            "key": {"env": "MINE"},
            "token": {"file": "token.txt"},
            "spare": Secret("ready"),
            "pages": 4,
            "share": 1,
            "loud": True,
            "tags": ["a", "b"],
            "note": "x",
        },
        env={"MINE": "from env", "DEMO_KEY": "not this"},
        folder=tmp_path,
    )
    assert demo == Demo(
        author="urn:1",
        key=Secret("from env"),
        token=Secret("from file"),
        spare=Secret("ready"),
        pages=4,
        share=1.0,
        loud=True,
        tags=("a", "b"),
        note="x",
    )
    assert isinstance(demo.share, float)


def test_the_customary_variables_do_where_nothing_is_written() -> None:
    demo = read({"author": "urn:1"})
    assert (demo.key, demo.token, demo.spare) == (Secret("k"), Secret("t"), None)
    assert read({"author": "urn:1"}, {**ENV, "DEMO_SPARE": "s"}).spare == Secret("s")


@pytest.mark.parametrize(
    ("table", "env", "expected"),
    [
        ({"author": "urn:1", "pagse": 1}, ENV, ["accounts.a.pagse: unknown key, did you mean 'pages'?"]),
        ({"author": "urn:1", "made": "x"}, ENV, ["accounts.a.made: unknown key"]),
        ({}, ENV, ["accounts.a.author: is missing"]),
        ({"author": 5}, ENV, ["accounts.a.author: must be text in quotes"]),
        ({"author": "urn:1", "pages": True}, ENV, ["accounts.a.pages: must be a whole number"]),
        ({"author": "urn:1", "pages": 2**63}, ENV, ["accounts.a.pages: must be a whole number"]),
        ({"author": "urn:1", "share": float("nan")}, ENV, ["accounts.a.share: must be a number"]),
        ({"author": "urn:1", "share": True}, ENV, ["accounts.a.share: must be a number"]),
        ({"author": "urn:1", "loud": 1}, ENV, ["accounts.a.loud: must be true or false"]),
        (
            {"author": "urn:1", "tags": "a"},
            ENV,
            ['accounts.a.tags: must be a list of texts, like ["…"]'],
        ),
        ({"author": "urn:1"}, {"DEMO_KEY": "k"}, ["accounts.a: needs DEMO_TOKEN in the environment"]),
        (
            {"author": "urn:1"},
            {"DEMO_KEY": ""},
            ["accounts.a: needs DEMO_KEY and DEMO_TOKEN in the environment"],
        ),
        (
            {"author": "urn:1", "key": {"env": "X"}},
            ENV,
            ["accounts.a.key: needs X in the environment"],
        ),
        (
            {"author": "urn:1", "key": "hunter2"},
            ENV,
            [f"accounts.a.key: a secret is not written in the file; {HOW}"],
        ),
        (
            {"author": "urn:1", "key": {"evn": "hunter2"}},
            ENV,
            [f"accounts.a.key: is not a secret; {HOW}"],
        ),
        (
            {"author": "urn:1", "key": {"env": "A", "file": "b"}},
            ENV,
            [f"accounts.a.key: is not a secret; {HOW}"],
        ),
        ({"author": "me"}, ENV, ["accounts.a: author must begin with urn:"]),
        (
            {"autor": "urn:1", "loud": 1},
            {},
            [
                "accounts.a.autor: unknown key, did you mean 'author'?",
                "accounts.a.author: is missing",
                "accounts.a.loud: must be true or false",
                "accounts.a: needs DEMO_KEY and DEMO_TOKEN in the environment",
            ],
        ),
    ],
)
def test_every_mistake_has_its_sentence(
    table: dict[str, Any], env: dict[str, str], expected: list[str]
) -> None:
    told = read(table, env)
    assert list(told) == expected
    assert "hunter2" not in str(told)


def test_a_secret_file_that_is_no_good(tmp_path: Path) -> None:
    (tmp_path / "empty").write_text(" \n")
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    for name, expected in [
        ("none", "accounts.a.key: the file 'none' cannot be read (No such file or directory)"),
        ("empty", "accounts.a.key: the file 'empty' is empty"),
        ("binary", "accounts.a.key: the file 'binary' is not text"),
        (".", "accounts.a.key: the file '.' cannot be read (Is a directory)"),
        ("a\0b", "accounts.a.key: 'a\\x00b' is not a path"),
        ("~nobody-has-this-name/x", "accounts.a.key: '~nobody-has-this-name/x' is not a path"),
    ]:
        assert read({"author": "urn:1", "key": {"file": name}}, folder=tmp_path) == (expected,)


def test_a_secret_without_a_customary_variable_says_how_to_write_it() -> None:
    @dataclass(frozen=True)
    class Bare:
        key: Secret

    told = read_settings(Bare, {}, where="accounts.a", env={}, fallback={})
    assert told == ('accounts.a.key: is missing; write { env = "NAME" } or { file = "path" }',)


def test_a_field_nobody_can_write_is_the_plugins_mistake() -> None:
    @dataclass(frozen=True)
    class Odd:
        sizes: dict[str, int]

    with pytest.raises(TypeError, match=r"Odd\.sizes"):
        read_settings(Odd, {}, where="accounts.a", env={}, fallback={})


def test_a_secret_never_shows_itself() -> None:
    secret = Secret("hunter2")
    assert "hunter2" not in f"{secret} {secret!r} {[secret]} {vars(type(secret))}"
    assert secret.reveal() == "hunter2"
    assert secret == Secret("hunter2")
    assert secret != "hunter2"
    assert hash(secret) == hash(Secret("hunter2"))
    assert not Secret("")


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["env", "file", "x"]), inner),
    max_leaves=4,
)


@given(st.dictionaries(st.sampled_from(["author", "key", "tags", "pages", "share", "note", "zzz"]), VALUES))
def test_any_table_gives_settings_or_sentences(table: dict[str, Any]) -> None:
    told = read(table)
    assert isinstance(told, Demo) or (told and all(text.startswith("accounts.a") for text in told))


def test_the_files_problems_and_the_platforms_are_told_together(tmp_path: Path) -> None:
    path = tmp_path / "acme.toml"
    path.write_text(
        '[accounts.acme-x]\nplatfrom = "x"\n[accounts.acme-li]\nplatform = "d"\nauthor = "urn:1"\n'
    )
    config, problems = read_config(path, env={})
    (account,) = config.accounts
    told = read_settings(Demo, account.table, where=f"accounts.{account.name}", env={}, fallback=FALLBACK)
    assert isinstance(told, tuple)
    assert [*problems, *map(config.problem, told)] == [
        "acme.toml: accounts.acme-x.platfrom: unknown key, did you mean 'platform'?",
        "acme.toml: accounts.acme-li: needs DEMO_KEY and DEMO_TOKEN in the environment",
    ]
