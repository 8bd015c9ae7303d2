"""``approval = { … }``: every mode, for a brand and for one account, and what could never be met."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.config import load_config, read_config
from bot.domain.people import ApprovalLevel, Policy

BRAND = """
[brand.acme]
roles = { view = ["eve"], create = ["alice"], approve = ["bob", "carol"], admin = ["dana"] }
"""
ACCOUNT = """
[accounts.acme-x]
platform = "demo"
colour = "red"
"""


def policy_of(tmp_path: Path, approval: str, account: str = "acme-x") -> Policy:
    path = tmp_path / "acme.toml"
    path.write_text(f"{BRAND}\napproval = {{ {approval} }}\n{ACCOUNT}")
    (brand,) = load_config(path, env={}).brands
    return brand.policy_for(account)


def problems(tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / "acme.toml"
    path.write_text(text)
    told = read_config(path, env={})[1]
    assert all(sentence.startswith("acme.toml: ") and "\n" not in sentence for sentence in told)
    return [sentence.removeprefix("acme.toml: ") for sentence in told]


def test_without_a_word_one_other_person_is_asked_and_reminded(tmp_path: Path) -> None:
    assert policy_of(tmp_path, "") == Policy()
    assert (Policy().mode, Policy().needed, Policy().remind_s) == ("any", 1, (14_400, 86_400))


def test_everything_that_can_be_said(tmp_path: Path) -> None:
    found = policy_of(
        tmp_path,
        'mode = "levels", expires = "3d", remind = ["24h", "4h"], valid = "7d",'
        'escalate = { after = "30h", to = ["eve"] },'
        'levels = [{ name = "legal", who = ["bob", "carol"] },'
        '{ name = "brand", who = ["dana"], needed = 1 }]',
    )
    assert found == Policy(
        mode="levels",
        expires_s=3 * 86_400,
        remind_s=(4 * 3600, 86_400),
        valid_s=7 * 86_400,
        escalate_s=30 * 3600,
        escalate_to=("eve",),
        levels=(
            ApprovalLevel(name="legal", who=("bob", "carol")),
            ApprovalLevel(name="brand", who=("dana",)),
        ),
    )


def test_no_reminders_are_a_choice(tmp_path: Path) -> None:
    assert policy_of(tmp_path, "remind = []").remind_s == ()


def test_an_account_has_its_own_policy_and_its_platform_does_not_see_it(tmp_path: Path) -> None:
    path = tmp_path / "acme.toml"
    other = '[accounts.acme-y]\nplatform = "demo"\n'
    path.write_text(f'{BRAND}approval.needed = 2\n{ACCOUNT}approval = {{ mode = "all" }}\n{other}')
    config = load_config(path, env={})
    (brand,) = config.brands
    assert brand.policy_for("acme-x") == Policy(mode="all")
    assert brand.policy_for("acme-y") == Policy(needed=2)
    assert [a.table for a in config.accounts] == [{"colour": "red"}, {}]


LEGAL = '{ name = "legal", who = ["bob"] }'


@pytest.mark.parametrize(
    ("approval", "expected"),
    [
        ('mode = "al"', "approval.mode: 'al' is not a mode, did you mean 'all'?"),
        ('mode = "all", needed = 2', 'approval.needed: is for mode = "any"; with "all" everybody is needed'),
        (f"levels = [{LEGAL}]", 'approval.levels: are for mode = "levels"'),
        ('mode = "levels"', "approval.levels: has no level"),
        ('mode = "levels", levels = "legal"', "approval.levels: must be a list of tables"),
        ('mode = "levels", levels = [{ name = "legal", who = [] }]', "levels[1].who: names nobody"),
        ('mode = "levels", levels = [{ who = ["bob"] }]', "levels[1].name: a level has a name"),
        (f'mode = "levels", levels = [{LEGAL}, {LEGAL.replace("bob", "carol")}]', "two levels are called"),
        (
            'mode = "levels", levels = [{ name = "legal", who = ["bob"], needed = 2 }]',
            "levels[1].needed: must be at least 1 and at most 1",
        ),
        (
            'mode = "levels", levels = [{ name = "legal", who = ["bbo"] }]',
            "approval: 'bbo' is no member, did you mean 'bob'?",
        ),
        (
            'mode = "levels", levels = [{ name = "legal", who = ["eve"] }]',
            "approval: 'eve' may not approve; add the name to roles.approve",
        ),
        (
            f'mode = "levels", levels = [{LEGAL}, {LEGAL.replace("legal", "brand")}]',
            "one person counts in one level only",
        ),
        ('escalate = { after = "24h", to = ["dnaa"] }', "'dnaa' is no member, did you mean 'dana'?"),
        ('escalate = { after = "24h" }', "approval.escalate.to: names nobody to call"),
        ('escalate = { to = ["dana"] }', "approval.escalate.after: is missing"),
        ('escalate = { after = "3d", to = ["dana"] }', "escalate.after: comes when the request has expired"),
        ('remind = ["soon"]', "approval.remind: 'soon' is not a time"),
        ('remind = ["3d"]', "approval.remind: names a time after the request has expired"),
        ('remind = ["1h","2h","3h","4h","5h","6h"]', "approval.remind: has more than 5 times"),
        ('valid = "for ever"', "approval.valid: 'for ever' is not a time"),
    ],
)
def test_one_mistake_one_sentence(tmp_path: Path, approval: str, expected: str) -> None:
    told = problems(tmp_path, f"{BRAND}approval = {{ {approval} }}\n")
    assert len(told) == 1, told
    assert expected in told[0]
    own = problems(tmp_path, f"{BRAND}{ACCOUNT}approval = {{ {approval} }}\n")
    assert len(own) == 1, own
    assert own[0].startswith("accounts.acme-x.approval")


@pytest.mark.parametrize(
    ("brand", "expected"),
    [
        ('roles.approve = ["bob"]', "nobody approves their own posts"),
        ('roles = { create = ["al"] }\napproval.mode = "all"', "needs everybody but nobody may approve"),
        ('roles.approve = ["bob"]\napproval.mode = "all"', "nobody approves their own posts"),
        ('roles.approve = ["bob", "Bob"]\napproval.needed = 2', "needs 2 but only 1 may approve"),
        ('roles.approve = ["@leads"]\napproval.mode = "all"', "only the console is in use"),
    ],
)
def test_a_policy_that_nobody_could_meet(tmp_path: Path, brand: str, expected: str) -> None:
    told = problems(tmp_path, f"[brand.b]\n{brand}\n")
    assert len(told) == 1, told
    assert expected in told[0]


def test_who_works_alone_says_so(tmp_path: Path) -> None:
    text = '[brand.b]\nroles.approve = ["bob"]\napproval.author_may_approve = true\n'
    assert problems(tmp_path, text) == []
