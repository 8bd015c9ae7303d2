"""The general pattern of a platform's week, for accounts that nothing is known of yet.

Public studies agree on little more than this: mornings and middays of working days for text networks,
afternoons and evenings for video, and little at night. So the curves are broad, and how much they are
worth is learned (`curve.py`). Sources, all in local time of the readers and read 2026-11-21: Sprout Social's
yearly study as reported by Social Media Today (2023-05-10: X and Instagram, weekday mornings to early
afternoon) and O'Dwyer's (2023-06-07: LinkedIn, Tuesdays and Wednesdays 10 to noon; TikTok, afternoons);
Buffer's TikTok figures as reported by akselera.tech (Sunday 20:00, Tuesday 16:00, Wednesday 17:00). For
YouTube, and for evenings on Instagram, no study was read here: afternoon and early evening is an assumption.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from plugins.best_time.basis import Floats, standard


@dataclass(frozen=True, slots=True)
class Pattern:
    """``peaks`` are (hour of the day, width in hours, height); ``weekend`` is what is added on Saturday and
    Sunday, where the peaks are also ``quieter`` times as high."""

    title: str
    peaks: tuple[tuple[float, float, float], ...]
    weekend: float = 0.0
    quieter: float = 1.0


NIGHT = (3.5, 3.5, -1.0)


def pattern(platform: str) -> Pattern | None:
    """What is shipped for a platform; None for one that nothing is shipped for."""
    match platform.casefold():
        case "x" | "twitter":
            return Pattern("X", ((10.0, 2.5, 0.9), (17.0, 3.0, 0.6), NIGHT), weekend=-0.2)
        case "linkedin":
            return Pattern("LinkedIn", ((10.0, 2.2, 1.0), (13.5, 2.5, 0.5), NIGHT), weekend=-0.5, quieter=0.5)
        case "instagram":
            return Pattern("Instagram", ((11.5, 2.5, 0.8), (19.0, 2.5, 0.8), NIGHT))
        case "tiktok":
            return Pattern("TikTok", ((15.5, 3.0, 0.5), (19.5, 2.5, 0.9), NIGHT), weekend=0.15)
        case "youtube":
            return Pattern("YouTube", ((16.5, 3.0, 1.0), (11.5, 3.0, 0.3), NIGHT), weekend=0.2)
        case "bluesky":
            return Pattern("Bluesky", ((10.0, 3.0, 0.7), (18.0, 3.5, 0.7), NIGHT), weekend=-0.1)
    return None


def title(platform: str) -> str:
    """What people call the platform."""
    known = pattern(platform)
    return known.title if known is not None else platform


def chart(platform: str) -> Floats:
    """168 values from Monday 0:00, average 0 and standard deviation 1: when posts do well in general. All 0
    for a platform of which nothing is known."""
    known = pattern(platform)
    if known is None:
        return np.zeros(168)
    hour = np.arange(168) % 24 + 0.5
    weekend = np.arange(168) // 24 >= 5
    week = np.zeros(168)
    for at, width, height in known.peaks:
        away = np.minimum(np.abs(hour - at), 24 - np.abs(hour - at))
        level = height * np.where(weekend & (height > 0), known.quieter, 1.0)
        week += level * np.exp(-0.5 * (away / width) ** 2)
    return standard(week + known.weekend * weekend)
