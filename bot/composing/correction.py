"""What an answer to the card of a fact tells: the versions on either side of what changed, and the changes between."""

from __future__ import annotations

from bot.cards import CorrectionContent, SourceChange
from bot.facts.origins import origin_of_each
from bot.models import Announcement, Citation, Claim, Fact, FactChange, FactChangeKind, FactVersion
from bot.storage.database import Connection
from bot.storage.log import citations, facts

_TOLD = {FactChangeKind.CORRECTED, FactChangeKind.DISPUTED, FactChangeKind.RETRACTED}


async def correction_content(connection: Connection, announcement: Announcement, fact: Fact) -> CorrectionContent:
    """Return what a correction announces: what became of a fact between what its card showed and its revision.

    Raises LookupError for an announcement that is none.
    """
    since, upto = int(announcement.details["since"]), announcement.revision
    changes = await facts.changes(connection, fact.guild_id, fact.id)
    told = [change for change in changes if since < change.number <= upto and change.kind in _TOLD]
    if not told:
        raise LookupError(f"announcement {announcement.id} corrects nothing of fact {fact.id}")
    earlier = {version.revision: version for version in await facts.earlier(connection, fact.guild_id, fact.id)}
    before, after = _revision_at(changes, since), _revision_at(changes, upto)
    return CorrectionContent(
        fact=fact,
        before=_claim_of(fact, earlier, before),
        after=_claim_of(fact, earlier, after),
        changes=told,
        revision=after,
        was_verified=before in earlier and earlier[before].verified_by is not None,
        sources=await _sources(connection, fact, before, after),
        code=announcement.code,
    )


def _revision_at(changes: list[FactChange], number: int) -> int:
    """Return which version of a fact stood once a change was made."""
    return 1 + sum(change.kind is FactChangeKind.CORRECTED for change in changes if change.number <= number)


def _claim_of(fact: Fact, earlier: dict[int, FactVersion], revision: int) -> Claim:
    return earlier[revision].claim if revision in earlier else fact.claim


async def _sources(connection: Connection, fact: Fact, before: int, after: int) -> list[SourceChange]:
    """Return the sources that were replaced between two versions, by number."""
    if before == after:
        return []
    was, now = [
        {one.n: (one, origin) for one, origin in zip(cited, origin_of_each(cited), strict=True)}
        for cited in [
            await citations.of_version(connection, fact.guild_id, fact.id, revision) for revision in (before, after)
        ]
    ]
    return [
        SourceChange(was[n][0], now[n][0], was[n][1], now[n][1])
        for n in sorted(was.keys() & now.keys())
        if _said(was[n][0]) != _said(now[n][0])
    ]


def _said(citation: Citation) -> tuple[str | None, ...]:
    return (citation.url, citation.title, citation.quote, citation.said_origin)
