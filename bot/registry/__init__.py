"""Finds plugins, collects what they offer, tells them what happened, and lets none of them do harm."""

from __future__ import annotations

from bot.registry.plugins import BUILTINS, Loaded, Registry, load
from bot.registry.sources import Source
from bot.registry.watch import Blockade, Watch

__all__ = ["BUILTINS", "Blockade", "Loaded", "Registry", "Source", "Watch", "load"]
