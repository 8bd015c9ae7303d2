"""Where plugins may come from: built-in packages, installed packages, files, objects at hand."""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import pkgutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where a plugin may come from; ``load`` imports it. ``version`` of its package, if that is known."""

    name: str
    origin: str
    load: Callable[[], object]
    version: str = ""


def builtins(package: str) -> Iterator[Source]:
    """The members of a package, by name."""
    spec = importlib.util.find_spec(package)
    places = spec.submodule_search_locations if spec else None
    for name in sorted(module.name for module in pkgutil.iter_modules(places or ())):
        if not name.startswith("_"):
            path = f"{package}.{name}"
            yield Source(name=name, origin=path, load=partial(importlib.import_module, path))


def entry_points(found: Iterable[importlib.metadata.EntryPoint]) -> Iterator[Source]:
    """What installed packages declare."""
    for point in sorted(found, key=lambda point: point.name):
        version = point.dist.version if point.dist is not None else ""
        origin = f"{point.value} (an installed package)"
        yield Source(name=point.name, origin=origin, load=point.load, version=version)


def files(paths: Iterable[Path]) -> Iterator[Source]:
    """Files, and folders with an ``__init__.py``."""
    for path in paths:
        yield Source(name=path.stem, origin=str(path), load=partial(_import_file, path))


def given(objects: Mapping[str, object]) -> Iterator[Source]:
    """Plugins that somebody holds in his hand, which is what tests do."""
    for name, value in objects.items():
        yield Source(name=name, origin="given", load=partial(_itself, value))


def _itself(value: object) -> object:
    return value


def _is_free(name: str, file: Path) -> bool:
    """Whether a package may have its own name, by which its modules know each other."""
    if not name.isidentifier():
        return False
    known = importlib.util.find_spec(name)
    return known is None or known.origin == str(file)


def _import_file(path: Path) -> object:
    """The module in a file or in a folder with an ``__init__.py``."""
    file = path / "__init__.py" if path.is_dir() else path
    name = path.stem if path.is_dir() and _is_free(path.stem, file) else f"clarion_plugin_{path.stem}"
    folders = [str(path)] if path.is_dir() else None
    spec = importlib.util.spec_from_file_location(name, file, submodule_search_locations=folders)
    if spec is None or spec.loader is None or not file.is_file():
        raise FileNotFoundError(f"there is no Python file {file}")
    module = importlib.util.module_from_spec(spec)
    # dataclasses look their module up by name while it is still being executed
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module
