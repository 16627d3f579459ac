"""How the tests look at a card: as it is read, drawn and sent, and what must hold of any."""

from __future__ import annotations

import io
import re
import unicodedata
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from hypothesis import strategies as st
from rich.console import Console

from bot.cards import Card, Rendered
from bot.cards.terminal import to_rich
from bot.locales import Language, Texts
from bot.markup import utf16_len

PARIS = ZoneInfo("Europe/Paris")
FRENCH = Texts(Language.FR, PARIS)
ENGLISH = Texts(Language.EN, PARIS)
NOW = datetime(2025, 4, 3, 8, tzinfo=UTC)
CODE = "A7K3-92QF"

HOSTILE_PIECES = st.lists(
    st.one_of(
        st.sampled_from(
            [
                *("@everyone ", "<@123456789012345678>", "[click](https://evil.example)", "https://evil.example", "**"),
                *("discord.gg/abc", "\u202e", "\u200b", "||", "`", "\n# ", "\n> ", "</watch add:1>", "<t:1:R>", "\\"),
                *("\ud800", "👨\u200d👩\u200d👧", "\x1b[31m", "é" * 3_000, "*" * 3_000, "{title}", "[/red]", "[bold]"),
            ]
        ),
        st.text(max_size=8),
    ),
    max_size=8,
).map("".join)

_LIVE = re.compile(r"<[@#/:]|<a:|<t:|@everyone|@here|discord\.gg/|://", re.IGNORECASE)
_LINK = re.compile(r"(?<!\\)\[[^\]]*(?<!\\)\]\(")
_MEMBER = re.compile(r"<@30100000000000000\d>")
_OUR_LINK = re.compile(r"(?<!\\)\[(?:[^\[\]]|\\[\[\]])*(?<!\\)\]\(https?://[!-~]+?\)(?= |$| \()", re.MULTILINE)


def texts_of(rendered: Rendered) -> list[str]:
    texts = [rendered.title, rendered.description, rendered.footer]
    return texts + [text for field in rendered.fields for text in (field.name, field.value)]


def as_read(rendered: Rendered) -> str:
    """Return an embed as lines, with ordinary spaces and apostrophes as they are shown."""
    fields = [line for field in rendered.fields for line in (f"# {field.name}", field.value)]
    return re.sub("[\u00a0\u202f]", " ", "\n".join([rendered.title, rendered.description, *fields, rendered.footer]))


def in_terminal(card: Card, width: int = 100) -> str:
    console = Console(file=io.StringIO(), width=width, force_terminal=False)
    console.print(to_rich(card))
    output = console.file
    assert isinstance(output, io.StringIO)
    return output.getvalue()


def assert_within_limits(rendered: Rendered) -> None:
    assert 1 <= utf16_len(rendered.title) <= 256
    assert utf16_len(rendered.description) <= 4096
    assert utf16_len(rendered.footer) <= 2048
    assert len(rendered.fields) <= 25
    for field in rendered.fields:
        assert 1 <= utf16_len(field.name) <= 256
        assert 1 <= utf16_len(field.value) <= 1024
        assert field.name.strip()
        assert field.value.strip()
    assert rendered.units() == sum(map(utf16_len, texts_of(rendered))) <= 6000


def assert_nothing_live(rendered: Rendered, links: int = 0) -> None:
    """Assert that no text mentions, links or hides anything, but for members of ours and so many links of ours."""
    found = 0
    for text in texts_of(rendered):
        left = _MEMBER.sub("", text)
        left, ours = _OUR_LINK.subn("", left) if links and text != rendered.footer else (left, 0)
        found += ours
        assert not _LIVE.search(left)
        assert text == rendered.footer or not _LINK.search(left)  # a footer shows markdown as it is typed
        assert not [character for character in text if unicodedata.category(character) in {"Cf", "Co", "Cs"}]
    assert found <= links


def assert_drawn_harmlessly(card: Card) -> None:
    """Assert that a terminal gets nothing that moves its cursor or cannot be seen."""
    odd = [character for character in in_terminal(card) if unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co"}]
    assert set(odd) <= {"\n"}
