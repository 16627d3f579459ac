"""A card drawn for a terminal: the same text as in Discord, with colours instead of markdown."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from bot.cards.card import Accent, Card, Line, Style
from bot.cards.embed import DESCRIPTION_UNITS, TITLE_UNITS
from bot.markup import ELLIPSIS, plain, safe_url

_STYLES = {Style.PLAIN: "", Style.STRONG: "bold", Style.MARK: "bold yellow", Style.QUIET: "dim"}
_ACCENTS = {
    Accent.NEWS: "bold blue",
    Accent.CHANGE: "bold yellow",
    Accent.AWARD: "bold green",
    Accent.TROUBLE: "bold red",
    Accent.RECOVERY: "bold green",
    Accent.NEUTRAL: "bold",
}
_INDENT = 2


def to_rich(card: Card) -> RenderableType:
    """Return a card as a renderable of rich, without control characters or markup of others, buttons left out."""
    parts: list[RenderableType] = [Text(plain(card.title, TITLE_UNITS), _ACCENTS[card.accent])]
    url = safe_url(card.url)
    if url:
        parts.append(Text(url, "dim underline"))
    parts += [_text(line) for line in card.body]
    for field in card.fields:
        parts.append(Text(plain(field.label, TITLE_UNITS), "bold"))
        parts += [Padding(_text(line), (0, 0, 0, _INDENT), expand=False) for line in field.lines]
    if card.footer:
        parts.append(Text(plain(card.footer, TITLE_UNITS * 2), "dim"))
    return Group(*parts)


def _text(line: Line) -> Text:
    """Return a line with its styles, the address behind each link that leads somewhere safe."""
    text = Text()
    for span in line:
        shown = plain(span.text)
        lead = " " if text.plain and span.text[:1].isspace() and not text.plain.endswith(" ") else ""
        trail = " " if shown and span.text[-1:].isspace() else ""
        text.append(lead + shown + trail, _STYLES[span.style])
        url = safe_url(span.url)
        if url and url != shown:
            text.append(f" ({url})", "dim underline")
    if len(text) > DESCRIPTION_UNITS:
        text.truncate(DESCRIPTION_UNITS)
        text.append(ELLIPSIS)
    text.rstrip()
    return text
