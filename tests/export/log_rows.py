"""Rows of a newsroom's log, written straight into the tables: what the tests of exports start from."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.factories import CHANNEL, GUILD, START

REPORTER, EDITOR = 111111111111111111, 222222222222222222
LINK: Mapping[str, Any] = {"url": "https://gazette.example/26-1", "title": "Avis 26-1", "quote": "douze caméras"}


@contextmanager
def writing(path: Path) -> Iterator[Log]:
    """Hold a migrated database for writing rows, each of which stands there at once."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = OFF")
        yield Log(connection)


def stored(value: Any) -> Any:
    return value.astimezone(UTC).isoformat(timespec="microseconds") if isinstance(value, datetime) else value


class Log:
    """Write rows of newsrooms; each function returns the id of what it wrote."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._announced = 0

    @contextmanager
    def together(self) -> Iterator[None]:
        """Let all that is written in the block stand there at its end."""
        self._connection.execute("BEGIN")
        yield
        self._connection.execute("COMMIT")

    def insert(self, table: str, **values: Any) -> int:
        columns, places = ", ".join(f'"{name}"' for name in values), ", ".join("?" for _ in values)
        cursor = self._connection.execute(
            f"INSERT INTO {table} ({columns}) VALUES ({places})",  # noqa: S608  # names of this file
            [stored(value) for value in values.values()],
        )
        return int(cursor.lastrowid or 0)

    def update(self, table: str, row_id: int, **values: Any) -> None:
        changes = ", ".join(f"{name} = ?" for name in values)
        self._connection.execute(
            f"UPDATE {table} SET {changes} WHERE id = ?",  # noqa: S608  # names of this file
            [*(stored(value) for value in values.values()), row_id],
        )

    def newsroom(
        self, guild: int = GUILD, *, timezone: str = "Europe/Paris", channel: int = CHANNEL, language: str = "fr"
    ) -> int:
        self.insert("newsroom", guild_id=guild, language=language, timezone=timezone)
        self.insert("channel", guild_id=guild, channel_id=channel, floor_id=5_000)
        return guild

    def dossier(self, name: str, *, guild: int = GUILD) -> int:
        return self.insert(
            "dossier", guild_id=guild, name=name, name_key=name.casefold(), created_by=EDITOR, created_at=START
        )

    def item(self, name: str, *, guild: int = GUILD, dossiers: Iterable[int] = (), **said: Any) -> int:
        values = {
            "kind": "company",
            "name": name,
            "name_key": name.casefold(),
            **dict.fromkeys(("aliases", "identifiers", "any_of", "none_of", "sources"), "[]"),
            "priority": "instant",
            "added_by": EDITOR,
            "added_at": START,
            **said,
        }
        item = self.insert("watch_item", guild_id=guild, **values)
        self._link("item", item, guild, dossiers)
        return item

    def fact(
        self,
        claim: str = "La ville a acheté douze caméras.",
        *citations: Mapping[str, Any],
        guild: int = GUILD,
        dossiers: Iterable[int] = (),
        items: Iterable[int] = (),
        event_date: str | None = None,
        event_date_typed: str | None = None,
        logged_at: datetime = START,
        **said: Any,
    ) -> int:
        """Write a fact in its first version; without citations it has the usual link."""
        values = {"logged_by": REPORTER, "logged_at": logged_at, **said}
        fact = self.insert("fact", guild_id=guild, **values)
        self.insert(
            "fact_revision",
            guild_id=guild,
            fact_id=fact,
            revision=1,
            claim=claim,
            event_date=event_date,
            event_date_typed=event_date_typed or event_date,
            made_by=REPORTER,
            made_at=logged_at,
        )
        for n, citation in enumerate(citations or (LINK,), 1):
            self.citation(fact, n, guild=guild, **citation)
        self._link("fact", fact, guild, dossiers, items)
        return fact

    def citation(self, fact: int, n: int, *, guild: int = GUILD, **said: Any) -> None:
        values = {"from_revision": 1, "kind": "link", "added_by": REPORTER, "added_at": START, **said}
        self.insert("citation", guild_id=guild, fact_id=fact, n=n, **values)

    def verify(self, fact: int, at: datetime, by: int = EDITOR) -> None:
        self.update("fact", fact, status="verified", verified_by=by, verified_at=at)
        self.mark(fact, 2, "verified", by=by, at=at)

    def mark(self, fact: int, number: int, kind: str, *, by: int, at: datetime, reason: str | None = None) -> None:
        """Note what was done with a fact."""
        self.insert(
            "fact_change", guild_id=GUILD, fact_id=fact, number=number, kind=kind, text=reason, made_by=by, made_at=at
        )

    def correct(
        self,
        fact: int,
        claim: str,
        reason: str,
        at: datetime,
        *,
        guild: int = GUILD,
        by: int = EDITOR,
        event_date: str | None = None,
        cited: Mapping[int, Mapping[str, Any]] | None = None,
    ) -> None:
        """Write the next version of a fact as a correction does; `cited` replaces citations of its numbers."""
        run = self._connection.execute
        (revision,) = run("SELECT revision + 1 FROM fact WHERE id = ?", [fact]).fetchone()
        run(
            """
            UPDATE fact_revision SET (status, verified_by, verified_at)
                = (SELECT status, verified_by, verified_at FROM fact WHERE id = ?1)
            WHERE fact_id = ?1 AND revision = ?2
            """,
            [fact, revision - 1],
        )
        self.insert(
            "fact_revision",
            guild_id=guild,
            fact_id=fact,
            revision=revision,
            claim=claim,
            reason=reason,
            event_date=event_date,
            event_date_typed=event_date,
            made_by=by,
            made_at=at,
        )
        self.update(
            "fact", fact, revision=revision, changes=revision, status="logged", verified_by=None, verified_at=None
        )
        for n, citation in (cited or {}).items():
            run(
                "UPDATE citation SET until_revision = ? WHERE fact_id = ? AND n = ? AND until_revision IS NULL",
                [revision, fact, n],
            )
            self.citation(fact, n, guild=guild, **{"from_revision": revision, **citation})

    def card(
        self, kind: str, thing: int, message: int, *, guild: int = GUILD, channel: int = CHANNEL, at: datetime = START
    ) -> int:
        """Write the announcement of a tip or fact that was sent."""
        self._announced += 1
        return self.insert(
            "announcement",
            guild_id=guild,
            channel_id=channel,
            kind=kind,
            subject=str(thing),
            revision=1,
            **{f"{kind}_id": thing, "details": "{}", "code": f"C{self._announced:08}"},
            nonce=f"{guild}-{self._announced}".rjust(25, "n"),
            state="sent",
            created_at=at,
            first_try_at=at,
            history_from=5_000,
            next_try_at=at,
            sent_at=at,
            message_id=message,
            shown="{}",
            shown_revision=1,
            due_revision=1,
        )

    def tip(
        self,
        text: str = "La ville achèterait d'autres caméras.",
        *,
        guild: int = GUILD,
        sensitive: bool = False,
        dossiers: Iterable[int] = (),
        items: Iterable[int] = (),
        logged_at: datetime = START,
        words: Mapping[str, Any] | None = None,
        **said: Any,
    ) -> int:
        values = {"logged_by": REPORTER, "logged_at": logged_at, **said}
        tip = self.insert("tip", guild_id=guild, is_sensitive=sensitive, **values)
        self.tip_version(tip, 1, text, guild=guild, sensitive=sensitive, made_at=logged_at, **(words or {}))
        self.tip_change(tip, 1, "logged", guild=guild, made_at=logged_at)
        self._link("tip", tip, guild, dossiers, items)
        return tip

    def tip_version(
        self, tip: int, revision: int, text: str, *, guild: int = GUILD, sensitive: bool = False, **said: Any
    ) -> None:
        values = {"made_by": REPORTER, "made_at": START, **said}
        self.insert(
            "tip_revision", guild_id=guild, tip_id=tip, revision=revision, text=text, is_sensitive=sensitive, **values
        )
        self.update("tip", tip, revision=revision, changes=revision)

    def tip_change(self, tip: int, number: int, kind: str, *, guild: int = GUILD, **said: Any) -> None:
        values = {"made_by": REPORTER, "made_at": START, **said}
        self.insert("tip_change", guild_id=guild, tip_id=tip, number=number, kind=kind, **values)
        self.update("tip", tip, changes=number)

    def notice(self, notice: str = "26-1", *, source: str = "gazette", revisions: int = 1, **said: Any) -> int:
        """Write a notice in some revisions that are alike, and return our id of it."""
        row = self.insert(
            "notice",
            source=source,
            source_id=notice,
            revision=revisions,
            content_sha256="0" * 64,
            content_version=1,
            seen_at=START,
            is_baseline=0,
        )
        values = {
            "title": "Acquisition de caméras-piétons",
            "text": "Fourniture de caméras-piétons.",
            "kind": "tender",
            **dict.fromkeys(("suppliers", "people", "identifiers", "cpv"), "[]"),
            "published": "2026-11-16",
            "url": f"https://gazette.example/{notice}",
            **said,
        }
        for revision in range(1, revisions + 1):
            self.insert("notice_revision", notice_id=row, revision=revision, seen_at=START, **values)
        return row

    def hit(
        self, item: int, notice: int, *, guild: int = GUILD, revision: int = 1, at: datetime = START, **said: Any
    ) -> int:
        values = {
            "tier": "exact",
            "term": "caméra-piéton",
            "rule": "phrase",
            "field": "title",
            "start": 0,
            "end": 11,
            "matched": "Acquisition",
            "snippet": "Acquisition de caméras-piétons",
            "digest": "none",
            "count": 1,
            **said,
        }
        return self.insert(
            "hit", guild_id=guild, item_id=item, notice_id=notice, revision=revision, found_at=at, **values
        )

    def _link(self, kind: str, thing: int, guild: int, dossiers: Iterable[int], items: Iterable[int] = ()) -> None:
        common = {"guild_id": guild, f"{kind}_id": thing, "added_by": EDITOR, "added_at": START}
        for dossier in dossiers:
            self.insert(f"dossier_{kind}", dossier_id=dossier, **common)
        for item in items:
            self.insert(f"{kind}_item", item_id=item, **common)
