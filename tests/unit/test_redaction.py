"""What is left out of logs and messages, and what is not."""

from __future__ import annotations

import base64
import io
import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config import Secret
from bot.log import make_log
from bot.redaction import REMEMBERED, Redaction

SECRET = "s3cr3t/+value==zz"


def knowing(*values: str) -> Redaction:
    made = Redaction()
    for value in values:
        made.learn(Secret(value))
    return made


@given(
    value=st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=8, max_size=40),
    before=st.text(max_size=5),
    after=st.text(max_size=5),
)
def test_a_known_secret_is_found_in_every_form(value: str, before: str, after: str) -> None:
    redaction = knowing(value)
    forms = (
        value,
        quote(value, safe=""),
        value.encode().hex(),
        base64.b64encode(value.encode()).decode().rstrip("="),
        json.dumps(value)[1:-1],
    )
    for form in forms:
        assert form not in redaction.clean(f"{before}{form}{after}")


@given(lead=st.binary(max_size=5), tail=st.binary(max_size=5))
def test_a_known_secret_is_found_inside_any_base64(lead: bytes, tail: bytes) -> None:
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        text = encode(lead + SECRET.encode() + tail).decode()
        assert "***" in knowing(SECRET).clean(text)


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer CANARY",
        "authorization: basic CANARY",
        'OAuth oauth_consumer_key="CANARY", oauth_token="CANARY"',
        "grant_type=refresh_token&refresh_token=CANARY&x=1",
        '{"access_token": "CANARY", "expires_in": 7200}',
        "{'client_secret': 'CANARY'}",
        r"{\"refresh_token\":\"CANARY\"}",
        "http://127.0.0.1:8787/callback?state=CANARY&code=CANARY",
        "postgresql+psycopg://clarion:CANARY@db.example/clarion",
        "xoxb-CANARY",
        "gAAAAABCANARYCANARYCANARYCANARY==",
        "key CANARYCANARYCANARYCANARYCANARYCANARYCANARYC= end",
    ],
)
def test_what_looks_like_a_secret_is_left_out(text: str) -> None:
    cleaned = Redaction().clean(text.replace("CANARY", "CANARYcanary0123"[: 6 if "key " in text else 16]))
    assert "CANARY" not in cleaned
    assert "***" in cleaned


@pytest.mark.parametrize(
    "text",
    [
        "P42 is live at https://x.com/acme/status/2123929927152566279?s=20",
        "LinkedIn no longer accepts this account (access was revoked). Connect it again.",
        "urn:li:share:7529914323938836487",
        '{"event": "renewal_failed", "account": "acme-x", "code": 88}',
        "tokens: 3 of 4 basic checks, bearer of news",
        "part_hash 3b7e5a0b7f5e4b0e9d6c1f0f7a2c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e",
        "",
    ],
)
def test_ordinary_words_stay(text: str) -> None:
    assert knowing(SECRET).clean(text) == text


def test_short_values_are_not_hunted_for() -> None:
    assert knowing("a", "12345", "").clean("a 12345 b") == "a 12345 b"


def test_the_newest_secrets_are_remembered() -> None:
    redaction = knowing(*(f"secret-number-{n:05d}" for n in range(REMEMBERED + 50)))
    assert redaction.clean("secret-number-00000") == "secret-number-00000"
    assert redaction.clean(f"secret-number-{REMEMBERED + 49:05d}") == "***"


def test_the_log_leaves_secrets_out_of_facts_and_tracebacks() -> None:
    out, redaction = io.StringIO(), knowing(SECRET)
    log = make_log(out, redaction=redaction)
    try:
        raise ValueError(f"bad answer to {SECRET}") from KeyError(SECRET)
    except ValueError as error:
        log.error("broke", url=f"http://h/?token={SECRET}", exc_info=error, facts={"nested": [SECRET]})
    text = out.getvalue()
    assert SECRET not in text
    assert json.dumps(SECRET)[1:-1] not in text
    assert "Traceback" in text
    assert json.loads(text)["event"] == "broke", "a line stays one JSON object"
