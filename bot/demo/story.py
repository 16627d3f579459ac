"""The demonstration: the whole real pipeline on a made-up bulletin of this machine, its cards drawn in the terminal."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.app import App, source_defaults
from bot.cards import render
from bot.clock import Clock
from bot.config import load
from bot.demo.digest import TheDigest
from bot.demo.log import EDITOR, TheLog
from bot.demo.stage import ANNOUNCEMENTS, LOG, MEMBERS, Stage, TerminalSender
from bot.errors import SourceError
from bot.locales import Texts
from bot.loopback.demo_notices import LOOKALIKE, OFFICIAL, VALMARIN, VALMARIN_ALIAS, Bulletin, demo_bulletin
from bot.loopback.publishers.boamp import LoopbackBoamp
from bot.loopback.publishers.boamp_columns import Record
from bot.markup import plain
from bot.models import ItemKind, Notice, Priority, WatchItem
from bot.pipeline import PollReport
from bot.setting_up import Changes, set_up
from bot.sources import label_of
from bot.storage.archive import notices
from bot.storage.watching import watchlist
from bot.watchlist import changes
from bot.watchlist.entry import Typed, read_entry
from bot.watchlist.taking import take

SOURCE: Final = "boamp"
REPORTER: Final = 1
WIDEST: Final = 100
_TITLE_UNITS: Final = 200

_CONFIGURATION: Final = """
[newsroom]
language = "{language}"
[http]
contact = "vigie demo"
[sources.{source}]
base_url = "{base_url}"
pace = "0s"
"""

_WATCHED: Final = (
    Typed(
        kind=ItemKind.COMPANY,
        name="Valmarin Systèmes",
        aliases=VALMARIN_ALIAS,
        identifiers=f"siren:{VALMARIN.number}",
    ),
    Typed(kind=ItemKind.OFFICIAL, name=OFFICIAL),
    Typed(kind=ItemKind.KEYWORD, name="caméra-piéton", none_of="factice"),
    Typed(kind=ItemKind.KEYWORD, name="plaque d'immatriculation", any_of="lecture; LAPI"),
    Typed(kind=ItemKind.KEYWORD, name="drone", priority=Priority.DIGEST),
)


async def run_demo(texts: Texts, clock: Clock, console: Console) -> None:
    """Play the demonstration on a console: a database of its own, a bulletin over HTTP on 127.0.0.1, nothing else.

    Raises nothing of its own; the folder and the server are gone at the end.
    """
    console = Console(file=console.file, width=min(console.width, WIDEST), highlight=False, emoji=False, markup=False)
    with tempfile.TemporaryDirectory(prefix="vigie-demo-") as folder:
        async with LoopbackBoamp() as boamp, _opened(Path(folder), boamp.url, texts, clock) as app:
            today = clock.now().astimezone(ZoneInfo("Europe/Paris")).date()
            await _Demo(texts, console, boamp, app, today).play()


@asynccontextmanager
async def _opened(folder: Path, base_url: str, texts: Texts, clock: Clock) -> AsyncIterator[App]:
    """Hold the app that a configuration of the demo's own describes."""
    path = folder / "config.toml"
    written = _CONFIGURATION.format(language=texts.language.value, source=SOURCE, base_url=base_url)
    path.write_text(written, encoding="utf-8")
    async with App.open(load(path, source_defaults()), clock) as app:
        yield app


class _Demo:
    """Tell the story step by step: what is published, then polled, matched and announced."""

    def __init__(self, texts: Texts, console: Console, boamp: LoopbackBoamp, app: App, today: date) -> None:
        self._texts = texts
        self._console = console
        self._boamp = boamp
        self._app = app
        self._bulletin: Bulletin = demo_bulletin(today)
        self._sender = TerminalSender(console, texts)
        self._stage = Stage(texts, console)
        app.delivery.connect(self._sender)

    async def play(self) -> None:
        """Show every step, and how to go on."""
        texts, bulletin = self._texts, self._bulletin
        self._console.rule(Text(texts("demo-title"), "bold"))
        self._stage.say(texts("demo-intro"))
        log = TheLog(self._stage, self._app, self._sender)
        digest = TheDigest(self._stage, self._app, log)
        await self._follow()
        self._stage.head(texts("demo-baseline"), texts("demo-baseline-why"))
        await self._publish(*bulletin.before)
        await self._tell_baseline()
        self._stage.head(texts("demo-tender"), texts("demo-tender-why"))
        await self._publish(bulletin.tender)
        await self._take()
        self._stage.head(texts("demo-corrigendum"), texts("demo-corrigendum-why"))
        await self._publish(bulletin.corrigendum)
        self._stage.head(texts("demo-company"), texts("demo-company-why"))
        await self._publish(bulletin.by_alias, bulletin.by_siren, bulletin.by_name)
        self._stage.head(texts("demo-official"), texts("demo-official-why"))
        await self._publish(bulletin.official)
        self._stage.head(texts("demo-context"), texts("demo-context-why"))
        await self._publish(bulletin.in_context)
        self._stage.head(texts("demo-silent"), texts("demo-silent-why"))
        silent = (bulletin.excluded_word, bulletin.out_of_context, bulletin.lookalike)
        await self._publish(*silent)
        await self._explain(silent)
        self._stage.head(texts("demo-hostile"), texts("demo-hostile-why"))
        await self._publish(bulletin.hostile)
        self._compare(bulletin.hostile)
        await digest.schedule()
        self._stage.head(texts("demo-broken"), texts("demo-broken-why"))
        report = await self._publish(bulletin.broken)
        self._stage.note(texts.plural("demo-losses", report.tally.losses))
        self._stage.head(texts("demo-again"), texts("demo-again-why"))
        await self._publish()
        await log.play()
        self._stage.head(texts("demo-digest"), texts("demo-digest-why"))
        await self._publish(*bulletin.for_digest)
        await digest.play()
        await log.take_out()
        self._console.print()
        self._console.rule(Text(texts("demo-next"), "bold"))
        for line in (texts("demo-next-portal"), texts("demo-next-token"), texts("demo-next-run")):
            self._console.print(Text(line))

    async def _follow(self) -> None:
        """Set the newsroom up and fill its watchlist, as `/setup` and `/watch add` do."""
        texts, database = self._texts, self._app.database
        self._stage.head(texts("demo-watchlist"), texts("demo-watchlist-why"))
        chosen = Changes(
            announcements_channel=ANNOUNCEMENTS.channel_id, log_channel=LOG.channel_id, language=texts.language.value
        )
        await set_up(
            database,
            ANNOUNCEMENTS.guild_id,
            chosen,
            self._app.settings.newsroom,
            floor_id=0,
            by=EDITOR.user_id,
            now=self._app.clock.now(),
        )
        for typed in _WATCHED:
            item = read_entry(typed, guild_id=ANNOUNCEMENTS.guild_id, added_by=REPORTER, known_sources=self._app.feeds)
            await changes.add(database, item, 0, self._app.clock.now())
        async with database.read() as connection:
            _, items = await watchlist.live(connection)
        table = Table(box=box.ROUNDED, border_style="dim", header_style="bold")
        table.add_column(texts("demo-column-kind"))
        table.add_column(texts("demo-column-name"))
        table.add_column(texts("demo-column-also"))
        table.add_column(texts("demo-column-conditions"))
        for item in items:
            table.add_row(*map(Text, self._row(item)))
        self._console.print(table)

    def _row(self, item: WatchItem) -> tuple[str, str, str, str]:
        texts = self._texts
        also = "\n".join(map(plain, (*item.aliases, *item.identifiers)))
        conditions = []
        if item.any_of:
            conditions.append(texts("demo-any-of", queries=", ".join(item.any_of)))
        if item.none_of:
            conditions.append(texts("demo-none-of", queries=", ".join(item.none_of)))
        if item.priority is Priority.DIGEST:
            conditions.append(texts.word("priority", item.priority))
        return texts.word("item-kind", item.kind), plain(item.name), also, "\n".join(conditions)

    async def _publish(self, *records: Record) -> PollReport:
        """Let the bulletin publish records, poll it, and deliver what is owed."""
        self._boamp.records += records
        report = await self._app.poll(SOURCE)
        self._tell(report)
        await self._app.delivery.settle()
        return report

    async def _take(self) -> None:
        """Have a reporter take what was announced last, as the button under it does."""
        if not self._sender.shown:
            return
        self._stage.note(self._texts("demo-taken", name=MEMBERS[REPORTER]))
        code = self._sender.shown[-1].card.buttons[0].argument
        app = self._app
        await take(app.database, ANNOUNCEMENTS.guild_id, code, None, REPORTER, app.clock.now())
        await app.delivery.settle()

    def _tell(self, report: PollReport) -> None:
        texts = self._texts
        if report.error is not None:
            self._stage.note(texts.source_error(SourceError.from_kept(report.error)))
            return
        counts = (
            texts.plural("notices-read", report.tally.read),
            texts.plural("notices-new", report.tally.new),
            texts.plural("demo-owed", report.owed),
        )
        self._stage.note(texts("demo-poll", source=label_of(SOURCE), counts=" · ".join(counts)))

    async def _tell_baseline(self) -> None:
        """Say how much of what was stored in silence matches the watchlist."""
        live = await self._app.watchlist.live()
        trial = await self._app.watchlist.try_items(list(live.items.values()), self._app.clock.now(), 1)
        self._stage.note(self._texts.plural("demo-baseline-matched", trial.matched))

    async def _explain(self, records: Sequence[Record]) -> None:
        """Say of notices that were announced nowhere what held them back, as the matcher tells it."""
        live = await self._app.watchlist.live()
        for notice in await self._stored(records):
            self._stage.inset(Text(plain(notice.title, _TITLE_UNITS), "bold"), columns=2)
            misses = live.matcher.near_misses(notice)
            for miss in misses:
                item = live.items[miss.item] if miss.item is not None else None
                reason = self._texts.word("reason", miss.reason)
                line = self._texts(
                    "demo-miss",
                    item=item.name if item else miss.term,
                    matched=miss.matched,
                    reason=reason,
                    operand=miss.operand,
                )
                self._stage.inset(Text(line))
            if not misses and not live.matcher.find(notice):
                self._stage.inset(Text(self._texts("demo-no-word", word=LOOKALIKE, name=VALMARIN_ALIAS)))

    async def _stored(self, records: Sequence[Record]) -> list[Notice]:
        async with self._app.database.read() as connection:
            known = await notices.known(connection, SOURCE, [record["idweb"] for record in records])
            rows = [known[record["idweb"]] for record in records]
            return [await notices.get(connection, row.row, row.revision) for row in rows]

    def _compare(self, record: Record) -> None:
        """Show what the publisher wrote beside what Discord would be given for it."""
        cards = [shown.card for shown in self._sender.shown if record["idweb"] in shown.card.footer]
        titles = [(self._texts("demo-sent"), render(card).title) for card in cards]
        for label, text in ((self._texts("demo-published"), record["objet"]), *titles):
            self._stage.inset(Text.assemble((f"{label} ", "bold"), plain(text)), columns=2)
