"""What happened since a digest was made last, read from one state of the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, tzinfo
from typing import Final

from bot.composing import texts_of
from bot.digest.head import head_of
from bot.locales import Texts
from bot.models import (
    Digest,
    DigestDeadline,
    DigestNews,
    QuietDays,
    Slot,
    SourceNews,
    SourceState,
    SourceTrouble,
    Watermark,
)
from bot.pipeline.health import Health, HealthEvent, health_of
from bot.storage import newsrooms
from bot.storage.database import Connection
from bot.storage.digesting import digest_hits, digest_news, digests
from bot.storage.log import dossiers
from bot.storage.reading import sources as source_states

MOST_TIPS: Final = 20
"""Tips without an owner that a digest lists; the others are counted."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """Hold what a digest tells now, in which texts, and how far that goes.

    `is_silent` says that its newsroom wants no message of it.
    """

    digest: Digest
    texts: Texts
    news: DigestNews
    upto: Watermark
    is_silent: bool


async def gather(
    connection: Connection,
    digest: Digest,
    quiet_limits: Mapping[str, timedelta],
    now: datetime,
    slot: Slot | None = None,
) -> Gathered:
    """Return what a digest tells now; `quiet_limits` names the sources that are read, with their longest usual silence.

    `slot` is the one that it is made for, if any. Raises LookupError when its newsroom is not stored.
    """
    newsroom = await newsrooms.find(connection, digest.guild_id)
    if newsroom is None:
        raise LookupError(f"no newsroom {digest.guild_id}")
    texts = texts_of(newsroom)
    upto = await digests.newest(connection)
    dossier = await dossiers.find(connection, digest.guild_id, digest.dossier_id) if digest.dossier_id else None
    unowned, left = await digest_news.tips(connection, digest, MOST_TIPS)
    read = await digest_news.notices_read(connection, digest.seen.notice, upto.notice)
    news = DigestNews(
        made_at=now,
        # A clock that was ahead then and is right now must not date a digest from tomorrow.
        since=min(digest.told_at, now) if digest.told_at else None,
        dossier=dossier.name if dossier is not None else None,
        hits=tuple(await digest_hits.untold(connection, digest, upto.hit)),
        deadlines=_near(await digest_news.deadlines(connection, digest, now), texts.zone, now),
        facts=tuple(await digest_news.facts(connection, digest, upto.fact_change)),
        tips=tuple(unowned),
        tips_left=left,
        sources=tuple(
            [
                _source_news(await source_states.find(connection, name), read.get(name, 0), quiet_limit, now)
                for name, quiet_limit in quiet_limits.items()
            ]
        ),
        audit_head=await head_of(connection, digest, slot, texts.zone, now),
    )
    is_silent = (
        newsroom.quiet_days is QuietDays.SILENT and news.is_empty and not any(one.trouble for one in news.sources)
    )
    return Gathered(digest, texts, news, upto, is_silent)


def _near(deadlines: list[DigestDeadline], zone: tzinfo, now: datetime) -> tuple[DigestDeadline, ...]:
    """Return the deadlines that lie ahead, 7 days at most, the next first; one without a time lasts its whole day."""
    today = now.astimezone(zone).date()

    def day(deadline: date | datetime) -> date:
        return deadline.astimezone(zone).date() if isinstance(deadline, datetime) else deadline

    def is_near(deadline: date | datetime) -> bool:
        is_ahead = deadline > now if isinstance(deadline, datetime) else deadline >= today
        return is_ahead and day(deadline) <= today + digest_news.AHEAD

    def moment(one: DigestDeadline) -> tuple[date, str, int]:
        time = one.deadline.astimezone(zone).isoformat() if isinstance(one.deadline, datetime) else "~"
        return day(one.deadline), time, one.notice_id

    return tuple(sorted((one for one in deadlines if is_near(one.deadline)), key=moment))


def _source_news(state: SourceState, notices: int, quiet_limit: timedelta, now: datetime) -> SourceNews:
    """Say how a source is; one that failed once or twice, without people being told, is no trouble for that."""
    trouble, since = None, None
    lasting = replace(state, failures=0, not_before=None)
    health = health_of(lasting, quiet_limit=quiet_limit, is_enabled=True, now=now)
    if state.told == HealthEvent.FAILING:
        trouble, since = SourceTrouble.FAILING, state.succeeded_at or state.failing_since
    elif health is Health.WAITING:
        trouble = SourceTrouble.WAITING
    elif health is Health.SILENT:
        trouble, since = SourceTrouble.SILENT, state.new_at
    elif health is Health.DEGRADED:
        trouble, since = SourceTrouble.DEGRADED, state.degraded_since
    return SourceNews(source=state.source, read_at=state.succeeded_at, notices=notices, trouble=trouble, since=since)
