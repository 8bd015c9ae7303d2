"""Why Instagram says no: by its own number, what that means, who can do something, and what.

One table for what is done about a refusal, for the sentences people read, for the manual and for the
tests. Source: instagram-platform/instagram-graph-api/reference/error-codes (2 June 2026); the numbers
2207077, 2207081 and 2207082 are not documented there and come from field reports of 2026.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from bot.api import Cause, Owner

if TYPE_CHECKING:
    from collections.abc import Mapping

YOU, APP, PLATFORM = Owner.YOU, Owner.APP, Owner.PLATFORM


class Course(StrEnum):
    """What is done about a refusal.

    ``AFRESH``: a new container may be taken. ``FETCH``: the same, but it was our address that could not
    be fetched. ``AGAIN``: ask again. ``PROBE``: nobody knows what happened, look at the container.
    ``PAUSE``: nothing goes on before a person has been in the app.
    """

    AFRESH = "afresh"
    FETCH = "fetch"
    AGAIN = "again"
    PROBE = "probe"
    REJECT = "reject"
    QUOTA = "quota"
    RATE = "rate"
    SPAM = "spam"
    PAUSE = "pause"
    TOKEN = "token"
    RIGHT = "right"


@dataclass(frozen=True, kw_only=True)
class Known:
    """One number of Meta's: a subcode where there is one."""

    code: int
    subcode: int = 0
    course: Course
    cause: str
    fix: str
    owner: Owner = PLATFORM

    @property
    def name(self) -> str:
        """As Meta's pages write it."""
        return f"{self.code} / {self.subcode}" if self.subcode else str(self.code)


def _known(code: int, subcode: int, course: Course, cause: str, fix: str, owner: Owner = PLATFORM) -> Known:
    return Known(code=code, subcode=subcode, course=course, cause=cause, fix=fix, owner=owner)


_ANEW = "It is prepared anew by itself."
_FILE = "Instagram does not take the file"

REFUSALS = (
    _known(-2, 2207003, Course.AFRESH, "Instagram took too long to fetch the file.", _ANEW),
    _known(-2, 2207020, Course.AFRESH, "What was prepared at Instagram has run out.", _ANEW),
    _known(-1, 2207001, Course.AFRESH, "Instagram had trouble of its own.", _ANEW),
    _known(-1, 2207032, Course.AFRESH, "Instagram could not prepare the post.", _ANEW),
    _known(-1, 2207053, Course.AFRESH, "The upload to Instagram broke off.", _ANEW),
    _known(
        1,
        2207057,
        Course.REJECT,
        "The second for the cover lies outside the video.",
        "Choose an earlier one.",
        YOU,
    ),
    _known(
        4,
        2207051,
        Course.SPAM,
        "Instagram takes the account's posts for spam at the moment.",
        "Open the Instagram app and see what it says; it usually passes within a day.",
        YOU,
    ),
    _known(
        9,
        2207042,
        Course.QUOTA,
        "The account has published as much as Instagram allows in 24 hours.",
        "It goes out when there is room again.",
    ),
    _known(
        9004,
        2207052,
        Course.FETCH,
        "Instagram could not fetch the file from our address.",
        "Check that `public_url` under [web] is reached from outside: `clarion check`.",
        APP,
    ),
    _known(
        9007, 2207027, Course.AGAIN, "Instagram is still working on the file.", "It is asked again by itself."
    ),
    _known(24, 2207006, Course.REJECT, "Instagram does not find the file any more.", "Send it again.", YOU),
    _known(
        24,
        2207008,
        Course.PROBE,
        "Instagram does not find what was prepared, or it is published already.",
        "It is looked at first, and prepared anew if it is not out.",
    ),
    _known(
        25,
        2207050,
        Course.PAUSE,
        "Instagram has restricted the account, or it is not active.",
        "Open the Instagram app, sign in and do what it asks for.",
        YOU,
    ),
    _known(
        100,
        2207023,
        Course.REJECT,
        "Instagram does not know this kind of post.",
        "Choose feed, reel or story.",
        YOU,
    ),
    _known(
        100,
        2207028,
        Course.REJECT,
        "A carousel has 2 to 10 pictures or videos.",
        "Add or leave out files.",
        YOU,
    ),
    _known(
        100, 2207035, Course.REJECT, "A product cannot be tagged there.", "Leave the product tag out.", YOU
    ),
    _known(100, 2207036, Course.REJECT, "Product tags need a position.", "Leave the product tags out.", YOU),
    _known(
        100, 2207037, Course.REJECT, "A tagged product does not exist.", "Leave the product tag out.", YOU
    ),
    _known(100, 2207040, Course.REJECT, "A post tags at most 20 people.", "Tag fewer.", YOU),
    _known(
        352,
        2207026,
        Course.REJECT,
        f"{_FILE}: it cannot read this kind of video.",
        "Use an MP4 with H.264 and AAC.",
        YOU,
    ),
    _known(
        36000, 2207004, Course.REJECT, f"{_FILE}: the picture has more than 8 MB.", "Make it smaller.", YOU
    ),
    _known(36001, 2207005, Course.REJECT, f"{_FILE}: a picture has to be a JPEG.", "Save it as JPEG.", YOU),
    _known(
        36003,
        2207009,
        Course.REJECT,
        f"{_FILE}: the picture is too tall or too wide.",
        "Crop it to something between 4:5 and 1.91:1.",
        YOU,
    ),
    _known(36004, 2207010, Course.REJECT, "Instagram takes 2,200 characters.", "Shorten the text.", YOU),
    _known(352, 2207077, Course.FETCH, "Instagram could not fetch the video.", _ANEW),
    _known(
        100, 2207081, Course.REJECT, "The account may not publish trial reels.", "Leave the trial out.", YOU
    ),
    _known(-1, 2207082, Course.AFRESH, "The upload to Instagram failed.", _ANEW),
)
"""Refusals with a number of their own."""

CODES = (
    _known(
        190,
        0,
        Course.TOKEN,
        "Access has run out, was withdrawn or is not valid.",
        "Connect the account again.",
        YOU,
    ),
    _known(190, 460, Course.TOKEN, "The password was changed.", "Connect the account again.", YOU),
    _known(190, 463, Course.TOKEN, "Access has run out.", "Connect the account again.", YOU),
    _known(190, 467, Course.TOKEN, "Access was withdrawn.", "Connect the account again.", YOU),
    _known(102, 0, Course.TOKEN, "The session has ended.", "Connect the account again.", YOU),
    _known(
        10,
        0,
        Course.RIGHT,
        "The app lacks a permission, or the account may not do it.",
        "Grant it and connect the account again.",
        APP,
    ),
    _known(
        200,
        0,
        Course.RIGHT,
        "The app lacks a permission (all numbers from 200 to 299).",
        "Grant it and connect the account again.",
        APP,
    ),
    _known(4, 0, Course.RATE, "The app makes too many calls.", "It goes on by itself."),
    _known(17, 0, Course.RATE, "The account makes too many calls.", "It goes on by itself."),
    _known(32, 0, Course.RATE, "The page makes too many calls.", "It goes on by itself."),
    _known(613, 0, Course.RATE, "Too many calls of one kind.", "It goes on by itself."),
    _known(80002, 0, Course.RATE, "Too many calls for this Instagram account.", "It goes on by itself."),
    _known(1, 0, Course.PROBE, "Instagram has trouble at the moment.", "It is tried, or looked at, again."),
    _known(2, 0, Course.PROBE, "Instagram has trouble at the moment.", "It is tried, or looked at, again."),
    _known(
        100, 33, Course.AGAIN, "Instagram does not show it, or not yet.", "It is asked again for ten minutes."
    ),
    _known(
        2500,
        0,
        Course.RIGHT,
        "The version of the Graph API has been switched off.",
        "Set `version` of the account to a newer one.",
        APP,
    ),
)
"""Refusals of the Graph API at large (graph-api/guides/error-handling, 2026)."""

BY_SUBCODE: Mapping[int, Known] = MappingProxyType({k.subcode: k for k in REFUSALS})
BY_CODE: Mapping[tuple[int, int], Known] = MappingProxyType({(k.code, k.subcode): k for k in CODES})

CAUSES = tuple(Cause(code=k.name, cause=k.cause, owner=k.owner, fix=k.fix) for k in (*REFUSALS, *CODES))


def known(code: int, subcode: int) -> Known | None:
    """What is known about a refusal; numbers from 200 to 299 are one."""
    found = BY_SUBCODE.get(subcode) or BY_CODE.get((code, subcode)) or BY_CODE.get((code, 0))
    return found or (BY_CODE[200, 0] if 200 <= code < 300 else None)
