"""The passages of the manual that the code itself can say.

`python -m tests.docs.render --write` writes them into the pages, without the switch it names the
pages that are out of date. A passage stands between two markers; the words of the first say what
it is. What a ``console`` block prints is made anew as well.
"""

from __future__ import annotations

import argparse
import ast
import importlib
import inspect
import io
import re
import sys
import textwrap
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, Field, fields
from functools import cache
from typing import Any, get_type_hints

from bot import errors, hookspecs
from bot.cli import make_parser
from bot.commands import all_commands
from bot.config import Secret
from bot.domain.delivery import TRANSITIONS, State
from bot.domain.people import Role
from bot.domain.platform import OptionKind
from bot.log import make_log
from bot.registry import Registry, load
from bot.testing.contract import PublisherContract, checks_of
from tests.docs.pages import PAGES, ROOT, name_of, refill
from tests.docs.replay import chapter, replayed


def page_as_made(text: str) -> str:
    """The page as it would be written now."""
    return replayed(refill(text, made))


@cache
def made(words: str) -> str:
    """The passage that a marker asks for."""
    kind, _, rest = words.partition(" ")
    return MAKERS[kind](rest.strip())


def table(head: tuple[str, ...], lines: Iterable[tuple[str, ...]]) -> str:
    """A table; bars inside a cell are escaped."""
    cells = [head, tuple("---" for _ in head), *lines]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in cells)


@cache
def plugins() -> Registry:
    """The built-in plugins."""
    return load(log=make_log(io.StringIO()), entry_points=())


def commands(_: str) -> str:
    """Every chat command with its role and options."""
    found = all_commands()
    head = table(
        ("command", "role", "what it does"),
        [(f"[`/{c.name}`](#{c.name})", role_word(c.role), c.help) for c in found],
    )
    parts = [head]
    for command in found:
        parts += [f"### /{command.name}", f"`{command.usage}`", command.help]
        if command.long_help:
            parts.append(command.long_help)
        who = (
            "Everybody may use it."
            if command.role is Role.NONE
            else f"Needs the role `{role_word(command.role)}`."
        )
        parts.append(who)
        if command.options:
            lines = [
                (f"`{typed}`", "yes" if needed else "no", help_)
                for typed, needed, help_ in command.describe()
            ]
            parts.append(table(("option", "required", "what it is"), lines))
    return "\n\n".join(parts)


def role_word(role: Role) -> str:
    """A role as the configuration writes it; a dash where none is needed."""
    return "—" if role is Role.NONE else role.name.lower()


def command_line(_: str) -> str:
    """The programs of the command line and their switches."""
    lines = []
    for name, parser in programs().items():
        lines.append((f"`clarion {name}`", parser.description or ""))
        lines += [
            (
                f"`clarion {name} {' '.join(filter(None, [action.option_strings[-1], metavar(action)]))}`",
                action.help or "",
            )
            for action in parser._actions
            if action.option_strings and action.dest != "help"
        ]
    return table(("typed", "what it does"), lines)


def programs(parser: argparse.ArgumentParser | None = None) -> Mapping[str, argparse.ArgumentParser]:
    """What `clarion` can be told to do; a command with verbs of its own is one for each verb."""
    found: dict[str, argparse.ArgumentParser] = {}
    for action in (parser or make_parser())._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, inner in action.choices.items():
                verbs = programs(inner)
                found |= {f"{name} {verb}": each for verb, each in verbs.items()} or {name: inner}
    return found


def metavar(action: argparse.Action) -> str:
    """What a switch takes, or nothing."""
    return str(action.metavar or "") if action.nargs is None else ""


def states(_: str) -> str:
    """The state machine, row by row."""
    return table(
        ("from", "to"),
        [
            (
                f"`{state}`",
                ", ".join(f"`{after}`" for after in State if after in TRANSITIONS[state]) or "nothing",
            )
            for state in State
        ],
    )


def hooks(_: str) -> str:
    """Every hook with its exact signature and its docstring."""
    parts = []
    for node in ast.parse(inspect.getsource(hookspecs)).body:
        if isinstance(node, ast.FunctionDef) and hasattr(getattr(hookspecs, node.name), "clarion_spec"):
            told = inspect.cleandoc(ast.get_docstring(node) or "").replace("``", "`")
            parts += [f"### {node.name}", f"```python\n{signature(node)}: ...\n```", told]
    return "\n\n".join(parts)


def signature(node: ast.FunctionDef) -> str:
    """A function's signature as the formatter breaks it, so that `make format` leaves the page alone."""
    arguments, answer = ast.unparse(node.args), f" -> {ast.unparse(node.returns)}" if node.returns else ""
    line = f"def {node.name}({arguments}){answer}"
    short = len(line) + len(": ...") <= 110
    return line if short else f"def {node.name}(\n    {arguments}\n){answer}"


def error_tree(_: str) -> str:
    """The drawing in the module of the errors, and each error's own words."""
    drawing = (errors.__doc__ or "").partition("\n\n")[2].strip("\n")
    classes = [
        value
        for value in vars(errors).values()
        if isinstance(value, type) and issubclass(value, errors.BotError)
    ]
    lines = [(f"`{cls.__name__}`", plain(cls.__doc__ or "")) for cls in classes]
    return f"```text\n{drawing}\n```\n\n{table(('error', 'in its own words'), lines)}"


def plain(docstring: str) -> str:
    """A docstring as one paragraph of the page."""
    return " ".join(inspect.cleandoc(docstring).replace("``", "`").split())


def settings(platform: str) -> str:
    """The keys of one platform's accounts."""
    manifest = plugins().platforms[platform]
    hints = get_type_hints(manifest.settings)
    lines = []
    for field in fields(manifest.settings):
        hint = hints[field.name]
        secret = hint is Secret or Secret in getattr(hint, "__args__", ())
        kind = "secret" if secret else KINDS[hint]
        variable = manifest.secrets.get(field.name, "")
        consent = manifest.oauth is not None and field.name in manifest.oauth.replaces
        default = "required, unless [connected](accounts.md)" if consent else default_of(field)
        lines.append((f"`{field.name}`", kind, default, f"`{variable}`" if variable else ""))
    told = plain((manifest.settings.__doc__ or "").partition("\n\n")[2])
    return "\n\n".join(filter(None, [table(("key", "type", "without it", "variable"), lines), told]))


KINDS: Mapping[Any, str] = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "true or false",
    bool | None: "true or false",
}


def default_of(field: Field[Any]) -> str:
    """What a key is when it is left out."""
    if field.default is MISSING:
        return "required"
    if field.default is None:
        return "as the platform documents it" if "bool" in str(field.type) else "not used"
    if field.default == "":
        return "empty"
    value = str(field.default).lower() if isinstance(field.default, bool) else field.default
    return f"`{value}`"


def limits(platform: str) -> str:
    """A platform's dated limits."""
    return table(
        ("limit", "value", "as of", "source"),
        [
            (limit.name, number(limit.value, limit.unit), f"{limit.as_of}", limit.source)
            for limit in plugins().platforms[platform].limits
        ],
    )


def number(value: float | tuple[str, ...], unit: str) -> str:
    """A limit's value with its unit."""
    if isinstance(value, tuple):
        return ", ".join(value)
    amount = f"{value:,.3f}".rstrip("0").rstrip(".") if isinstance(value, float) else f"{value:,}"
    return f"{amount} {unit}".strip()


def causes(platform: str) -> str:
    """Why a platform says no, who can do something about it, and what."""
    lines = [(c.code, c.cause, c.owner.value, c.fix) for c in plugins().platforms[platform].causes]
    return table(("what it calls it", "what it means", "whose it is", "what helps"), lines)


def options(platform: str) -> str:
    """What a person may choose for a post on a platform."""
    lines = []
    for option in plugins().platforms[platform].options:
        chosen = ", ".join(f"`{value}`" for value, _ in option.choices)
        kind = chosen or ("what the account allows" if option.choices_from else KIND_WORDS[option.kind])
        default = "has to be chosen" if option.required else f"{option.default}" if option.default else "—"
        lines.append((f"`{option.name}`", kind, default.lower(), option.help))
    return table(("option", "value", "without it", "what it does"), lines)


KIND_WORDS: Mapping[OptionKind, str] = {
    OptionKind.TEXT: "text",
    OptionKind.LONG_TEXT: "text",
    OptionKind.FLAG: "`yes`, `no`",
    OptionKind.CHOICE: "a choice",
    OptionKind.LIST: "words, with commas",
}


def source(path: str) -> str:
    """The code of a function, method or class: ``module:Name`` or ``module:Name.method``."""
    module, _, name = path.partition(":")
    found: Any = importlib.import_module(module)
    for step in name.split("."):
        found = getattr(found, step)
    return f"```python\n{textwrap.dedent(inspect.getsource(found)).strip()}\n```"


def demo(title: str) -> str:
    """A chapter of `clarion demo`."""
    return f"```text\n{chapter(title)}\n```"


def layers(_: str) -> str:
    """The layers of the bot, the upper ones first, as the import contract has them."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    contracts = project["tool"]["importlinter"]["contracts"]
    contract = next(c for c in contracts if c["type"] == "layers")
    built = {path.stem for path in (ROOT / "bot").iterdir()}
    there = [[name for name in re.findall(r"\w+", layer) if name in built] for layer in contract["layers"]]
    return "```text\n" + "\n".join("   ".join(names) for names in there) + "\n```"


ORDER = (
    "quickstart",
    "commands",
    "configuration",
    "troubleshooting",
    "publishing",
    "budgets",
    "states",
    "plugins",
)
"""Pages in the order in which people want them; the rest follows by name."""


def pages_list(_: str) -> str:
    """The pages of the manual by their titles and first sentences."""
    lines = {}
    for page in PAGES:
        if page.parent.name == "docs" and page.stem != "index":
            title, _, rest = page.read_text("utf-8").partition("\n")
            first = re.split(r"(?<=\.)\s", rest.strip(), maxsplit=1)[0]
            lines[page.stem] = f"- [{title.removeprefix('# ')}]({page.name}): {first}"
    return "\n".join([lines.pop(stem) for stem in ORDER] + list(lines.values()))


def checks(_: str) -> str:
    """Every check of the publisher contract with its grade."""
    found = sorted(checks_of(PublisherContract), key=lambda check: check.grade)
    lines = []
    for check in found:
        told = plain(getattr(PublisherContract, check.name).__doc__ or "")
        needs = ", ".join(f"`{f.name}`" for f in check.needs) or "—"
        lines.append((check.says, check.grade.name.lower(), needs, told))
    return table(("check", "grade", "only with", "what it proves"), lines)


MAKERS: Mapping[str, Callable[[str], str]] = {
    "checks": checks,
    "commands": commands,
    "command-line": command_line,
    "states": states,
    "hooks": hooks,
    "errors": error_tree,
    "settings": settings,
    "limits": limits,
    "causes": causes,
    "options": options,
    "source": source,
    "demo": demo,
    "layers": layers,
    "pages": pages_list,
}


def main(arguments: list[str]) -> int:
    """Name the pages that are out of date, or write them with ``--write``."""
    late = []
    for page in PAGES:
        text = page.read_text("utf-8")
        fresh = page_as_made(text)
        if fresh != text:
            late.append(name_of(page))
            if "--write" in arguments:
                page.write_text(fresh, "utf-8")
    word = "written" if "--write" in arguments else "out of date"
    print("\n".join(f"{name}: {word}" for name in late) or "Every page is up to date.")
    return 1 if late and "--write" not in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
