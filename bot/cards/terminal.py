"""A card drawn for a terminal: the same text as in Discord, with colours instead of markdown."""

from __future__ import annotations

from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.text import Text

from bot.cards.card import Accent, Card, Line, Style
from bot.cards.embed import DESCRIPTION_UNITS, TITLE_UNITS
from bot.markup import ELLIPSIS, plain, safe_url

_STYLES = {
    Style.PLAIN: "",
    Style.STRONG: "bold",
    Style.MARK: "bold yellow",
    Style.QUIET: "dim",
    Style.STRUCK: "strike",
    Style.QUOTE: "italic",
    Style.CODE: "",
}
_ACCENTS = {
    Accent.NEWS: "bold blue",
    Accent.CHANGE: "bold yellow",
    Accent.AWARD: "bold green",
    Accent.TROUBLE: "bold red",
    Accent.RECOVERY: "bold green",
    Accent.CONFIRMED: "bold green",
    Accent.DOUBT: "bold yellow",
    Accent.NEUTRAL: "bold",
}
_INDENT = 2
_QUOTATION = "│ "


def to_rich(card: Card) -> RenderableType:
    """Return a card as a renderable of rich, without control characters or markup of others, buttons left out."""
    parts: list[RenderableType] = [Text(plain(card.title, TITLE_UNITS), _ACCENTS[card.accent])]
    url = safe_url(card.url)
    if url:
        parts.append(Text(url, "dim underline"))
    parts += [_drawn(line) for line in card.body]
    for field in card.fields:
        parts.append(Text(plain(field.label, TITLE_UNITS), "bold"))
        parts += [Padding(_drawn(line), (0, 0, 0, _INDENT), expand=False) for line in field.lines]
    if card.footer:
        parts.append(Text(plain(card.footer, TITLE_UNITS * 2), "dim"))
    return Group(*parts)


def _drawn(line: Line) -> RenderableType:
    text = _text(line)
    return _Quotation(text) if text and line[0].style is Style.QUOTE else text


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


@dataclass(frozen=True, slots=True)
class _Quotation:
    """Draw a text with a bar before each of its lines."""

    text: Text

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for line in self.text.wrap(console, max(options.max_width - len(_QUOTATION), 1)):
            yield Text.assemble((_QUOTATION, "dim"), line)
