"""The news of one organisation of a lobby register on one card: its title, and its sentences, the strongest first."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from bot.cards._lobby_changes import Headline, News, Rank, about, changed, client_of, firm_of
from bot.cards._lobby_entries import arrived, is_lobby_entry, offices_of
from bot.cards._particulars import PARTICULAR, Particular, listed
from bot.cards.card import Line, Span, Style
from bot.cards.embed import FIELD_VALUE_UNITS, markdown_units
from bot.locales import Texts
from bot.markup import cut, safe_url, site_of
from bot.models import Notice

SHOWN_NEWS: Final = 8
"""How many sentences a card has at most; the others are counted."""

RENAMED: Final = frozenset({"buyer", "suppliers"})
"""The fields of a notice of which a sentence says that they changed."""

_URL_UNITS: Final = 300
_BULLET: Final = "• "
_BETWEEN: Final = " · "


class FieldChange(Protocol):
    """Be a change of a field between two revisions of a notice."""

    @property
    def field(self) -> str:
        """Return its name, that of a particular behind `PARTICULAR`."""

    @property
    def before(self) -> Any:
        """Return what it was."""

    @property
    def after(self) -> Any:
        """Return what it is."""


@dataclass(frozen=True, slots=True)
class Told:
    """Hold a sentence with the page of the entry that it is of."""

    news: News
    url: str | None


def news_of(
    texts: Texts, notice: Notice, changes: Sequence[FieldChange], *, is_new: bool, named: Collection[str] = ()
) -> list[News]:
    """Return the sentences of one entry: what changed of its particulars, and what it brings where it `is_new`.

    Of those who held public office it tells where they are new, and where they are `named`. Nothing is told twice.
    """
    particulars = {
        change.field.removeprefix(PARTICULAR): (change.before, change.after)
        for change in changes
        if change.field.startswith(PARTICULAR)
    }
    is_renamed = any(change.field == "suppliers" for change in changes)
    found = [*changed(texts, notice, particulars, is_renamed=is_renamed)]
    if is_lobby_entry(notice):
        found += _renamed(texts, notice, changes)
    if is_new and is_lobby_entry(notice):
        found += arrived(texts, notice)
    if Particular.REMOVED not in particulars:  # who leaves with an organisation held the office before and after it
        found += offices_of(texts, notice, named)
    return list({news.told: news for news in reversed(found)}.values())[::-1]


def in_order(texts: Texts, told: Iterable[Told]) -> list[Told]:
    """Return sentences with those on one client or one year together, the strongest first, new clients as one."""
    together = _as_one(texts, list(told))
    strongest: dict[str, int] = {}
    for one in together:
        strongest[one.news.about] = min(one.news.rank, strongest.get(one.news.about, one.news.rank))
    return sorted(together, key=lambda one: (strongest[one.news.about], one.news.about, one.news.rank))


def lobby_title(texts: Texts, notice: Notice, strongest: News, units: int) -> str:
    """Return the title of a card: the register, the organisation, and the strongest of its news."""
    firm = firm_of(notice) or notice.title
    if strongest.headline is not None:
        what = texts.word("lobby-headline", strongest.headline, firm=firm, name=strongest.name)
    elif strongest.told.endswith(f": {firm}"):  # its new name, which is named once
        what = in_sentence(notice, strongest)
    else:
        what = texts("lobby-title-told", firm=firm, told=in_sentence(notice, strongest))
    return cut(texts("lobby-title", what=what), units)


def in_sentence(notice: Notice, news: News) -> str:
    """Return a sentence as it stands behind other words: a name that it begins with keeps its capital."""
    names = tuple(name for name in (firm_of(notice) or notice.title, client_of(notice), news.name) if name)
    first = news.told[:1] if news.told.startswith(names) else news.told[:1].lower()
    return f"{first}{news.told[1:]}"


def lobby_lines(texts: Texts, told: Sequence[Told], page: str | None) -> tuple[Line, ...]:
    """Return sentences as lines, as many as fit, and how many more there are; `page` is where the title leads."""
    lines: tuple[Line, ...] = ()
    for most in range(min(SHOWN_NEWS, len(told)), 0, -1):
        shown = [_line(texts, one, page, is_alone=len(told) == 1) for one in told[:most]]
        left = len(told) - most
        lines = (*shown, *([(Span(texts.plural("lobby-more", left), Style.QUIET),)] if left else ()))
        if markdown_units(lines) <= FIELD_VALUE_UNITS:
            break
    return lines


def _line(texts: Texts, one: Told, page: str | None, *, is_alone: bool) -> Line:
    news = one.news
    sentence = texts("lobby-sentence", told=news.told, before=news.before) if news.before else news.told
    spans = [Span(sentence if is_alone else f"{_BULLET}{sentence}")]
    if one.url != page and (url := safe_url(one.url, _URL_UNITS)) is not None:
        spans += [Span(_BETWEEN, Style.QUIET), Span(site_of(url), url=url)]
    return tuple(spans)


def _renamed(texts: Texts, notice: Notice, changes: Sequence[FieldChange]) -> Iterator[News]:
    """Yield that an organisation, or a client, has another name."""
    for change in changes:
        if change.field in RENAMED:
            was, is_ = (listed(texts, change.field, _names(value)) for value in (change.before, change.after))
            told = texts("lobby-renamed-client", name=is_)
            if change.field == "suppliers":
                told = texts("lobby-renamed", name=is_)
            yield News(rank=Rank.OTHER, told=told, before=was, about=about(notice))


def _names(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else [str(value or "")]


def _as_one(texts: Texts, told: Sequence[Told]) -> list[Told]:
    """Return sentences with several new clients as one, in the place of the first."""
    new = [one for one in told if one.news.headline is Headline.CLIENT_GAINED]
    if len(new) <= 1:
        return list(told)
    first, names = new[0].news, [one.news.name for one in new]
    gained = News(
        rank=first.rank,
        told=texts.plural("lobby-clients-new", len(new), what=listed(texts, "client", names)),
        before=texts.plural("lobby-was-no-client", len(new)),
        headline=Headline.CLIENTS_GAINED,
        name=texts.plural("lobby-clients", len(new)),
    )
    return [Told(gained, None) if one is new[0] else one for one in told if one is new[0] or one not in new]
