"""The sentences of `/why` on what became of a hit, of a message and of what falls due, each with what to do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.cards.operations import AsideReason
from bot.following_up.explained import FollowUpTold
from bot.locales import Texts
from bot.markup import plain
from bot.models import Announcement, AnnouncementKind
from bot.storage.watching.hits import StoredHit
from bot.watchlist.fates import DigestFate, Fates, HitInDigest, MessageFate, Routed
from cogs._items import NAME_UNITS

MOST_TELLINGS = 8
MOST_NAMED = 3
ROUTE_UNITS = 40
DISMISSED_UNITS = 80


def telling_lines(texts: Texts, fates: Fates) -> Iterator[str]:
    """Yield the messages that told of a notice, or are to: each with its link, how far it is, and why it goes there."""
    tellings = fates.explanation.tellings
    if not tellings:
        yield texts("why-told-nothing")
        yield from untold_lines(texts, fates)
        return
    yield texts("why-told")
    left = len(tellings) - MOST_TELLINGS
    if left > 0:
        yield texts.plural("why-told-earlier", left)
    said: set[tuple[int, str]] = set()
    for telling in tellings[-MOST_TELLINGS:]:
        row = telling.announcement
        routes = [(row.channel_id, _route(texts, routed)) for routed in fates.routes_of(telling)]
        why = [route for channel, route in routes if (channel, route) not in said]
        said.update(routes)
        yield f"- {' '.join([f'{message_line(texts, row, fates.of_message(row))}.', *why])}"
    yield from untold_lines(texts, fates)


def untold_lines(texts: Texts, fates: Fates) -> Iterator[str]:
    """Yield why a notice is not announced in a channel where its procedure was."""
    for fate, first in fates.untold()[:MOST_NAMED]:
        yield linked(texts.word("why-continues", fate, link=first.code, channel=first.channel_id), first)


def message_line(texts: Texts, row: Announcement, fate: MessageFate) -> str:
    """Return a message that is owed or was sent: its code, linked once Discord has it, its channel and its state."""
    values = {
        "what": texts("why-answer") if _is_answer(row) else texts.word("announcement-kind", row.kind),
        "channel": row.channel_id,
        "thread": row.thread_id,
        "state": texts.word("why-message", fate, **_state_values(texts, row, fate)),
    }
    return f"{code_of(row)} · {texts('why-telling-thread' if row.thread_id else 'why-telling', **values)}"


def _is_answer(row: Announcement) -> bool:
    """Return whether a message answers that of a notice with what changed of it."""
    return row.kind is AnnouncementKind.NOTICE and row.follows is not None and row.revision > 1


def code_of(row: Announcement) -> str:
    """Return the code of a message, linked once Discord has it."""
    return f"[{row.code}]({row.url})" if row.url is not None else f"**{row.code}**"


def linked(sentence: str, row: Announcement | None) -> str:
    """Return a sentence with the code that it names linked; a link that a text takes as a value would be cleaned."""
    return sentence.replace(row.code, code_of(row), 1) if row is not None else sentence


def _code(row: Announcement | None) -> str:
    return row.code if row is not None else "—"


def hit_fate_lines(texts: Texts, fates: Fates, stored: StoredHit) -> Iterator[str]:
    """Yield what became of a hit, by what it was dismissed, and what the digests have to do with it."""
    fate = fates.of_hit(stored)
    yield linked(texts.word("why-fate", fate.fate, link=_code(fate.message), **fate.values), fate.message)
    said = stored.dismissed
    if said is not None:
        name = plain(said.name, DISMISSED_UNITS)
        yield texts.word("why-dismissed", said.kind, person=said.made_by, when=said.made_at, name=name)
    digest = fates.in_digest(stored)
    if digest is not None:
        yield _digest(texts, digest)
    now_item = fates.around.items.get(stored.hit.item or 0)
    if now_item is not None and now_item.item.removed_at is not None:
        yield texts("why-removed", person=now_item.removed_by, when=now_item.item.removed_at)


def follow_up_lines(texts: Texts, told: Sequence[FollowUpTold]) -> Iterator[str]:
    """Yield what becomes of the reminder of a deadline and of the alarm of a missing award, each sentence once."""
    lines = (texts.word("why-follow-up", one.fate, channel=one.channel_id, when=one.when) for one in told)
    yield from dict.fromkeys(lines)


def other_kind_lines(texts: Texts, row: Announcement, fate: MessageFate, most: int) -> Iterator[str]:
    """Yield what can be told of a message that shows no notice: how far it is, and where to look; `most` is a storm's.

    Its sentence is that of its kind.
    """
    yield message_line(texts, row, fate)
    yield ""
    thing = row.tip_id or row.fact_id or 0
    yield texts.word("why-kind", row.kind, id=thing, most=most)


def _state_values(texts: Texts, row: Announcement, fate: MessageFate) -> dict[str, object]:
    values: dict[str, object] = {"when": row.sent_at, "until": row.held_until, "next": row.next_try_at}
    if fate is MessageFate.SET_ASIDE:
        known = row.reason in {*AsideReason}
        values["reason"] = (
            texts.word("aside", row.reason or "")
            if known
            else texts("why-aside", reason=plain(row.reason or "", NAME_UNITS))
        )
    return values


def _route(texts: Texts, routed: Routed) -> str:
    names = [texts("why-name", name=plain(name, ROUTE_UNITS)) for name in routed.items]
    if len(names) > MOST_NAMED:
        names = [*names[:MOST_NAMED], texts.plural("and-others", len(names) - MOST_NAMED)]
    values = {
        "items": texts.list_of(names),
        "dossier": plain(routed.dossier, ROUTE_UNITS),
        "person": routed.person,
        "link": _code(routed.message),
    }
    return linked(texts.word("why-route", routed.route, **values), routed.message)


def _digest(texts: Texts, digest: HitInDigest) -> str:
    if digest.fate is DigestFate.TOLD and digest.message is not None:
        when = digest.message.sent_at or digest.message.created_at
        told = texts.word("why-digest", digest.fate, link=digest.message.code, when=when)
        return linked(told, digest.message)
    if digest.comes is not None:
        channel = digest.comes.digest.channel_id
        return texts.word("why-digest", digest.fate, channel=channel, when=digest.comes.due_at)
    return texts.word("why-digest", digest.fate)
