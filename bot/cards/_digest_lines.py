"""The entries of a digest, each a line or two that stay together: hits, deadlines, facts, tips without an owner."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from bot.cards.card import Line, Span, Style
from bot.cards.lines import PLACE, Room, around, capital, member, without_year
from bot.locales import Texts
from bot.markup import clean, plain, safe_url, site_of
from bot.models import (
    DigestDeadline,
    DigestFact,
    DigestHit,
    DigestNews,
    DigestTip,
    FactChange,
    FactChangeKind,
    FactStatus,
    Held,
    NoticeKind,
    Tier,
    TipStatus,
)

LEAST: Final = Room(text=24, quote=0, remark=0, lines=1, names=0, entries=3)
ROOMS: Final = (
    Room(text=120, quote=80, remark=150, lines=2, names=5, entries=24),
    Room(text=80, quote=40, remark=60, lines=2, names=3, entries=16),
    Room(text=60, quote=0, remark=0, lines=2, names=1, entries=12),
    LEAST,
)
"""How much a digest shows: `text` of titles, claims and names, `quote` of buyers and words that matched (0: none),
`remark` of reasons (0: none), `lines` of an entry (1: no links either), `names` of items, `entries` of sources."""

LABEL_UNITS: Final = 60
_URL_UNITS: Final = 300
_BULLET = "• "
_BETWEEN = " · "
_PREFIXED = {NoticeKind.CHANGE, NoticeKind.AWARD, NoticeKind.CANCELLATION}
_STANDING = {FactChangeKind.VERIFIED, FactChangeKind.DISPUTED, FactChangeKind.RETRACTED}

Thing = DigestHit | DigestDeadline | DigestFact | DigestTip


@dataclass(frozen=True, slots=True)
class Entry:
    """Hold what a digest tells of one thing, under the heading that it shares with its neighbours of one section.

    Below the heading stands a `note` that holds for all of them.
    """

    section: Hashable
    heading: str
    lines: tuple[Line, ...]
    thing: Thing
    note: tuple[Line, ...] = ()


def entries(texts: Texts, news: DigestNews, labels: Mapping[str, str], room: Room) -> Iterator[Entry]:
    """Yield the entries of a digest in the order in which they are read."""
    stormed = _of_one_storm(news.hits)
    for hit in news.hits:
        is_noted = hit.item_id in stormed
        told = () if is_noted else _where_told(texts, hit, room)
        note = (between(_where_told(texts, hit, room, is_for_all=True)),) if is_noted else ()
        source = _unsaid(source_label(labels, hit.source), hit.url)
        lines = hit_lines(texts, hit, source, news.made_at, room, told)
        yield Entry(hit.item_id, item_heading(texts, hit, room), lines, hit, note)
    for deadline in news.deadlines:
        source = _unsaid(source_label(labels, deadline.source), deadline.url)
        lines = tuple(_deadline(texts, deadline, source, news.made_at, room))
        yield Entry("deadlines", texts("card-digest-deadlines-title"), lines, deadline)
    for fact in news.facts:
        yield Entry("facts", texts("card-digest-facts-title"), tuple(_fact(texts, fact, room)), fact)
    for tip in news.tips:
        lines = (_tip(texts, tip, news.made_at, room),)
        yield Entry("tips", texts("card-digest-tips-title"), lines, tip)


def _of_one_storm(hits: Iterable[DigestHit]) -> set[int]:
    """Return the items of which a digest tells several hits that all came with one storm."""
    told: dict[int, list[str | None]] = {}
    for hit in hits:
        told.setdefault(hit.item_id, []).append(hit.message_url if hit.held is Held.STORM else None)
    return {item for item, urls in told.items() if len(urls) > 1 and urls[0] is not None and len({*urls}) == 1}


def item_heading(texts: Texts, hit: DigestHit, room: Room) -> str:
    """Return the name of the watch item that a hit is of, with its kind and, where there is room, its reference."""
    item = plain(hit.item, room.text)
    kind = texts.word("item-kind", hit.item_kind)
    ref = plain(hit.item_ref or "", min(LABEL_UNITS, room.quote))
    if ref:
        return texts("card-digest-item-ref", item=item, kind=kind, ref=ref)
    return texts("card-digest-item", item=item, kind=kind)


def hit_lines(
    texts: Texts, hit: DigestHit, first: str, now: datetime | None, room: Room, told: Iterable[Span] = ()
) -> tuple[Line, ...]:
    """Return the title of a notice with its link, and below it from `first` to `told` what else there is to know.

    That is when it was published, by whom, why it hit, what is odd about it, and who has it. Dates of the year of `now`
    stand without it.
    """
    title = _title(texts, hit.title, hit.source_id, room)
    if hit.kind in _PREFIXED:
        is_corrigendum = hit.kind is NoticeKind.CHANGE and not hit.names_suppliers
        title = texts.word("card-prefix", "corrigendum" if is_corrigendum else hit.kind, title=title)
    details = [*_quiet(first), *_hit_details(texts, hit, title, now, room), *told]
    head, *below = _entry(_titled(title, hit.url, room), details, room)
    if hit.taken_by is None or not below:
        return (head, *below)
    taken = around(texts("card-digest-taken", member=PLACE), member(hit.taken_by), Style.QUIET)
    return head, (*below[0], Span(_BETWEEN, Style.QUIET), *taken)


def day_near(texts: Texts, moment: date | datetime, now: datetime | None) -> str:
    """Return a day with its weekday, and its year where that is another than now: `vendredi 20 novembre`."""
    return without_year(texts, texts.day_long(moment), moment, now)


def when_near(texts: Texts, moment: date | datetime, now: datetime | None) -> str:
    """Return a moment as `vendredi 20 novembre à 08:30`, a date without time as its day."""
    day = day_near(texts, moment, now)
    if not isinstance(moment, datetime):
        return day
    return texts("card-digest-moment", day=day, time=hour(texts, moment))


def hour(texts: Texts, moment: datetime) -> str:
    """Return the time of the day of a moment in the newsroom's zone."""
    local = moment.astimezone(texts.zone)
    return texts("digest-hour", hour=f"{local:%H}", minute=f"{local:%M}")


def _hit_details(texts: Texts, hit: DigestHit, title: str, now: datetime | None, room: Room) -> Iterator[Span]:
    if hit.published is not None and hit.held is not Held.LATE:
        yield from _quiet(_date_near(texts, hit.published, now))
    buyer = plain(hit.buyer or "", room.quote)
    yield from _quiet(buyer)
    if room.remark:
        matched = plain(hit.matched, room.quote)
        if matched and matched.casefold() not in f"{title}\n{buyer}".casefold():
            yield from _quiet(texts("card-hit-snippet", snippet=matched))
        yield from _quiet(_why(texts, hit))
    yield from _hit_remarks(texts, hit, now, room)


def _why(texts: Texts, hit: DigestHit) -> str:
    tier, rule = texts.word("tier", hit.tier), texts.word("rule", hit.rule)
    return tier if rule.casefold() == tier.casefold() else texts("card-hit-reason", tier=tier, rule=rule)


def _hit_remarks(texts: Texts, hit: DigestHit, now: datetime | None, room: Room) -> Iterator[Span]:
    """Yield what is odd about a hit."""
    if hit.held is Held.WEAK and not (room.remark and hit.tier is Tier.WEAK):
        yield from _quiet(texts("card-digest-weak"))
    if hit.held is Held.LATE and hit.published is not None:
        yield from _quiet(texts("card-digest-late", day=_date_near(texts, hit.published, now)))
    elif hit.held is Held.LATE:
        yield from _quiet(texts("card-digest-late-undated"))
    if hit.held is Held.DISMISSED:
        yield from _quiet(texts("card-digest-dismissed"))
    if hit.is_change:
        yield from _quiet(texts("card-digest-changed"))


def _where_told(texts: Texts, hit: DigestHit, room: Room, *, is_for_all: bool = False) -> Iterator[Span]:
    """Yield whether a hit was one of a storm, with all of its item perhaps, and where it was announced."""
    if hit.held is Held.STORM:
        yield from _quiet(texts("card-digest-storm-all" if is_for_all else "card-digest-storm"))
    if hit.message_url:
        yield _linked(texts("card-digest-announcement"), hit.message_url, room)
    elif hit.held is None:
        yield from _quiet(texts("card-digest-announced"))


def _deadline(texts: Texts, deadline: DigestDeadline, source: str, now: datetime, room: Room) -> Iterator[Line]:
    days = texts.days_left(deadline.deadline, now)
    when = texts("card-digest-deadline", when=capital(when_near(texts, deadline.deadline, now)), days=days)
    title = _title(texts, deadline.title, deadline.source_id, room)
    details = [*_quiet(plain(deadline.buyer or "", room.quote)), *_quiet(source)]
    names = [plain(name, LABEL_UNITS) for name in deadline.items[: room.names]]
    left = len(deadline.items) - len(names)
    if names:
        listed = texts.list_of([*names, texts.plural("and-others", left)] if left else names)
        details += _quiet(texts("card-digest-for", items=listed))
    head = Span(texts("card-label", label=when))
    yield from _entry((head, *_titled(title, deadline.url, room)), details, room)


def _fact(texts: Texts, fact: DigestFact, room: Room) -> Iterator[Line]:
    if fact.claim is None:
        yield _begun((Span(texts("card-digest-fact-hidden", id=fact.fact_id)),))
        return
    is_retracted = fact.is_withdrawn
    number = Span(texts("card-label", label=texts("card-digest-fact", id=fact.fact_id)))
    claim = Span(plain(fact.claim, room.text), Style.STRUCK if is_retracted else Style.PLAIN)
    if room.lines == 1:
        yield (*_begun((number,)), claim, Span(f" ({texts.word('fact-status', fact.status)})", Style.QUIET))
        return
    details = list(_happened(texts, fact, room))
    if is_retracted:
        details.append(Span(texts("card-digest-do-not-use"), Style.STRONG))
    if fact.message_url:
        details.append(_linked(texts("card-digest-sheet"), fact.message_url, room))
    yield from _entry((number, claim), details, room)


def _happened(texts: Texts, fact: DigestFact, room: Room) -> Iterator[Span]:
    """Yield what was done with a fact, each kind once with its last reason, and how it stands where that is not it."""
    changes = sorted(fact.changes, key=lambda change: change.number)
    last = {change.kind: change for change in changes}
    if fact.status is FactStatus.LOGGED and set(last) == {FactChangeKind.LOGGED}:
        yield from _quiet(texts("card-digest-new-unverified"))
        return
    for kind, change in sorted(last.items(), key=lambda one: one[1].number):
        times = sum(one.kind is kind for one in changes)
        words = _change(texts, change, times, room)
        yield Span(words, Style.STRONG if kind is FactChangeKind.CORRECTED else Style.QUIET)
    newest = max((last[kind] for kind in _STANDING & last.keys()), key=lambda one: one.number, default=None)
    is_told = newest is not None and newest.kind.value == fact.status.value
    if not is_told:
        yield from _quiet(texts("card-digest-status", status=texts.word("fact-status", fact.status)))


def _change(texts: Texts, change: FactChange, times: int, room: Room) -> str:
    if change.kind is FactChangeKind.LOGGED:
        return texts("card-digest-new")
    words = texts.word("fact-change", change.kind)
    if times > 1:
        words = texts("card-digest-times", change=words, times=times)
    reason = plain(change.text or "", room.remark)
    return texts("card-digest-reason", change=words, reason=reason) if reason else words


def _tip(texts: Texts, tip: DigestTip, now: datetime, room: Room) -> Line:
    if tip.text is None:
        return _begun((Span(texts("card-digest-tip-hidden", id=tip.tip_id)),))
    day = _date_near(texts, tip.logged_at, now)
    number = texts("card-digest-tip", id=tip.tip_id)
    head = number if room.lines == 1 else texts("card-digest-tip-since", tip=number, day=day)
    line = [Span(texts("card-label", label=head)), Span(plain(tip.text, room.text))]
    if room.lines == 1:
        return _begun(line)
    details = [] if tip.status is TipStatus.NEW else [*_quiet(texts.word("tip-status", tip.status))]
    if tip.message_url:
        details.append(_linked(texts("card-digest-sheet"), tip.message_url, room))
    return _begun((*line, *(span for detail in details for span in (Span(_BETWEEN, Style.QUIET), detail))))


def _entry(head: Iterable[Span], details: Iterable[Span], room: Room) -> tuple[Line, ...]:
    """Return the lines of an entry: what it is, and below it what else there is to know, where there is room."""
    below = between(details) if room.lines > 1 else ()
    return (_begun(head), below) if below else (_begun(head),)


def between(spans: Iterable[Span]) -> Line:
    """Return spans as one line with points between them."""
    line: list[Span] = []
    for span in spans:
        line += [Span(_BETWEEN, Style.QUIET), span] if line else [span]
    return tuple(line)


def _begun(line: Iterable[Span]) -> Line:
    return (Span(_BULLET), *line)


def _titled(title: str, url: str | None, room: Room) -> Line:
    """Return the title of a notice as the link to it, followed by one where the title cannot be one.

    Within a link Discord shows the backslash that escapes a sign, and a bracket ends it (discord-api-docs, issue 6185).
    """
    link = _linked(title, url, room)
    if link.url is None or clean(title) == title:
        return (link,)
    return Span(title), Span(_BETWEEN, Style.QUIET), Span(site_of(link.url), url=link.url)


def _linked(words: str, url: str | None, room: Room) -> Span:
    """Return words with their link, without one that is not safe or so long that the rest would have no room."""
    return Span(words, url=safe_url(url, _URL_UNITS) if room.lines > 1 else None)


def _quiet(text: str) -> Iterator[Span]:
    """Yield a text, nothing where there is none."""
    if text:
        yield Span(text, Style.QUIET)


def _title(texts: Texts, title: str, source_id: str, room: Room) -> str:
    return plain(title, room.text) or texts("card-untitled", id=plain(source_id, room.text))


def source_label(labels: Mapping[str, str], source: str) -> str:
    """Return the name by which people know a source; the member of a family is known by its own."""
    return plain(labels.get(source, source.rpartition(":")[2]), LABEL_UNITS)


def _unsaid(source: str, url: str | None) -> str:
    """Return the name of a source, empty where the site that stands behind the link to its notice says it."""
    safe = safe_url(url, _URL_UNITS)
    return "" if safe is not None and source.casefold() in site_of(safe).split(".") else source


def _date_near(texts: Texts, moment: date | datetime, now: datetime | None) -> str:
    return without_year(texts, texts.date(moment), moment, now)
