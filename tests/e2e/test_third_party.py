"""A stranger's plugin: written from the scaffold, built, installed, found by its entry point, and run."""

from __future__ import annotations

import difflib
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.testing.scaffolding import plugin_files, write_plugin

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "docs/examples/clarion-murmur"
MOST_LINES = 120
CONFIG = """
[brand.acme]
channels = ["console:main"]
roles = {{ create = ["alice"], approve = ["bob"], admin = ["dana"] }}

[plugins]
disabled = [{disabled}]
load = [{load}]
"""


def run(*arguments: str | Path, cwd: Path, path: Sequence[Path] = (), typed: str = "") -> tuple[int, str]:
    """A program of ours in a process of its own; its exit code and everything it said."""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, path)), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=cwd,
        env=env,
        input=typed,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def clarion(*arguments: str, cwd: Path, path: Sequence[Path] = (), typed: str = "") -> tuple[int, str]:
    return run("-m", "bot", *arguments, cwd=cwd, path=(ROOT, *path), typed=typed)


def configure(folder: Path, *, disabled: str = "", load: str = "") -> None:
    (folder / "config.toml").write_text(CONFIG.format(disabled=disabled, load=load), "utf-8")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example, built into a wheel without any network and installed into a folder of its own."""
    folder = tmp_path_factory.mktemp("third-party")
    target = folder / "site"
    options = ("--no-index", "--no-deps", "--no-build-isolation", "--disable-pip-version-check", "--quiet")
    code, said = run("-m", "pip", "install", *options, "--target", target, EXAMPLE, cwd=folder)
    assert code == 0, said
    assert (target / "clarion_murmur/publisher.py").is_file()
    return target


def own_lines() -> int:
    """Lines of the example that the scaffold did not write: code, comments, words; not empty ones."""
    count = 0
    for path, text in plugin_files("murmur").items():
        mine = (EXAMPLE / path).read_text("utf-8").splitlines()
        changed = difflib.ndiff(text.splitlines(), mine)
        count += sum(line.startswith("+ ") and bool(line[2:].strip()) for line in changed)
    return count


def test_a_platform_takes_at_most_120_own_lines() -> None:
    """That it passes every check is shown below, where it is installed and graded."""
    made = {p.relative_to(EXAMPLE).as_posix() for p in EXAMPLE.rglob("*.*") if "cache" not in str(p)}
    assert made == {path for path in plugin_files("murmur")}
    assert 40 <= own_lines() <= MOST_LINES


def test_the_scaffold_passes_under_a_strangers_pytest(tmp_path: Path) -> None:
    """A handful of checks; that all of them hold is shown without pytest, for the same code."""
    home = write_plugin("my-board", tmp_path)[-1].parents[1]
    some = "one_commit or no_secret or left_open or thread"
    code, said = run("-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", some, cwd=home, path=(ROOT,))
    assert code == 0, said
    assert re.search(r"^3 passed, 1 skipped", said, re.MULTILINE), said


def test_an_installed_plugin_is_listed_and_graded(installed: Path, tmp_path: Path) -> None:
    configure(tmp_path, disabled='"twitter", "linkedin", "tiktok", "youtube", "bluesky", "instagram"')
    code, said = clarion("plugins", "--quality", cwd=tmp_path, path=(installed,))
    assert code == 0, said
    assert re.search(
        r"^murmur +0\.1\.0 +clarion_murmur \(an installed package\) +platform murmur$", said, re.M
    )
    assert re.search(r"^murmur +platinum +51 +12 +0$", said, re.M), said
    assert "twitter" not in said  # a disabled plugin is not there


BAD = {
    "misspelt": ("@hookimpl\ndef post_publised(post): pass", "is not a hook, did you mean 'post_published'?"),
    "newer": (
        "clarion_api = 2",
        "it is written for version 2 of the plugin API, and Clarion 0.1.0 has version 1. "
        "Update Clarion, or install an older version of the plugin. Everything else goes on without it.",
    ),
    "older": ("clarion_api = 0", "Install a newer version of the plugin."),
    "vague": ("clarion_api = '1.0'", "clarion_api must be a number, like 1"),
    "elsewhere": (
        "from bot.api import Publicist",
        "written for another version of Clarion; install one that fits.",
    ),
    "missing": ("import there_is_no_such_module", "No module named 'there_is_no_such_module'"),
    "leaving": ("raise SystemExit(0)", "could not be loaded (SystemExit: 0)"),
    "interrupting": ("raise KeyboardInterrupt", "could not be loaded (KeyboardInterrupt)"),
    "nonsense": (
        "@hookimpl\ndef register_platforms(): return [42]",
        "register_platforms gave a int, not a platform",
    ),
    "wordy": (
        "@hookimpl\ndef register_commands(): return ['post']",
        "register_commands gave a str, not a command",
    ),
    "clashing": (
        "from dataclasses import replace\nfrom bot.testing import scaffold\n"
        "@hookimpl\ndef register_platforms():\n"
        "    return [replace(p, name='twitter') for p in scaffold.register_platforms()]",
        "its platform 'twitter' is left out: plugin 'twitter' already has one of that name",
    ),
    "settled": (
        "from dataclasses import replace\nfrom bot.testing import scaffold\n"
        "@hookimpl\ndef register_platforms():\n"
        "    return [replace(p, settings=dict) for p in scaffold.register_platforms()]",
        "makes no sense: settings must be a dataclass",
    ),
}


MINE = """
import time
from bot.api import Post, hookimpl


@hookimpl
def post_drafted(post: Post) -> None:
    time.sleep(0.7)


@hookimpl
def post_published(post: Post) -> None:
    with open("told.txt", "a") as file:
        file.write(post.name)
"""


def put_plugins(folder: Path) -> None:
    """All the bad ones, and one of our own that works and dawdles."""
    for name, (text, _) in BAD.items():
        (folder / f"{name}.py").write_text(f"from bot.api import hookimpl\n{text}\n", "utf-8")
    (folder / "mine.py").write_text(MINE, "utf-8")
    configure(folder, load=", ".join(f'"./{name}.py"' for name in (*BAD, "mine")))


def test_every_bad_plugin_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    put_plugins(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert main(["plugins"]) == 1
    said = capsys.readouterr().out
    for name, (_, sentence) in BAD.items():
        lines = [line for line in said.splitlines() if line.startswith(f"✗ plugin '{name}': ")]
        assert len(lines) == 1, f"{name}: {said}"
        assert sentence in lines[0]
    assert re.search(r"^mine +— +\S*mine\.py +hooks only$", said, re.MULTILINE)


def test_everything_else_goes_on(installed: Path, tmp_path: Path) -> None:
    """The installed platform publishes, a file of one's own is told and named for blocking."""
    put_plugins(tmp_path)
    typed = 'as alice\n/post "Hello from afar" --to acme-murmur,acme-x --at now\nas bob\n/approve latest\n'
    code, said = clarion("run", cwd=tmp_path, path=(installed,), typed=typed)
    assert code == 0, said
    assert re.search(r"Murmur +acme-murmur +live .*receipt", said), said
    assert re.search(r"X +acme-x +live .*receipt", said), said
    assert "murmur.example/@acme/1" in said
    assert all(f"plugin '{name}'" in said for name in BAD)
    assert (tmp_path / "told.txt").read_text() == "P1P1"  # once for each platform
    assert '"plugin": "mine", "what": "post_drafted", "seconds": 0.7, "event": "plugin_blocked"' in said


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("Twitter", "cannot be a plugin's name"),
        ("../escape", "cannot be a plugin's name"),
        ("class", "cannot be a plugin's name"),
        ("a" * 40, "cannot be a plugin's name"),
        ("twitter", "There is a plugin 'twitter' already"),
        ("there", "is there already"),
    ],
)
def test_a_name_that_cannot_be_is_refused(
    name: str,
    sentence: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "clarion-there").mkdir()
    monkeypatch.chdir(tmp_path)
    assert main(["new-plugin", name]) == 2
    said = capsys.readouterr()
    assert not said.out
    assert sentence in said.err
    assert len(said.err.splitlines()) == 1
    assert [p.name for p in tmp_path.iterdir()] == ["clarion-there"]


def test_a_place_that_cannot_be_written_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("in the way")
    assert main(["new-plugin", "mine", "--dir", str(tmp_path / "file")]) == 2
    said = capsys.readouterr().err
    assert "cannot be written" in said
    assert len(said.splitlines()) == 1


def test_the_grade_of_a_liar_names_the_lie(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "liar.py").write_text(
        "from dataclasses import replace\n\nfrom bot.api import Feature, hookimpl\n"
        "from bot.testing import scaffold\n\n\n"
        "@hookimpl\ndef register_platforms():\n"
        "    return [replace(p, name='liar', features=Feature.TEXT | Feature.THREAD | Feature.REMOVE)\n"
        "            for p in scaffold.register_platforms()]\n",
        "utf-8",
    )
    configure(
        tmp_path,
        disabled='"twitter", "linkedin", "tiktok", "youtube", "bluesky", "instagram"',
        load='"./liar.py"',
    )
    monkeypatch.chdir(tmp_path)
    assert main(["check", "--quality"]) == 1
    said = capsys.readouterr().out
    assert re.search(r"^liar +silver +\d+ +\d+ +1$", said, re.M), said
    assert "✗ a thread hangs together (gold): The second part does not say whose answer it is." in said
    assert "· several pictures go out together (gold): skipped, Noticeboard does not offer: image" in said
