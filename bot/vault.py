"""Secrets at rest: sealed with MultiFernet, so that a key can be changed without losing them.

Keys come from ``CLARION_KEY``, or the file that ``CLARION_KEY_FILE`` names, or a file beside the
database that is made at the first start. The first key seals, every key opens. A file is read
again whenever something is sealed, and when something does not open: another process may be
changing the key while this one runs.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import json
import os
import re
import secrets
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from bot.errors import ConfigError, KeyLost

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet

VARIABLE, FILE_VARIABLE = "CLARION_KEY", "CLARION_KEY_FILE"
HEADER = "# Opens what your accounts granted to Clarion. Keep a copy where the database's copies are not.\n"
OTHERS = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True, kw_only=True)
class KeyPlace:
    """Where the keys are. ``text``: what the variable holds, for keys that come from there.

    ``ours``: the file may be made and rewritten by us.
    """

    name: str
    file: Path | None = None
    text: str = field(default="", repr=False)
    ours: bool = False


class Vault:
    """Implements `bot.ports.Seal`."""

    def __init__(self, place: KeyPlace) -> None:
        self.place = place
        self._keys = _load(place)

    def seal(self, values: Mapping[str, str]) -> str:
        self._reload()
        if not self._keys:
            raise KeyLost(f"There is no key to seal with; bring {self.place.name} back.")
        return _fernet(self._keys).encrypt(json.dumps(dict(values)).encode()).decode()

    def unseal(self, sealed: str) -> Mapping[str, str]:
        plain = _opened(self._keys, sealed)
        if plain is None:
            self._reload()
            plain = _opened(self._keys, sealed)
        try:
            values = json.loads(plain) if plain is not None else None
        except ValueError:
            values = None
        if not isinstance(values, dict):
            raise KeyLost("It cannot be opened: its key is not here, or it is damaged.")
        return {str(name): str(value) for name, value in values.items()}

    def fits(self, sealed: str) -> bool:
        """Whether the first key, the one that seals, opens it."""
        return _opened(self._keys[:1], sealed) is not None

    def derived(self, purpose: str) -> tuple[bytes, ...]:
        """A key for one purpose from each of ours, in their order; none where there is no key.

        The first is to sign with, all of them to check with (HKDF's expand step, RFC 5869 §2.3).
        """
        info = f"clarion {purpose}".encode() + b"\x01"
        return tuple(hmac.digest(base64.urlsafe_b64decode(key), info, hashlib.sha256) for key in self._keys)

    @property
    def keys(self) -> int:
        """How many keys there are."""
        return len(self._keys)

    def join(self) -> None:
        """A new key comes first in our file; what was sealed before still opens.

        Raises `ConfigError` where the file is not ours to write.
        """
        self._write([make_key(), *self._keys])

    def leave(self) -> None:
        """Only the first key stays in our file."""
        self._write(self._keys[:1])

    def _write(self, keys: Sequence[str]) -> None:
        if self.place.file is None:
            raise ConfigError([f"{self.place.name} is a variable; only you can change it"])
        _replace(self.place.file, keys)
        self._keys = tuple(keys)

    def _reload(self) -> None:
        """What is in the file now. One that is gone or spoilt does not take away what we know:
        what was just granted must still be sealed."""
        if self.place.file is None:
            return
        with contextlib.suppress(ConfigError):
            self._keys = _load(self.place) or self._keys


def open_vault(env: Mapping[str, str], usual: Path, *, make: bool) -> Vault:
    """The vault whose keys are where ``env`` says, else in the file ``usual``.

    ``make``: write that file if there is none. Without it a missing file is a vault without
    keys, which opens nothing: what it held is lost until the file is back. Raises `ConfigError`.
    """
    if env.get(VARIABLE):
        return Vault(KeyPlace(name=VARIABLE, text=env[VARIABLE]))
    if env.get(FILE_VARIABLE):
        file = Path(env[FILE_VARIABLE]).expanduser()
        place = KeyPlace(name=FILE_VARIABLE, file=file)
        if not file.exists():
            raise ConfigError([f"{FILE_VARIABLE}: there is no such file; bring it back"])
        return Vault(place)
    if make and not usual.exists():
        _create(usual)
    return Vault(KeyPlace(name=usual.name, file=usual, ours=True))


def make_key() -> str:
    """A fresh key: 32 random bytes in URL-safe Base64."""
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def _fernet(keys: Sequence[str]) -> MultiFernet:
    """Imported here: a bot without connected accounts starts without it."""
    from cryptography.fernet import Fernet, MultiFernet

    return MultiFernet([Fernet(key) for key in keys])


def _opened(keys: Sequence[str], sealed: str) -> bytes | None:
    from cryptography.fernet import InvalidToken

    try:
        return _fernet(keys).decrypt(sealed.encode()) if keys else None
    except (InvalidToken, UnicodeError):
        return None


def _is_key(text: str) -> bool:
    try:
        return len(base64.urlsafe_b64decode(text)) == 32
    except ValueError:
        return False


def _load(place: KeyPlace) -> tuple[str, ...]:
    """The keys in their order; raises `ConfigError` for a place that holds anything else."""
    text = place.text
    if place.file is not None:
        try:
            mode = place.file.stat().st_mode
            text = place.file.read_text("ascii")
        except FileNotFoundError:
            return ()
        except (OSError, UnicodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is not text"
            raise ConfigError([f"{place.name}: the file of keys cannot be read ({why})"]) from None
        if os.name == "posix" and mode & OTHERS:
            raise ConfigError(
                [f"{place.name}: others can read the file of keys; make it yours alone (chmod 600)"]
            )
    lines = (line.partition("#")[0] for line in text.splitlines())
    keys = tuple(key for key in re.split(r"[,\s]+", "\n".join(lines)) if key)
    if not keys:
        raise ConfigError([f"{place.name}: holds no key; bring the key back, or see `clarion keys --help`"])
    if not all(map(_is_key, keys)):
        raise ConfigError([f"{place.name}: holds something that is no key; `clarion keys new` makes one"])
    return keys


def _create(file: Path) -> None:
    """A new file with one key, whole or not at all; one that another process made meanwhile stays."""
    fresh = _beside(file, [make_key()])
    try:
        os.link(fresh, file)
    except FileExistsError:
        return
    except OSError:  # a file system without hard links
        if not file.exists():
            os.replace(fresh, file)
    finally:
        fresh.unlink(missing_ok=True)
    _settle(file.parent)


def _replace(file: Path, keys: Sequence[str]) -> None:
    os.replace(_beside(file, keys), file)
    _settle(file.parent)


def _beside(file: Path, keys: Sequence[str]) -> Path:
    """The keys in a file of its own next to it, on the disk."""
    fresh = file.with_name(f"{file.name}.{os.getpid()}.part")
    fresh.unlink(missing_ok=True)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as out:
            out.write(HEADER + "\n".join(keys) + "\n")
            out.flush()
            os.fsync(out.fileno())
    except OSError as error:
        raise ConfigError([f"{file.name}: the file of keys cannot be written ({error.strerror})"]) from None
    return fresh


def _settle(folder: Path) -> None:
    """The folder's entry is on the disk too, where the system can promise that."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
