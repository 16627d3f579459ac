from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.markup import as_read, clean, cut, host_of, inert, plain, safe_url, site_of, utf16_len

PIECES = [
    *("@everyone", "@here", "@Everyone", "<@123456789012345678>", "<@!123456789012345678>", "<@&123456789012345678>"),
    *("<#123456789012345678>", "</watch add:123456789012345678>", "<t:1700000000:R>", "<:x:12>", "<a:x:12>"),
    *("<id:customize>", "<https://evil.example>", "[click](https://evil.example)", "https://evil.example/a_b_"),
    *("HTTP://evil.example", "steam://run", "discord.gg/abc", "discord.com/invite/abc", "DISCORDAPP.com/invite/x"),
    *("**", "__", "*", "_", "~~", "||", "`", "```", "\\", "\\\\", "[", "]", "(", ")", "# ", "## ", "-# ", "> ", ">>> "),
    *("- ", "* ", "+ ", "1. ", "12) ", ":smile:", ":100:", "\n", "\r\n", "\t", "\u2028", "\u0085", " ", "\u00a0"),
    *("\u202e", "\u2066", "\u200b", "\u200d", "\u00ad", "\ufeff", "\U000e0041", "\ue000", "\x00", "\x1b[31m", "\ud800"),
    *("\udc00", "\u0301", "\u0340", "\u1fef", "\u037e", "\u034f", "\u3164", "\ufe0f", "\u2800", "\ufffe"),
    *(
        "é",
        "e\u0301",
        "漢",
        "العربية",
        "😀",
        "👨\u200d👩\u200d👧",
        "🇫🇷",
        "👍🏽",
        "a",
        "1",
        "10:30:45",
        "everyone",
        "/",
        ":",
        "@",
    ),
]
HOSTILE = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=4)), max_size=14).map("".join)
LIMITS = st.integers(min_value=0, max_value=60)

MENTION = re.compile(r"<[@#/]|<a?:|<t:|<id:|@everyone|@here")
LINK = re.compile(r"[a-z][a-z0-9+.-]*://|discord(?:app)?\.(?:gg|com)/", re.IGNORECASE)
UNESCAPED = re.compile(r"(?<!\\)(?:\\\\)*[*_~`|\[\]]")
LINE_START = re.compile(r"^\s*(?:#{1,3}\s|-#|[-*+]\s|>|\d+[.)]\s)", re.MULTILINE)


def invisible(text: str) -> list[str]:
    return [character for character in text if unicodedata.category(character) in {"Cf", "Co", "Cs"}]


def without_escapes(text: str) -> str:
    """Return what Discord shows of a text whose markdown is escaped throughout."""
    return re.sub(r"\\([^0-9A-Za-z\s])", r"\1", text)


@settings(max_examples=300)
@given(HOSTILE, LIMITS, st.booleans())
@example(text="@every\u200bone", limit=60, newlines=False)
@example(text="http:\u00ad//evil.example", limit=60, newlines=False)
@example(text="<\u0338@1>", limit=60, newlines=False)
@example(text="\u1fefcode\u1fef", limit=60, newlines=False)
def test_nothing_that_discord_acts_on_survives_cleaning(text: str, limit: int, newlines: bool) -> None:  # noqa: FBT001  # drawn by Hypothesis
    shown = clean(text, limit, newlines=newlines)
    assert utf16_len(shown) <= limit
    assert not MENTION.search(shown)
    assert not LINK.search(shown)
    assert not UNESCAPED.search(shown)
    assert not LINE_START.search(shown)
    assert not invisible(shown)
    assert not [character for character in shown if unicodedata.category(character) == "Cc" and character != "\n"]
    assert newlines or "\n" not in shown
    assert (len(shown) - len(shown.rstrip("\\"))) % 2 == 0


@settings(max_examples=150)
@given(HOSTILE, st.one_of(st.none(), LIMITS), st.booleans())
def test_plain_and_inert_texts_do_not_change_when_done_again(text: str, limit: int | None, newlines: bool) -> None:  # noqa: FBT001  # drawn by Hypothesis
    for shown_by in (plain, inert):
        once = shown_by(text, limit, newlines=newlines)
        assert shown_by(once, limit, newlines=newlines) == once


@settings(max_examples=300)
@given(HOSTILE)
def test_escaping_changes_only_how_a_text_is_written(text: str) -> None:
    assert without_escapes(clean(text)) == inert(text)


@settings(max_examples=300)
@given(HOSTILE, LIMITS)
def test_a_cut_is_a_beginning_and_says_so(text: str, limit: int) -> None:
    shown = cut(text, limit)
    assert utf16_len(shown) <= max(limit, 0)
    assert shown == text or limit == 0 or (shown.endswith("…") and text.startswith(shown[:-1]))
    assert cut(shown, limit) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Marché n° 12 : caméras-piétons", "Marché n° 12 : caméras-piétons"),
        ("Ouvert de 10:30:45 à 12:00", "Ouvert de 10:30:45 à 12:00"),
        ("prix < 90 000 € HT", "prix ‹ 90 000 € HT"),  # noqa: RUF001  # what is shown for <
        ("https://ville.example/avis", "https: //ville.example/avis"),
        ("discord.gg/abc", "discord.gg /abc"),
        ("contact@ville.example", "contact@ville.example"),
        ("@everyone", "＠everyone"),  # noqa: RUF001  # what is shown for @
        ("**gras** [ici](x)", r"\*\*gras\*\* \[ici\](x)"),
        ("1. premier", r"1\. premier"),
        ("3.14 et -5", "3.14 et -5"),
        ("-5 degrés", "-5 degrés"),
        ("- un", r"\- un"),
        ("-# petit", r"\-# petit"),
        (":smile:", r"\:smile:"),
        ("deux\n\tlignes", "deux lignes"),
        ("Ax\u200bon", "Axon"),
        ("a\u034fb\ufffec\u3164d\ufe0fe\U000e0041f\ue000g", "abcdefg"),
        ("a\u2800b", "a b"),
        ("a" + "\u0301" * 50, "á" + "\u0301" * 4),
    ],
)
def test_a_text_stays_readable_when_cleaned(text: str, shown: str) -> None:
    assert clean(text) == shown


def test_lines_stay_where_they_are_kept() -> None:
    assert clean("# un\r\n\n\n\n> deux\u2028- trois", newlines=True) == "\\# un\n\n› deux\n\\- trois"  # noqa: RUF001


@settings(max_examples=100)
@given(st.lists(st.sampled_from(PIECES), max_size=8).map(lambda pieces: "".join(pieces) * 400), LIMITS, st.booleans())
def test_a_long_text_is_cut_as_if_all_of_it_had_been_read(text: str, limit: int, newlines: bool) -> None:  # noqa: FBT001  # drawn by Hypothesis
    assert plain(text, limit, newlines=newlines) == cut(plain(text, newlines=newlines), limit)
    assert clean(text, limit, newlines=newlines) == cut(clean(text, newlines=newlines), limit)


@pytest.mark.parametrize(
    ("text", "limit", "shown"),
    [
        ("abcdef", 6, "abcdef"),
        ("abcdef", 5, "abcd…"),
        ("ab cdef", 4, "ab…"),
        ("😀😀😀", 4, "😀…"),
        ("ae\u0301bcd", 3, "a…"),
        ("a👍🏽bcdef", 5, "a…"),
        ("a👨\u200d👩\u200d👧bcd", 7, "a…"),
        ("🇫🇷🇩🇪🇪🇸", 7, "🇫🇷…"),
        ("ab\\*cd", 4, "ab…"),
        ("ab\\\\cd", 5, "ab\\\\…"),
        ("abc", 1, "…"),
        ("abc", 0, ""),
    ],
)
def test_a_cut_falls_where_a_reader_would_part_the_text(text: str, limit: int, shown: str) -> None:
    assert cut(text, limit) == shown


def test_a_pile_of_marks_does_not_eat_what_stands_before_it() -> None:
    assert cut("abc" + "\u0301" * 500, 100).startswith("abc")


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://www.boamp.fr/avis/detail/25-1?x=1&y=2#a", "https://www.boamp.fr/avis/detail/25-1?x=1&y=2#a"),
        ("HTTP://Ville.Example", "http://ville.example/"),
        ("https://ville.example:8443/é(1)", "https://ville.example:8443/%C3%A9%281%29"),
        ("https://ville.example/%E9%zz", "https://ville.example/%E9%25zz"),
        ("https://élysée.example/", "https://xn--lyse-9oad.example/"),
        ("https://ville.example/?q=[a](b)*_@everyone", "https://ville.example/?q=%5Ba%5D%28b%29%2A_%40everyone"),
        ("http://127.0.0.1:8080/x", "http://127.0.0.1:8080/x"),
        ("https://ville.example/\u202e", "https://ville.example/%E2%80%AE"),
        *(
            (url, None)
            for url in (
                None,
                "",
                "boamp.fr",
                "javascript:alert(1)",
                "ftp://ville.example/x",
                "https://user:secret@ville.example/",
                "https://ville.example@evil.example/",
                "https://ville.example\\@evil.example/",
                "https://ville.example/a b",
                "https://ville.example/a\nb",
                "https://ville.example/<x>",
                "https:///x",
                "https://[::1]/",
                "https://[::1/",
                "https://ville..example/",
                "https://ville.example:99999/",
                "https://ville.example:x/",
                "https://-ville.example/",
                "https://vil le.example/",
                "https://ville.example/\ud800",
                "https://ville.example/" + "a" * 2_000,
            )
        ),
    ],
)
def test_only_an_address_that_leads_where_it_says_is_linked(url: str | None, safe: str | None) -> None:
    assert safe_url(url) == safe


@settings(max_examples=150)
@given(st.one_of(HOSTILE.map("https://ville.example/".__add__), HOSTILE.map("https://".__add__), st.text()))
def test_no_address_breaks_out_of_a_markdown_link(url: str) -> None:
    safe = safe_url(url)
    if safe is not None:
        assert re.fullmatch(r"https?://[!-~]+", safe)
        assert not re.search(r"[()\[\]<>\\`*|\"'{}^@\s]", safe)
        assert safe_url(safe) == safe
        assert re.fullmatch(r"[a-z0-9.-]+", host_of(safe))


def test_a_huge_text_is_cleaned_up_to_a_point_and_says_so() -> None:
    shown = clean("א\u0301\u202e@everyone " * 1_000_000)
    assert utf16_len(shown) <= 50_001
    assert shown.endswith("…")


@given(HOSTILE)
@example("\\*_~`|[]:smile:\n# a\n1. b\n- c")
def test_what_was_cleaned_reads_as_it_was(text: str) -> None:
    assert as_read(clean(text, newlines=True)) == inert(text, newlines=True)


@pytest.mark.parametrize(
    ("markdown", "read"),
    [
        ("**Noté :** Ada", "Noté : Ada"),
        ("> Axon\\_1 ~~perdu~~", "Axon_1 perdu"),
        (r"**[Avis \[1\]](https://boamp.example/avis_(1)) **", "Avis [1] "),
        ("[Avis](https://boamp.example/26-1) (boamp.example)", "Avis (boamp.example)"),
        ("une ligne\n> citée", "une ligne\ncitée"),
    ],
)
def test_our_markup_is_no_word_of_what_is_read(markdown: str, read: str) -> None:
    assert as_read(markdown.replace("avis_(1)", "avis_%281%29")) == read


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("https://www.boamp.fr/a", "boamp.fr"),
        ("https://ted.europa.eu/a", "ted.europa.eu"),
        ("https://www.fr/a", "www.fr"),
    ],
)
def test_a_site_is_called_by_its_host_without_www(url: str, site: str) -> None:
    assert site_of(url) == site
