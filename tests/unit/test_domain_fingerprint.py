"""What an approval signs: each signed thing changes the fingerprint, nothing else does."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.post import (
    Media,
    MediaKind,
    Part,
    Variant,
    fingerprint,
    part_hash,
    variant_from_json,
    variant_to_json,
    with_alts,
)
from bot.errors import BadInput

PICTURE = Media(
    sha256="a" * 64,
    name="launch.png",
    mime="image/png",
    kind=MediaKind.IMAGE,
    size=10,
    width=4,
    height=3,
    alt="a launch",
)
FIRST = Part(text="Hello", media=(PICTURE,), options={"first": 1, "second": [1, 2]})
VARIANT = Variant(
    account="acme-x",
    platform="demo",
    parts=(FIRST, Part(text="and more")),
    options={"reply": "all", "lang": "en"},
)
WISH = "fri 17:30"


def with_first(**changes: Any) -> Variant:
    return replace(VARIANT, parts=(replace(FIRST, **changes), *VARIANT.parts[1:]))


SIGNED: dict[str, Callable[[], Variant]] = {
    "text": lambda: with_first(text="Hello!"),
    "a space": lambda: with_first(text="Hello "),
    "media bytes": lambda: with_first(media=(replace(PICTURE, sha256="b" * 64),)),
    "alt text": lambda: with_first(media=(replace(PICTURE, alt="another"),)),
    "no media": lambda: with_first(media=()),
    "media twice": lambda: with_first(media=(PICTURE, PICTURE)),
    "a part's options": lambda: with_first(options={"first": 2, "second": [1, 2]}),
    "order inside an option": lambda: with_first(options={"first": 1, "second": [2, 1]}),
    "account": lambda: replace(VARIANT, account="acme-y"),
    "platform": lambda: replace(VARIANT, platform="demo-2"),
    "options": lambda: replace(VARIANT, options={"reply": "none", "lang": "en"}),
    "an option less": lambda: replace(VARIANT, options={"reply": "all"}),
    "a follow-up": lambda: replace(VARIANT, parts=VARIANT.parts[:1]),
    "order of parts": lambda: replace(VARIANT, parts=VARIANT.parts[::-1]),
    "text moved between parts": lambda: replace(
        VARIANT, parts=(replace(FIRST, text=""), Part(text="Helloand more"))
    ),
}
UNSIGNED: dict[str, Callable[[], Variant]] = {
    "file name": lambda: with_first(media=(replace(PICTURE, name="final-final.png"),)),
    "order of options": lambda: replace(VARIANT, options={"lang": "en", "reply": "all"}),
    "what we know of the file": lambda: with_first(media=(replace(PICTURE, width=0, height=0, seconds=1.0),)),
    "a stored copy": lambda: variant_from_json(json.loads(json.dumps(variant_to_json(VARIANT)))),
}


@pytest.mark.parametrize("name", SIGNED)
def test_it_changes_with_what_is_signed(name: str) -> None:
    assert fingerprint(SIGNED[name](), WISH) != fingerprint(VARIANT, WISH)


@pytest.mark.parametrize("name", UNSIGNED)
def test_it_does_not_change_with_what_is_not(name: str) -> None:
    assert fingerprint(UNSIGNED[name](), WISH) == fingerprint(VARIANT, WISH)


def test_the_wish_about_time_is_signed() -> None:
    assert fingerprint(VARIANT, "fri 17:31") != fingerprint(VARIANT, WISH)


def test_it_is_sha256_and_stays_what_it_was() -> None:
    """Stored approvals would be void if this ever changed."""
    plain = Variant(account="a", platform="p", parts=(Part(text="é"),))
    assert fingerprint(plain, "now") == "ea74ea9431e6d85e06b43108e009542f78752ac3d0b92b71b25ef5660bd07ebe"


TEXTS = st.text(max_size=20)
MEDIA = st.builds(
    Media,
    sha256=st.sampled_from(["a" * 64, "b" * 64]),
    name=TEXTS,
    mime=st.just("image/png"),
    kind=st.sampled_from([*MediaKind]),
    size=st.integers(0, 9),
    alt=TEXTS,
)
PARTS = st.builds(
    Part,
    text=TEXTS,
    media=st.lists(MEDIA, max_size=2).map(tuple),
    options=st.dictionaries(TEXTS, st.one_of(TEXTS, st.integers(), st.booleans(), st.none()), max_size=2),
)
VARIANTS = st.builds(
    Variant, account=TEXTS, platform=TEXTS, parts=st.lists(PARTS, min_size=1, max_size=3).map(tuple)
)


@given(VARIANTS)
def test_what_is_stored_comes_back_as_it_was(variant: Variant) -> None:
    assert variant_from_json(json.loads(json.dumps(variant_to_json(variant)))) == variant


@given(VARIANTS, VARIANTS)
def test_two_variants_share_a_fingerprint_only_if_the_same_goes_out(one: Variant, two: Variant) -> None:
    def going_out(variant: Variant) -> Any:
        parts = [(p.text, [(m.sha256, m.alt) for m in p.media], dict(p.options)) for p in variant.parts]
        return json.dumps([variant.account, variant.platform, parts], sort_keys=True)

    assert (fingerprint(one, WISH) == fingerprint(two, WISH)) == (going_out(one) == going_out(two))


@given(PARTS, PARTS)
def test_a_part_has_its_own_hash(one: Part, two: Part) -> None:
    def going_out(part: Part) -> str:
        return json.dumps(
            [part.text, [(m.sha256, m.alt) for m in part.media], dict(part.options)], sort_keys=True
        )

    assert (part_hash(one) == part_hash(two)) == (going_out(one) == going_out(two))


def test_text_and_media_of_a_variant_are_those_of_its_parts() -> None:
    assert VARIANT.text == "Hello\n\nand more"
    assert VARIANT.media == (PICTURE,)
    described = with_alts((PICTURE, PICTURE), ["new"])
    assert [m.alt for m in described] == ["new", PICTURE.alt]
    with pytest.raises(BadInput, match="2 descriptions"):
        with_alts((PICTURE,), ["one", "two"])
