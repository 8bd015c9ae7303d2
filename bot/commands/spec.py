"""One declaration of a command; every surface renders it from this data.

    @command(role=Role.CREATE)
    async def post(
        ctx: Context,
        *,
        text: Annotated[str, Opt("What to say", long=True)],
        to: Annotated[Accounts | None, Opt("Where; without it, everywhere")] = None,
    ) -> Message:
        \"\"\"Draft a post and ask for approval.\"\"\"

`post` is then a frozen `Command`. Nothing is registered anywhere: whoever offers commands
lists them.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType, NoneType, UnionType
from typing import Annotated, Any, Literal, NewType, Union, get_args, get_origin, get_type_hints

from bot.commands.line import gather, render
from bot.commands.option import HELP_LIMIT, NAME, Kind, Option
from bot.domain.message import Message
from bot.domain.people import Role
from bot.domain.words import did_you_mean
from bot.errors import BadInput

__all__ = [
    "Accounts",
    "Command",
    "Kind",
    "MediaPaths",
    "Opt",
    "Option",
    "PairTexts",
    "PostRef",
    "Subject",
    "Texts",
    "UserName",
    "WhenText",
    "command",
]

OPTIONS_LIMIT = 25
"""Discord's bound on the options of a command (its API reference), the smallest of all chats."""

Run = Callable[..., Awaitable[Message]]

PostRef = NewType("PostRef", str)
"""A post as people name it: ``P42``, ``42`` or ``latest``."""
Subject = NewType("Subject", str)
"""Whatever a number or a name stands for: a post, ``R7``, ``E3``, ``A9``, a time of the week."""
WhenText = NewType("WhenText", str)
"""A wish about time, in words."""
UserName = NewType("UserName", str)
"""A member."""
Accounts = Annotated[tuple[str, ...], Kind.ACCOUNTS]
"""Names with commas between."""
MediaPaths = Annotated[tuple[str, ...], Kind.MEDIA]
"""Files; the option may be given several times."""
PairTexts = Annotated[Mapping[str, str], Kind.PAIRS]
"""An account and a text, two words; the option may be given several times."""
Texts = Annotated[tuple[str, ...], Kind.TEXTS]
"""Several texts; the option is given once for each."""

KINDS: Mapping[Any, Kind] = MappingProxyType(
    {
        str: Kind.TEXT,
        int: Kind.INTEGER,
        bool: Kind.FLAG,
        PostRef: Kind.POST,
        Subject: Kind.SUBJECT,
        WhenText: Kind.WHEN,
        UserName: Kind.USER,
    }
)


@dataclass(frozen=True)
class Opt:
    """What a signature cannot say. ``long``: the text may have several lines.

    ``positional``: a plain word may stand for this optional value; required ones always can.
    ``first``: what the first of a pair is called, where it is no account.
    """

    help: str
    long: bool = False
    positional: bool = False
    first: str = "ACCOUNT"


@dataclass(frozen=True, kw_only=True)
class Command:
    """What every chat, the help and the manual need to know of a command.

    Raises ValueError when some chat could not show it.
    """

    name: str
    help: str
    long_help: str
    role: Role
    options: tuple[Option, ...]
    run: Run = field(repr=False, compare=False)

    def __post_init__(self) -> None:
        if NAME.fullmatch(self.name) is None:
            raise ValueError(f"command {self.name!r}: a name has 1 to 32 characters of a-z, 0-9 and -")
        if not 0 < len(self.help) <= HELP_LIMIT:
            raise ValueError(f"/{self.name}: the docstring's first line has 1 to {HELP_LIMIT} characters")
        if len(self.options) > OPTIONS_LIMIT:
            raise ValueError(f"/{self.name}: at most {OPTIONS_LIMIT} options")
        if len({option.name for option in self.options}) < len(self.options):
            raise ValueError(f"/{self.name}: two options have one name")

    @property
    def usage(self) -> str:
        """One line: plain words first, then what is named."""
        order = sorted(self.options, key=lambda o: (not o.required, not o.positional))
        return " ".join([f"/{self.name}", *(option.usage for option in order)])

    def describe(self) -> tuple[tuple[str, bool, str], ...]:
        """Rows for help and manual: how an option is typed, whether it is required, its help."""
        return tuple((o.usage, o.required, o.help) for o in self.options)

    def parse(self, line: str) -> dict[str, Any]:
        """The values in everything behind the name, by parameter; raises `BadInput` with the way out."""
        return self.convert(gather(line, self.options, name=self.name, usage=self.usage))

    def convert(self, raw: Mapping[str, Any]) -> dict[str, Any]:
        """Typed values by parameter, from a form, an interaction or a line; raises `BadInput`.

        ``raw`` is by option name. None is *not given*; so is an empty list. An empty text is
        a value, unless the option is required.
        """
        known = {option.name: option for option in self.options}
        for name in raw:
            if name not in known:
                raise BadInput(f"/{self.name} has no option {name!r}{did_you_mean(name, known) or '.'}")
        values: dict[str, Any] = {}
        for option in self.options:
            value = raw.get(option.name)
            read = None if value is None else option.read(value)
            if option.required and read in (None, ""):
                raise BadInput(f"{option.name} is missing. Write it like: {self.usage}")
            values[option.parameter] = option.default if read is None else read
        return values

    def render(self, values: Mapping[str, Any]) -> str:
        """The line that `parse` reads as these values; the inverse of `parse`."""
        return render(values, self.options)


def command(*, role: Role = Role.CREATE, name: str | None = None) -> Callable[[Run], Command]:
    """Turn ``async def name(ctx, *, option: Annotated[T, Opt(...)])`` into a `Command`.

    The docstring is the help, its first line the short one. ``role`` is the least that may
    use it. A trailing ``_`` of a parameter is not part of the option's name (``for_``).
    Raises TypeError or ValueError for a function that no chat could offer.
    """

    def declare(run: Run) -> Command:
        called = name or _spoken(getattr(run, "__name__", ""))
        short, _, long = (inspect.getdoc(run) or "").partition("\n")
        if not short:
            raise ValueError(f"/{called} needs a docstring: it is the command's help")
        hints = get_type_hints(run, include_extras=True)
        _, *parameters = inspect.signature(run).parameters.values()
        options = tuple(_option(called, parameter, hints.get(parameter.name)) for parameter in parameters)
        return Command(name=called, help=short, long_help=long.strip(), role=role, options=options, run=run)

    return declare


def _spoken(name: str) -> str:
    return name.rstrip("_").replace("_", "-")


def _option(called: str, parameter: inspect.Parameter, hint: Any) -> Option:
    base, facts = _unwrapped(hint)
    opt = next((fact for fact in facts if isinstance(fact, Opt)), None)
    if parameter.kind is not parameter.KEYWORD_ONLY or opt is None:
        raise TypeError(f"/{called}: {parameter.name} must be `*, name: Annotated[…, Opt(…)]`")
    choices: tuple[str, ...] = ()
    kind = next((fact for fact in facts if isinstance(fact, Kind)), None) or KINDS.get(base)
    if get_origin(base) is Literal:
        kind, choices = Kind.CHOICE, get_args(base)
    if kind is None:
        raise TypeError(f"/{called}: no chat can ask for {parameter.name}, a {base}")
    required = parameter.default is parameter.empty
    return Option(
        name=_spoken(parameter.name),
        parameter=parameter.name,
        help=opt.help,
        kind=Kind.LONG_TEXT if opt.long and kind is Kind.TEXT else kind,
        required=required,
        default=None if required else parameter.default,
        choices=choices,
        positional=opt.positional,
        first=opt.first,
    )


def _unwrapped(hint: Any) -> tuple[Any, tuple[Any, ...]]:
    """The type inside ``Annotated`` and ``| None``, and everything it was annotated with."""
    facts: tuple[Any, ...] = ()
    while True:
        if get_origin(hint) is Annotated:
            hint, *more = get_args(hint)
            facts += tuple(more)
        elif get_origin(hint) in (Union, UnionType) and NoneType in get_args(hint):
            inner = [arg for arg in get_args(hint) if arg is not NoneType]
            if len(inner) > 1:
                return hint, facts
            hint = inner[0]
        else:
            return hint, facts
