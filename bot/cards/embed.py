"""A card in Discord's vocabulary: markdown of ours around cleaned text, within every limit of an embed."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass

from bot.cards.card import Accent, Card, Field, Line, Span, Style
from bot.markup import ELLIPSIS, clean, cut, host_of, inert, safe_url, site_of, utf16_len

TITLE_UNITS = 256
DESCRIPTION_UNITS = 4_096
FIELD_NAME_UNITS = 256
FIELD_VALUE_UNITS = 1_024
FOOTER_UNITS = 512
FIELDS = 25
ALL_UNITS = 6_000
"""Discord's limits (docs: resources/message, embed limits); the footer's is narrowed to leave room for the rest."""

_LEAST_FIELD_UNITS = 64
_NOTE_UNITS = 16
_UNBOUNDED = 10**9
_EMPTY = "—"
_COLOURS = {
    Accent.NEWS: 0x3F83EA,
    Accent.CHANGE: 0xC07F00,
    Accent.AWARD: 0x2C9660,
    Accent.TROUBLE: 0xE0574A,
    Accent.RECOVERY: 0x2C9660,
    Accent.CONFIRMED: 0x2C9660,
    Accent.DOUBT: 0xC07F00,
    Accent.NEUTRAL: 0x7F8A97,
}
"""Each stands out from Discord's dark and light backgrounds by 3:1 at least (WCAG 2.2, 1.4.11)."""

_DELIMITERS = {
    Style.PLAIN: "",
    Style.QUIET: "",
    Style.QUOTE: "",
    Style.STRONG: "**",
    Style.MARK: "**",
    Style.STRUCK: "~~",
    Style.CODE: "`",
}
_QUOTATION = "> "
_MESSAGE = re.compile(r"https://discord\.com/channels/\d+/\d+/\d+")
"""The link to a message: its host tells a reader nothing, and there is one in each line of a digest."""


@dataclass(frozen=True, slots=True)
class RenderedField:
    """Hold a field of an embed; neither name nor value is empty."""

    name: str
    value: str
    inline: bool


@dataclass(frozen=True, slots=True)
class Rendered:
    """Hold an embed; `is_cut` tells that its description or fields lost something, which ends in an ellipsis there."""

    title: str
    url: str | None
    description: str
    colour: int
    fields: tuple[RenderedField, ...]
    footer: str
    is_cut: bool

    def units(self) -> int:
        """Return the length of all text that Discord counts, in UTF-16 units."""
        texts = [self.title, self.description, self.footer]
        texts += [text for field in self.fields for text in (field.name, field.value)]
        return sum(map(utf16_len, texts))


def render(card: Card) -> Rendered:
    """Return a card as an embed: every text cleaned, only links of ours, within the limits of one message.

    What does not fit is cut with an ellipsis; fields that do not fit are counted in a last one.
    """
    title = clean(card.title, TITLE_UNITS)
    footer = inert(card.footer, FOOTER_UNITS)
    left = ALL_UNITS - utf16_len(title) - utf16_len(footer)
    description, is_cut = _markdown(card.body, min(DESCRIPTION_UNITS, left))
    fields, fields_are_cut = _fields(card.fields, left - utf16_len(description))
    return Rendered(
        title=title,
        url=safe_url(card.url),
        description=description,
        colour=_COLOURS[card.accent],
        fields=fields,
        footer=footer,
        is_cut=is_cut or fields_are_cut,
    )


def markdown_units(lines: tuple[Line, ...]) -> int:
    """Return the length of lines as Discord is given them, in UTF-16 units."""
    return utf16_len(_markdown(lines, _UNBOUNDED)[0])


def _fields(fields: tuple[Field, ...], left: int) -> tuple[tuple[RenderedField, ...], bool]:
    shown: list[RenderedField] = []
    is_cut = False
    for place, field in enumerate(fields):
        is_last = place == len(fields) - 1
        room = left if is_last else left - _NOTE_UNITS
        if room < _LEAST_FIELD_UNITS or (len(shown) == FIELDS - 1 and not is_last):
            shown.append(RenderedField(ELLIPSIS, f"+{len(fields) - place}", inline=False))
            return tuple(shown), True
        name = clean(field.label, min(FIELD_NAME_UNITS, room // 2)) or _EMPTY
        value, value_is_cut = _markdown(field.lines, min(FIELD_VALUE_UNITS, room - utf16_len(name)))
        value = value if value.strip() else _EMPTY
        shown.append(RenderedField(name, value, field.inline))
        left -= utf16_len(name) + utf16_len(value)
        is_cut = is_cut or value_is_cut
    return tuple(shown), is_cut


def _markdown(lines: tuple[Line, ...], limit: int) -> tuple[str, bool]:
    """Return lines as markdown of at most `limit` units, and whether something was left out."""
    pieces = [_pieces(line) for line in lines]
    whole = ["".join(piece.markdown for piece in line) for line in pieces]
    text = "\n".join(whole)
    if utf16_len(text) <= limit:
        return text, False
    shown: list[str] = []
    room = limit
    for line, markdown in zip(pieces, whole, strict=True):
        if utf16_len(markdown) + len("\n" + ELLIPSIS) > room:
            shown.append(_cut_line(line, room))
            break
        shown.append(markdown)
        room -= utf16_len(markdown) + len("\n")
    return "\n".join(shown), True


@dataclass(frozen=True, slots=True)
class _Piece:
    """Hold cleaned text between the markup of ours that opens and closes it."""

    opening: str
    text: str
    closing: str

    @property
    def markdown(self) -> str:
        return self.opening + self.text + self.closing


def _pieces(line: Line) -> list[_Piece]:
    pieces: list[_Piece] = []
    space = ""
    for span in _merged(line):
        # Within code Discord shows the backslash that escapes a sign.
        text = inert(span.text).replace("`", "'") if span.style is Style.CODE else clean(span.text)
        named = _named(span)
        if named is not None:
            pieces.append(_Piece(space + named, "", ""))
            space = ""
            continue
        if not text:
            space = space or (" " if span.text and pieces else "")
            continue
        if pieces and span.text[0].isspace():
            space = " "
        opening, closing = _markup(span, text)
        pieces.append(_Piece(space + opening, text, closing))
        space = " " if span.text[-1].isspace() else ""
    if pieces and line[0].style is Style.QUOTE:
        pieces[0] = dataclasses.replace(pieces[0], opening=_QUOTATION + pieces[0].opening)
    return pieces


def _named(span: Span) -> str | None:
    """Return the form that Discord shows as the name of a channel or a member."""
    if span.channel_id is not None:
        return f"<#{span.channel_id}>"
    return f"<@{span.user_id}>" if span.user_id is not None else None


def _markup(span: Span, text: str) -> tuple[str, str]:
    delimiter = _DELIMITERS[span.style]
    url = safe_url(span.url)
    if url is None:
        return delimiter, delimiter
    site = site_of(url)
    shown_host = "" if text in {site, host_of(url)} or _MESSAGE.fullmatch(url) else f" ({site})"
    return f"{delimiter}[", f"]({url}){delimiter}{shown_host}"


def _merged(line: Line) -> list[Span]:
    """Return the spans with neighbours of the same look joined, so that no markup can arise where two meet."""
    merged: list[Span] = []
    for span in line:
        last = merged[-1] if merged else None
        if last and _look(last) is not None and _look(last) == _look(span):
            merged[-1] = Span(last.text + span.text, last.style)
        else:
            merged.append(span)
    return merged


def _look(span: Span) -> str | None:
    """Return what tells a span's markdown apart from its neighbour's, None for one that stays by itself."""
    return None if span.url or _named(span) is not None else _DELIMITERS[span.style]


def _cut_line(pieces: list[_Piece], limit: int) -> str:
    """Return as much of a line as `limit` units hold with the ellipsis that ends it."""
    shown = ""
    for piece in pieces:
        room = limit - utf16_len(shown) - len(ELLIPSIS)
        if utf16_len(piece.markdown) <= room:
            shown += piece.markdown
            continue
        kept = cut(piece.text, room - len(piece.opening) - len(piece.closing)).removesuffix(ELLIPSIS).rstrip()
        if kept:
            return f"{shown}{piece.opening}{kept}{ELLIPSIS}{piece.closing}"
        break
    return shown.rstrip() + ELLIPSIS
