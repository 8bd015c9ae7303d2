"""The one door for people: `python3 dev.py install|run|demo|test|check|bench|bench-learn|format [arguments]`.

Each command first makes what it needs: `.venv`, as requirements-dev.lock says. A second run finds it made.
This file stays readable to a Python as old as 3.6, so that such a Python can say what is missing.
"""

import os
import subprocess
import sys

OLDEST = (3, 11)
ROOT = os.path.dirname(os.path.abspath(__file__))
VENV = os.path.join(ROOT, ".venv")
BIN = os.path.join(VENV, "Scripts" if os.name == "nt" else "bin")
LOCK = os.path.join(ROOT, "requirements-dev.lock")
STAMP = os.path.join(VENV, "clarion-stamp")
SIDE_BY_SIDE = ["-n", "logical", "--maxprocesses=4", "--dist", "loadfile"]
QUICK_TESTS = [*SIDE_BY_SIDE, "-m", "not chaos and not bench"]
TYPED = ["bot", "plugins", "tests", "benchmarks"]


class Stop(Exception):
    """Ends the program: one sentence for the person, one exit code for the shell."""

    def __init__(self, sentence, code=1):
        super().__init__(sentence)
        self.code = code


def tool(name):
    """The path of a program inside `.venv`."""
    return os.path.join(BIN, name + (".exe" if os.name == "nt" else ""))


def call(*command):
    """Run a command in the repository and hand back its exit code; what it prints goes straight through."""
    sys.stdout.flush()
    return subprocess.call(list(command), cwd=ROOT)


def need(step, *command):
    """Run one step of an installation and stop with its name if it fails."""
    code = call(*command)
    if code:
        raise Stop(f"Installing stopped at: {step} (exit code {code}).", code)


def become(*command):
    """Turn into the command, so that signals and standard input reach it and nobody stands between."""
    sys.stdout.flush()
    if os.name == "nt":
        return subprocess.call(list(command))
    return os.execv(command[0], list(command))


def wanted():
    """What an up-to-date `.venv` was made from: where and by which Python, and a hash of what went in."""
    import hashlib
    import json
    import tomllib

    with open(os.path.join(ROOT, "pyproject.toml"), "rb") as file:
        project = tomllib.load(file)
    content = hashlib.sha256()
    for table in ("build-system", "project"):  # a change to a tool's settings installs nothing new
        content.update(json.dumps(project[table], sort_keys=True).encode())
    with open(LOCK, "rb") as file:
        content.update(file.read())
    return [f"{sys.version} in {VENV}", content.hexdigest()]


def made():
    """What the present `.venv` says it was made from; empty lines if it says nothing."""
    try:
        with open(STAMP, encoding="utf-8") as file:
            lines = file.read().split("\n\n")
    except OSError:
        lines = []
    return lines if len(lines) == 2 else ["", ""]


def install():
    """Make `.venv` as the lock says, or do nothing if it already is."""
    new, old = wanted(), made()
    if new == old:
        return
    python = tool("python")
    inside = os.path.realpath(sys.prefix) == os.path.realpath(VENV)
    if not inside and (new[0] != old[0] or not os.path.exists(python)):
        try:
            import ensurepip  # noqa: F401 - Debian and Ubuntu ship venv without it
            import venv
        except ImportError:
            raise Stop(
                f"This Python ({sys.executable}) cannot make virtual environments; "
                f"install the package python{sys.version_info[0]}.{sys.version_info[1]}-venv and try again."
            ) from None
        print("Making .venv ...", flush=True)
        venv.create(VENV, clear=True, with_pip=True, symlinks=os.name != "nt")
    print("Installing the locked packages; this happens once ...", flush=True)
    pip = [python, "-m", "pip", "--disable-pip-version-check", "--quiet", "install", "--no-deps"]
    need("the locked packages", *pip, "--require-hashes", "-r", LOCK)
    need("clarion itself", *pip, "--no-build-isolation", "-e", ROOT)
    with open(STAMP + ".new", "w", encoding="utf-8") as file:
        file.write("\n\n".join(new))
    os.replace(STAMP + ".new", STAMP)


def check(extra):
    """Every gate in order, the cheapest first; the first that fails ends it and is named."""
    typed = [name for name in TYPED if os.path.isdir(os.path.join(ROOT, name))]
    steps = [
        ("format", [tool("ruff"), "format", "--check", "--quiet", "."]),
        ("lint", [tool("ruff"), "check", "--quiet", "."]),
        ("types", [tool("mypy"), *typed]),
        ("contracts", [tool("lint-imports"), "--no-logo"]),
        ("tests", [tool("pytest"), *QUICK_TESTS, *extra]),
    ]
    for name, command in steps:
        print(f"== {name}", flush=True)
        code = call(*command)
        if code:
            raise Stop(f"check stopped at: {name}", code)
    return 0


def tidy(extra):
    """Rewrite the code the way `check` wants to see it."""
    paths = extra or ["."]
    return call(tool("ruff"), "check", "--fix", *paths) or call(tool("ruff"), "format", *paths)


COMMANDS = {
    "install": lambda extra: 0,
    "run": lambda extra: become(tool("clarion"), "run", *extra),
    "demo": lambda extra: become(tool("clarion"), "demo", *extra),
    "test": lambda extra: call(tool("pytest"), *QUICK_TESTS, *extra),
    "check": check,
    "bench": lambda extra: call(tool("python"), "-m", "benchmarks", *extra),
    "bench-learn": lambda extra: call(tool("python"), "-m", "benchmarks.learn", *extra),
    "format": tidy,
}


def main(arguments):
    """Do what the first argument names; the rest belongs to it."""
    name = arguments[0] if arguments else ""
    if name in ("-h", "--help"):
        print(__doc__.splitlines()[0])
        return 0
    if sys.version_info < OLDEST:
        have = ".".join(str(number) for number in sys.version_info[:3])
        raise Stop(f"Clarion needs Python {OLDEST[0]}.{OLDEST[1]} or newer, and this is Python {have}.")
    if name not in COMMANDS:
        said = f"'{name}' is not a command of dev.py" if name else "dev.py needs a command"
        raise Stop(f"{said}; it knows {', '.join(COMMANDS)}.", 2)
    install()
    return COMMANDS[name](arguments[1:])


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Stop as stop:
        print(stop, file=sys.stderr)
        sys.exit(stop.code)
    except KeyboardInterrupt:
        sys.exit(130)
