"""Subtitles as X names them: their format, and two capital letters for a language.

Source: OpenAPI 2.167, ``CreateMediaSubtitlesSubtitles`` (``language_code`` is ``^[A-Z]{2}$``) and the
``media_type`` of ``InitializeMediaUploadRequest``.
"""

from __future__ import annotations

import re
from types import MappingProxyType

from bot.api import Media, MediaKind

NAMES = MappingProxyType(
    {
        "AR": "العربية", "BG": "Български", "CS": "Čeština", "DA": "Dansk", "DE": "Deutsch",
        "EL": "Ελληνικά", "EN": "English", "ES": "Español", "ET": "Eesti", "FA": "فارسی",
        "FI": "Suomi", "FR": "Français", "GA": "Gaeilge", "HE": "עברית", "HI": "हिन्दी",
        "HR": "Hrvatski", "HU": "Magyar", "ID": "Indonesia", "IT": "Italiano", "JA": "日本語",
        "KO": "한국어", "LT": "Lietuvių", "LV": "Latviešu", "MS": "Melayu", "NL": "Nederlands",
        "NO": "Norsk", "PL": "Polski", "PT": "Português", "RO": "Română", "RU": "Русский",
        "SK": "Slovenčina", "SL": "Slovenščina", "SR": "Српски", "SV": "Svenska", "TH": "ไทย",
        "TR": "Türkçe", "UK": "Українська", "VI": "Tiếng Việt", "ZH": "中文",
    }
)  # fmt: skip
"""What viewers choose from: each language in its own words (CLDR, 48)."""


def language_code(language: str) -> str:
    """Two capital letters for a BCP 47 tag ("pt-BR" → "PT"); empty where there are none."""
    match = re.match(r"([A-Za-z]{2})(?:[-_]|$)", language.strip())
    return match[1].upper() if match else ""


def language_name(language: str) -> str:
    """The language in its own words, else its code."""
    code = language_code(language)
    return NAMES.get(code, code)


def mime_of(media: Media) -> str:
    """The media type as X's enumeration has it; subtitles have many names elsewhere."""
    if media.kind is not MediaKind.CAPTIONS:
        return media.mime
    return "text/vtt" if "vtt" in media.mime or media.name.lower().endswith(".vtt") else "text/srt"
