"""The three signature vectors of X's documentation and ours."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.api import Secret
from plugins.twitter.oauth1 import Keys, authorization, base_string, signature

OURS = {
    "oauth_consumer_key": "consumer-key-1",
    "oauth_nonce": "abc123nonce",
    "oauth_signature_method": "HMAC-SHA1",
    "oauth_timestamp": "1767225600",
    "oauth_token": "1234-token",
    "oauth_version": "1.0",
}
DOCUMENTED = {
    "oauth_consumer_key": "xvz1evFS4wEEPTGEFPHBog",
    "oauth_nonce": "kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg",
    "oauth_signature_method": "HMAC-SHA1",
    "oauth_timestamp": "1318622958",
    "oauth_token": "370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb",
    "oauth_version": "1.0",
    "include_entities": "true",
    "status": "Hello Ladies + Gentlemen, a signed OAuth request!",
}
READ = "https://api.x.com/2/tweets?ids=1,2&tweet.fields=public_metrics,created_at"


def test_documented_example() -> None:
    found = signature(
        "POST",
        "https://api.x.com/1.1/statuses/update.json",
        DOCUMENTED.items(),
        api_secret="kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw",
        token_secret="LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE",
    )
    assert found == "Ls93hJiZbQ3akF3HF3x1Bz8/zU4="


@pytest.mark.parametrize(
    ("method", "url", "expected"),
    [
        ("POST", "https://api.x.com/2/tweets", "BlMSspIlkzMqbYxhmLk8y7L3Rr0="),
        ("GET", READ, "vFnnPUieLHRurmNJnG/5H/5LtUw="),
        ("GET", READ.replace(",", "%2C"), "vFnnPUieLHRurmNJnG/5H/5LtUw="),
    ],
)
def test_our_vectors(method: str, url: str, expected: str) -> None:
    found = signature(
        method, url, OURS.items(), api_secret="consumer-secret-1", token_secret="token-secret-1"
    )
    assert found == expected


def test_base_strings() -> None:
    assert base_string("post", "https://api.x.com/2/tweets", OURS.items()) == (
        "POST&https%3A%2F%2Fapi.x.com%2F2%2Ftweets&oauth_consumer_key%3Dconsumer-key-1%26oauth_nonce%3Dabc123nonce"
        "%26oauth_signature_method%3DHMAC-SHA1%26oauth_timestamp%3D1767225600%26oauth_token%3D1234-token"
        "%26oauth_version%3D1.0"
    )
    assert base_string("GET", READ, OURS.items()).startswith(
        "GET&https%3A%2F%2Fapi.x.com%2F2%2Ftweets&ids%3D1%252C2%26oauth_consumer_key"
    )


def test_default_ports_and_case_do_not_matter() -> None:
    plain = base_string("GET", "https://api.x.com/2/tweets", ())
    assert base_string("GET", "HTTPS://API.X.COM:443/2/tweets", ()) == plain
    assert "127.0.0.1%3A9001" in base_string("GET", "http://127.0.0.1:9001/2", ())


def test_the_header_quotes_everything_and_ignores_stray_newlines() -> None:
    keys = Keys(
        api_key=Secret("consumer-key-1\n"),
        api_secret=Secret(" consumer-secret-1"),
        access_token=Secret("1234-token"),
        access_token_secret=Secret("token-secret-1\r\n"),
    )
    at = datetime.fromtimestamp(1767225600, UTC)
    header = authorization("POST", "https://api.x.com/2/tweets", keys, at=at, nonce="abc123nonce")
    assert header == (
        'OAuth oauth_consumer_key="consumer-key-1", oauth_nonce="abc123nonce", '
        'oauth_signature="BlMSspIlkzMqbYxhmLk8y7L3Rr0%3D", oauth_signature_method="HMAC-SHA1", '
        'oauth_timestamp="1767225600", oauth_token="1234-token", oauth_version="1.0"'
    )
    assert "secret" not in repr(keys).replace("api_secret", "").replace("token_secret", "").lower().replace(
        "secret(***)", ""
    )


def test_nonces_differ() -> None:
    keys = Keys(
        api_key=Secret("a"), api_secret=Secret("b"), access_token=Secret("c"), access_token_secret=Secret("d")
    )
    at = datetime(2026, 11, 21, tzinfo=UTC)
    assert len({authorization("GET", "https://api.x.com/2", keys, at=at) for _ in range(20)}) == 20
