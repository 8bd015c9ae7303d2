"""``[web]``: what is read, and a sentence for everything that cannot be meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.config import load_config
from bot.config.web import WebConfig
from bot.errors import ConfigError


def read(folder: Path, text: str) -> WebConfig | None:
    path = folder / "acme.toml"
    path.write_text(text, "utf-8")
    return load_config(path, env={}).web


def test_without_the_table_nobody_listens(tmp_path: Path) -> None:
    assert read(tmp_path, "") is None
    assert load_config(None, env={}).web is None


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", WebConfig()),
        ('public_url = "https://bot.example.com"', WebConfig(public_url="https://bot.example.com")),
        ('public_url = "https://x.example/clarion/"', WebConfig(public_url="https://x.example/clarion")),
        ('public_url = "http://127.0.0.1:9000"', WebConfig(public_url="http://127.0.0.1:9000")),
        ('public_url = "http://localhost:9000"', WebConfig(public_url="http://localhost:9000")),
        ('listen = "0.0.0.0:80"', WebConfig(host="0.0.0.0", port=80)),
        ('listen = "[::1]:8080"', WebConfig(host="::1", port=8080)),
    ],
)
def test_what_is_read(tmp_path: Path, text: str, wanted: WebConfig) -> None:
    assert read(tmp_path, f"[web]\n{text}\n") == wanted


def test_listen_is_written_as_it_was_read() -> None:
    assert WebConfig(host="::1", port=1).listen == "[::1]:1"
    assert WebConfig().listen == "127.0.0.1:8080"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('public_url = "bot.example.com"', 'web.public_url: must be like "https://bot.example.com"'),
        ('public_url = "ftp://bot.example.com"', "web.public_url: must be like"),
        ('public_url = "https://"', "web.public_url: must be like"),
        ('public_url = "http://bot.example.com"', "web.public_url: must begin with https://"),
        ('public_url = "https://u:p@bot.example.com"', "without a password"),
        ('public_url = "https://bot.example.com/?a=1"', "without what begins with ?"),
        ('public_url = "https://bücher.example"', "percent-encoded"),
        ('public_url = "https://bot.example.com:99999"', "web.public_url: must be like"),
        ("public_url = 3", "web.public_url: must be text in quotes"),
        ('listen = "8080"', "web.listen: must be an address and a port"),
        ('listen = "127.0.0.1:0"', "web.listen: must be an address and a port"),
        ('listen = "127.0.0.1:70000"', "web.listen: must be an address and a port"),
        ('publik_url = "https://x.example"', "did you mean 'public_url'?"),
    ],
)
def test_what_cannot_be_meant(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, f"[web]\n{text}\n")
    assert len(caught.value.problems) == 1
    assert said in caught.value.problems[0]


def test_all_problems_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, '[web]\npublic_url = "x"\nlisten = "y"\nz = 1\n')
    assert len(caught.value.problems) == 3
