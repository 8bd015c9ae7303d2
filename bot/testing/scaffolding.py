"""Writes a new plugin: the scaffold, which is a real plugin of ours, under another name."""

from __future__ import annotations

import keyword
import re
from importlib import resources
from pathlib import Path

from bot.errors import BadInput

SCAFFOLD = "bot.testing.scaffold"
NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
LONGEST = 24
"""Letters of a name; with longer ones the scaffold's lines would no longer fit."""
CODE = ("__init__.py", "rules.py", "publisher.py", "simulator.py")


def module_of(name: str) -> str:
    """The package that a plugin of this name is written into."""
    return f"clarion_{name.replace('-', '_')}"


def write_plugin(name: str, folder: Path) -> tuple[Path, ...]:
    """Write the plugin into a new folder ``clarion-NAME`` and return its files.

    Raises `BadInput` for a name that cannot be one, a folder that is there already, or a
    place that cannot be written.
    """
    if not NAME.fullmatch(name) or len(name) > LONGEST or keyword.iskeyword(name):
        raise BadInput(
            f"{name[:60]!r} cannot be a plugin's name. Use small letters, digits and hyphens, like my-board."
        )
    home = folder / f"clarion-{name}"
    if home.exists():
        raise BadInput(f"{home} is there already. Choose another name, or another place with --dir.")
    try:
        return tuple(_write(home / path, text) for path, text in plugin_files(name).items())
    except OSError as error:
        raise BadInput(f"{home} cannot be written ({error.strerror or type(error).__name__}).") from None


def plugin_files(name: str) -> dict[str, str]:
    """Path inside the plugin's folder → text."""
    module = module_of(name)
    places = {f"{module}/{file}": file for file in CODE}
    places |= {"pyproject.toml": "pyproject.txt", "README.md": "readme.txt"}
    places[f"tests/test_{name.replace('-', '_')}.py"] = "test_plugin.txt"
    source = resources.files(SCAFFOLD)
    return {path: _renamed(source.joinpath(file).read_text("utf-8"), name) for path, file in places.items()}


def _renamed(text: str, name: str) -> str:
    """The scaffold's text with this plugin's name in every form it has there."""
    words = name.split("-")
    title, under = " ".join(map(str.capitalize, words)), "_".join(words)
    for old, new in (
        (SCAFFOLD, module_of(name)),
        ("clarion_noticeboard", module_of(name)),
        ("test_noticeboard", f"test_{under}"),
        ("NOTICEBOARD", under.upper()),
        ("noticeboard", name),
    ):
        text = text.replace(old, new)
    text = re.sub(r"\bNoticeboard(?=[A-Z])|(?<=Test)Noticeboard", "".join(title.split()), text)
    return _sorted(text.replace("Noticeboard", title), module_of(name))


def _sorted(text: str, module: str) -> str:
    """Imports as a stranger sorts them: ours among the other packages', the plugin's own behind them."""
    text = re.sub(r"^(from aiohttp .*\n)\n(?=from bot\.)", r"\1", text, flags=re.MULTILINE)
    own = re.compile(rf"^from {module}\b.*\n", re.MULTILINE)
    ours = re.compile(r"^from bot\.\S+ import (?:\([^)]*\)|.*)\n", re.MULTILINE)
    lines, rest = own.findall(text), own.sub("", text)
    ends = [found.end() for found in ours.finditer(rest)]
    if not lines or not ends:
        return text
    return rest[: ends[-1]] + "\n" + "".join(lines) + rest[ends[-1] :]


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path
