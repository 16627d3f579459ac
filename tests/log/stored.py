"""What the database holds of a newsroom's log, read from outside, and what it must hold by the model."""

from __future__ import annotations

import sqlite3

from tests.log.model import Log
from tests.log.things import Card, Fact, Person, Room, Thing, Tip, Version

Rows = dict[str, list[tuple[object, ...]]]

_QUERIES = {
    "tip": "SELECT id, revision, changes, status, is_sensitive, owner, logged_by FROM tip WHERE guild_id = ?",
    "tip_revision": "SELECT tip_id, revision, text, is_sensitive, reason, made_by FROM tip_revision WHERE guild_id = ?",
    "tip_change": ("SELECT tip_id, number, kind, text, before, after, made_by FROM tip_change WHERE guild_id = ?"),
    "tip_item": "SELECT tip_id, item_id FROM tip_item WHERE guild_id = ?",
    "fact": "SELECT id, revision, changes, status, tip_id, logged_by, verified_by FROM fact WHERE guild_id = ?",
    "fact_revision": (
        "SELECT fact_id, revision, claim, reason, made_by, status, verified_by FROM fact_revision WHERE guild_id = ?"
    ),
    "fact_change": "SELECT fact_id, number, kind, text, made_by FROM fact_change WHERE guild_id = ?",
    "fact_item": "SELECT fact_id, item_id FROM fact_item WHERE guild_id = ?",
    "citation": ("SELECT fact_id, n, title, from_revision, until_revision, added_by FROM citation WHERE guild_id = ?"),
    "dossier": "SELECT id, name, channel_id, created_by, closed_by FROM dossier WHERE guild_id = ?",
    "dossier_tip": "SELECT dossier_id, tip_id FROM dossier_tip WHERE guild_id = ?",
    "dossier_fact": "SELECT dossier_id, fact_id FROM dossier_fact WHERE guild_id = ?",
    "card": """
        SELECT tip_id, fact_id, channel_id, state, due_revision, shown_revision FROM announcement
        WHERE guild_id = ? AND kind IN ('tip', 'fact')
    """,
}


def stored(connection: sqlite3.Connection, guild_id: int) -> Rows:
    """Return the rows of a newsroom, table by table."""
    return {table: _ordered(connection.execute(sql, (guild_id,)).fetchall()) for table, sql in _QUERIES.items()}


def expected(log: Log, room: Room) -> Rows:
    """Return the rows that the model has of a newsroom."""
    tips = [tip for tip in log.tips if tip.room is room]
    facts = [fact for fact in log.facts if fact.room is room]
    dossiers = [dossier for dossier in log.dossiers if dossier.room is room]
    things: list[Tip | Fact] = [*tips, *facts]
    rows: Rows = {
        "tip": [
            (tip.id, len(tip.versions), tip.changes, tip.status, int(tip.is_hidden), _id(tip.owner), tip.by.id)
            for tip in tips
        ],
        "tip_revision": [
            (tip.id, number, text, int(is_sensitive), reason, by.id)
            for tip in tips
            for number, (text, is_sensitive, reason, by) in enumerate(tip.versions, 1)
        ],
        "tip_change": [_change(tip, entry) for tip in tips for entry in tip.log],
        "tip_item": [(tip.id, item) for tip in tips for item in tip.items],
        "fact": [
            (
                fact.id,
                len(fact.versions),
                fact.changes,
                fact.status,
                fact.tip.id if fact.tip else None,
                fact.by.id,
                _id(fact.verified_by),
            )
            for fact in facts
        ],
        "fact_revision": [
            _version(fact, number, version) for fact in facts for number, version in enumerate(fact.versions, 1)
        ],
        "fact_change": [_change(fact, entry) for fact in facts for entry in fact.log],
        "fact_item": [(fact.id, item) for fact in facts for item in fact.items],
        "citation": [
            (fact.id, cited.n, cited.title, cited.since, cited.until, cited.by.id)
            for fact in facts
            for cited in fact.citations
        ],
        "dossier": [(d.id, d.name, d.channel, d.by.id, _id(d.closed_by)) for d in dossiers],
        "dossier_tip": [(d.id, thing) for d in dossiers for kind, thing in d.things if kind == "tip"],
        "dossier_fact": [(d.id, thing) for d in dossiers for kind, thing in d.things if kind == "fact"],
        "card": [_card(thing, channel, card) for thing in things for channel, card in thing.cards.items()],
    }
    return {table: _ordered(found) for table, found in rows.items()}


def _change(thing: Thing, entry: tuple[object, ...]) -> tuple[object, ...]:
    *said, by = entry
    assert isinstance(by, Person)
    return (thing.id, *said, by.id)


def _version(fact: Fact, number: int, version: Version) -> tuple[object, ...]:
    return (fact.id, number, version.claim, version.reason, version.by.id, version.status, _id(version.verified_by))


def _card(thing: Tip | Fact, channel: int, card: Card) -> tuple[object, ...]:
    ids = (thing.id, None) if isinstance(thing, Tip) else (None, thing.id)
    return (*ids, channel, "sent" if card.is_sent else "pending", thing.changes, card.shows)


def _id(person: Person | None) -> int | None:
    return person.id if person else None


def _ordered(rows: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
    return sorted((tuple(row) for row in rows), key=repr)
