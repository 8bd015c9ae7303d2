"""Recurrence rules, expanded in wall time; the zone and its gaps and folds are `bot.domain.when`'s."""

from __future__ import annotations
