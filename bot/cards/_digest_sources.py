"""The last line of a digest: how the sources are that it rests on, those first that are not to be trusted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from bot.cards._digest_lines import between, day_near, hour, source_label, when_near
from bot.cards.card import Line, Span, Style
from bot.cards.lines import Room
from bot.locales import Texts
from bot.models import DigestNews, SourceNews, SourceTrouble


def source_lines(texts: Texts, news: DigestNews, labels: Mapping[str, str], room: Room) -> Iterator[Line]:
    """Yield a heading, a line for each source in trouble, and one for all the others; nothing without sources.

    Of each when it was read and how many notices it brought. Sources beyond the room's `entries` are counted.
    """
    if not news.sources:
        return
    yield (Span(texts("card-digest-sources-title"), Style.STRONG),)
    ordered = sorted(news.sources, key=lambda source: source.trouble is None)
    shown = ordered[: room.entries]
    for source in shown:
        if source.trouble is not None:
            yield (Span(_trouble(texts, source, labels, news.made_at)),)
    well = [Span(_well(texts, one, labels, news.made_at), Style.QUIET) for one in shown if one.trouble is None]
    if well:
        yield between(well)
    if len(shown) < len(ordered):
        yield (Span(texts.plural("card-digest-sources-left", len(ordered) - len(shown)), Style.QUIET),)


def _trouble(texts: Texts, source: SourceNews, labels: Mapping[str, str], now: datetime) -> str:
    parts = [
        texts(
            "card-digest-source-trouble", source=source_label(labels, source.source), trouble=_words(texts, source, now)
        )
    ]
    if source.trouble in {SourceTrouble.SILENT, SourceTrouble.DEGRADED} and source.read_at is not None:
        parts.append(_read(texts, source.read_at, now))
    if source.notices:
        parts.append(texts.plural("card-digest-notices", source.notices))
    return " · ".join(parts)


def _words(texts: Texts, source: SourceNews, now: datetime) -> str:
    since = when_near(texts, source.since, now) if source.since is not None else None
    if source.trouble is SourceTrouble.WAITING:
        return texts("card-digest-source-waiting")
    if source.trouble is SourceTrouble.FAILING:
        return texts("card-digest-source-failing-since", since=since) if since else texts("card-digest-source-failing")
    if source.trouble is SourceTrouble.DEGRADED:
        degraded = texts("card-digest-source-degraded")
        return texts("card-digest-source-degraded-since", since=since) if since else degraded
    return texts("card-digest-source-silent-since", since=since) if since else texts("card-digest-source-silent")


def _well(texts: Texts, source: SourceNews, labels: Mapping[str, str], now: datetime) -> str:
    notices = texts.plural("card-digest-notices", source.notices) if source.notices else texts("card-digest-no-notices")
    read = _read(texts, source.read_at, now) if source.read_at is not None else texts("card-digest-unread")
    return texts("card-digest-source", source=source_label(labels, source.source), notices=notices, read=read)


def _read(texts: Texts, moment: datetime, now: datetime) -> str:
    if texts.day(moment) == texts.day(now):
        return texts("card-digest-read-today", time=hour(texts, moment))
    return texts("card-digest-read", day=day_near(texts, moment, now), time=hour(texts, moment))
