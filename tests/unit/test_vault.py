"""Keys: where they come from, who may read them, how one follows another without losing anything."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from bot.app.place import key_file, place
from bot.config import Config
from bot.errors import ConfigError, KeyLost
from bot.vault import Vault, make_key, open_vault

VALUES = {"account": "acme-x", "access": "a", "refresh": "r"}
posix = pytest.mark.skipif(os.name != "posix", reason="file modes")


def usual(folder: Path) -> Path:
    return folder / "clarion.db.key"


def test_a_first_start_makes_a_key_that_nobody_else_reads(tmp_path: Path) -> None:
    sealed = open_vault({}, usual(tmp_path), make=True).seal(VALUES)
    assert open_vault({}, usual(tmp_path), make=True).unseal(sealed) == VALUES
    assert usual(tmp_path).stat().st_mode & 0o777 == 0o600
    assert [p.name for p in tmp_path.iterdir()] == ["clarion.db.key"], "nothing is left lying about"


def test_without_make_nothing_is_made_and_nothing_opens(tmp_path: Path) -> None:
    sealed = open_vault({"CLARION_KEY": make_key()}, usual(tmp_path), make=False).seal(VALUES)
    empty = open_vault({}, usual(tmp_path), make=False)
    assert not usual(tmp_path).exists()
    with pytest.raises(KeyLost):
        empty.unseal(sealed)
    with pytest.raises(KeyLost):
        empty.seal(VALUES)


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    key, other = make_key(), make_key()
    sealed = open_vault({"CLARION_KEY": key}, usual(tmp_path), make=True).seal(VALUES)
    assert not usual(tmp_path).exists()
    assert open_vault({"CLARION_KEY": f"{other},{key}"}, usual(tmp_path), make=True).unseal(sealed) == VALUES
    file = tmp_path / "mine"
    file.write_text(f"# two keys\n{other}\n{key}\n")
    file.chmod(0o600)
    assert open_vault({"CLARION_KEY_FILE": str(file)}, usual(tmp_path), make=True).unseal(sealed) == VALUES


def test_the_first_key_seals(tmp_path: Path) -> None:
    old, new = make_key(), make_key()
    both = open_vault({"CLARION_KEY": f"{new}, {old}"}, usual(tmp_path), make=False)
    sealed = both.seal(VALUES)
    assert both.fits(sealed)
    assert open_vault({"CLARION_KEY": new}, usual(tmp_path), make=False).unseal(sealed) == VALUES
    with pytest.raises(KeyLost):
        open_vault({"CLARION_KEY": old}, usual(tmp_path), make=False).unseal(sealed)


@pytest.mark.parametrize("text", ["short", "x" * 44, "ä" * 44, ",", "   ", f"{'A' * 42}", f"{'A' * 43}=,no"])
def test_what_is_no_key_is_one_sentence_without_it(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError) as told:
        open_vault({"CLARION_KEY": text}, usual(tmp_path), make=True)
    (sentence,) = told.value.problems
    assert sentence.startswith("CLARION_KEY: holds")
    assert text.strip(", ") not in sentence or not text.strip(", ")


@posix
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_a_file_that_others_read_is_refused(tmp_path: Path, mode: int) -> None:
    open_vault({}, usual(tmp_path), make=True)
    usual(tmp_path).chmod(mode)
    with pytest.raises(ConfigError, match="others can read the file of keys; make it yours alone"):
        open_vault({}, usual(tmp_path), make=True)


@pytest.mark.parametrize("content", [b"", b"# only words\n", b"\xff\xfe", b"nonsense\n"])
def test_a_spoilt_file_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    usual(tmp_path).write_bytes(content)
    usual(tmp_path).chmod(0o600)
    with pytest.raises(ConfigError, match=r"^clarion\.db\.key: "):
        open_vault({}, usual(tmp_path), make=True)


def test_a_named_file_that_is_gone_is_not_made_anew(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="CLARION_KEY_FILE: there is no such file"):
        open_vault({"CLARION_KEY_FILE": str(tmp_path / "gone")}, usual(tmp_path), make=True)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_the_place_of_the_file_is_one_sentence(tmp_path: Path) -> None:
    usual(tmp_path).mkdir()
    with pytest.raises(ConfigError, match="cannot be read"):
        open_vault({}, usual(tmp_path), make=True)


def test_a_rotation_can_end_anywhere(tmp_path: Path) -> None:
    """After every step a fresh process opens what was sealed before it, and what is sealed after it."""
    vault = open_vault({}, usual(tmp_path), make=True)
    sealed = vault.seal(VALUES)
    for number in range(3):  # the second and third find what the ones before left lying
        vault.join()
        copy = tmp_path / f"crash-{number}"
        shutil.copy2(usual(tmp_path), copy)
        after = open_vault({}, copy, make=False)
        assert after.unseal(sealed) == VALUES
        assert after.keys == number + 2
    resealed = vault.seal(vault.unseal(sealed))
    vault.leave()
    last = open_vault({}, usual(tmp_path), make=False)
    assert last.keys == 1
    assert last.unseal(resealed) == VALUES
    with pytest.raises(KeyLost):
        last.unseal(sealed)
    assert usual(tmp_path).stat().st_mode & 0o777 == 0o600


def test_a_running_process_follows_a_rotation(tmp_path: Path) -> None:
    running, silent, other = (open_vault({}, usual(tmp_path), make=True) for _ in range(3))
    other.join()
    assert other.fits(silent.seal(VALUES)), "the new key seals at once, also where nothing was opened"
    sealed = other.seal(VALUES)
    assert running.unseal(sealed) == VALUES
    other.leave()
    assert other.unseal(running.seal(VALUES)) == VALUES, "it seals with the key that stays"


def test_what_was_just_granted_is_sealed_even_when_the_file_goes(tmp_path: Path) -> None:
    vault = open_vault({}, usual(tmp_path), make=True)
    text = usual(tmp_path).read_text()
    usual(tmp_path).unlink()
    sealed = vault.seal(VALUES)
    usual(tmp_path).write_text(text)
    usual(tmp_path).chmod(0o600)
    assert open_vault({}, usual(tmp_path), make=False).unseal(sealed) == VALUES


def test_variables_are_not_ours_to_rewrite(tmp_path: Path) -> None:
    vault = open_vault({"CLARION_KEY": make_key()}, usual(tmp_path), make=False)
    with pytest.raises(ConfigError, match="only you can change it"):
        vault.join()


def test_nothing_shows_a_key(tmp_path: Path) -> None:
    key = make_key()
    vault = open_vault({"CLARION_KEY": key}, usual(tmp_path), make=False)
    assert key not in f"{vault!r} {vault.place!r}"


@pytest.mark.parametrize("cut", [0, 1, 20, 60, -1])
def test_half_of_a_sealed_value_is_as_good_as_none(tmp_path: Path, cut: int) -> None:
    vault = open_vault({}, usual(tmp_path), make=True)
    sealed = vault.seal(VALUES)
    with pytest.raises(KeyLost):
        vault.unseal(sealed[:cut])
    with pytest.raises(KeyLost):
        vault.unseal(f"{sealed[:50]}{'B' if sealed[50] == 'A' else 'A'}{sealed[51:]}")


def test_the_key_lies_beside_the_database_or_else_the_configuration(tmp_path: Path) -> None:
    config = Config(path=tmp_path / "acme.toml", store_url="postgresql+psycopg://h/db")
    assert key_file(config, place(config, simulated=False)[1]) == tmp_path / "clarion.key"
    config = Config(path=tmp_path / "acme.toml", store_url="sqlite+aiosqlite:///data/acme.db")
    assert key_file(config, place(config, simulated=False)[1]) == tmp_path / "data" / "acme.db.key"


def test_two_first_starts_at_once_agree_on_a_key(tmp_path: Path) -> None:
    vaults: list[Vault] = [open_vault({}, usual(tmp_path), make=True) for _ in range(5)]
    assert all(other.unseal(vaults[0].seal(VALUES)) == VALUES for other in vaults)
