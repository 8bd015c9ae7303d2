"""The tree of errors is the one its module draws."""

from __future__ import annotations

import re

from bot import errors

NODE = re.compile(r"^(?P<indent>[\s│├└─]*)(?:[*-]\s+)?(?P<name>[A-Z][A-Za-z]+)(?:\s{2,}.*|\s*)$")


def drawn(text: str) -> dict[str, str | None]:
    """Each drawn name with the name it hangs from."""
    parents: dict[str, str | None] = {}
    above: list[tuple[int, str]] = []
    for line in text.splitlines():
        if node := NODE.match(line):
            depth, name = len(node["indent"]), node["name"]
            above = [(other, parent) for other, parent in above if other < depth]
            parents[name] = above[-1][1] if above else None
            above.append((depth, name))
    return parents


def built() -> dict[str, str | None]:
    """Each error class of the module with its base there."""
    classes = [
        value
        for value in vars(errors).values()
        if isinstance(value, type) and issubclass(value, Exception) and value.__module__ == errors.__name__
    ]
    return {
        cls.__name__: next((base.__name__ for base in cls.__bases__ if base in classes), None)
        for cls in classes
    }


def test_a_drawing_can_be_read() -> None:
    text = "All of them.\n\nRoot      the base\n  Left    of it\n    Leaf\n  - Right   too\n"
    assert drawn(text) == {"Root": None, "Left": "Root", "Leaf": "Left", "Right": "Root"}


def test_the_drawing_is_the_tree() -> None:
    assert drawn(errors.__doc__ or "") == built()


def test_every_error_says_what_it_means() -> None:
    assert not [name for name in built() if not getattr(errors, name).__doc__]
