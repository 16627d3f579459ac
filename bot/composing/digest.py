"""The parts of a digest as an announcement keeps them: references, and what only the moment of making it knew."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from typing import Any

from bot.models import Announcement, AuditHead, DigestCounts, DigestNews, SourceNews, SourceTrouble, Watermark
from bot.storage.database import Connection
from bot.storage.digesting import digest_hits, digest_news, digests
from bot.storage.log import dossiers


def details_of(part: DigestNews, before: Watermark) -> dict[str, Any]:
    """Return what an announcement keeps of a part of a digest, beside the facts and tips that it refers to.

    `before` is how far the digest had told until then, for one that is taken back.
    """
    return {
        "before": [before.hit, before.fact_change, before.notice],
        "made_at": part.made_at.isoformat(),
        "since": part.since.isoformat() if part.since else None,
        "part": part.part,
        "parts": part.parts,
        "hits": [list(hit.rows) for hit in part.hits],
        "deadlines": [[deadline.notice_id, list(deadline.item_ids)] for deadline in part.deadlines],
        "tips_left": part.tips_left,
        "counts": dataclasses.asdict(part.counts) if part.counts else None,
        "is_continued": part.is_continued,
        "audit_head": dataclasses.asdict(part.audit_head) if part.audit_head else None,
        "sources": [
            {
                "source": one.source,
                "read_at": one.read_at.isoformat() if one.read_at else None,
                "notices": one.notices,
                "trouble": one.trouble,
                "since": one.since.isoformat() if one.since else None,
            }
            for one in part.sources
        ],
    }


async def part_of(connection: Connection, announcement: Announcement) -> DigestNews:
    """Return the part of a digest that an announcement shows; raises LookupError when it shows none."""
    details, guild_id = announcement.details, announcement.guild_id
    digest = await digests.find(connection, guild_id, announcement.digest_id or 0)
    if digest is None:
        raise LookupError(f"newsroom {guild_id} has no digest {announcement.digest_id}")
    dossier = await dossiers.find(connection, guild_id, digest.dossier_id) if digest.dossier_id is not None else None
    return DigestNews(
        made_at=datetime.fromisoformat(details["made_at"]),
        since=_moment(details["since"]),
        dossier=dossier.name if dossier is not None else None,
        hits=tuple(await digest_hits.told(connection, guild_id, details["hits"])),
        deadlines=tuple(await digest_news.deadlines_told(connection, guild_id, details["deadlines"])),
        facts=tuple(await digest_news.facts_told(connection, guild_id, announcement.id)),
        tips=tuple(await digest_news.tips_told(connection, guild_id, announcement.id)),
        tips_left=details["tips_left"],
        sources=tuple(
            SourceNews(
                source=one["source"],
                read_at=_moment(one["read_at"]),
                notices=one["notices"],
                trouble=SourceTrouble(one["trouble"]) if one["trouble"] else None,
                since=_moment(one["since"]),
            )
            for one in details["sources"]
        ),
        audit_head=AuditHead(**details["audit_head"]) if details.get("audit_head") else None,
        part=details["part"],
        parts=details["parts"],
        counts=DigestCounts(**details["counts"]) if details["counts"] else None,
        is_continued=details["is_continued"],
    )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
