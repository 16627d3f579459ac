"""The further notices that the message of a notice tells of: its twins in other sources, and what accompanies it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from bot.cards._lobby import FieldChange, Told, in_order, news_of
from bot.cards.card import Field, Line, Span, Style
from bot.cards.embed import FIELD_VALUE_UNITS, markdown_units
from bot.locales import Texts
from bot.markup import clean, plain, safe_url, site_of
from bot.models import Notice

SHOWN_COMPANIONS: Final = 5
_LABEL_UNITS: Final = 80
_TITLE_UNITS: Final = 120
_URL_UNITS: Final = 300
_BETWEEN: Final = " · "


@dataclass(frozen=True, slots=True)
class TwinNotice:
    """Hold the same notice as another source published it: how people call the source, the id there and the link."""

    source_label: str
    id: str
    url: str | None


@dataclass(frozen=True, slots=True)
class CompanionNotice:
    """Hold an entry of a register that accompanies another one; `notice` where there is room to tell what it says.

    `changes` are what changed of it, None where it was not there before.
    """

    id: str
    title: str
    url: str | None
    notice: Notice | None = None
    changes: tuple[FieldChange, ...] | None = None


def register_news(
    texts: Texts,
    notice: Notice,
    changes: Sequence[FieldChange],
    companions: Sequence[CompanionNotice],
    *,
    is_new: bool,
    named: Collection[str] = (),
) -> tuple[list[Told], list[CompanionNotice]]:
    """Return the sentences on an entry of a register and on what accompanies it, and the companions that have none.

    `named` are the words in which officials that the newsroom watches stand in the entry.
    """
    found_own = news_of(texts, notice, changes, is_new=is_new, named=named)
    told = [Told(news, notice.url) for news in found_own]
    left = []
    for one in companions:
        found = []
        if one.notice is not None:
            found = news_of(texts, one.notice, one.changes or (), is_new=one.changes is None)
        told += [Told(news, one.url) for news in found]
        if not found:
            left.append(one)
    return in_order(texts, told), left


def twin_lines(texts: Texts, twins: Sequence[TwinNotice]) -> Iterator[Line]:
    """Yield a line for each twin: the name of its source, which leads there, and its id."""
    for twin in twins:
        label = Span(texts("card-label", label=texts("card-twin")), Style.STRONG)
        number = Span(f"{_BETWEEN}{texts('card-twin-id', id=plain(twin.id, _LABEL_UNITS))}", Style.QUIET)
        yield (label, *_leading(plain(twin.source_label, _LABEL_UNITS), twin.url), number)


def companion_fields(texts: Texts, companions: Sequence[CompanionNotice], page: str | None) -> Iterator[Field]:
    """Yield a field that counts the companions and names the first ones, as links where there is room for them.

    `page` is where the card's own title leads: what stands there too needs no link.
    """
    if not companions:
        return
    label = texts.plural("card-companions", len(companions))
    companions = [replace(one, url=None) if one.url == page else one for one in companions]
    for most, has_links in ((SHOWN_COMPANIONS, True), (SHOWN_COMPANIONS, False), (1, False)):
        lines = tuple(_lines(texts, companions, most, has_links=has_links))
        if markdown_units(lines) <= FIELD_VALUE_UNITS:
            break
    yield Field(label, lines)


def entry_name(texts: Texts, beside: TwinNotice | CompanionNotice) -> str:
    """Return how a further notice is called: by its source and the id there, a companion by its title."""
    if isinstance(beside, TwinNotice):
        source = plain(beside.source_label, _LABEL_UNITS)
        return texts("card-twin-entry", source=source, id=plain(beside.id, _LABEL_UNITS))
    return plain(beside.title, _TITLE_UNITS) or texts("card-untitled", id=plain(beside.id, _LABEL_UNITS))


def _lines(texts: Texts, companions: Sequence[CompanionNotice], most: int, *, has_links: bool) -> Iterator[Line]:
    for companion in companions[:most]:
        yield (Span("• "), *_leading(entry_name(texts, companion), companion.url if has_links else None))
    left = len(companions) - most
    if left > 0:
        yield (Span(texts.plural("and-others", left), Style.QUIET),)


def _leading(words: str, url: str | None) -> Line:
    """Return words as a link, or followed by one where they cannot be one: see `bot.cards._digest_lines`."""
    safe = safe_url(url, _URL_UNITS)
    if safe is None or (words and clean(words) == words):
        return (Span(words, url=safe),)
    return Span(words), Span(_BETWEEN, Style.QUIET), Span(site_of(safe), url=safe)
