"""Values that must never be seen, and the two ways to write where they are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.domain.post import Json

HOW = '{ env = "NAME" } or { file = "path" }'


class Secret:
    """A value that never shows itself; `reveal` is the only way to it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The plain value, for signing or sending; never for a message or a log."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(***)"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __bool__(self) -> bool:
        return bool(self._value)


def fetch(written: Json, *, env: Mapping[str, str], folder: Path) -> Secret | str:
    """The secret that ``{ env = … }`` or ``{ file = … }`` points at, else what is wrong, as a predicate.

    ``folder`` is what a relative path starts from. White space around a file's content is
    not part of the secret. The sentence never repeats what was written in a secret's place.
    """
    match written:
        case {"env": str(name), **rest} if not rest:
            return Secret(env[name]) if env.get(name) else f"needs {name or 'a variable'} in the environment"
        case {"file": str(name), **rest} if not rest:
            try:
                value = (folder / Path(name).expanduser()).read_text("utf-8").strip()
            except UnicodeDecodeError:
                return f"the file {name!r} is not text"
            except OSError as error:
                return f"the file {name!r} cannot be read ({error.strerror or type(error).__name__})"
            except (ValueError, RuntimeError):  # a zero byte in the path; a home nobody has
                return f"{name!r} is not a path"
            return Secret(value) if value else f"the file {name!r} is empty"
        case str():
            return f"a secret is not written in the file; write {HOW}"
    return f"is not a secret; write {HOW}"
