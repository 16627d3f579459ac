"""The part of the demonstration that is the team's log: a tip, the fact that it becomes, and the CSV."""

from __future__ import annotations

import functools
import re
import tempfile
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from rich.text import Text

from bot.access import Viewer
from bot.app import App, version
from bot.cards import CardKind
from bot.dates import Prefers, read_date
from bot.demo.stage import ANNOUNCEMENTS, Stage, TerminalSender
from bot.entering import Belongings, DateReader
from bot.export import ExportSettings, export_facts
from bot.facts import changes as fact_changes
from bot.facts.citing import read_citation
from bot.facts.entry import TypedCorrection, TypedFact, read_correction, read_fact
from bot.models import Fact, FactFilter, Tip
from bot.storage.log import citations
from bot.tips import changes as tip_changes
from bot.tips.entry import TypedTip, read_tip

GUILD: Final = ANNOUNCEMENTS.guild_id
REPORTER: Final = Viewer(guild_id=GUILD, user_id=1, sees_all=False)
EDITOR: Final = Viewer(guild_id=GUILD, user_id=2, sees_all=True)
ZONE: Final = ZoneInfo("Europe/Paris")
BULLETIN: Final = "https://www.boamp.fr/"
LINES: Final = 3
"""Lines of the CSV that are shown, its header included."""

_CODE: Final = re.compile(r"[0-9A-Z]{4}-[0-9A-Z]{4}")


class TheLog:
    """Tell how a newsroom's log is filled, shown and taken out."""

    def __init__(self, stage: Stage, app: App, sender: TerminalSender) -> None:
        self._stage = stage
        self._app = app
        self._sender = sender

    async def play(self) -> None:
        """Show how it is filled."""
        texts = self._stage.texts
        self._stage.head(texts("demo-tip"), texts("demo-tip-why"))
        tip = await self.tip(texts("demo-tip-text"), origin=texts("demo-tip-origin"), heard=texts("demo-tip-heard"))
        self._stage.head(texts("demo-fact"), texts("demo-fact-why"))
        fact = await self._promote(tip)
        self._stage.head(texts("demo-corrected"), texts("demo-corrected-why"))
        await self._correct(fact)

    async def take_out(self) -> None:
        """Show the CSV that it becomes."""
        texts = self._stage.texts
        self._stage.head(texts("demo-csv"), texts("demo-csv-why"))
        await self._export()

    async def tip(self, text: str, *, origin: str = "", heard: str = "") -> Tip:
        """Log a tip with a date as people type it."""
        now = self._app.clock.now()
        entry = read_tip(TypedTip(text=text, origin=origin, heard=heard), self._dates(), now)
        changed = await tip_changes.add(self._app.database, REPORTER, entry.words, now)
        await self._app.delivery.settle()
        return changed.tip

    async def _promote(self, tip: Tip) -> Fact:
        """Make the tip a fact that rests on an announced notice and a link, and have a second person verify it."""
        texts, database = self._stage.texts, self._app.database
        now = self._app.clock.now()
        source = self._announced_code() or BULLETIN
        typed = TypedFact(claim=texts("demo-fact-claim"), source=source, date=texts("demo-fact-date"))
        entry = read_fact(typed, self._dates(), guild_id=GUILD, now=now)
        changed = await fact_changes.add(database, REPORTER, entry, now, Belongings(), tip_id=tip.id)
        cited = read_citation(texts("demo-fact-source"), texts("demo-fact-quote"), guild_id=GUILD, now=now)
        await fact_changes.cite(database, REPORTER, changed.fact.id, [cited], now)
        verified = await fact_changes.verify(database, EDITOR, changed.fact.id, now)
        await self._app.delivery.settle()
        return verified.fact

    async def _correct(self, fact: Fact) -> None:
        """Correct the fact, which keeps its former version and is to be verified anew."""
        texts, database = self._stage.texts, self._app.database
        now = self._app.clock.now()
        async with database.read() as connection:
            first = (await citations.standing(connection, GUILD, fact.id))[0]
        typed = TypedCorrection(claim=texts("demo-fact-corrected"))
        correction = read_correction(typed, fact, first, self._dates(), now=now)
        reason = texts("demo-fact-reason")
        await fact_changes.correct(database, EDITOR, fact.id, correction, reason, now, seen=fact.revision)
        await self._app.delivery.settle()

    async def _export(self) -> None:
        """Take the facts out as CSV, one of which would run as a formula if it were let."""
        app = self._app
        now = app.clock.now()
        hostile = TypedFact(claim=self._stage.texts("demo-fact-hostile"), source="https://registre.example/42")
        entry = read_fact(hostile, self._dates(), guild_id=GUILD, now=now)
        await fact_changes.add(app.database, REPORTER, entry, now)
        with tempfile.TemporaryDirectory(prefix="vigie-demo-") as folder:
            settings = ExportSettings(zone=ZONE, exported_by=str(REPORTER.user_id), exported_at=now, version=version())
            export = await export_facts(app.database.path, REPORTER, FactFilter(), Path(folder), settings)
            lines = (Path(folder) / "facts.csv").read_text("utf-8-sig").splitlines()
        self._stage.note(" · ".join(f"{file.name} ({file.rows})" for file in export.files))
        for line in lines[:LINES]:
            self._stage.inset(Text(line, overflow="fold"), columns=2)

    def _announced_code(self) -> str | None:
        """Return the code of the first announcement that was shown, None where there was none."""
        announced = (one.card for one in self._sender.shown if one.card.kind is CardKind.ANNOUNCEMENT)
        codes = [match[0] for card in announced if (match := _CODE.search(card.footer))]
        return codes[0] if codes else None

    def _dates(self) -> DateReader:
        language = self._stage.texts.language
        return functools.partial(
            read_date, language=language, zone=ZONE, now=self._app.clock.now(), prefers=Prefers.PAST
        )
