"""Secrets at rest: sealed with MultiFernet, so that a key can be changed without losing them."""

from __future__ import annotations
