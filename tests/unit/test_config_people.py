"""``[people]``, and users and groups of chats where names are expected."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.config import Config, load_config
from bot.domain.people import Role
from bot.errors import ConfigError

CHATS = 'chat.use = ["console", "slack", "discord"]\n'
ONE = 'chat.use = ["console", "slack"]\n'
BRAND = (
    '[brand.acme]\nchannels = ["console:main"]\nroles = { create = ["alice"], approve = ["bob", "carol"] }\n'
)


def read(folder: Path, text: str) -> Config:
    path = folder / "acme.toml"
    path.write_text(text, encoding="utf-8")
    return load_config(path, env={})


def problems(folder: Path, text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read(folder, text)
    return list(caught.value.problems)


def test_a_brand_lives_in_three_chats_with_people_of_all_kinds(tmp_path: Path) -> None:
    config = read(
        tmp_path,
        CHATS
        + """
        chat.slack = { bot_token = { env = "SLACK_BOT_TOKEN" } }
        chat.discord = { token = { env = "DISCORD_TOKEN" } }
        [people]
        bob = ["slack:U024BE7LH", "discord:80351110224678912"]
        [brand.acme]
        channels = ["console:main", "slack:C024BE91L", "discord:118700000000000000"]
        roles.create = ["alice", "@discord:Marketing"]
        roles.approve = ["slack:U024BE7LH", "bob", "slack:U024BE7LZ", "@slack:S0614TZR7", "@slack:leads"]
        roles.admin = ["dana"]
        [brand.acme.approval]
        mode = "levels"
        levels = [
            { name = "legal", who = ["discord:80351110224678912"] },
            { name = "all", who = ["@slack:leads"] },
        ]
        escalate = { after = "24h", to = ["@discord:1187", "dana"] }
        """,
    )
    (brand,) = config.brands
    assert config.people == {"slack:U024BE7LH": "bob", "discord:80351110224678912": "bob"}
    assert brand.roles[Role.APPROVE] == ("bob", "slack:U024BE7LZ", "@slack:S0614TZR7", "@slack:leads")
    assert brand.roles[Role.CREATE] == ("alice", "@discord:Marketing")
    assert [level.who for level in brand.policy.levels] == [("bob",), ("@slack:leads",)]
    assert brand.policy.escalate_to == ("@discord:1187", "dana")
    assert sorted(config.chat_tables) == ["discord", "slack"]


def test_a_group_alone_is_one_of_the_only_team_chat(tmp_path: Path) -> None:
    text = f'{ONE}[brand.acme]\nroles.approve = ["@marketing-leads"]\napproval.mode = "all"\n'
    assert read(tmp_path, text).brands[0].roles[Role.APPROVE] == ("@slack:marketing-leads",)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            f'{CHATS}{BRAND}[people]\nbob = ["slack:bob"]',
            "people.bob: 'slack:bob' names no user: an id is like \"U024BE7LH\"",
        ),
        (f'{CHATS}{BRAND}[people]\nbob = ["U024BE7LH"]', "people.bob: 'U024BE7LH' needs its chat, like"),
        (f'{CHATS}{BRAND}[people]\nbob = "slack:U024BE7LH"', "people.bob: must be a list of texts"),
        (
            f'{CHATS}{BRAND}[people]\nbob = ["slakc:U024BE7LH"]',
            "people.bob: 'slakc:U024BE7LH' is in a chat that is not in use, did you mean 'slack'?",
        ),
        (
            f'{ONE}{BRAND}[people]\nbob = ["teams:U024BE7LH"]',
            "people.bob: 'teams:U024BE7LH' is in a chat that is not in use; add it to chat.use",
        ),
        (
            f'{CHATS}{BRAND}[people]\nbob = ["slack:U024BE7LH"]\ncarol = ["slack:U024BE7LH"]',
            "people.carol: 'slack:U024BE7LH' is bob already; a user is one person",
        ),
        (
            f'{CHATS}{BRAND}[people]\nbbo = ["slack:U024BE7LH"]',
            "people.bbo: is no member of any brand, did you mean 'bob'?",
        ),
        (f"{CHATS}{BRAND}[people]\n'@bob' = [\"slack:U024BE7LH\"]", "is no name of a person"),
        (
            f"{CHATS}{BRAND}[people]\nbob = {[f'slack:U{n:08}' for n in range(21)]}",
            "people.bob: has more than 20 users",
        ),
        (
            f'{CHATS}[brand.b]\nroles.approve = ["bob", "eve"]\nroles.view = ["slack:bob"]',
            "brand.b.roles.view: 'slack:bob' names no user",
        ),
        (
            f'{CHATS}[brand.b]\nroles.approve = ["console:bob"]',
            "brand.b.roles.approve: 'console:bob': at the console people are whom they say",
        ),
        (
            f'{CHATS}[brand.b]\nroles.approve = ["@leads"]',
            '@leads\' is a group of which chat? Write "@slack:leads" or "@discord:leads"',
        ),
        (
            f'{CHATS}[brand.b]\nroles.approve = ["@slak:leads"]',
            "'@slak:leads' is a group of a chat that is not in use, did you mean 'slack'?",
        ),
        (f'{CHATS}[brand.b]\nroles.approve = ["@slack:"]', "'@slack:' is no group; write it like"),
        (
            '[brand.b]\nroles.approve = ["@leads"]',
            "'@leads' is a group of a chat, and only the console is in use",
        ),
        (
            f'{CHATS}{BRAND}approval.escalate = {{ after = "2h", to = ["slack:dana"] }}',
            "brand.acme.approval: 'slack:dana' names no user",
        ),
        (
            f'{CHATS}{BRAND}[people]\nbob = ["slack:U024BE7LH"]\n[brand.acme.approval]\nmode = "levels"\n'
            'levels = [{ name = "legal", who = ["bob", "slack:U024BE7LH"], needed = 2 }]',
            "level 'legal' needs 2, but its names are fewer people",
        ),
        (
            f'{CHATS}{BRAND}[people]\nbob = ["slack:U024BE7LH"]\n[accounts.x]\nplatform = "demo"\n'
            'approval = { mode = "any", escalate = { after = "2h", to = ["@leads"] } }',
            "accounts.x.approval: '@leads' is a group of which chat?",
        ),
    ],
)
def test_one_mistake_one_sentence(tmp_path: Path, text: str, expected: str) -> None:
    told = problems(tmp_path, text)
    assert len(told) == 1, told
    assert expected in told[0]


def test_one_person_under_two_names_is_not_two_people(tmp_path: Path) -> None:
    text = (
        f'{CHATS}[people]\nbob = ["slack:U024BE7LH"]\n[brand.b]\n'
        'roles.approve = ["bob", "slack:U024BE7LH"]\napproval.needed = 2\n'
    )
    (told,) = problems(tmp_path, text)
    assert "needs 2 but only 1 may approve" in told
