"""Each changing command leaves one entry in the audit log: by whom, which action, about what; refused ones none."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.access import TABLE, Action
from bot.loopback import Member, Platform, Reply
from bot.loopback.publishers.boamp import LoopbackBoamp
from bot.loopback.publishers.boamp_records import mapa_notice
from bot.models import AuditEntry, Notice, NoticeKind
from bot.storage.custody import audit
from tests.cogs.house import House, Room, settings_of

NOT_THIS = "Ce n\u2019est pas ça"
TAKE, GIVE_BACK = "Je prends", "Rendre\u00a0: Axon Enterprise"
UNDO = "Annuler"
FOLLOW, UNFOLLOW = "Suivre", "Ne plus suivre"
ERASE = "Effacer pour toujours"
MORE = "Autres réglages"
ITEM, DOSSIER, TIP, FACT, DIGEST, SOURCE = "item:1", "dossier:1", "tip:1", "fact:1", "digest:1", "source:boamp"

READING = {
    Action.HELP: "lists commands",
    Action.WATCH_LIST: "shows items",
    Action.WATCH_SHOW: "shows an item",
    Action.WATCH_TEST: "tries a query and stores nothing",
    Action.TIP_LIST: "shows tips",
    Action.TIP_SHOW: "shows a tip",
    Action.FACT_LIST: "shows facts",
    Action.FACT_SHOW: "shows a fact",
    Action.DOSSIER_LIST: "shows dossiers",
    Action.DOSSIER_SHOW: "shows a dossier",
    Action.DIGEST_LIST: "shows digests",
    Action.DIGEST_PREVIEW: "shows what a digest would say and advances nothing",
    Action.SEARCH: "shows what is found",
    Action.WHY: "shows why something was announced",
    Action.AUDIT_LIST: "shows the audit log itself",
    Action.AUDIT_VERIFY: "reads the audit log",
    Action.SOURCE_LIST: "shows sources",
    Action.SOURCE_SHOW: "shows a source",
}
"""The actions that only read, each with what it does."""

ELSEWHERE = {
    Action.TIP_KEEP: "a button of a reminder: tests/reminding/test_keep.py",
}
"""The actions whose entries are looked at in other tests, which run for longer."""


@dataclass(frozen=True, slots=True)
class Told:
    """Hold what an entry is to say."""

    by: Member
    action: Action
    subject: str | None
    detail: dict[str, Any]


class Story:
    """Use every changing command once, as the newsroom does, and look at what each left in the log."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.faults: list[str] = []
        self.actions: set[Action] = set()
        self.room: Room
        self._seen = 0

    async def entries(self) -> list[AuditEntry]:
        """Return the entries that came since this was asked last, oldest first."""
        async with self.house.app.database.read() as connection:
            found = await audit.listed(connection, self.room.guild.id)
        new, self._seen = found[: len(found) - self._seen], len(found)
        return new[::-1]

    async def leaves(self, act: Awaitable[Reply], *told: Told) -> Reply:
        """Let something happen, and note where it left other entries than these."""
        reply = await act
        new = await self.entries()
        wanted = [(str(one.by.id), one.action.value, one.subject) for one in told]
        left = [(one.made_by, one.action, one.subject) for one in new]
        if left != wanted:
            self.faults.append(f"left {left}, not {wanted}: {reply.text!r}")
        for one, entry in zip(told, new, strict=False):
            missing = {key: value for key, value in one.detail.items() if (entry.detail or {}).get(key) != value}
            if missing:
                self.faults.append(f"{one.action} lacks {missing}: {entry.detail}")
        self.actions |= {one.action for one in told}
        return reply

    async def one(
        self, by: Member, action: Action, subject: str | None, detail: dict[str, Any] | None = None, **options: Any
    ) -> Reply:
        """Run the command of an action, which is to leave one entry."""
        told = Told(by, action, subject, detail or {})
        return await self.leaves(by.slash(action.value, self.room.desk, **options), told)


async def watching(story: Story) -> None:
    room, house = story.room, story.house
    reporter, editor = room.reporter, room.editor
    added = {"kind": "company", "name": "Axon", "dossiers": [1]}
    await story.one(reporter, Action.DOSSIER_CREATE, DOSSIER, {"name": "Caméras", "channel_id": None}, name="Caméras")
    await story.one(reporter, Action.WATCH_ADD, ITEM, added, kind="company", name="Axon", dossier="Caméras")
    renamed = {"changed": {"name": {"before": "Axon", "after": "Axon Enterprise"}}}
    await story.one(reporter, Action.WATCH_EDIT, ITEM, renamed, item="Axon", name="Axon Enterprise")
    await story.leaves(reporter.slash("watch edit", room.desk, item="1", name="Axon Enterprise"))
    await story.one(reporter, Action.WATCH_MUTE, ITEM, {"before": None}, item="1", until="2030-01-01")
    unmuted = await story.one(reporter, Action.WATCH_UNMUTE, ITEM, {"until": None}, item="1")
    await story.leaves(reporter.click(unmuted, label=UNDO), Told(reporter, Action.WATCH_MUTE, ITEM, {"before": None}))
    await story.leaves(reporter.slash("watch remove", room.desk, item="Personne"))
    await story.one(reporter, Action.WATCH_REMOVE, ITEM, {"name": "Axon Enterprise"}, item="1")
    await story.one(reporter, Action.WATCH_RESTORE, ITEM, {"kind": "company"}, item="1")
    file = editor.upload("liste.csv", b"kind,name,note\ncompany,Axon Enterprise,vu\nkeyword,drone,\n", "text/csv")
    brought = {"added": [2], "changed": {"1": {"note": {"before": None, "after": "vu"}}}, "unchanged": 0}
    await story.one(editor, Action.WATCH_IMPORT, None, brought, file=file)
    await story.one(reporter, Action.WATCH_EXPORT, "export:1", {"kind": "watchlist", "rows": 2})
    [item, _] = await house.items(room)
    message = await house.announce(room, [item])
    said = {"what": "series", "undone": False}
    told = Told(reporter, Action.WATCH_DISMISS, ITEM, said)
    dismissed = await story.leaves(reporter.click(message, label=NOT_THIS), told)
    told = Told(reporter, Action.WATCH_DISMISS, ITEM, {"undone": True})
    await story.leaves(reporter.click(dismissed, label=UNDO), told)
    took = {"items": ["Axon Enterprise"], "taken_by": [reporter.id]}
    taken = await story.leaves(
        reporter.click(message, label=TAKE), Told(reporter, Action.NOTICE_TAKE, "notice:1", took)
    )
    told = Told(reporter, Action.NOTICE_RELEASE, "notice:1", took)
    await story.leaves(reporter.click(taken, label=GIVE_BACK), told)
    hits = await story.leaves(reporter.slash("watch hits", room.desk, item="1"))
    told = Told(reporter, Action.WATCH_HITS, "export:2", {"kind": "hits", "rows": 1})
    await story.leaves(reporter.click(hits, label="CSV"), told)
    tender = Notice(id="26-77", title="Voirie", source="boamp", kind=NoticeKind.TENDER, procedure="p77")
    await house.publish(tender)
    why = await story.leaves(reporter.slash("why", room.desk, notice="boamp:26-77"))
    where = {"channel_id": room.desk.id}
    followed = await story.leaves(
        reporter.click(why, label=FOLLOW), Told(reporter, Action.NOTICE_FOLLOW, "notice:2", where)
    )
    told = Told(reporter, Action.NOTICE_UNFOLLOW, "notice:2", where)
    await story.leaves(reporter.click(followed, label=UNFOLLOW), told)


async def logging(story: Story) -> None:
    room = story.room
    reporter, editor = room.reporter, room.editor
    other = room.guild.add_member("Inès", roles=[room.reporter_role])
    await story.one(reporter, Action.TIP_ADD, TIP, text="Un dîner")
    await story.one(reporter, Action.TIP_NOTE, TIP, tip="1", text="Rappelé")
    form = await reporter.slash("tip edit", room.desk, tip="1")
    told = Told(reporter, Action.TIP_EDIT, TIP, {})
    await story.leaves(reporter.submit(form, {"text": "Deux dîners", "reason": "rappelé"}), told)
    await story.one(reporter, Action.TIP_ASSIGN, TIP, tip="1", member=other)
    await story.one(reporter, Action.TIP_STATUS, TIP, tip="1", status="checking")
    await story.one(editor, Action.TIP_EMBARGO, TIP, tip="1", until="2030-01-01")
    handed: dict[str, Any] = {"from": str(other.id), "to": reporter}
    await story.one(editor, Action.TIP_REASSIGN, TIP, **handed)
    await story.one(reporter, Action.DOSSIER_ADD, DOSSIER, {"added": TIP}, dossier="1", thing=TIP)
    await story.one(reporter, Action.FACT_ADD, FACT, claim="Axon a gagné", source="https://example.org/a")
    await story.one(reporter, Action.FACT_CITE, FACT, fact="1", source="https://example.net/b")
    await story.one(editor, Action.FACT_VERIFY, FACT, fact="1")
    await story.one(editor, Action.FACT_CORRECT, FACT, fact="1", reason="précis", claim="Axon a perdu")
    await story.one(editor, Action.FACT_EMBARGO, FACT, fact="1", until="2030-01-01")
    await story.one(editor, Action.FACT_EXPORT, "export:3", {"kind": "facts"})
    await story.one(reporter, Action.FACT_DISPUTE, FACT, fact="1", reason="démenti")
    await story.one(editor, Action.FACT_RETRACT, FACT, fact="1", reason="faux")
    await story.leaves(editor.slash("fact retract", room.desk, fact="1", reason="faux"))
    await story.one(reporter, Action.TIP_ADD, "tip:2", text="Un marché")
    form = await reporter.slash("tip promote", room.desk, tip="2")
    promoted = [Told(reporter, Action.TIP_PROMOTE, "tip:2", {"fact": 2}), Told(reporter, Action.FACT_ADD, "fact:2", {})]
    await story.leaves(reporter.submit(form, {"source": "https://example.org/c"}), *promoted)
    question = await story.leaves(editor.slash("tip erase", room.desk, tip="1"))
    await story.leaves(editor.click(question, label=ERASE), Told(editor, Action.TIP_ERASE, TIP, {}))


async def ending(story: Story) -> None:
    room = story.room
    editor, administrator = room.editor, room.administrator
    await story.one(editor, Action.DOSSIER_CLOSE, DOSSIER, {"name": "Caméras"}, dossier="1")
    await story.one(editor, Action.DOSSIER_REOPEN, DOSSIER, dossier="1")
    when = {"channel_id": room.desk.id, "every": "friday", "at": "08:30"}
    await story.one(editor, Action.DIGEST_SCHEDULE, DIGEST, when, channel=room.desk, every="friday", at="8h30")
    await story.one(editor, Action.DIGEST_NOW, DIGEST, {"messages": 1}, digest="1")
    await story.one(editor, Action.DIGEST_REMOVE, DIGEST, when, digest="1")
    await story.one(editor, Action.SOURCE_PAUSE, SOURCE, source="boamp")
    await story.leaves(editor.slash("source pause", room.desk, source="boamp"))
    await story.one(editor, Action.SOURCE_RESUME, SOURCE, source="boamp")
    await story.one(administrator, Action.SOURCE_CHECK, SOURCE, {"read": 1, "error": None}, source="boamp")
    await story.one(
        administrator, Action.SOURCE_BACKFILL, SOURCE, {"resumed": False}, source="boamp", since="2025-01-01"
    )
    language = {"changed": {"language": {"before": "fr", "after": "en"}}, "named": []}
    settings = await story.one(administrator, Action.SETUP, None, language, language="en")
    form = await administrator.click(settings, label=MORE)
    storm = {"changed": {"storm": {"before": 20, "after": 7}}}
    await story.leaves(administrator.submit(form, {"storm": "7"}), Told(administrator, Action.SETUP, None, storm))
    await story.leaves(room.stranger.slash("watch add", room.desk, kind="company", name="Intrus", force=True))


@pytest.fixture
async def story(platform: Platform, tmp_path: Path) -> AsyncIterator[Story]:
    async with LoopbackBoamp() as boamp:
        house = House(platform, settings_of(tmp_path, boamp.url))
        boamp.records.append(mapa_notice(idweb="26-9", objet="Drones", published=house.clock.now().date()))
        async with house.running():
            told = Story(house)
            told.room = await house.newsroom(house.guild())
            await told.entries()
            yield told


CHAPTERS: tuple[Callable[[Story], Awaitable[None]], ...] = (watching, logging, ending)


async def test_every_changing_command_leaves_one_entry_and_a_refused_one_none(story: Story) -> None:
    for chapter in CHAPTERS:
        await chapter(story)
        assert story.faults == []
    changing = set(TABLE) - set(READING) - set(ELSEWHERE)
    assert sorted(changing - story.actions) == []
