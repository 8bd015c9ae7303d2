"""Murmur keeps the contract; every check says in its name what it proves."""

from __future__ import annotations

from bot.testing import PublisherContract

from clarion_murmur import register_platforms


class TestMurmur(PublisherContract):
    platform = next(iter(register_platforms()))
