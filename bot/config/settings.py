"""Any plugin's settings: a frozen dataclass, filled from one table of the file."""

from __future__ import annotations

from dataclasses import MISSING, Field, fields
from pathlib import Path
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, TypeVar, Union, get_args, get_origin, get_type_hints

from bot.config.secret import HOW, Secret, fetch
from bot.config.table import NAMES, dotted, fits
from bot.domain.words import did_you_mean, listed
from bot.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from bot.domain.post import Json

S = TypeVar("S")


def read_settings(
    cls: type[S],
    table: Mapping[str, Json],
    *,
    where: str,
    env: Mapping[str, str],
    fallback: Mapping[str, str],
    folder: Path = Path(),
    needed: Collection[str] = (),
    instead: str = "",
) -> S | tuple[str, ...]:
    """``cls`` filled from ``table``, or every problem as a sentence that begins with its key.

    Fields are of type str, int, float, bool, ``tuple[str, ...]`` or `Secret`, each perhaps
    ``| None``; one without a default is required. A secret comes from ``{ env = … }`` or
    ``{ file = … }`` (from ``folder``), else from the variable that ``fallback`` names for
    its field. A value may already be a `Secret`. What ``cls`` says by raising `BadInput` or
    ValueError when it is made is a problem too. ``needed``: fields that must be given although
    ``cls`` could do without; ``instead`` is the command that makes them unnecessary. Raises
    TypeError for a field of another type.
    """
    hints = get_type_hints(cls)
    wanted = {f.name: (f, *_kind(cls, f.name, hints[f.name])) for f in fields(cls) if f.init}  # type: ignore[arg-type]
    problems = [
        f"{dotted(where, key)}: unknown key{did_you_mean(key, wanted)}" for key in table if key not in wanted
    ]
    values: dict[str, Any] = {}
    variables: list[str] = []
    for name, (declared, kind, optional) in wanted.items():
        key = dotted(where, name)
        given = table.get(name)
        if given is None and kind is Secret and name in fallback and env.get(fallback[name]):
            given = Secret(env[fallback[name]])
        if given is None:
            if name in needed or (not optional and _required(declared)):
                if kind is Secret and name in fallback:
                    variables.append(fallback[name])
                else:
                    problems.append(f"{key}: is missing{f'; write {HOW}' if kind is Secret else ''}")
        elif kind is Secret:
            found = given if isinstance(given, Secret) else fetch(given, env=env, folder=folder)
            if isinstance(found, str):
                problems.append(f"{key}: {found}")
            values[name] = found
        elif not fits(given, kind):
            problems.append(f"{key}: must be {NAMES[kind]}")
        else:
            values[name] = tuple(given) if kind is list else kind(given)
        if given is None and optional and _required(declared):
            values[name] = None
    if variables:
        way_out = f", or run `{instead}`" if instead else ""
        problems.append(f"{where}: needs {listed(variables)} in the environment{way_out}")
    if problems:
        return tuple(problems)
    try:
        return cls(**values)
    except (BadInput, ValueError) as error:
        return (f"{where}: {error}",)


def _required(declared: Field[Any]) -> bool:
    return declared.default is MISSING and declared.default_factory is MISSING


def _kind(cls: type, name: str, hint: Any) -> tuple[Any, bool]:
    """The kind of value to look for, and whether None will do."""
    optional = False
    if get_origin(hint) in (Union, UnionType) and NoneType in get_args(hint):
        inner = [arg for arg in get_args(hint) if arg is not NoneType]
        hint, optional = (inner[0] if len(inner) == 1 else hint), True
    if hint == tuple[str, ...]:
        return list, optional
    if hint not in (str, int, float, bool, Secret):
        raise TypeError(f"{cls.__name__}.{name}: settings cannot be of type {hint}")
    return hint, optional
