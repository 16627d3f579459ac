"""What a new entry of a lobby register brings: a client, a year, an activity, a filing, or the organisation itself."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from enum import StrEnum
from typing import Final

from bot.cards._lobby_changes import (
    Headline,
    ListOf,
    News,
    Rank,
    about,
    behind,
    client_of,
    declaration,
    firm_of,
    mandate,
    office_held,
    sum_moved,
    turned,
)
from bot.cards._particulars import (
    CLOSED,
    NO,
    VALUE_UNITS,
    YES,
    Particular,
    day_of,
    listed,
    says,
    says_all,
    value_in_words,
)
from bot.locales import Texts
from bot.markup import plain
from bot.models import Notice, NoticeKind

_SUMS: Final = (
    (Particular.SPEND, Particular.SPEND_BEFORE),
    (Particular.TURNOVER, Particular.TURNOVER_BEFORE),
    (Particular.EMPLOYEES, Particular.EMPLOYEES_BEFORE),
)
_FIRSTS: Final = ((Particular.FIRST_TARGET, ListOf.TARGET), (Particular.FIRST_DOMAIN, ListOf.DOMAIN))


class Filed(StrEnum):
    """What kind of filing a register of filings holds."""

    REGISTRATION = "registration"
    TERMINATION = "termination"
    REPORT = "report"


def is_lobby_entry(notice: Notice) -> bool:
    """Return whether a notice is an entry on an organisation that lobbies: other registers name no organisation."""
    return notice.kind in {NoticeKind.REGISTRATION, NoticeKind.REGISTER_CHANGE} and bool(notice.suppliers)


def is_filing(notice: Notice) -> bool:
    """Return whether a notice is a filing, of a register that keeps no entries."""
    return says(notice, Particular.FILING) is not None


def offices_of(texts: Texts, notice: Notice, named: Collection[str]) -> Iterator[News]:
    """Yield the public office that the lobbyists who are `named` held, as far as the entry says it."""
    for name in says_all(notice, Particular.LOBBYIST):
        if (office := behind(notice, Particular.OFFICE, name)) and _is_named(name, named):
            yield office_held(texts, notice, name, office, is_new=False)


def arrived(texts: Texts, notice: Notice) -> Iterator[News]:
    """Yield what an entry that was not there before brings."""
    codes = {code for code, _ in notice.particulars}
    if is_filing(notice):
        yield from _filing(texts, notice)
    elif notice.kind is NoticeKind.REGISTRATION:
        yield _registered(texts, notice)
        yield from _offices(texts, notice, says_all(notice, Particular.LOBBYIST))
    elif Particular.DECLARED in codes:
        yield from _year(texts, notice)
    elif Particular.SUBJECT in codes:
        yield from _sheet(texts, notice)
    elif notice.buyer:
        yield _client(texts, notice)


def _registered(texts: Texts, notice: Notice) -> News:
    told = texts("lobby-registered")
    if notice.published is not None:
        told = texts("lobby-registered-on", day=texts.date(notice.published))
    was_not = texts("lobby-not-registered")
    return News(rank=Rank.STANDING, told=told, before=was_not, headline=Headline.REGISTERED)


def _client(texts: Texts, notice: Notice) -> News:
    name = client_of(notice)
    ended = says(notice, Particular.MANDATE_ENDED)
    if ended is not None:
        day = day_of(ended)
        what = texts("lobby-client-until", name=name, day=texts.date(day)) if day else name
        told = texts("lobby-client-former", what=what)
        was = texts.plural("lobby-was-not", 1)
        return News(rank=Rank.OTHER, told=told, before=was, about=about(notice), name=name)
    if says(notice, Particular.MANDATE) == CLOSED:
        told, was = texts("particular-client-closed", name=name), texts.plural("lobby-was-not", 1)
        headline = Headline.CLIENT_CLOSED
        return News(rank=Rank.GAINED, told=told, before=was, about=about(notice), headline=headline, name=name)
    what = name
    if (since := day_of(says(notice, Particular.SINCE))) is not None:
        what = texts("lobby-client-since", name=name, day=texts.date(since))
    elif fees := says(notice, Particular.FEES):
        what = texts("lobby-client-fees", name=name, fees=value_in_words(texts, Particular.FEES, fees))
    told, was = texts.plural("lobby-clients-new", 1, what=what), texts.plural("lobby-was-no-client", 1)
    return News(
        rank=Rank.GAINED, told=told, before=was, about=about(notice), headline=Headline.CLIENT_GAINED, name=name
    )


def _year(texts: Texts, notice: Notice) -> Iterator[News]:
    """Yield whether a year is late or declared, and its sums with those of the year before."""
    if says(notice, Particular.LATE) == YES:
        yield turned(texts, notice, Particular.LATE, NO, YES)
    if says(notice, Particular.DECLARED) == YES:
        yield declaration(texts, notice, NO, YES, was_late=False)
    year = says(notice, Particular.YEAR_BEFORE)
    for code, before in _SUMS:
        now, was = says(notice, code), says(notice, before)
        if now and was and now != was:
            yield sum_moved(texts, notice, code, was, now, year)


def _sheet(texts: Texts, notice: Notice) -> Iterator[News]:
    """Yield an activity, and the topics and decision makers that no earlier sheet of the organisation names."""
    subject, client = plain(says(notice, Particular.SUBJECT) or notice.title, VALUE_UNITS), client_of(notice)
    told = texts("lobby-activity", subject=subject)
    if client:
        told = texts("lobby-activity-for", subject=subject, client=client)
    yield News(rank=Rank.ACTIVITY, told=told, before=texts("lobby-not-declared"), about=about(notice))
    for code, list_ in _FIRSTS:
        if firsts := says_all(notice, code):
            what = listed(texts, code, firsts)
            new = texts.word("lobby-gained", list_, n=len(firsts), what=what)
            yield News(
                rank=Rank.TOPIC, told=new, before=texts.plural("lobby-never-declared", len(firsts)), about=about(notice)
            )


def _offices(texts: Texts, notice: Notice, names: Collection[str]) -> Iterator[News]:
    """Yield who of new names held public office."""
    for name in names:
        if office := behind(notice, Particular.OFFICE, name):
            yield office_held(texts, notice, name, office, is_new=True)


def _filing(texts: Texts, notice: Notice) -> Iterator[News]:
    """Yield what a filing of one firm for one client says by itself, the public offices of its lobbyists included."""
    filed, client = says(notice, Particular.FILING), client_of(notice)
    if filed == Filed.REGISTRATION and client and client.casefold() != firm_of(notice).casefold():
        yield _client(texts, notice)
    elif filed == Filed.REGISTRATION:
        yield _registered(texts, notice)
    elif filed == Filed.TERMINATION and client:
        yield mandate(texts, notice, None, says(notice, Particular.MANDATE_ENDED) or YES)
    newcomers = {*says_all(notice, Particular.NEWCOMER)}
    is_all_new = filed == Filed.REGISTRATION
    lobbyists = says_all(notice, Particular.LOBBYIST)
    yield from _offices(texts, notice, [name for name in lobbyists if is_all_new or name in newcomers])
    if plainly := [name for name in newcomers if not behind(notice, Particular.OFFICE, name)]:
        told = texts.word(
            "lobby-gained", ListOf.LOBBYIST, n=len(plainly), what=listed(texts, "lobbyist", sorted(plainly))
        )
        was = texts.plural("lobby-was-not", len(plainly))
        yield News(rank=Rank.PEOPLE, told=told, before=was, about=about(notice))


def _is_named(name: str, named: Collection[str]) -> bool:
    """Return whether the words in which a watched official stands are those of a person's name, in either order."""
    words = {*name.casefold().split()}
    return any(words == {*other.casefold().split()} for other in named)
