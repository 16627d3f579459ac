"""What a random run of the log's model asks of a way to act on the log, by functions or by commands."""

from __future__ import annotations

import csv
import io
import re
import sqlite3
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

from tests.log.stored import Rows, stored
from tests.log.things import Dossier, Fact, Form, Person, Role, Room, Tip

T = TypeVar("T")
Exported = dict[str, list[dict[str, str]]]

WORD = re.compile(r"zq\d+k")
"""A word that a run enters once: who sees it sees what it was entered for."""

IN_EACH = {
    "Anne": Role.REPORTER,
    "Bruno": Role.REPORTER,
    "Édith": Role.EDITOR,
    "Émile": Role.EDITOR,
    "Ada": Role.ADMINISTRATOR,
    "Otto": Role.NOBODY,
}
"""The people of each newsroom."""


@dataclass(frozen=True)
class Seen:
    """What a person sees of tips or facts: why nothing, else the words, and how many are said to be there."""

    refused: str | None
    words: frozenset[str] = frozenset()
    number: int = 0


class Driver(Protocol):
    """Act as people do; what changes something returns the text id of the refusal, None where it was done."""

    path: Path

    def begin(self) -> tuple[list[Room], list[Person]]:
        """Set two more newsrooms up, each with its people."""

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Carry some work out."""

    def close(self) -> None:
        """Let everything go."""

    def wait(self, minutes: int) -> None:
        """Let time pass."""

    def settle(self) -> None:
        """Have all that is owed sent."""

    def posted(self, channel: int) -> list[str]:
        """Return the cards that stand in a channel, oldest first."""

    def answered(self, channel: int) -> list[str]:
        """Return the answers to cards that stand in a channel, oldest first."""

    async def tip_add(
        self, who: Person, text: str, *, sensitive: bool, into: Sequence[Dossier], items: set[int]
    ) -> str | None: ...
    async def tip_note(self, who: Person, tip: Tip, text: str) -> str | None: ...
    async def tip_assign(self, who: Person, tip: Tip, owner: Person) -> str | None: ...
    async def tip_status(self, who: Person, tip: Tip, status: str) -> str | None: ...

    async def open_form(self, kind: str, who: Person, thing: Tip | Fact) -> tuple[str | None, object]:
        """Open the form `edit`, `promote` or `correct`; return the refusal, or what sending it needs."""

    async def send_edit(self, form: Form, text: str, *, sensitive: bool, reason: str | None) -> str | None: ...
    async def send_promote(self, form: Form, claim: str, source: str) -> str | None: ...
    async def send_correct(self, form: Form, claim: str, reason: str) -> str | None: ...

    async def fact_add(self, who: Person, claim: str, source: str, into: Sequence[Dossier]) -> str | None: ...
    async def fact_cite(self, who: Person, fact: Fact, source: str) -> str | None: ...
    async def fact_correct(
        self, who: Person, fact: Fact, *, claim: str | None, source: str | None, reason: str
    ) -> str | None: ...
    async def fact_judge(self, who: Person, fact: Fact, verdict: str, reason: str) -> str | None:
        """`verify`, `dispute` or `retract` a fact; the reason is for the last two."""

    async def dossier_create(self, who: Person, name: str, channel: int | None) -> str | None: ...
    async def dossier_put(self, who: Person, dossier: Dossier, thing: Tip | Fact) -> str | None: ...
    async def dossier_close(self, who: Person, dossier: Dossier) -> str | None: ...
    async def dossier_reopen(self, who: Person, dossier: Dossier) -> str | None: ...

    async def listed(self, who: Person, kind: str) -> Seen:
        """List the `tip`s or the `fact`s, the newest ten at least."""

    async def shown(self, who: Person, thing: Tip | Fact) -> Seen:
        """Show one thing with its whole history."""

    async def found(self, who: Person, word: str) -> Seen:
        """Search for a word in everything."""

    async def proposed(self, who: Person, kind: str, typed: str) -> Seen:
        """Type into the option that names a `tip` or a `fact`."""

    async def exported(self, who: Person) -> Exported | None:
        """Take the facts out as CSV; return the rows of each file, None where that is refused."""


class Outside:
    """Read the database beside whoever writes it."""

    def __init__(self, database: Path) -> None:
        self._connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True, isolation_level=None)

    def rows(self, room: Room) -> Rows:
        """Return what is stored of a newsroom."""
        return stored(self._connection, room.guild_id)

    def newest(self, table: str) -> int:
        """Return the id of what was stored last."""
        return int(self._connection.execute(f"SELECT max(id) FROM {table}").fetchone()[0])  # noqa: S608  # ours

    def close(self) -> None:
        self._connection.close()


def read_csv(data: bytes) -> list[dict[str, str]]:
    """Return the rows of a CSV."""
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def words_in(text: str) -> frozenset[str]:
    """Return the words of a run that stand in a text."""
    return frozenset(WORD.findall(text))
