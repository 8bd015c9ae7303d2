"""What is certain about a draft, how it reads, and what was seen elsewhere."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.texts import NOW, draft
from bot.api import GENERAL, LIMIT, AccountProfile, ShownFile, Suggestion
from plugins.content_tips.api import lean, reading, suggest
from plugins.content_tips.language import language_of
from plugins.content_tips.readability import unreadable

NOBODY = AccountProfile(account="acme-li", platform="linkedin")
ENGLISH = "The city is quiet in the morning and the river is cold. We walk to the bridge. It is not far. "
GERMAN = (
    "Die Stadt ist am Morgen still und der Fluss ist kalt. Wir gehen zu der Brücke, die nicht weit ist. "
    "Das Unternehmen hat die Verantwortung für die Wiederherstellung der Zusammenarbeit übernommen. "
)
FINNISH = "Kaupunki nukkuu vielä aamulla. Joki virtaa hiljaa sillan alla. Kukaan ei kävele tiellä. "


def told(text: str, **more: Any) -> dict[str, Suggestion]:
    return {s.code: s for s in suggest(draft(text, **more), NOBODY, now=NOW)}


def test_a_text_that_is_folded_says_after_which_words() -> None:
    text = "Launch day has come at last and it is here " + "more " * 40
    fold = told(text, cut=43)["fold"]
    assert fold.kind == LIMIT
    assert fold.evidence is None
    assert fold.text.startswith("LinkedIn folds the text after 43 of 242 characters")
    assert "it is here”" in fold.text
    assert "fold" not in told("Short", cut=43)
    assert "fold" not in told(text, cut=0)


def test_a_fold_counts_lines_too_and_a_link_behind_it() -> None:
    text = "one\ntwo\nthree\nfour https://example.com/why"
    assert told(text, lines=3)["fold-link"].text.endswith("The link comes behind it.")
    assert set(told(f"https://example.com {text}", lines=3)) & {"fold", "fold-link"} == {"fold"}
    assert not set(told(text, lines=4)) & {"fold", "fold-link"}


def test_what_is_folded_is_what_the_feed_shows() -> None:
    assert told("Title", feed="A long description " * 9, cut=50)["fold"].text.count("170") == 1


@pytest.mark.parametrize(
    ("platform", "tags", "said"),
    [
        ("twitter", 3, True),
        ("x", 3, True),
        ("twitter", 2, False),
        ("linkedin", 9, False),
        ("youtube", 4, True),
    ],
)
def test_hashtags_are_counted_where_the_platform_says_how_many(platform: str, tags: int, said: bool) -> None:
    text = "News " + " ".join(f"#tag{n}" for n in range(tags)) + " a#b &#39; example.com/#top"
    assert ("hashtags" in told(text, platform=platform)) is said


def test_pictures_without_words_are_named_where_words_are_taken() -> None:
    pictures = (
        ShownFile(name="a.jpg", kind="image", alt="A dog"),
        ShownFile(name="b.jpg", kind="image", alt=" "),
        ShownFile(name="c.mp4", kind="video"),
        ShownFile(name="d.jpg", kind="image", cover=True),
    )
    assert told("Hi", shown=pictures, alt_texts=True)["alt"].text.startswith("b.jpg has no description")
    assert "alt" not in told("Hi", shown=pictures, alt_texts=False)


@pytest.mark.parametrize(
    ("size", "more", "said"),
    [
        ((1080, 1920), {"ratios": (0.8, 1.91)}, "cuts 30 % off the height of a.jpg"),
        ((3000, 1000), {"ratios": (0.8, 1.91)}, "cuts 36 % off the width of a.jpg"),
        ((1000, 1000), {"frame": 16 / 9}, "cuts 44 % off the height of a.jpg"),
        ((1000, 1000), {"ratios": (0.8, 1.91)}, ""),
        ((1600, 900), {"frame": 16 / 9}, ""),
        ((0, 0), {"frame": 16 / 9}, ""),
        ((1000, 1000), {}, ""),
    ],
)
def test_a_picture_alone_is_measured_against_the_frame(
    size: tuple[int, int], more: dict[str, Any], said: str
) -> None:
    picture = ShownFile(name="a.jpg", kind="image", width=size[0], height=size[1], alt="x")
    found = told("Hi", shown=(picture,), **more)
    assert ("frame" in found) is bool(said)
    assert not said or said in found["frame"].text


@pytest.mark.parametrize(
    ("letters", "contrast", "said"),
    [(4.0, 9.0, "lettering"), (9.0, 1.6, "contrast"), (9.0, 8.0, ""), (None, None, ""), (9.0, None, "")],
)
def test_lettering_is_judged_on_covers_only(letters: float | None, contrast: float | None, said: str) -> None:
    cover = ShownFile(name="t.jpg", kind="image", cover=True, letters=letters, contrast=contrast, alt="x")
    assert set(told("Hi", shown=(cover,))) == ({said} if said else set())
    picture = ShownFile(name="t.jpg", kind="image", letters=letters, contrast=contrast, alt="x")
    assert set(told("Hi", shown=(picture,))) == set()


def test_languages_are_told_apart_and_left_open_where_they_are_not() -> None:
    assert language_of(ENGLISH) == "en"
    assert language_of(GERMAN) == "de"
    assert language_of("La ville est calme et les gens sont dans la rue avec des enfants") == "fr"
    assert language_of("El río está frío y la ciudad no es lo que era para los que viven en ella") == "es"
    assert language_of(FINNISH) == ""
    assert language_of("LAUNCH 42") == ""
    assert language_of("") == ""


def test_readability_by_language_and_none_for_short_texts() -> None:
    easy, hard, other = reading(ENGLISH * 5), reading(GERMAN * 4), reading(FINNISH * 9)
    assert easy is not None
    assert hard is not None
    assert other is not None
    assert (easy.formula, hard.formula, other.formula) == ("Flesch", "Amstad", "LIX")
    assert 80 <= easy.value <= 115
    assert 5 <= easy.a_sentence <= 8
    assert not easy.hard
    assert hard.value < easy.value - 20
    assert reading(ENGLISH) is None


def test_a_hard_text_is_called_so_by_its_formula() -> None:
    text = (
        "The organizational responsibility for the implementation of administrative simplification "
        "considerations in international communication environments is the institutional obligation of "
        "the participating representatives "
    ) * 6
    found = told(text)["readability"]
    assert found.kind == GENERAL
    assert "Flesch's formula" in found.text
    assert "not your readers'" in found.text


@pytest.mark.parametrize("text", ["今日、リリースしました。" * 30, "مرحبا بالعالم اليوم نطلق الإصدار " * 30])
def test_a_script_without_a_formula_is_said_to_have_none(text: str) -> None:
    assert reading(text) is None
    assert "I know no formula" in told(text)["unreadable"].text
    assert unreadable(text[:50]) == ""


def test_what_was_seen_elsewhere_says_so_with_its_size() -> None:
    found = told(
        "Why is the city so quiet in the morning?\n\nIt is the river and not the people that are quiet."
    )
    general = {code for code, s in found.items() if s.kind == GENERAL}
    assert general == {"question", "digit", "person", "long"}
    for code in general:
        evidence = found[code].evidence
        assert "general: one publisher's headlines 2013–15" in found[code].text
        assert evidence is not None
        assert evidence.clear
        assert abs(evidence.mean) < 0.15
    assert not [s for s in told(GERMAN + "Warum?").values() if s.kind == GENERAL and s.code != "readability"]


def test_the_longer_telling_headline_is_leaned_to() -> None:
    assert lean("She built 5 bridges and nobody knew why", "What is a bridge?") > 0
    assert lean("So it is", "So it is") == 0
