"""The judges of Discord's forms take anything: what is no form is refused, never a crash."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.testing.chats.discord.judging import as_errors
from bot.testing.chats.discord.limits import KINDS, judged, violations

KEYS = (
    *("content", "embeds", "components", "type", "style", "label", "custom_id", "url", "options", "flags"),
    *("fields", "name", "value", "footer", "author", "text", "image", "accessory", "component", "media"),
    *("items", "allowed_mentions", "parse", "users", "nonce", "attachments", "title", "choices", "emoji"),
    *("description", "required", "min_values", "max_values", "min_length", "max_length", "default", "id"),
)
PLAIN = (
    st.none() | st.booleans() | st.integers(-2, 1 << 16) | st.text(max_size=3) | st.floats(allow_nan=False)
)
JSON: st.SearchStrategy[Any] = st.recursive(
    PLAIN,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5),
    max_leaves=25,
)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=50, deadline=None)
@given(payload=JSON)
def test_anything_is_judged(kind: str, payload: Any) -> None:
    before = json.dumps(payload)
    found = judged(payload, kind)
    assert json.dumps(payload) == before
    assert [str(one) for one in found] == violations(payload, kind)
    assert bool(as_errors(found)) == bool(found)
    json.dumps(as_errors(found))


def test_a_kind_that_does_not_exist_is_our_mistake() -> None:
    with pytest.raises(ValueError, match="telegram"):
        violations({}, "telegram")
