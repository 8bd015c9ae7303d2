"""The house rules as data: what each forbids, where it does not apply, and a snippet that breaks it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
Check = Callable[[ast.Module], Iterator[ast.AST]]

CLOCKS = {
    *(f"datetime.datetime.{name}" for name in ("now", "utcnow", "today")),
    *(f"time.{name}" for name in ("time", "time_ns", "monotonic", "monotonic_ns", "localtime", "gmtime")),
    "datetime.date.today",
}
TASKS = {"asyncio.create_task", "asyncio.ensure_future"}
LOOPS = {"loop", "asyncio.get_running_loop()", "asyncio.get_event_loop()"}
MAKERS = {"list", "dict", "set", "bytearray", "defaultdict", "deque", "Counter", "OrderedDict"}
RETRIES = {"tenacity", "backoff", "retrying", "stamina", "retry", "httpx_retries", "aiohttp_retry"}


@dataclass(frozen=True)
class Rule:
    """One rule; `allowed` are path beginnings, a folder ends in a slash."""

    name: str
    check: Check
    allowed: tuple[str, ...]
    bad: tuple[str, ...]
    good: tuple[str, ...] = ()

    def applies(self, path: str) -> bool:
        """Whether the file with this path, relative to the repository, has to follow the rule."""
        return not any(
            path == place or (place[-1] == "/" and path.startswith(place)) for place in self.allowed
        )


def sources(*folders: str) -> dict[str, str]:
    """Every Python file under the folders: its path relative to the repository, and its text."""
    found = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    return {path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in found}


def imported(tree: ast.Module) -> dict[str, str]:
    """What each name that an import binds, anywhere in the file, stands for."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.partition(".")[0]
                names[alias.asname or top] = alias.name if alias.asname else top
        elif isinstance(node, ast.ImportFrom):
            names |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    return names


def uses(tree: ast.Module, wanted: set[str]) -> Iterator[ast.AST]:
    """The places that mention one of the dotted names, called or merely passed on."""
    names = imported(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute | ast.Name):
            first, _, rest = ast.unparse(node).partition(".")
            if first in names and f"{names[first]}.{rest}".rstrip(".") in wanted:
                yield node


def clocks(tree: ast.Module) -> Iterator[ast.AST]:
    """Reading the time past the Clock."""
    return uses(tree, CLOCKS)


def tasks(tree: ast.Module) -> Iterator[ast.AST]:
    """Starting a task that nobody owns; a task group's own `create_task` is fine."""
    yield from uses(tree, TASKS)
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Attribute)
            and node.attr == "create_task"
            and ast.unparse(node.value) in LOOPS
        ):
            yield node


def broad(tree: ast.Module) -> Iterator[ast.AST]:
    """Catching everything."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler):
            caught = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
            if any(kind is None or ast.unparse(kind) in {"Exception", "BaseException"} for kind in caught):
                yield node


def prints(tree: ast.Module) -> Iterator[ast.AST]:
    """Printing."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "print":
            yield node


def mutable(value: ast.expr | None) -> bool:
    """Whether the expression makes something that others could change."""
    match value:
        case ast.List() | ast.Dict() | ast.Set() | ast.ListComp() | ast.DictComp() | ast.SetComp():
            return True
        case ast.Call():
            return ast.unparse(value.func).rpartition(".")[2] in MAKERS
        case ast.BinOp():
            return mutable(value.left) or mutable(value.right)
    return False


def state(tree: ast.Module) -> Iterator[ast.AST]:
    """Module-level state: a changeable value bound at import, or `global`."""
    yield from (node for node in ast.walk(tree) if isinstance(node, ast.Global))
    waiting: list[ast.stmt] = list(tree.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If | ast.Try | ast.With):
            waiting += [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.stmt)]
        elif isinstance(node, ast.Assign | ast.AnnAssign) and mutable(node.value):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            if ast.unparse(target) != "__all__":
                yield node


def repeats(tree: ast.Module) -> Iterator[ast.AST]:
    """Retrying behind the core's back: a library for it, or a transport told to."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names) if any(name.name.partition(".")[0] in RETRIES for name in names):
                yield node
            case ast.ImportFrom(module=str(module)) if module.partition(".")[0] in RETRIES:
                yield node
            case ast.keyword(arg="retries", value=value) if ast.unparse(value) != "0":
                yield value


RULES = (
    Rule(
        "only the Clock tells the time",
        clocks,
        ("bot/clock.py",),
        (
            "from datetime import datetime\ndatetime.now(tz)",
            "import datetime as dt\ndt.datetime.utcnow()",
            "import time\nstart = time.monotonic()",
            "from time import time as now\nfield(default_factory=now)",
        ),
        ("clock.now()", "from datetime import datetime\ndatetime.fromisoformat(text)"),
    ),
    Rule(
        "tasks are started where somebody owns them",
        tasks,
        ("bot/app/", "bot/engine/", "bot/testing/"),
        (
            "import asyncio\nasyncio.create_task(work())",
            "from asyncio import ensure_future\nensure_future(work())",
            "import asyncio\nasyncio.get_running_loop().create_task(work())",
        ),
        ("async with asyncio.TaskGroup() as group:\n    group.create_task(work())",),
    ),
    Rule(
        "only the isolating edges catch everything",
        broad,
        (
            "bot/__main__.py",
            "bot/app/listening.py",
            "bot/registry/",
            "bot/commands/dispatch.py",
            "bot/engine/",
            "bot/services/chores.py",
            "bot/services/advised.py",
            "bot/services/courier.py",
            "bot/services/groups.py",
            "bot/services/guarded.py",
            "bot/services/isolated.py",
            "bot/services/lanes.py",
            "bot/services/publish.py",
            "bot/services/reconcile.py",
        ),
        (
            "try:\n    work()\nexcept:\n    pass",
            "try:\n    work()\nexcept Exception as error:\n    raise",
            "try:\n    work()\nexcept (OSError, BaseException):\n    pass",
        ),
        ("try:\n    work()\nexcept (OSError, ValueError):\n    pass",),
    ),
    Rule(
        "only the console prints",
        prints,
        ("bot/chat/console.py", "bot/__main__.py", "bot/cli/"),
        ("print('hi')",),
    ),
    Rule(
        "modules hold no state",
        state,
        (),
        (
            "CACHE = {}",
            "NAMES: list[str] = []",
            "SEEN: Final = set()",
            "import collections\nCOUNTS = collections.Counter()",
            "if here:\n    TABLE = {'a': 1} | other",
            "def change():\n    global total\n    total += 1",
        ),
        (
            "__all__ = ['a']",
            "TABLE = MappingProxyType({'a': 1})",
            "NAMES = frozenset({'a'})\nORDER = ('a', 'b')",
            "def make():\n    found = []",
        ),
    ),
    Rule(
        "nobody retries by library",
        repeats,
        (),
        ("import tenacity", "from backoff import on_exception", "httpx.AsyncHTTPTransport(retries=3)"),
        ("httpx.AsyncHTTPTransport(retries=0)",),
    ),
)
