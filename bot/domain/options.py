"""What a person may choose for a post on one platform: read from words, checked, told. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from bot.domain.fitting import Fill, MediaRules, Taste
from bot.domain.platform import Facts, Finding, Level, OptionKind, PostOption
from bot.domain.post import Json
from bot.domain.words import did_you_mean, listed
from bot.errors import BadInput

YES, NO = ("true", "yes", "on", "1"), ("false", "no", "off", "0")
NAME = r"[A-Za-z][A-Za-z0-9_-]*"
ASSIGNED = re.compile(rf"(?:^|(?<=\s))({NAME})=")
SHAPE = re.compile(r"(\d{1,4}(?:\.\d+)?)\s*[:x×/]\s*(\d{1,4}(?:\.\d+)?)")
INSTANT = r"(?:(\d{1,2}):)?(\d{1,3}):(\d{1,2}(?:\.\d+)?)|(\d{1,5}(?:\.\d+)?)\s*s?"
TRIM = re.compile(rf"(?:{INSTANT})?\s*[-–]\s*(?:{INSTANT})?")

FIT, TRIMMED, SHAPED, LEVELLED = "fit", "trim", "shape", "level"
TASTES: tuple[PostOption, ...] = (
    PostOption(
        name=FIT,
        title="How another shape is filled",
        help="crop cuts the sides off, blur shows them on the blurred picture, pad on a plain ground",
        kind=OptionKind.CHOICE,
        choices=((Fill.CROP, "crop"), (Fill.BLUR, "blur"), (Fill.PAD, "pad")),
    ),
    PostOption(name=TRIMMED, title="Trim", help="The part of a video that is kept, like 0:05-0:35"),
    PostOption(name=SHAPED, title="Shape", help="Another shape, like 9:16, 1:1 or 4:5"),
    PostOption(
        name=LEVELLED,
        title="Even loudness",
        help="Whether a video's sound is brought to the loudness that players use",
        kind=OptionKind.FLAG,
    ),
)
"""What may be said about the files of every platform whose rules for them are known."""


def options_of(declared: Sequence[PostOption], rules: MediaRules | None) -> tuple[PostOption, ...]:
    """Everything that may be said about a post on a platform; its own come first, and win."""
    own = {o.name for o in declared}
    tastes = TASTES if rules is not None and (rules.picture or rules.video) else ()
    return (*declared, *(t for t in tastes if t.name not in own))


def assignments(text: str) -> dict[str, str]:
    """``privacy=public title=Launch day`` as pairs; a value goes on to the next name.

    Raises `BadInput` when it does not begin with a name.
    """
    found = list(ASSIGNED.finditer(text))
    if not found or text[: found[0].start()].strip():
        raise BadInput(f"“{text.strip()[:60]}” is no choice. Write it like: name=value")
    ends = [*(m.start() for m in found[1:]), len(text)]
    pairs: dict[str, str] = {}
    for match, end in zip(found, ends, strict=True):
        if match[1] in pairs:
            raise BadInput(f"{match[1]} is given twice.")
        pairs[match[1]] = unquoted(text[match.end() : end].strip())
    return pairs


def unquoted(text: str) -> str:
    """The words inside a pair of quotes, where the whole is in one."""
    pairs = {'"': '"', "“": "”", "„": "“", "'": "'"}
    return text[1:-1] if len(text) > 1 and pairs.get(text[0]) == text[-1] else text


def option_named(options: Sequence[PostOption], name: str, title: str) -> PostOption:
    """The option meant; raises `BadInput` with those there are."""
    plain = name.casefold().replace("-", "_")
    for option in options:
        if option.name.casefold() == plain:
            return option
    if not options:
        raise BadInput(f"{title} has nothing to choose.")
    hint = (
        did_you_mean(plain, [o.name for o in options]) or f"; there are {listed([o.name for o in options])}."
    )
    raise BadInput(f"{title} has no option “{name}”{hint}")


def allowed(option: PostOption, facts: Facts) -> tuple[tuple[str, str], ...]:
    """What may be chosen now: pairs of value and title; nothing where anything may be said."""
    titles = dict(option.choices)
    now = facts.values.get(option.choices_from) if option.choices_from else None
    if isinstance(now, Sequence) and not isinstance(now, str):
        return tuple((str(value), titles.get(str(value), _spoken(str(value)))) for value in now)
    return option.choices


def read_option(option: PostOption, text: str, facts: Facts) -> Json:
    """The value that is kept; None for an empty text, which takes a choice back. Raises `BadInput`."""
    text = text.strip()
    if not text:
        return None
    match option.kind:
        case OptionKind.FLAG:
            if text.casefold() in (*YES, *NO):
                return text.casefold() in YES
            raise BadInput(f"{option.name} is yes or no, not “{text}”.")
        case OptionKind.CHOICE:
            return _chosen(option, text, allowed(option, facts))
        case OptionKind.LIST:
            words = list(dict.fromkeys(w.strip() for w in text.split(",") if w.strip()))
            if option.most and len(words) > option.most:
                raise BadInput(f"{option.name} takes {option.most}, these are {len(words)}.")
            return words
    if option.most and len(text) > option.most:
        raise BadInput(f"{option.name} takes {option.most:,} characters, this has {len(text):,}.")
    if option in TASTES:
        taste_of({option.name: text})
    return text


def _chosen(option: PostOption, text: str, choices: Sequence[tuple[str, str]]) -> str:
    plain = _plain(text)
    for value, title in choices:
        if plain in (_plain(value), _plain(title)):
            return value
    titles = [title if _plain(title) == _plain(value) else f"{title} ({value})" for value, title in choices]
    if not choices:
        raise BadInput(f"{option.name} has nothing to choose from right now; try again in a minute.")
    raise BadInput(f"{option.name} is {listed(titles, 'or')}, not “{text}”.")


def _plain(text: str) -> str:
    return re.sub(r"[\s_-]+", " ", text).strip().casefold()


def _spoken(value: str) -> str:
    return value.replace("_", " ").lower()


def option_words(options: Sequence[PostOption], chosen: Mapping[str, Json], facts: Facts) -> tuple[str, ...]:
    """What was chosen, for a card: ``"privacy: only me"``."""
    return tuple(f"{o.name}: {value_words(o, chosen[o.name], facts)}" for o in options if o.name in chosen)


def value_words(option: PostOption, value: Json, facts: Facts) -> str:
    """A kept value as people read it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    titles = {**dict(option.choices), **dict(allowed(option, facts))}
    words = titles.get(str(value), str(value))
    return words if len(words) <= 60 else f"{words[:59]}…"


def unchosen(options: Sequence[PostOption], chosen: Mapping[str, Json]) -> tuple[PostOption, ...]:
    """What a person has to choose before anybody can approve."""
    return tuple(o for o in options if o.required and chosen.get(o.name) in (None, "", []))


def option_findings(
    options: Sequence[PostOption], chosen: Mapping[str, Json], facts: Facts, *, account: str, post: str = ""
) -> Iterator[Finding]:
    """What nobody has chosen yet, and what can no longer be chosen."""
    for option in unchosen(options, chosen):
        way = f"/set {post or 'POST'} {account} {option.name}="
        titles = [title for _, title in allowed(option, facts)]
        titles = ["yes", "no"] if option.kind is OptionKind.FLAG else titles
        among = f": {listed(titles[:6], 'or')}" if titles else ""
        yield Finding(
            level=Level.BLOCK,
            code=f"choose_{option.name}",
            text=f"choose {option.name}{among}",
            fix=f"{way}…",
        )
    for option in options:
        value, choices = chosen.get(option.name), allowed(option, facts)
        gone = option.choices_from and option.choices_from in facts.values and value is not None
        if option.kind is OptionKind.CHOICE and gone and value not in [v for v, _ in choices]:
            words = value_words(option, value, facts)
            yield Finding(
                level=Level.BLOCK,
                code=f"choose_{option.name}",
                text=f"{option.name} “{words}” is not offered for this account now",
                fix=f"/set {post or 'POST'} {account} {option.name}=…",
            )


def taste_of(chosen: Mapping[str, Json]) -> Taste:
    """What was wished about files; raises `BadInput` for a trim or shape that is none."""
    taste = Taste()
    if fill := chosen.get(FIT):
        taste = replace(taste, fill=Fill(fill))
    if shape := chosen.get(SHAPED):
        taste = replace(taste, shape=_shape(str(shape)))
    if trim := chosen.get(TRIMMED):
        start, end = _trim(str(trim))
        taste = replace(taste, start=start, end=end)
    return replace(taste, level=True) if chosen.get(LEVELLED) is True else taste


def _shape(text: str) -> tuple[int, int]:
    match = SHAPE.fullmatch(text.strip())
    across, down = (float(match[1]), float(match[2])) if match else (0.0, 0.0)
    if not across or not down or not 0.2 <= across / down <= 5:
        raise BadInput(f"“{text}” is no shape. Write it like 9:16, 1:1 or 4:5.")
    scale = 1 if across.is_integer() and down.is_integer() else 100
    return round(across * scale), round(down * scale)


def _trim(text: str) -> tuple[float, float | None]:
    match = TRIM.fullmatch(text.strip())
    if match is None or not any(match.groups()):
        raise BadInput(f"“{text}” is no part of a video. Write it like 0:05-0:35.")
    start, end = _seconds(match.groups()[:4]), _seconds(match.groups()[4:])
    if end is not None and end <= (start or 0):
        raise BadInput(f"“{text}” ends before it begins. Write it like 0:05-0:35.")
    return start or 0.0, end


def _seconds(found: Sequence[str | None]) -> float | None:
    hours, minutes, seconds, plain = found
    if plain is not None:
        return float(plain)
    if seconds is None:
        return None
    return int(hours or 0) * 3600 + int(minutes or 0) * 60 + float(seconds)
