"""What the judges of a form body write down: where it is wrong, in Discord's own codes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Path = tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Violation:
    """One thing Discord refuses; ``path`` leads to it, ``code`` is Discord's (50035 bodies, "reference")."""

    path: Path
    code: str
    message: str

    def __str__(self) -> str:
        return f"{'.'.join(self.path) or 'body'}: {self.message} ({self.code})"


@dataclass(frozen=True)
class Judge:
    """Collects violations; every method looks at one key of one object and returns its value if usable."""

    found: list[Violation] = field(default_factory=list)

    def blame(self, path: Path, code: str, message: str) -> None:
        self.found.append(Violation(path=path, code=code, message=message))

    def text(
        self, body: Mapping[str, Any], key: str, at: Path, *, low: int = 0, high: int, required: bool = False
    ) -> str:
        """A text of ``low`` to ``high`` characters; "" when it is not there."""
        value, path = body.get(key), (*at, key)
        if value is None:
            if required:
                self.blame(path, "BASE_TYPE_REQUIRED", "This field is required")
            return ""
        if not isinstance(value, str):
            self.blame(path, "STRING_TYPE_CONVERT", "Could not interpret value as string.")
            return ""
        if required and low and not value:
            self.blame(path, "BASE_TYPE_REQUIRED", "This field is required")
        elif len(value) < low or len(value) > high:
            self.blame(path, "BASE_TYPE_BAD_LENGTH", f"Must be between {low} and {high} in length.")
        return value

    def items(
        self, body: Mapping[str, Any], key: str, at: Path, *, low: int = 0, high: int, required: bool = False
    ) -> Sequence[Mapping[str, Any]]:
        """A list of ``low`` to ``high`` objects; () when it is not there."""
        value, path = body.get(key), (*at, key)
        if value is None:
            if required:
                self.blame(path, "BASE_TYPE_REQUIRED", "This field is required")
            return ()
        if not isinstance(value, list) or not all(isinstance(item, Mapping) for item in value):
            self.blame(path, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
            return ()
        if not low <= len(value) <= high:
            self.blame(path, "BASE_TYPE_BAD_LENGTH", f"Must be between {low} and {high} in length.")
        return value

    def number(
        self, body: Mapping[str, Any], key: str, at: Path, *, low: int, high: int, default: int
    ) -> int:
        """A whole number between the two."""
        value, path = body.get(key), (*at, key)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int):
            self.blame(path, "NUMBER_TYPE_COERCE", f'Value "{value}" is not int.')
            return default
        if not low <= value <= high:
            self.blame(path, "NUMBER_TYPE_MAX", f"int value should be between {low} and {high}.")
        return value

    def choice(self, body: Mapping[str, Any], key: str, at: Path, allowed: Collection[Any]) -> Any:
        """One of a few values, required."""
        value = body.get(key)
        if not isinstance(value, int | str) or value not in allowed:
            shown = ", ".join(str(one) for one in sorted(allowed))
            self.blame((*at, key), "BASE_TYPE_CHOICES", f"Value must be one of ({shown}).")
            return None
        return value

    def link(
        self, body: Mapping[str, Any], key: str, at: Path, *, high: int, schemes: tuple[str, ...]
    ) -> None:
        """An address with one of the schemes."""
        value = self.text(body, key, at, high=high)
        if value and not value.startswith(schemes):
            self.blame((*at, key), "URL_TYPE_INVALID_SCHEME", f"Scheme must be one of {schemes}.")


def kind_of(body: Mapping[str, Any]) -> int:
    """An object's ``type``; 0 when it is no number."""
    found = body.get("type")
    return found if isinstance(found, int) else 0


def as_errors(found: Sequence[Violation]) -> dict[str, Any]:
    """The ``errors`` object of a 50035 answer: nested by path, leaves under ``_errors``."""
    tree: dict[str, Any] = {}
    for violation in found:
        node = tree
        for step in violation.path:
            node = node.setdefault(step, {})
        node.setdefault("_errors", []).append({"code": violation.code, "message": violation.message})
    return tree
