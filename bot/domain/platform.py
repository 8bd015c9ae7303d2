"""What a platform is, may do, and answers. Shared by the core and every publisher."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Flag, StrEnum, auto

from bot.domain.post import Json

Ref = Json
"""What identifies an object on the platform: an id, a URN, a mapping of uri and cid."""


class Feature(Flag):
    """What a publisher can do today; a flag that is not set means `Unsupported`.

    ``COMMENT``: a part below our own post, at once or later, sent with ``Call.parents``.
    ``ARTICLE``: the link of a part is shown with our card; without it the address goes into the
    text. ``MULTI_IMAGE``: more than one picture; without it the first goes. ``CAPTIONS`` and ``COVER``:
    a video's subtitles and the picture it is announced with. ``HAND_OVER``: a person may have to finish
    in the platform's own app. ``REVISE``: what is out can be changed (`bot.ports.Revising`).
    """

    NONE = 0
    TEXT = auto()
    IMAGE = auto()
    VIDEO = auto()
    THREAD = auto()
    ALT_TEXT = auto()
    REMOVE = auto()
    READ_BACK = auto()
    METRICS = auto()
    MULTI_IMAGE = auto()
    COMMENT = auto()
    ARTICLE = auto()
    DOCUMENT = auto()
    CAPTIONS = auto()
    COVER = auto()
    HAND_OVER = auto()
    REVISE = auto()


@dataclass(frozen=True, kw_only=True)
class Limit:
    """One dated fact about a platform: ``name`` is shown to people.

    ``value`` is a number in ``unit`` ("characters", "bytes", "images", "seconds"), or a
    tuple of words ("image/png", …). ``source`` says where it was read, ``as_of`` when.
    """

    name: str
    value: float | tuple[str, ...]
    unit: str
    as_of: date
    source: str


class Owner(StrEnum):
    """Who can do something about a trouble."""

    YOU = "you"
    PLATFORM = "the platform"
    APP = "the app's owner"


@dataclass(frozen=True, kw_only=True)
class Cause:
    """One way a platform says no, as people read it. ``code`` is what the platform itself calls it.

    ``fix`` is what ``owner`` can do; where the platform owns it, what happens by itself.
    """

    code: str
    cause: str
    owner: Owner
    fix: str


class Level(StrEnum):
    """How much a finding weighs: it stops the post, it is a warning, or only worth knowing."""

    BLOCK = "block"
    WARN = "warn"
    NOTE = "note"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing to say about a variant before it goes anywhere.

    ``code`` is a short machine word; ``"length"`` with level NOTE is the count shown on
    the card ("61/280"). ``fix`` is the way out, in words a person can follow.
    """

    level: Level
    code: str
    text: str
    fix: str = ""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the platform allows this account now; stale after ``expires_at`` (aware UTC)."""

    values: Mapping[str, Json] = field(default_factory=dict)
    expires_at: datetime | None = None


class OptionKind(StrEnum):
    """What a post's option holds: words, yes or no, one of some choices, or several words."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    FLAG = "flag"
    CHOICE = "choice"
    LIST = "list"


@dataclass(frozen=True, kw_only=True)
class PostOption:
    """Something a person may say about a post on this platform alone.

    It is kept in ``Variant.options[name]``; a publisher finds it in the options of each part it is given
    (`Variant.part`), in `inspect` in both.

    ``title`` and ``help`` are for people (help ≤ 100 characters). ``choices``: pairs of value and title;
    ``choices_from`` names the key of `Facts.values` that lists the values allowed now. ``required``: nobody
    may approve before a person has chosen, so it has no default. ``default``: what counts when
    nothing was said. ``most``: the most characters, or entries of a list; 0 is no bound here.
    A FLAG is stored as bool, a LIST as list of str, everything else as str.
    """

    name: str
    title: str
    help: str
    kind: OptionKind = OptionKind.TEXT
    choices: tuple[tuple[str, str], ...] = ()
    choices_from: str = ""
    required: bool = False
    default: Json = None
    most: int = 0


@dataclass(frozen=True, kw_only=True)
class AccountInfo:
    """Who the token belongs to; ``id`` is the platform's own id of the account. ``notes``: what will
    stop working, and when, one sentence each. ``followers``: how many follow it, None where that was not
    told."""

    id: str
    handle: str
    title: str = ""
    url: str = ""
    notes: tuple[str, ...] = ()
    followers: int | None = None


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """What staging has achieved so far; the core saves it and hands it back."""

    data: Mapping[str, Json] = field(default_factory=dict)
    expires_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Ready:
    """Staged: the commit can be called with this checkpoint."""

    checkpoint: Checkpoint = Checkpoint()


@dataclass(frozen=True, kw_only=True)
class More:
    """One reversible step is done; save the checkpoint and call `stage` again."""

    checkpoint: Checkpoint


@dataclass(frozen=True, kw_only=True)
class Wait:
    """The platform works on it; save the checkpoint and come back at ``until``."""

    checkpoint: Checkpoint
    until: datetime


Staged = Ready | More | Wait


@dataclass(frozen=True, kw_only=True)
class Call:
    """The one irreversible call for one part, as the ledger knows it.

    ``key`` is ours, the same for every call for this part and never another's: a platform
    that knows keys creates once, however late an answer comes; ``started_at`` is when its row was written;
    ``ref`` what the platform answered, if it did; ``parents`` the refs of the parts
    before it; ``request_hash`` the SHA-256 of the part.
    """

    key: str
    started_at: datetime
    request_hash: str
    ref: Ref | None = None
    parents: tuple[Ref, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """The platform's own well-formed answer with an id: the part is out.

    ``quiet_until``: the platform's headers say that nothing more is accepted until then.
    """

    ref: Ref
    url: str | None = None
    quiet_until: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Pending:
    """Accepted, not yet visible; ask `confirm` at ``check_at``."""

    check_at: datetime
    ref: Ref | None = None


class Proof(StrEnum):
    """Why we say *live*."""

    RECEIPT = "receipt"
    READ_BACK = "read_back"
    HUMAN = "human"


@dataclass(frozen=True, kw_only=True)
class Live:
    """It is out. ``proof`` says how we know; a person's word may come without a ref."""

    ref: Ref | None
    url: str | None
    proof: Proof


@dataclass(frozen=True, kw_only=True)
class Refused:
    """The platform decided against it after it had taken the call; nothing is visible."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class Absent:
    """Proof that nothing came into being: an own key, container, session or rkey is unused.

    A timeline that does not show the post is *not* proof: that is `Unclear`.
    """

    keep_checkpoint: bool = True


@dataclass(frozen=True, kw_only=True)
class Unclear:
    """Could not be found out; ``look_at`` is where a person can look."""

    why: str
    look_at: str = ""


@dataclass(frozen=True, kw_only=True)
class HandedOver:
    """It lies in the platform's own app and a person must finish it there.

    ``task`` says what to do, in one or two sentences; ``paste`` is what they will need to paste;
    ``until``: when the platform throws it away (aware UTC); ``look_at`` is where it waits.
    """

    task: str
    paste: str = ""
    until: datetime | None = None
    look_at: str = ""
    ref: Ref | None = None


Confirmed = Live | Pending | Refused | Absent | Unclear | HandedOver


@dataclass(frozen=True, kw_only=True)
class Metrics:
    """Counts since the post went out, at an instant; None is unknown, which is not zero.

    ``impressions``: how often it (or its thumbnail) was shown, ``clicks`` what came of that, ``reach``
    different people, ``watch_s`` seconds watched by all together.
    """

    views: int | None = None
    likes: int | None = None
    comments: int | None = None
    shares: int | None = None
    saves: int | None = None
    impressions: int | None = None
    clicks: int | None = None
    reach: int | None = None
    watch_s: int | None = None

    @property
    def engagement(self) -> int | None:
        """Likes, comments, shares and saves together, as far as they are known; None when none is."""
        known = [n for n in (self.likes, self.comments, self.shares, self.saves) if n is not None]
        return sum(known) if known else None


@dataclass(frozen=True, kw_only=True)
class Gone:
    """The platform says that the object no longer exists."""
