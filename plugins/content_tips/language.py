"""Which language a text is most likely in, from its commonest words; "" where that is not clear."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from plugins.content_tips.features import words_of

COMMON: Mapping[str, str] = MappingProxyType(
    {
        "en": "the and of to is in that for with are was this have not it as but from they which",
        "de": "der die das und ist nicht mit von den auf für ein eine sich auch dem wird sind werden wir",
        "fr": "le les des et est une dans que pour pas qui sur avec plus par vous cette nous sont du",
        "es": "el los las y es una que por con para del no como más se su lo pero este son",
        "pt": "o os as e é uma que por com para do da não como mais se em no na são",
        "it": "il gli di e è una che per con non del della sono più si come questo anche le ma",
        "nl": "de het een en van is dat niet met voor op zijn aan ook maar wordt bij naar worden er",
        "sv": "och att det som en på är av för med den inte till om ett har vi de kan så",
        "pl": "i w na nie się jest że do to z jak dla co po od ale przez oraz są być",
    }
)
"""Function words that are frequent in each and not in all of them."""

SHARE, AHEAD = 0.12, 1.3
"""Of the words, at least this share must be common ones, and so many times as many as in any other."""

SCRIPTS = (
    ("Chinese or Japanese", re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")),
    ("Korean", re.compile("[\uac00-\ud7af\u1100-\u11ff]")),
    ("Arabic", re.compile("[\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufeff]")),
    ("Hebrew", re.compile("[\u0590-\u05ff]")),
    ("Thai", re.compile("[\u0e00-\u0e7f]")),
    ("an Indic script", re.compile("[\u0900-\u0dff]")),
    ("Cyrillic", re.compile("[\u0400-\u04ff]")),
    ("Greek", re.compile("[\u0370-\u03ff\u1f00-\u1fff]")),
)
"""Scripts by their blocks in Unicode; what is in none of them is taken for Latin."""

LETTERS = re.compile(r"[^\W\d_]")


def language_of(text: str) -> str:
    """An ISO 639-1 code; "" where no language is clearly ahead."""
    words = [w.casefold() for w in words_of(text)]
    if not words:
        return ""
    found = sorted(
        ((sum(w in common for w in words) / len(words), code) for code, common in _SETS.items()), reverse=True
    )
    (best, code), (second, _) = found[:2]
    return code if best >= SHARE and best >= AHEAD * second else ""


def script_of(text: str) -> str:
    """The script that most letters are of, as people call it; "" for Latin."""
    letters = len(LETTERS.findall(text)) or 1
    return next((name for name, letter in SCRIPTS if len(letter.findall(text)) / letters > 0.4), "")


_SETS: Mapping[str, frozenset[str]] = MappingProxyType(
    {code: frozenset(words.split()) for code, words in COMMON.items()}
)
