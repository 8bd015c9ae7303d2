"""What a button asks before it acts, and the forms that every chat draws from that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from bot.domain.message import Action

REASONS = (
    "Wrong facts",
    "Not our voice",
    "Wording or typo",
    "Picture or video",
    "Legal or rights",
    "Bad moment",
    "Something else",
)
"""Labels for why a post was refused or sent back; a report can count them."""

BETWEEN = ": "
LABEL, TEXT = "label", "text"
"""Names of the inputs of a form that asks for a reason."""


class InputKind(StrEnum):
    """What a form has to offer."""

    LINE = "line"
    LONG = "long"
    CHOICE = "choice"
    FLAG = "flag"
    FILES = "files"


@dataclass(frozen=True, kw_only=True)
class Input:
    """One value of a form. ``initial`` is shown in it; a FLAG's is ``"yes"`` or empty.

    ``suggests``: the inbox knows values for it (`Inbox.suggest`); ``several``: with commas between.
    """

    name: str
    label: str
    kind: InputKind = InputKind.LINE
    help: str = ""
    initial: str = ""
    choices: tuple[str, ...] = ()
    required: bool = False
    suggests: bool = False
    several: bool = False


@dataclass(frozen=True, kw_only=True)
class Form:
    """Something to fill in before a press or a command goes on.

    Exactly one of ``then`` (the press it completes) and ``command`` (the command it becomes) is
    given. ``ref`` is the message whose button was pressed.
    """

    title: str
    inputs: tuple[Input, ...]
    submit: str = "Send"
    then: Action | None = None
    command: str = ""


@dataclass(frozen=True, kw_only=True)
class Ask:
    """What one verb asks. ``labels``: the person may choose one beside their own words."""

    title: str
    label: str
    submit: str
    optional: bool = False
    long: bool = False
    labels: tuple[str, ...] = ()
    kinds: tuple[str, ...] = field(default=("post", "delivery"))


ASKS: Mapping[str, Ask] = MappingProxyType(
    {
        "changes": Ask(
            title="Request changes", label="What should change?", submit="Ask", long=True, labels=REASONS
        ),
        "reject": Ask(title="Reject", label="Why?", submit="Reject", long=True, labels=REASONS),
        "schedule": Ask(title="Other time", label="When?", submit="Move"),
        "is-live": Ask(
            title="It's live", label="Its link, if you have it?", submit="It's live", optional=True
        ),
        "reason": Ask(
            title="Say why", label="What should change?", submit="Say it", long=True, labels=REASONS
        ),
        "choose": Ask(
            title="Choose",
            label="What? Write it like name=value",
            submit="Save",
            kinds=("delivery",),
        ),
        "edit": Ask(title="Edit", label="The new text?", submit="Save", long=True),
    }
)


def reason_words(label: str, words: str) -> str:
    """One reason from a label and the person's own words; either may be empty."""
    return BETWEEN.join(part for part in (label.strip(), words.strip()) if part)


def label_of(reason: str) -> str:
    """The label that a reason begins with, or nothing."""
    return next((r for r in REASONS if reason == r or reason.startswith(r + BETWEEN)), "")
