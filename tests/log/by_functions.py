"""Act on the log by the functions behind the commands, each person judged first as the command does."""

from __future__ import annotations

import functools
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ParamSpec

from bot import dossiers as dossier_changes
from bot.access import Action, Viewer, may, role_of
from bot.access import Role as Standing
from bot.cards import card_to_json, fact_card, tip_card
from bot.composing import fact_content, texts_of, tip_content
from bot.entering import Belongings
from bot.errors import UserError
from bot.export import ExportSettings, export_facts
from bot.facts import changes as fact_changes
from bot.facts.citing import read_citation
from bot.facts.entry import TypedCorrection, TypedFact, read_correction, read_fact
from bot.models import Fact as StoredFact
from bot.models import FactFilter, ThingKind, TipFilter, TipStatus
from bot.search import Question, read_query, search
from bot.storage.archive import full_text
from bot.storage.database import Connection
from bot.storage.log import about, citations, dossiers, drafts, facts, tips
from bot.tips import changes as tip_changes
from bot.tips.changes import words_of
from bot.tips.entry import TypedTip, read_tip
from tests.factories import FLOOR
from tests.log.driver import Exported, Seen, read_csv, words_in
from tests.log.newsrooms import PARIS, Newsrooms
from tests.log.things import Dossier, Fact, Form, Person, Tip

P = ParamSpec("P")

REPLACED = {"tip-edited-meanwhile", "fact-corrected-meanwhile", "tip-became-sensitive"}
"""Refusals after which another form takes the place of the one that was sent."""

PROPOSALS = 25


@dataclass(frozen=True)
class Opened:
    """A form that was opened: its draft, and what a promotion takes over from the tip."""

    draft: int = 0
    items: Sequence[int] = ()
    into: Sequence[int] = ()
    is_sensitive: bool = False


def refusable(work: Callable[P, Awaitable[None]]) -> Callable[P, Coroutine[Any, Any, str | None]]:
    """Return some work that returns the text id of why it was refused, None where it was done."""

    @functools.wraps(work)
    async def judged(*args: P.args, **kwargs: P.kwargs) -> str | None:
        try:
            await work(*args, **kwargs)
        except UserError as error:
            return error.text
        return None

    return judged


class ByFunctions(Newsrooms):
    """Act as the commands do, without Discord."""

    async def _tip(self, who: Person, tip: Tip, action: Action) -> Viewer:
        """Find a tip as its command does, and judge the person on it."""
        viewer = self.admit(who, action)
        async with self.database.read() as connection:
            found = await tips.find(connection, viewer, tip.id)
        if found is None:
            raise UserError("tip-unknown", typed=str(tip.id))
        return self.admit(who, action, found)

    async def _fact(self, who: Person, fact: Fact, action: Action) -> tuple[Viewer, StoredFact]:
        viewer = self.admit(who, action)
        async with self.database.read() as connection:
            found = await facts.find(connection, viewer, fact.id)
        if found is None:
            raise UserError("fact-unknown", typed=str(fact.id))
        return self.admit(who, action, found), found

    async def _draft(self, who: Person, form: str, thing: Tip | Fact) -> Opened:
        guild, opened = who.room.guild_id, Opened()
        async with self.database.tx("form.opened") as connection:
            if form == "promote":
                tip = await tips.get(connection, guild, thing.id)
                items = await about.items_of(connection, guild, ThingKind.TIP, tip.id)
                into = await dossiers.of_thing(connection, guild, ThingKind.TIP, tip.id)
                opened = Opened(
                    items=[item.id for item in items],
                    into=[] if tip.is_sensitive else [one.id for one in into if one.closed_at is None],
                    is_sensitive=tip.is_sensitive,
                )
            draft = await drafts.add(connection, guild, who.id, form, context={}, values={}, now=self.clock.now())
        return replace(opened, draft=draft.id)

    @asynccontextmanager
    async def _sending(self, form: Form) -> AsyncIterator[Opened]:
        """Refuse a form that was sent before; drop the draft of one after whose refusal another takes its place."""
        guild, by, opened = form.person.room.guild_id, form.person.id, form.handle
        assert isinstance(opened, Opened)
        async with self.database.read() as connection:
            if await drafts.find(connection, guild, by, opened.draft) is None:
                raise UserError("form-already-sent")
        try:
            yield opened
        except UserError as error:
            if error.text in REPLACED:
                async with self.database.tx("form.opened") as connection:
                    await drafts.consume(connection, guild, by, opened.draft)
            raise

    # --- tips ---

    @refusable
    async def tip_add(
        self, who: Person, text: str, *, sensitive: bool, into: Sequence[Dossier], items: set[int]
    ) -> None:
        viewer = self.admit(who, Action.TIP_ADD)
        inside = [await self._open_dossier(viewer, dossier) for dossier in into]
        now = self.clock.now()
        entry = read_tip(TypedTip(text=text, is_sensitive=sensitive), self.read, now)
        belongings = Belongings(items=sorted(items), dossiers=inside)
        await tip_changes.add(self.database, viewer, entry.words, now, belongings)

    @refusable
    async def tip_note(self, who: Person, tip: Tip, text: str) -> None:
        viewer = await self._tip(who, tip, Action.TIP_NOTE)
        await tip_changes.note(self.database, viewer, tip.id, text, self.clock.now())

    @refusable
    async def tip_assign(self, who: Person, tip: Tip, owner: Person) -> None:
        viewer = await self._tip(who, tip, Action.TIP_ASSIGN)
        their = replace(self.caller(owner), is_administrator=False)
        if role_of(their, self.newsrooms[who.room.guild_id]) < Standing.REPORTER:
            raise UserError("tip-owner-without-role", person=owner.id)
        await tip_changes.assign(self.database, viewer, tip.id, owner.id, self.clock.now())

    @refusable
    async def tip_status(self, who: Person, tip: Tip, status: str) -> None:
        viewer = await self._tip(who, tip, Action.TIP_STATUS)
        await tip_changes.set_status(self.database, viewer, tip.id, TipStatus(status), self.clock.now())

    # --- forms ---

    async def open_form(self, kind: str, who: Person, thing: Tip | Fact) -> tuple[str | None, object]:
        try:
            if isinstance(thing, Tip):
                await self._tip(who, thing, Action.TIP_EDIT if kind == "edit" else Action.TIP_PROMOTE)
            else:
                await self._fact(who, thing, Action.FACT_CORRECT)
            return None, await self._draft(who, kind, thing)
        except UserError as error:
            return error.text, None

    @refusable
    async def send_edit(self, form: Form, text: str, *, sensitive: bool, reason: str | None) -> None:
        tip = form.thing
        assert isinstance(tip, Tip)
        async with self._sending(form) as opened:
            viewer = await self._tip(form.person, tip, Action.TIP_EDIT)
            async with self.database.read() as connection:
                before = await tips.get(connection, viewer.guild_id, tip.id)
            words = replace(words_of(before), text=text, is_sensitive=sensitive)
            now = self.clock.now()
            await tip_changes.edit(
                self.database, viewer, tip.id, words, now, seen=form.seen, reason=reason, draft=opened.draft
            )

    @refusable
    async def send_promote(self, form: Form, claim: str, source: str) -> None:
        assert isinstance(form.thing, Tip)
        async with self._sending(form) as opened:
            self.admit(form.person, Action.FACT_ADD)
            viewer = await self._tip(form.person, form.thing, Action.TIP_PROMOTE)
            async with self.database.read() as connection:
                tip = await tips.get(connection, viewer.guild_id, form.thing.id)
            if tip.is_sensitive and not opened.is_sensitive:
                raise UserError("tip-became-sensitive", id=tip.id)
            belongings = Belongings(items=opened.items, dossiers=opened.into, draft=opened.draft)
            await self._add_fact(viewer, claim, source, belongings, tip.id)

    @refusable
    async def send_correct(self, form: Form, claim: str, reason: str) -> None:
        assert isinstance(form.thing, Fact)
        async with self._sending(form) as opened:
            typed = TypedCorrection(claim=claim, is_prefilled=True)
            await self._correct(form.person, form.thing, typed, reason, form.seen, opened.draft)

    # --- facts ---

    @refusable
    async def fact_add(self, who: Person, claim: str, source: str, into: Sequence[Dossier]) -> None:
        viewer = self.admit(who, Action.FACT_ADD)
        inside = [await self._open_dossier(viewer, dossier) for dossier in into]
        await self._add_fact(viewer, claim, source, Belongings(dossiers=inside))

    async def _add_fact(
        self, viewer: Viewer, claim: str, source: str, belongings: Belongings, tip_id: int | None = None
    ) -> None:
        now = self.clock.now()
        entry = read_fact(TypedFact(claim=claim, source=source), self.read, guild_id=viewer.guild_id, now=now)
        await fact_changes.add(self.database, viewer, entry, now, belongings, tip_id=tip_id)

    @refusable
    async def fact_cite(self, who: Person, fact: Fact, source: str) -> None:
        viewer, _ = await self._fact(who, fact, Action.FACT_CITE)
        now = self.clock.now()
        cited = read_citation(source, "", guild_id=viewer.guild_id, now=now)
        await fact_changes.cite(self.database, viewer, fact.id, [cited], now)

    @refusable
    async def fact_correct(
        self, who: Person, fact: Fact, *, claim: str | None, source: str | None, reason: str
    ) -> None:
        await self._correct(who, fact, TypedCorrection(claim=claim, source=source), reason, None, None)

    async def _correct(
        self, who: Person, fact: Fact, typed: TypedCorrection, reason: str, seen: int | None, draft: int | None
    ) -> None:
        viewer, before = await self._fact(who, fact, Action.FACT_CORRECT)
        now = self.clock.now()
        fact_changes.refuse_unseen(before, seen, who.id, now)
        async with self.database.read() as connection:
            first = (await citations.standing(connection, before.guild_id, before.id))[0]
        made = read_correction(typed, before, first, self.read, now=now)
        seen = before.revision
        only_own = not may(role_of(self.caller(who), self.newsrooms[who.room.guild_id]), Action.FACT_CORRECT)
        await fact_changes.correct(
            self.database, viewer, fact.id, made, reason, now, seen=seen, draft=draft, only_own=only_own
        )

    @refusable
    async def fact_judge(self, who: Person, fact: Fact, verdict: str, reason: str) -> None:
        viewer, _ = await self._fact(who, fact, Action(f"fact {verdict}"))
        now = self.clock.now()
        match verdict:
            case "verify":
                await fact_changes.verify(self.database, viewer, fact.id, now)
            case "dispute":
                await fact_changes.dispute(self.database, viewer, fact.id, reason, now)
            case "retract":
                await fact_changes.retract(self.database, viewer, fact.id, reason, now)

    # --- dossiers ---

    async def _open_dossier(self, viewer: Viewer, dossier: Dossier) -> int:
        async with self.database.read() as connection:
            found = await dossiers.find(connection, viewer.guild_id, dossier.id)
        if found is None:
            raise UserError("dossier-unknown", typed=dossier.name)
        if found.closed_at is not None:
            raise UserError("dossier-closed", name=found.name)
        return found.id

    @refusable
    async def dossier_create(self, who: Person, name: str, channel: int | None) -> None:
        viewer = self.admit(who, Action.DOSSIER_CREATE)
        await dossier_changes.create(self.database, viewer, name, channel, FLOOR, self.clock.now())

    @refusable
    async def dossier_put(self, who: Person, dossier: Dossier, thing: Tip | Fact) -> None:
        viewer = self.admit(who, Action.DOSSIER_ADD)
        kind = ThingKind.TIP if isinstance(thing, Tip) else ThingKind.FACT
        await dossier_changes.put(self.database, viewer, dossier.id, kind, thing.id, self.clock.now())

    @refusable
    async def dossier_close(self, who: Person, dossier: Dossier) -> None:
        viewer = self.admit(who, Action.DOSSIER_CLOSE)
        if not await dossier_changes.close(self.database, viewer, dossier.id, self.clock.now()):
            raise UserError("dossier-closed", name=dossier.name)

    @refusable
    async def dossier_reopen(self, who: Person, dossier: Dossier) -> None:
        viewer = self.admit(who, Action.DOSSIER_REOPEN)
        if not await dossier_changes.reopen(self.database, viewer, dossier.id, self.clock.now()):
            raise UserError("dossier-is-open", name=dossier.name)

    # --- what people see ---

    async def listed(self, who: Person, kind: str) -> Seen:
        async def look(connection: Connection, viewer: Viewer) -> Seen:
            if kind == "tip":
                seen = await tips.listed(connection, viewer, TipFilter())
                return _seen([tip.text for tip in seen], await tips.count(connection, viewer, TipFilter()))
            claims = [fact.claim.text for fact in await facts.listed(connection, viewer, FactFilter())]
            return _seen(claims, await facts.count(connection, viewer, FactFilter()))

        return await self._look(who, Action(f"{kind} list"), look)

    async def shown(self, who: Person, thing: Tip | Fact) -> Seen:
        async def look(connection: Connection, viewer: Viewer) -> Seen:
            texts = texts_of(self.newsrooms[viewer.guild_id])
            if isinstance(thing, Tip):
                tip = await tips.find(connection, viewer, thing.id)
                if tip is None:
                    raise UserError("tip-unknown")
                card = tip_card(texts, await tip_content(connection, tip, None, reader=viewer), is_whole=True)
            else:
                fact = await facts.find(connection, viewer, thing.id)
                if fact is None:
                    raise UserError("fact-unknown")
                card = fact_card(texts, await fact_content(connection, fact, None), is_whole=True)
            return Seen(None, words_in(card_to_json(card)))

        return await self._look(who, Action.TIP_SHOW if isinstance(thing, Tip) else Action.FACT_SHOW, look)

    async def proposed(self, who: Person, kind: str, typed: str) -> Seen:
        async def look(connection: Connection, viewer: Viewer) -> Seen:
            if kind == "tip":
                ids = await full_text.tips_named(connection, viewer, typed, PROPOSALS)
                named = [await tips.find(connection, viewer, one) for one in ids]
                return _seen([tip.text for tip in named if tip is not None], len(ids))
            ids = await full_text.facts_named(connection, viewer, typed, PROPOSALS)
            claims = [await facts.get(connection, viewer.guild_id, one) for one in ids]
            return _seen([fact.claim.text for fact in claims], len(ids))

        return await self._look(who, Action(f"{kind} show"), look)

    async def found(self, who: Person, word: str) -> Seen:
        try:
            viewer = self.admit(who, Action.SEARCH)
        except UserError as error:
            return Seen(error.text)
        asked = Question(query=read_query(word), zone=PARIS)
        results = await search(self.database, viewer, asked, 0, self.clock.now())
        return _seen([repr(find) for find in results.finds], results.total)

    async def exported(self, who: Person) -> Exported | None:
        try:
            viewer = self.admit(who, Action.FACT_EXPORT)
        except UserError:
            return None
        told = ExportSettings(zone=PARIS, exported_by=str(who.id), exported_at=self.clock.now(), version="0")
        with tempfile.TemporaryDirectory(prefix="export-") as folder:
            await export_facts(self.path, viewer, FactFilter(), Path(folder), told)
            return _tables(Path(folder))

    async def _look(self, who: Person, action: Action, look: Any) -> Seen:
        try:
            viewer = self.admit(who, action)
            async with self.database.read() as connection:
                seen: Seen = await look(connection, viewer)
        except UserError as error:
            return Seen(error.text)
        return seen


def _seen(texts: Sequence[str], number: int) -> Seen:
    return Seen(None, words_in("\n".join(texts)), number)


def _tables(folder: Path) -> Exported:
    return {file.name: read_csv(file.read_bytes()) for file in folder.glob("*.csv")}
