"""The webhook keeps the contract; and what a receiver must check is checked."""

from __future__ import annotations

from bot.testing import PublisherContract

from clarion_webhook import register_platforms
from clarion_webhook.signing import TOLERANCE, is_signed, sign

SECRET = "whsec_c2ltdWxhdGVkLXNlY3JldC1vbmx5"


class TestWebhook(PublisherContract):
    platform = next(iter(register_platforms()))


def test_only_the_very_words_at_the_very_time_are_signed() -> None:
    headers = dict(sign(SECRET, id="k-1", at=1_000_000, content="hello"))
    assert is_signed(SECRET, headers, "hello", now=1_000_000 + TOLERANCE)
    assert not is_signed(SECRET, headers, "hello!", now=1_000_000)
    assert not is_signed(SECRET, headers, "hello", now=1_000_001 + TOLERANCE)
    assert not is_signed(SECRET, {**headers, "webhook-id": "k-2"}, "hello", now=1_000_000)
    assert not is_signed("whsec_" + "A" * 24, headers, "hello", now=1_000_000)
