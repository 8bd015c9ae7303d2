"""Addresses of media: what we signed opens one file for a while, everything else opens nothing."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.post import Media, MediaKind
from bot.redaction import Redaction
from bot.testing.clock import FakeClock
from bot.vault import KeyPlace, Vault, make_key
from bot.web.links import KINDS, PURPOSE, SignedLinks, read_name, tag

KEY, OTHER = b"k" * 32, b"o" * 32
HASH = "ab" * 32


def media(mime: str = "image/jpeg", sha256: str = HASH) -> Media:
    return Media(sha256=sha256, name="x", mime=mime, kind=MediaKind.IMAGE, size=1)


def name_of(clock: FakeClock, *, seconds: int = 600, mime: str = "image/jpeg", key: bytes = KEY) -> str:
    links = SignedLinks("https://bot.example.com/", lambda: (key,), clock)
    base, _, name = links.url(media(mime), seconds=seconds).rpartition("/")
    assert base == "https://bot.example.com/m"
    return name


@pytest.mark.parametrize("mime", [*KINDS.values(), "image/tiff"])
def test_what_was_signed_is_found_with_its_type(mime: str) -> None:
    clock = FakeClock()
    asked = read_name(name_of(clock, mime=mime), (KEY,), clock)
    assert asked is not None
    assert (asked.sha256, asked.late) == (HASH, False)
    assert asked.mime == (mime if mime in KINDS.values() else "application/octet-stream")


def test_it_runs_out_to_the_second() -> None:
    clock = FakeClock()
    name = name_of(clock, seconds=60)
    clock.advance(59)
    assert (found := read_name(name, (KEY,), clock)) is not None
    assert not found.late
    clock.advance(1)
    assert (found := read_name(name, (KEY,), clock)) is not None
    assert found.late


@given(data=st.data())
def test_no_character_can_be_changed(data: st.DataObject) -> None:
    clock = FakeClock()
    name = name_of(clock)
    at = data.draw(st.integers(0, len(name) - 1))
    char = data.draw(st.sampled_from(string.ascii_letters + string.digits + "-_./%"))
    changed = name[:at] + char + name[at + 1 :]
    assert (read_name(changed, (KEY,), clock) is None) == (changed != name)


@given(st.text(max_size=200))
def test_nothing_else_is_a_name(text: str) -> None:
    assert read_name(text, (KEY,), FakeClock()) is None


def test_another_type_or_a_longer_life_needs_another_signature() -> None:
    clock = FakeClock()
    name = name_of(clock)
    expiry, signature, rest = name.split("-", 1)[0], name[9:52], name[53:]
    assert name == f"{expiry}-{signature}-{rest}"
    assert read_name(name.replace(".jpg", ".mp4"), (KEY,), clock) is None
    assert read_name(f"{int(expiry, 16) + 1:x}-{signature}-{rest}", (KEY,), clock) is None


def test_a_key_that_was_changed_still_opens_what_it_signed() -> None:
    clock = FakeClock()
    name = name_of(clock, key=OTHER)
    assert read_name(name, (KEY, OTHER), clock) is not None
    assert read_name(name, (KEY,), clock) is None


def test_the_vault_gives_a_key_of_its_own_for_every_purpose() -> None:
    first, second = make_key(), make_key()
    vault = Vault(KeyPlace(name="K", text=f"{first},{second}"))
    one, two = vault.derived(PURPOSE)
    assert len({one, two, *vault.derived("something else")}) == 4
    assert vault.derived(PURPOSE) == (one, two)
    assert Vault(KeyPlace(name="K", text=second)).derived(PURPOSE) == (two,)
    assert first.encode() not in one


def test_the_log_does_not_show_an_address_that_opens() -> None:
    clock = FakeClock()
    name = name_of(clock)
    cleaned = Redaction().clean(f"could not fetch https://bot.example.com/m/{name} today")
    assert cleaned == "could not fetch https://bot.example.com/m/***.jpg today"


def test_the_tag_is_not_the_key() -> None:
    assert tag((KEY,)) == tag((KEY, OTHER)) != tag((OTHER,))
    assert KEY.hex() not in tag((KEY,))
