"""Connecting accounts, looking at them, changing the key: the terminal's commands, end to end."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.cli.loopback import read_query
from bot.domain.grant import Grant
from bot.store import open_store
from bot.testing.simulator import Failure
from bot.vault import make_key, open_vault
from plugins.linkedin.failures import FAILURES
from plugins.linkedin.rules import SIMULATED_AUTHOR
from plugins.twitter.oauth_simulator import PUBLIC_ID
from plugins.twitter.world import SimAccount
from tests.e2e.consent import Browser, Town, Typed, town
from tests.integration.blank import put_blank

ME, TOKEN = "GET /2/users/me", "POST /2/oauth2/token"


@pytest.fixture
async def acme(tmp_path: Path) -> AsyncIterator[Town]:
    put_blank(tmp_path / "clarion.db")
    async with town(tmp_path) as made:
        yield made


async def grants(acme: Town) -> dict[str, Grant]:
    store = await open_store(f"sqlite+aiosqlite:///{acme.folder / 'clarion.db'}")
    rows = await store.read(lambda tx: tx.grants.all())
    await store.aclose()
    return {g.account: g for g in rows}


async def test_an_account_is_connected_and_proved(acme: Town) -> None:
    browser = Browser()
    found = await acme.connect("twitter", "--account", "acme-x", browser=browser)
    assert (found.code, found.err) == (0, "")
    assert "acme-x is connected as @example_rel." in found.out
    assert browser.pages[-1].status_code == 200
    assert acme.x.count(ME) == 1, "the token was proved before it was kept"
    row = (await grants(acme))["acme-x"]
    assert (row.subject, row.renewable, row.serial) == (acme.x.account.id, True, 1)
    assert "media.write" in row.scopes
    challenge = re.search(r"code_challenge=([\w-]{43})&code_challenge_method=S256", found.out)
    assert challenge is not None
    assert b"code_verifier=" in next(c.body for c in acme.x.calls if c.endpoint == TOKEN)


async def test_linkedin_asks_for_what_all_accounts_of_the_app_need(acme: Town) -> None:
    acme.more = f'[accounts.acme-ada]\nplatform = "linkedin"\nbase_url = "{acme.li.url}"\n'
    assert (await acme.connect("linkedin", "--account", "acme-ada")).code == 0
    assert (await acme.connect("linkedin", "--account", "acme-li")).code == 0
    assert set((await grants(acme))["acme-ada"].scopes) == set((await grants(acme))["acme-li"].scopes)
    checked = await acme.run("check")
    assert "acme-ada  LinkedIn" in checked.out, checked.out
    assert checked.out.count("ok: ") == 2, "the second consent did not end the first"
    assert re.search(
        r"acme-li +LinkedIn +connected by its owner +ok: company/2414183 +(59|60) days", checked.out
    )


async def test_a_foreign_answer_is_refused_and_the_waiting_goes_on(acme: Town) -> None:
    browser = Browser(stray=True, tamper={"state": "guessed"})
    found = await acme.connect("twitter", browser=browser)
    assert [page.status_code for page in browser.pages] == [404, 404, 400, 400, 400, 200]
    assert found.code == 0
    assert found.out.count("does not belong to this request") == 3


async def test_who_says_no_is_told_that_nothing_changed(acme: Town) -> None:
    acme.x.desk.says_no = acme.li.desk.says_no = True
    for platform, title in (("twitter", "X"), ("linkedin", "LinkedIn")):
        found = await acme.connect(platform)
        assert found.code == 1
        assert f"Not connected: {title} says that you did not allow it. Nothing has changed." in found.err
    assert await grants(acme) == {}


async def test_the_address_can_be_pasted(acme: Town) -> None:
    keyboard = Typed()
    found = await acme.run("connect", "twitter", "--paste", stdin=keyboard, browser=Browser(types=keyboard))
    assert (found.code, found.err) == (0, "")
    assert "127.0.0.1%3A8787%2Fcallback" in found.out
    assert read_query("http://h/callback?code=a%20b&state=s&state=t") == {"code": "a b", "state": "s"}


async def test_what_is_pasted_may_be_anything(acme: Town) -> None:
    for line in ("", "\n", "hello\n", "http://127.0.0.1:8787/callback\n", "\0\x1b[2J\n"):
        found = await acme.run("connect", "twitter", "--paste", stdin=line)
        assert found.code == 1
        assert "That is no address with an answer" in found.err


async def test_a_pasted_answer_to_another_request_is_refused(acme: Town) -> None:
    found = await acme.run("connect", "twitter", "--paste", stdin="http://h/callback?code=c&state=other\n")
    assert found.code == 1
    assert "does not belong to this request" in found.err


async def test_nobody_comes_back(acme: Town) -> None:
    found = await acme.run("connect", "twitter", "--no-browser", "--port", "0", "--timeout", "0.05")
    assert (found.code, found.err) == (1, "Nobody came back within 0.05 seconds. Nothing has changed.\n")


async def test_what_is_not_there_is_one_sentence(acme: Town) -> None:
    for words, says in (
        (("twiter",), "There is no platform 'twiter' to connect, did you mean 'twitter'?"),
        (("myspace",), "There is no platform 'myspace' to connect"),
        (("twitter", "--account", "acme-y"), "there is no account 'acme-y', did you mean 'acme-x'?"),
        (("twitter", "--account", "acme-li"), "accounts.acme-li is on linkedin, not on twitter"),
    ):
        found = await acme.run("connect", *words, "--no-browser")
        assert (found.code, found.err.count("\n")) == (2, 1)
        assert says in found.err


async def test_an_app_that_is_not_named_is_one_sentence(acme: Town) -> None:
    acme.env.clear()
    found = await acme.run("connect", "linkedin", "--no-browser")
    needs = "needs LINKEDIN_CLIENT_ID and LINKEDIN_CLIENT_SECRET in the environment"
    assert found.err == f"acme.toml: accounts.acme-li: {needs}\n"


async def test_a_wrong_secret_is_about_the_app(acme: Town) -> None:
    acme.env["TWITTER_CLIENT_SECRET"] = "not-the-secret"
    found = await acme.connect("twitter")
    assert found.code == 1
    assert "X does not know this app: check its client id and client secret." in found.err
    assert "not-the-secret" not in found.err + found.out


async def test_a_code_that_is_too_old_says_what_to_do(acme: Town) -> None:
    acme.x.desk.code_lasts = timedelta(0)
    found = await acme.connect("twitter")
    assert "X did not take the code; it may be too old. Run `clarion connect twitter" in found.err


async def test_another_profile_needs_a_word(acme: Town) -> None:
    assert (await acme.connect("twitter")).code == 0
    before = (await grants(acme))["acme-x"]
    acme.x.world.accounts.append(SimAccount(id="99", username="someone_else", name="Else"))
    acme.x.desk.subject = "99"
    refused = await acme.connect("twitter")
    assert refused.code == 1
    assert f"acme-x is connected as {before.subject}, and this would make it 99." in refused.err
    assert (await grants(acme))["acme-x"] == before
    assert (await acme.connect("twitter", "--replace")).code == 0
    assert (await grants(acme))["acme-x"].subject == "99"


async def test_two_apps_on_one_account_and_one_account_twice_are_told(acme: Town) -> None:
    acme.more = (
        f'[accounts.acme-too]\nplatform = "twitter"\nbase_url = "{acme.x.url}"\n'
        'client_id = { env = "OTHER_ID" }\nclient_secret = { env = "NONE" }\n'
    )
    acme.env |= {"OTHER_ID": PUBLIC_ID, "NONE": " "}
    assert "Note" not in (await acme.connect("twitter", "--account", "acme-x")).out
    found = await acme.connect("twitter", "--account", "acme-too")
    assert found.code == 0, found.err
    assert (
        "Note: acme-x is the same profile on X, through two different apps: "
        "a post to both would stand there twice." in found.out
    )


async def test_connecting_again_goes_on_from_there(acme: Town) -> None:
    for serial in (1, 2):
        assert (await acme.connect("twitter")).code == 0
        assert (await grants(acme))["acme-x"].serial == serial


async def test_T12_connecting_again_does_not_empty_the_refresh_token(acme: Town) -> None:
    acme.li.desk.refreshable = True
    assert (await acme.connect("linkedin")).code == 0
    vault = open_vault({}, acme.folder / "clarion.db.key", make=False)
    first = vault.unseal((await grants(acme))["acme-li"].sealed)["refresh"]
    acme.li.desk.refreshable = False
    assert (await acme.connect("linkedin")).code == 0
    row = (await grants(acme))["acme-li"]
    assert first
    assert (vault.unseal(row.sealed)["refresh"], row.renewable) == (first, True)


async def test_a_permission_that_was_not_given_is_told(acme: Town) -> None:
    acme.x.desk.granted_scopes = ("tweet.read", "tweet.write", "users.read", "offline.access")
    found = await acme.connect("twitter")
    assert "Note: X did not allow media.write; what needs that will be refused." in found.out


async def test_a_token_that_does_not_do_is_not_kept(acme: Town) -> None:
    acme.li.gate.roles.clear()
    found = await acme.connect("linkedin")
    assert found.code == 1
    assert "posting role" in found.err
    assert "Nothing was stored." in found.err
    assert await grants(acme) == {}


async def test_own_keys_win_and_that_is_said(acme: Town) -> None:
    names = ("API_KEY", "API_SECRET", "ACCESS_TOKEN", "ACCESS_TOKEN_SECRET")
    values = ("sim-api-key", "sim-api-secret", "1844000000000000001-sim", "sim-token-secret")
    acme.env |= {f"TWITTER_{n}": v for n, v in zip(names, values, strict=True)}
    found = await acme.connect("twitter")
    assert "its own keys are still set and win over this" in found.out
    listed = await acme.run("accounts")
    assert "its own keys (they win over clarion connect)" in listed.out


async def test_check_says_who_is_not_well(acme: Town) -> None:
    (acme.folder / "clarion.db").unlink()
    nothing = await acme.run("check")
    assert nothing.code == 1
    assert "needs LINKEDIN_ACCESS_TOKEN in the environment, or run `clarion connect linkedin" in nothing.err
    assert not (acme.folder / "clarion.db").exists(), "looking makes nothing"
    assert (await acme.connect("twitter")).code == 0
    assert (await acme.connect("linkedin")).code == 0
    assert (await acme.run("check")).code == 0
    acme.li.fail("POST /rest/images", FAILURES["L-F5"])
    acme.x.fail(ME, Failure(status=503))
    ill = await acme.run("check")
    assert ill.code == 1
    assert "NOT WELL: LinkedIn no longer accepts this account" in ill.out
    assert "NOT WELL: X is having trouble right now." in ill.out


async def test_check_warns_of_a_version_that_ends(acme: Town) -> None:
    acme.env["LINKEDIN_ACCESS_TOKEN"] = "simulated-page-token"
    acme.more = f'version = "202601"\n[accounts.spare]\nplatform = "twitter"\nbase_url = "{acme.x.url}"\n'
    assert SIMULATED_AUTHOR in acme.file.read_text()
    found = await acme.run("check")
    assert "its own keys" in found.out
    # 202601 ends on 15 January 2027: sixty days before, that is news; after it, the account is not well
    assert "acme-li: LinkedIn's API version 202601 stops working on 15 January 2027" in found.out or (
        "no longer answers the API version 202601" in found.out
    )


async def test_accounts_makes_no_calls(acme: Town) -> None:
    assert (await acme.connect("twitter")).code == 0
    acme.x.calls.clear()
    found = await acme.run("accounts")
    assert acme.x.calls == []
    assert re.search(
        r"acme-x +acme +X +connected by its owner +@example_rel +renews itself +ready", found.out
    )
    assert re.search(r"acme-li +acme +LinkedIn +nothing yet +— +— +not connected", found.out)


async def test_a_key_is_changed_and_everything_still_opens(acme: Town) -> None:
    assert "nothing sealed yet" in (await acme.run("keys", "rotate")).out
    assert (await acme.connect("twitter")).code == 0
    old, sealed = (acme.folder / "clarion.db.key").read_text(), (await grants(acme))["acme-x"].sealed
    found = await acme.run("keys", "rotate")
    assert found.code == 0
    assert (acme.folder / "clarion.db.key").read_text() != old
    assert (await grants(acme))["acme-x"].sealed != sealed
    assert "ok: @example_rel" in (await acme.run("check")).out


async def test_a_key_of_yours_is_changed_in_two_steps(acme: Town) -> None:
    acme.env["CLARION_KEY"] = make_key()
    assert (await acme.connect("twitter")).code == 0
    assert not (acme.folder / "clarion.db.key").exists()
    told = await acme.run("keys", "rotate")
    new = next(line for line in told.out.splitlines() if len(line) == 44)
    acme.env["CLARION_KEY"] = f"{new},{acme.env['CLARION_KEY']}"
    assert "You can take the others out now." in (await acme.run("keys", "rotate")).out
    acme.env["CLARION_KEY"] = (await acme.run("keys", "new")).out.strip() + f",{new}"
    assert "ok: @example_rel" in (await acme.run("check")).out


async def test_a_key_that_is_gone_keeps_everything_and_says_so(acme: Town) -> None:
    assert (await acme.connect("twitter")).code == 0
    key = acme.folder / "clarion.db.key"
    aside = key.rename(acme.folder / "aside")
    before = await grants(acme)
    for words in (("check",), ("keys", "rotate")):
        found = await acme.run(*words)
        assert found.code == 1
        assert "bring" in (found.out + found.err).lower()
    assert not key.exists(), "no new key takes its place"
    assert await grants(acme) == before
    aside.rename(key)
    assert "ok: @example_rel" in (await acme.run("check")).out
