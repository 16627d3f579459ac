"""The words of notices, tips and facts, as matching folds them, and what is found by them.

What is stored is folded already (`bot.matching.folded_words`), so that SQLite's tokenizer has nothing left to decide.
Words are joined to their rows by CROSS JOIN, of which SQLite keeps the order: left to choose, it asks the index again
for every row of a newsroom.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from bot.access import Viewer
from bot.matching import Spelling, beginnings, folded_words, spellings
from bot.models import ThingKind
from bot.storage._filters import SEEN, SEEN_FACT, eyes
from bot.storage._values import from_list, to_text
from bot.storage.database import Connection

RANKED: Final = 5_000
"""Of how many facts or tips that were found, the newest, it is asked how good they are; all are counted."""
NOTICE_CHARS: Final = 150_000
"""How much of a notice's text is indexed; folding and storing more would hold the write lock for too long."""

_PARTED = " \ue000 "  # a token of its own for SQLite, and no letter of any fold: no phrase reaches over it
_MERGED_PAGES = 12
_MOST_BEGUN = 12
_AGE = "max(julianday(?1) - julianday({moment}), 0) / 365.25"

_RANKED = """
    SELECT id, relevance / best / (1 + age) AS score, total
    FROM found, (SELECT max(relevance) AS best, count(*) AS total FROM found)
    ORDER BY score DESC, id DESC LIMIT ?5
"""
_OWN_FACT = "(?1 IS NULL OR (fact.logged_by = ?1 AND fact.verified_by IS NULL))"
_AMONG_OWN_FACTS = """
    +fact_words.rowid IN (SELECT id FROM fact WHERE guild_id = ?3 AND logged_by = ?1 AND verified_by IS NULL)
"""
"""The sign keeps SQLite from asking the index for each of them: it reads their ids once instead."""
_OWN_TIP = "(?1 IS NULL OR ?1 IN (tip.logged_by, tip.owner))"
_LOGGED = "(?3 IS NULL OR logged_at >= ?3) AND (?4 IS NULL OR logged_at < ?4)"


@dataclass(frozen=True, slots=True)
class Unindexed:
    """Hold the words of a stored notice that is not found yet: those of its title, and all others, part by part."""

    row: int
    revision: int
    title: str
    others: tuple[str, ...]

    @property
    def chars(self) -> int:
        """Return how many characters there are to be folded."""
        return len(self.title) + sum(map(len, self.others))


@dataclass(frozen=True, slots=True)
class IndexedWords:
    """Hold the folded words of one revision of a notice."""

    row: int
    revision: int
    title: str
    others: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Hold what is looked for: all of the terms, each in any of its spellings, within a period.

    `since` is the first moment and `until` the first one after the last, both midnight in the newsroom's zone;
    `today` is the day from which age is counted.
    """

    terms: Sequence[Sequence[Spelling]]
    today: date
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Ranked:
    """Hold our id of what was found, and how good a find it is: at most 1, that of a best match of today."""

    id: int
    score: float


@dataclass(frozen=True, slots=True)
class Ranking:
    """Hold how many were found, and the best of them, best first."""

    total: int
    best: tuple[Ranked, ...] = ()


async def index_tip(connection: Connection, tip_id: int, text: str, more: str) -> None:
    """Make a tip found by its words as they are now; `more` is its origin and notes.

    To be called in the transaction that stores or changes the tip.
    """
    await connection.run("DELETE FROM tip_words WHERE rowid = ?", tip_id)
    await connection.run(
        "INSERT INTO tip_words (rowid, text, more) VALUES (?, ?, ?)", tip_id, fold_words(text), fold_words(more)
    )


async def index_fact(connection: Connection, fact_id: int, claim: str, more: str) -> None:
    """Make a fact found by its words as they are now; `more` is its quotes and the titles of its sources.

    To be called in the transaction that stores or changes the fact.
    """
    await connection.run("DELETE FROM fact_words WHERE rowid = ?", fact_id)
    await connection.run(
        "INSERT INTO fact_words (rowid, claim, more) VALUES (?, ?, ?)", fact_id, fold_words(claim), fold_words(more)
    )


async def forget_tip(connection: Connection, tip_id: int) -> None:
    """Leave nothing of a tip in the index, its words in older parts of it included."""
    await connection.run("DELETE FROM tip_words WHERE rowid = ?", tip_id)
    # A deletion only marks the words as gone until the parts of the index that hold them are merged.
    await connection.run("INSERT INTO tip_words (tip_words) VALUES ('optimize')")


async def unindexed(connection: Connection, limit: int, *, after_row: int = 0) -> list[Unindexed]:
    """Return the notices of which the latest revision is not found yet, in order of our ids, after `after_row`."""
    rows = await connection.all(
        """
        SELECT notice.id, notice.revision, notice.source_id, title, substr(text, 1, ?) AS text, buyer, suppliers,
            people, identifiers, cpv
        FROM notice
        JOIN notice_revision ON notice_revision.notice_id = notice.id AND notice_revision.revision = notice.revision
        WHERE notice.is_indexed = 0 AND notice.id > ? ORDER BY notice.id LIMIT ?
        """,
        NOTICE_CHARS,
        after_row,
        limit,
    )
    return [_unindexed(row) for row in rows]


async def count_unindexed(connection: Connection) -> int:
    """Return how many notices are not found yet."""
    row = await connection.one("SELECT count(*) FROM notice WHERE is_indexed = 0")
    return int(row[0]) if row else 0


async def merge_by_batch(connection: Connection) -> None:
    """Have the index of notices merged a little with each batch, and never much at once under the write lock."""
    await connection.run("INSERT INTO notice_words (notice_words, rank) VALUES ('automerge', 0)")


async def index_notices(connection: Connection, batch: Sequence[IndexedWords]) -> None:
    """Make notices found by these words; one that was revised since they were read is left for the next time."""
    entries = json.dumps([[entry.row, entry.revision, entry.title, entry.others] for entry in batch])
    current = """
        FROM json_each(?) AS entry
        JOIN notice ON notice.id = json_extract(entry.value, '$[0]')
            AND notice.revision = json_extract(entry.value, '$[1]') AND notice.is_indexed = 0
    """
    await connection.run(f"DELETE FROM notice_words WHERE rowid IN (SELECT notice.id {current})", entries)
    await connection.run(
        f"""
        INSERT INTO notice_words (rowid, title, text)
        SELECT notice.id, json_extract(entry.value, '$[2]'), json_extract(entry.value, '$[3]') {current}
        """,
        entries,
    )
    await connection.run(f"UPDATE notice SET is_indexed = 1 WHERE id IN (SELECT notice.id {current})", entries)
    await connection.run("INSERT INTO notice_words (notice_words, rank) VALUES ('merge', ?)", _MERGED_PAGES)


async def notices_with(connection: Connection, wanted: Wanted, limit: int) -> Ranking:
    """Return the notices that hold all terms in their latest revision, newest and best first.

    How good a find is: its bm25 (a word of the title counts like five of the others) as a part of the best one's,
    divided by one plus its age in years. The period and the age are those of the publication, of the first sight where
    a notice does not say it. A publication without a time lies in the period by its day.
    """
    rows = await connection.all(
        f"""
        WITH found AS MATERIALIZED (
            SELECT notice.id AS id, -bm25(notice_words, 5.0, 1.0) AS relevance,
                {_AGE.format(moment="coalesce(published, notice.seen_at)")} AS age
            FROM notice_words
            CROSS JOIN notice ON notice.id = notice_words.rowid
            CROSS JOIN notice_revision ON notice_revision.notice_id = notice.id
                AND notice_revision.revision = notice.revision
            WHERE notice_words MATCH ?2 AND CASE WHEN length(published) = 10
                THEN (?3 IS NULL OR published >= ?6) AND (?4 IS NULL OR published < ?7)
                ELSE (?3 IS NULL OR julianday(coalesce(published, notice.seen_at)) >= julianday(?3))
                    AND (?4 IS NULL OR julianday(coalesce(published, notice.seen_at)) < julianday(?4))
                END
        )
        {_RANKED}
        """,
        *_values(wanted, limit),
        wanted.since.date().isoformat() if wanted.since else None,
        wanted.until.date().isoformat() if wanted.until else None,
    )
    return _ranking(rows)


async def facts_with(connection: Connection, viewer: Viewer, wanted: Wanted, limit: int) -> Ranking:
    """Return the facts that hold all terms as they now stand, of those that somebody may know of.

    Ranked as by `notices_with`, by when they were logged; of more than RANKED the newest alone.
    """
    return await _things_with(connection, ThingKind.FACT, SEEN_FACT, viewer, wanted, limit)


async def tips_with(connection: Connection, viewer: Viewer, wanted: Wanted, limit: int) -> Ranking:
    """Return the tips that hold all terms as they now stand, of those that somebody may know of, ranked as facts."""
    return await _things_with(connection, ThingKind.TIP, SEEN, viewer, wanted, limit)


async def _things_with(
    connection: Connection, kind: ThingKind, seen: str, viewer: Viewer, wanted: Wanted, limit: int
) -> Ranking:
    """Rank the tips or the facts that hold all terms; `seen` says which of them somebody may know of."""
    found = f"""
        FROM {kind}_words CROSS JOIN {kind} ON {kind}.id = {kind}_words.rowid
        WHERE {kind}_words MATCH ?2 AND {kind}.guild_id = ?6 AND {_LOGGED} AND {seen}
    """
    values = (*_values(wanted, limit), viewer.guild_id, *eyes(viewer))
    rows = await connection.all(
        f"""
        WITH found AS MATERIALIZED (
            SELECT {kind}.id AS id, -bm25({kind}_words, 5.0, 1.0) AS relevance, {_AGE.format(moment="logged_at")} AS age
            {found} ORDER BY {kind}_words.rowid DESC LIMIT ?
        )
        {_RANKED}
        """,
        *values,
        RANKED,
    )
    ranking = _ranking(rows)
    if ranking.total < RANKED:
        return ranking
    row = await connection.one(f"SELECT count(*) {found}", *values)
    return replace(ranking, total=int(row[0]) if row else ranking.total)


async def facts_named(
    connection: Connection, viewer: Viewer, typed: str, limit: int, *, own_of: int | None = None
) -> list[int]:
    """Return our ids of the facts whose claim has words that begin like all those typed, newest first.

    Of those that somebody may know of; where no word was typed, of the newest; with `own_of` only of those that are
    this person's own (`bot.access.owners_of`).
    """
    expression = _begun("claim", typed)
    if expression is None:
        rows = await connection.all(
            f"SELECT id FROM fact WHERE {_OWN_FACT} AND guild_id = ? AND {SEEN_FACT} ORDER BY id DESC LIMIT ?",
            own_of,
            viewer.guild_id,
            *eyes(viewer),
            limit,
        )
    else:
        rows = await connection.all(
            f"""
            SELECT fact.id FROM fact_words CROSS JOIN fact ON fact.id = fact_words.rowid
            WHERE (?1 IS NULL OR {_AMONG_OWN_FACTS}) AND fact_words MATCH ?2 AND fact.guild_id = ?3 AND {SEEN_FACT}
            ORDER BY fact_words.rowid DESC LIMIT ?
            """,
            own_of,
            expression,
            viewer.guild_id,
            *eyes(viewer),
            limit,
        )
    return [row["id"] for row in rows]


async def tips_named(
    connection: Connection, viewer: Viewer, typed: str, limit: int, *, own_of: int | None = None
) -> list[int]:
    """Return our ids of the tips whose text has words that begin like all those typed, newest first.

    Of those that somebody may know of; where no word was typed, of the newest; with `own_of` only of those that are
    this person's own (`bot.access.owners_of`).
    """
    expression = _begun("text", typed)
    if expression is None:
        rows = await connection.all(
            f"SELECT id FROM tip WHERE {_OWN_TIP} AND guild_id = ? AND {SEEN} ORDER BY id DESC LIMIT ?",
            own_of,
            viewer.guild_id,
            *eyes(viewer),
            limit,
        )
    else:
        rows = await connection.all(
            f"""
            SELECT tip.id FROM tip_words CROSS JOIN tip ON tip.id = tip_words.rowid
            WHERE {_OWN_TIP} AND tip_words MATCH ? AND tip.guild_id = ? AND {SEEN}
            ORDER BY tip_words.rowid DESC LIMIT ?
            """,
            own_of,
            expression,
            viewer.guild_id,
            *eyes(viewer),
            limit,
        )
    return [row["id"] for row in rows]


def fold_words(text: str) -> str:
    """Return a text as it is indexed."""
    return " ".join(folded_words(text))


def fold_notice(notice: Unindexed) -> IndexedWords:
    """Return the words of a notice as they are indexed; no phrase reaches from one of its parts into another."""
    others = _PARTED.join(folded for part in notice.others if (folded := fold_words(part)))
    return IndexedWords(notice.row, notice.revision, fold_words(notice.title), others)


def expression_of(terms: Sequence[Sequence[Spelling]]) -> str:
    """Return the FTS5 expression for texts that hold every term in any of its spellings.

    Every word stands in quotation marks, so that none of them can be an operator, a column or a syntax error.
    """
    return " AND ".join(f"({' OR '.join(map(_quoted, term))})" for term in terms)


def _quoted(spelling: Spelling) -> str:
    words = " ".join(spelling.words).replace('"', '""')
    return f'"{words}" *' if spelling.goes_on else f'"{words}"'


def _begun(column: str, typed: str) -> str | None:
    """Return the expression for words of a column that begin like those typed, in the singular or the plural."""
    words = list(dict.fromkeys(folded_words(typed)))[:_MOST_BEGUN]
    terms = [beginnings(word) + spellings(word) for word in words]
    return f"{{{column}}} : ({expression_of(terms)})" if terms else None


def _values(wanted: Wanted, limit: int) -> tuple[object, ...]:
    return (
        wanted.today.isoformat(),
        expression_of(wanted.terms),
        to_text(wanted.since),
        to_text(wanted.until),
        limit,
    )


def _ranking(rows: Sequence[sqlite3.Row]) -> Ranking:
    return Ranking(rows[0]["total"] if rows else 0, tuple(Ranked(row["id"], row["score"]) for row in rows))


def _unindexed(row: sqlite3.Row) -> Unindexed:
    listed = (value for name in ("suppliers", "people", "identifiers", "cpv") for value in from_list(row[name]))
    others = (row["text"], row["buyer"] or "", *listed, row["source_id"])
    return Unindexed(row["id"], row["revision"], row["title"], others)
