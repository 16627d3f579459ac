"""What changed of an entry of a register, as sentences that say what is and what was."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Final

from bot.cards._particulars import (
    ABSENT,
    CLOSED,
    COUNTS,
    MONEY,
    NO,
    VALUE_UNITS,
    YES,
    Particular,
    day_of,
    first_of,
    is_more,
    label_of_particular,
    listed,
    says,
    says_all,
    value_in_words,
    values_of,
)
from bot.locales import Texts
from bot.locales.elision import elides
from bot.markup import plain
from bot.models import Notice, NoticeKind


class Rank(IntEnum):
    """How strong a piece of news is, the strongest first."""

    STANDING = 0
    LOST = 1
    GAINED = 2
    OFFICE = 3
    LATE = 4
    MONEY = 5
    TOPIC = 6
    PEOPLE = 7
    ACTIVITY = 8
    FILED = 9
    OTHER = 10


class Headline(StrEnum):
    """What a title says of an organisation that is more than the sentence behind its name."""

    REGISTERED = "registered"
    LEFT = "left"
    BACK = "back"
    CLIENT_GAINED = "client-gained"
    CLIENTS_GAINED = "clients-gained"
    CLIENT_LOST = "client-lost"
    CLIENT_BACK = "client-back"
    CLIENT_CLOSED = "client-closed"


class ListOf(StrEnum):
    """The lists of a register of which sentences say what they gained and lost."""

    LEADER = "leader"
    LOBBYIST = "lobbyist"
    AFFILIATION = "affiliation"
    INTERMEDIARY = "intermediary"
    DOMAIN = "domain"
    TARGET = "target"
    CLIENT = "client"
    INTEREST = "interest"
    PROPOSAL = "proposal"
    ISSUE = "issue"


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """Hold one sentence of a register: what is, what was, how strong it is, and whom or which year it is about.

    `headline` says it in a title, where that is not the sentence itself; `name` is the client that it names.
    """

    rank: Rank
    told: str
    before: str
    about: str = ""
    headline: Headline | None = None
    name: str = ""


_RANKS: Final = {
    **dict.fromkeys((ListOf.LEADER, ListOf.LOBBYIST), Rank.PEOPLE),
    **dict.fromkeys((ListOf.DOMAIN, ListOf.TARGET, ListOf.INTEREST, ListOf.PROPOSAL, ListOf.ISSUE), Rank.TOPIC),
    ListOf.CLIENT: Rank.GAINED,
}


def changed(
    texts: Texts, notice: Notice, changes: Mapping[str, tuple[object, object]], *, is_renamed: bool = False
) -> Iterator[News]:
    """Yield what changed of the particulars of a notice: by code what each was and is, each told once.

    `is_renamed` says that the card tells of the organisation's new name already. `removed` is a day, `yes`, or `absent`
    where the register just no longer holds it.
    """
    told_elsewhere = {Particular.NAME} if is_renamed else set()
    if Particular.DECLARED in changes:
        told_elsewhere.add(Particular.IDLE)
        if changes[Particular.DECLARED][1] == YES and changes.get(Particular.LATE, (None, None))[1] == NO:
            told_elsewhere.add(Particular.LATE)
    for code, (before, after) in changes.items():
        if code == Particular.DECLARED:
            was_late = changes.get(Particular.LATE, (None, None))[0] == YES
            yield declaration(texts, notice, before, after, was_late=was_late)
        elif code not in told_elsewhere:
            yield from _one(texts, notice, code, before, after)


def _one(texts: Texts, notice: Notice, code: str, before: object, after: object) -> Iterator[News]:
    if code == Particular.MANDATE_ENDED:
        yield mandate(texts, notice, first_of(before), first_of(after))
    elif code == Particular.REMOVED:
        yield _removal(texts, notice, first_of(before), first_of(after))
    elif code in {Particular.LATE, Particular.IDLE} and before is not None and after is not None:
        yield turned(texts, notice, code, before, after)
    elif code in set(ListOf):
        yield from moved(texts, notice, ListOf(code), values_of(before), values_of(after))
    elif isinstance(before, list) or isinstance(after, list):
        was, is_ = (listed(texts, code, values_of(value)) for value in (before, after))
        yield _became(texts, notice, code, was, is_)
    elif code in MONEY | COUNTS and before is not None and after is not None:
        yield sum_moved(texts, notice, code, str(before), str(after))
    else:
        yield _became(texts, notice, code, *(value_in_words(texts, code, value) for value in (before, after)))


def _became(texts: Texts, notice: Notice, code: str, before: str, after: str) -> News:
    """Return that a text became another one."""
    what = label_of_particular(texts, notice, code)
    rank = Rank.MONEY if code in MONEY else Rank.OTHER
    return News(rank=rank, told=texts("lobby-is", what=what, after=after), before=before, about=about(notice))


def sum_moved(texts: Texts, notice: Notice, code: str, before: str, after: str, year_before: str | None = None) -> News:
    """Return that a sum, a bracket or a number rose or fell; `year_before` is the year of what it was."""
    what = label_of_particular(texts, notice, code)
    shown = value_in_words(texts, code, after)
    more = is_more(before, after)
    if more is None:
        told = texts("lobby-is", what=what, after=shown)
    else:
        told = texts("lobby-up" if more else "lobby-down", what=what, after=shown)
    was = value_in_words(texts, code, before)
    if year_before:
        was = texts("lobby-in-year", value=was, year=year_before)
    rank = Rank.MONEY if code in MONEY else Rank.OTHER
    return News(rank=rank, told=told, before=was, about=about(notice))


def moved(texts: Texts, notice: Notice, code: ListOf, before: Sequence[str], after: Sequence[str]) -> Iterator[News]:
    """Yield what a list gained and what it lost; of people also what the register says that they do, or did."""
    gained, lost = (list(Counter(one) - Counter(other)) for one, other in ((after, before), (before, after)))
    rank = _RANKS.get(code, Rank.OTHER)
    if code is ListOf.LOBBYIST:
        offices = {name: office for name in gained if (office := behind(notice, Particular.OFFICE, name))}
        for name, office in offices.items():
            yield office_held(texts, notice, name, office, is_new=True)
        gained = [name for name in gained if name not in offices]
    if gained:
        shown = [_person(texts, notice, name) if rank is Rank.PEOPLE else name for name in gained]
        what = listed(texts, code, shown)
        told = texts.word("lobby-gained", code, n=len(gained), what=what)
        yield News(rank=rank, told=told, before=texts.plural("lobby-was-not", len(gained)), about=about(notice))
    if lost:
        told = texts.word("lobby-lost", code, n=len(lost), what=listed(texts, code, lost))
        yield News(rank=rank, told=told, before=texts.plural("lobby-was", len(lost)), about=about(notice))


def office_held(texts: Texts, notice: Notice, name: str, office: str, *, is_new: bool) -> News:
    """Return that somebody who held public office lobbies: the office, the firm, the client, and since when."""
    firm, client = firm_of(notice), client_of(notice)
    who, what = plain(name, VALUE_UNITS), plain(office, VALUE_UNITS)
    told = texts("lobby-office-own", person=who, office=what, firm=firm)
    if client and client != firm:
        told = texts("lobby-office-of", person=who, office=what, firm=firm, client=client)
    if notice.published is not None and says(notice, Particular.FILING) is not None:
        told = texts("lobby-since-filing", told=told, day=texts.date(notice.published))
    before = texts.plural("lobby-was-not", 1) if is_new else ""
    return News(rank=Rank.OFFICE, told=told, before=before, about=about(notice))


def declaration(texts: Texts, notice: Notice, before: object, after: object, *, was_late: bool) -> News:
    """Return that a year's declaration was filed, and whether it says that there was nothing to declare."""
    what = label_of_particular(texts, notice, Particular.DECLARED)
    if after != YES:
        told = texts("lobby-became", what=what, after=value_in_words(texts, Particular.DECLARED, NO))
        was = value_in_words(texts, Particular.DECLARED, before)
        return News(rank=Rank.FILED, told=told, before=was, about=about(notice))
    was = value_in_words(texts, Particular.LATE, YES) if was_late else value_in_words(texts, Particular.DECLARED, NO)
    if says(notice, Particular.IDLE) == YES:
        told = texts("particular-declared-idle", what=what)
    else:
        told = texts("lobby-became", what=what, after=value_in_words(texts, Particular.DECLARED, YES))
    return News(rank=Rank.FILED, told=told, before=was, about=about(notice))


def turned(texts: Texts, notice: Notice, code: str, before: object, after: object) -> News:
    """Return whether a year's declaration is late now, or tells of no activity now."""
    what = label_of_particular(texts, notice, code)
    was, is_ = (value_in_words(texts, code, value) for value in (before, after))
    if code == Particular.IDLE:
        return News(rank=Rank.FILED, told=texts("lobby-is", what=what, after=is_), before=was, about=about(notice))
    if after == NO:
        told, was = texts("particular-late-no-more", what=what), texts("particular-reported-late")
        return News(rank=Rank.FILED, told=told, before=was, about=about(notice))
    told = texts("lobby-became", what=what, after=is_)
    return News(rank=Rank.LATE, told=told, before=was, about=about(notice))


def mandate(texts: Texts, notice: Notice, before: str | None, after: str | None) -> News:
    """Return that a mandate ended, on another day than it was said, or runs again."""
    client = client_of(notice) or plain(notice.title, VALUE_UNITS)
    of = texts("particular-of-vowel", name=client) if elides(client) else texts("particular-of", name=client)
    was, is_ = (texts.date(day) if (day := day_of(value)) else None for value in (before, after))
    running = texts("particular-running")
    ended = texts("particular-ended-on", day=was) if was else texts("particular-ended")
    group = about(notice)
    if after is None and says(notice, Particular.MANDATE) == CLOSED:
        told, was_ended = texts("particular-client-closed", name=client), texts("particular-mandate-was-ended")
        return News(rank=Rank.OTHER, told=told, before=was_ended, about=group, name=client)
    if after is None:
        told = texts("particular-mandate-renewed", of=of)
        return News(rank=Rank.GAINED, told=told, before=ended, headline=Headline.CLIENT_BACK, about=group, name=client)
    told = texts("particular-mandate-ended-undated", of=of)
    if is_ is not None:
        told = texts("particular-mandate-ended", of=of, day=is_)
    if before is not None:
        return News(rank=Rank.OTHER, told=told, before=ended, about=group, name=client)
    return News(rank=Rank.LOST, told=told, before=running, headline=Headline.CLIENT_LOST, about=group, name=client)


def _removal(texts: Texts, notice: Notice, before: str | None, after: str | None) -> News:
    """Return that an entry is no longer in the register or is there again, with what the entry is as the subject."""
    is_back = after is None
    if after != ABSENT and (before, after) != (ABSENT, None):
        headline = Headline.BACK if is_back else Headline.LEFT
        told = texts("particular-registered-again")
        if not is_back:
            is_now = _standing(texts, after, says(notice, Particular.REMOVED_REASON))
            told = texts("particular-organisation", after=is_now)
        was = _standing(texts, before)
        return News(rank=Rank.STANDING, told=told, before=was, about=about(notice), headline=headline)
    where, name = texts("particular-in-register"), client_of(notice)
    codes = {code for code, _ in notice.particulars}
    rank, fact = Rank.OTHER, None
    if notice.kind is NoticeKind.REGISTRATION:
        subject = plain(next(iter(notice.suppliers), notice.title), VALUE_UNITS)
        rank, fact = Rank.STANDING, Headline.BACK if is_back else Headline.LEFT
    elif Particular.SUBJECT in codes:
        subject = texts("particular-this-sheet")
    elif Particular.DECLARED in codes:
        subject = texts("particular-this-declaration")
    elif name:
        subject, was_former = name, Particular.MANDATE_ENDED in codes
        where = texts("particular-among-former-clients") if was_former else texts("particular-among-clients")
        if not was_former:
            rank = Rank.GAINED if is_back else Rank.LOST
            fact = Headline.CLIENT_BACK if is_back else Headline.CLIENT_LOST
    else:
        subject = texts("particular-this-entry")
    told, was = texts("particular-removed-unseen", subject=subject, where=where), texts.plural("lobby-was", 1)
    if is_back:
        told, was = texts("particular-restored", subject=subject, where=where), texts("particular-was-gone")
    return News(rank=rank, told=told, before=was, about=about(notice), headline=fact, name=name)


def _standing(texts: Texts, removed: str | None, reason: str | None = None) -> str:
    """Return how an organisation stands in the register, by what is told of its removal."""
    if removed is None:
        return texts("particular-standing")
    if removed == ABSENT:
        return texts("particular-standing-absent")
    left = texts("particular-standing-left")
    if (day := day_of(removed)) is not None:
        left = texts("particular-standing-left-on", day=texts.date(day))
    return texts("particular-standing-why", left=left, reason=plain(reason, VALUE_UNITS)) if reason else left


def firm_of(notice: Notice) -> str:
    """Return the organisation that an entry is of."""
    return plain(next(iter(notice.suppliers), ""), VALUE_UNITS)


def client_of(notice: Notice) -> str:
    """Return the client that an entry is about, "" where it is about none."""
    return plain(notice.buyer or "", VALUE_UNITS)


def about(notice: Notice) -> str:
    """Return what holds sentences together: a client, a year, else the organisation itself."""
    return client_of(notice) or says(notice, Particular.YEAR) or ""


def behind(notice: Notice, code: str, name: str) -> str:
    """Return what stands behind a person's name under a code, "" where nothing does."""
    start = f"{name}, "
    return next((value[len(start) :] for value in says_all(notice, code) if value.startswith(start)), "")


def _person(texts: Texts, notice: Notice, name: str) -> str:
    role = behind(notice, Particular.ROLE, name)
    return texts("lobby-person", name=plain(name, VALUE_UNITS), role=plain(role, VALUE_UNITS)) if role else name
