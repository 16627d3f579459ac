from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import time, timedelta
from pathlib import Path

import pytest

from bot.access import Action
from bot.errors import UserError
from bot.facts import changes as fact_changes
from bot.facts.entry import TypedFact, read_fact
from bot.models import (
    Announcement,
    AnnouncementKind,
    AnnouncementState,
    DigestTip,
    Every,
    ThingKind,
    Tip,
    TipFilter,
    TipStatus,
)
from bot.reference import AnnouncementKey
from bot.storage import newsrooms
from bot.storage.custody import audit, backups, erasing
from bot.storage.custody.backing_up import Copy
from bot.storage.custody.erased import ErasedTip
from bot.storage.database import Database
from bot.storage.digesting import digest_news, digests
from bot.storage.log import drafts, tips
from bot.storage.outbox import announcements, sending, shown, withdrawals
from bot.tips import changes
from bot.tips.changes import words_of
from bot.tips.erasing import erase, erase_again, erase_in, reach_of
from tests.bytes_left import found_in
from tests.factories import GUILD, START, SettableClock
from tests.log_world import (
    COLLEAGUE,
    DATES,
    EDITOR,
    ELSEWHERE,
    LOG,
    REPORTER,
    cards_of,
    log_database,
    log_tip,
)

CANARIES = ("Morvaldine", "Bistrelle", "Carvenelle", "Quibertas", "Trabuquet")
LATER = START + timedelta(days=1)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with log_database(tmp_path) as opened:
        yield opened


async def told(database: Database, *, is_sensitive: bool = False) -> int:
    """Log a tip that was edited and noted, every part of it with a word of its own."""
    tip = await log_tip(
        database,
        text="Morvaldine verse " + "des commissions " * 60,
        origin="appel de Bistrelle",
        is_sensitive=is_sensitive,
    )
    later = replace(words_of(tip), text="Carvenelle verse")
    await changes.edit(database, EDITOR, tip.id, later, START, seen=1, reason="dit par Quibertas hier")
    await changes.note(database, EDITOR, tip.id, "Trabuquet confirme " + "tout " * 200, START)
    return tip.id


async def refusal(attempt: object) -> UserError:
    with pytest.raises(UserError) as refused:
        await attempt  # type: ignore[misc]
    return refused.value


async def test_no_byte_of_an_erased_tip_is_left_in_the_database_its_log_or_its_index(
    database: Database, tmp_path: Path
) -> None:
    for number in range(30):
        await log_tip(
            database, replace(REPORTER, user_id=100 + number), text=f"Ordinaire {number} " + "mot " * number * 9
        )
    tip = await told(database, is_sensitive=True)
    assert {line.split()[0] for line in found_in(tmp_path, CANARIES)} == set(CANARIES)
    erased = await erase(database, EDITOR, tip, LATER)
    assert erased.is_emptied
    assert found_in(tmp_path, CANARIES) == []


async def test_of_an_erased_tip_its_row_is_left_and_is_in_no_list_or_count(database: Database) -> None:
    tip = await told(database)
    await erase(database, EDITOR, tip, LATER)
    async with database.read() as connection:
        left = [
            (await connection.one(f"SELECT count(*) FROM {table}"))[0]  # type: ignore[index]  # noqa: S608  # ours
            for table in ("tip", "tip_revision", "tip_change", "tip_item", "dossier_tip", "tip_words")
        ]
        assert await erasing.find(connection, REPORTER, tip) == ErasedTip(GUILD, tip, START, EDITOR.user_id, LATER)
        assert await tips.count(connection, EDITOR, TipFilter()) == 0
        assert await tips.find(connection, EDITOR, tip) is None
    assert left == [1, 0, 0, 0, 0, 0]


async def test_an_erased_tip_is_named_to_those_who_might_know_of_it_and_unknown_to_others(database: Database) -> None:
    tip = await told(database, is_sensitive=True)
    await erase(database, EDITOR, tip, LATER)
    said = await refusal(changes.note(database, REPORTER, tip, "x", LATER))
    assert (said.text, said.values) == ("tip-erased", {"id": tip, "person": EDITOR.user_id, "at": LATER})
    for stranger in (COLLEAGUE, ELSEWHERE):
        assert (await refusal(changes.note(database, stranger, tip, "x", LATER))).text == "tip-unknown"
        assert (await refusal(erase(database, stranger, tip, LATER))).text == "tip-unknown"


async def test_a_tip_under_embargo_stays_unknown_to_others_once_it_is_erased(database: Database) -> None:
    tip = await log_tip(database)
    async with database.tx("test") as connection:
        await connection.run(
            "UPDATE tip SET embargo_until = ? WHERE id = ?", "2030-01-01T00:00:00.000000+00:00", tip.id
        )
    await erase(database, EDITOR, tip.id, LATER)
    async with database.read() as connection:
        assert await erasing.find(connection, COLLEAGUE, tip.id) is None
        assert await erasing.find(connection, REPORTER, tip.id) is not None


async def test_to_erase_twice_says_who_did_it_first(database: Database) -> None:
    tip = await told(database)
    await erase(database, EDITOR, tip, LATER)
    again = await erase(database, replace(EDITOR, user_id=77), tip, LATER + timedelta(days=1))
    assert (again.tip.erased_by, again.tip.erased_at, again.is_first) == (EDITOR.user_id, LATER, False)


async def test_an_erasure_that_breaks_off_erases_nothing(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tip = await told(database)

    async def fails(*_: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(erasing, "erase", fails)
    with pytest.raises(OSError, match="disk"):
        await erase(database, EDITOR, tip, LATER)
    async with database.read() as connection:
        assert len(await tips.versions(connection, GUILD, tip)) == 2
        assert not any(row.is_withdrawn for row in await shown.of_thing(connection, GUILD, ThingKind.TIP, tip))
        assert next(entry.action for entry in await audit.listed(connection, GUILD)) == Action.TIP_NOTE
    assert found_in(tmp_path, ["Morvaldine"]) != []


async def test_the_audit_log_tells_that_and_by_whom_and_nothing_of_what_was_said(database: Database) -> None:
    tip, other = await told(database), await log_tip(database, text="Un autre")
    await erase(database, EDITOR, tip, LATER)
    async with database.read() as connection:
        entries = await audit.listed(connection, GUILD)
    about = [entry for entry in entries if entry.subject == f"tip:{tip}"]
    assert (about[0].action, about[0].made_by) == (Action.TIP_ERASE, str(EDITOR.user_id))
    assert [entry.detail for entry in about[1:]] == [None] * 3
    assert [entry.detail is None for entry in entries if entry.subject == f"tip:{other.id}"] == [False]


async def test_forms_that_hold_words_of_the_tip_are_emptied_and_others_are_not(database: Database) -> None:
    tip = await told(database)
    await changes.note(database, EDITOR, tip, "vu", START)
    forms: dict[str, tuple[dict[str, object], dict[str, str]]] = {
        "names it": ({"tip": tip, "seen": 2}, {"text": "Autre chose"}),
        "repeats a version": ({}, {"text": "Entendu : CARVENELLE  verse, dit-on"}),
        "repeats a note": ({"cited": {"quote": "trabuquet CONFIRME " + "tout " * 200}}, {"claim": "x"}),
        "repeats a reason": ({}, {"claim": "Dit par Quibertas, hier."}),
        "is of another tip": ({"tip": tip + 1}, {"text": "Autre chose"}),
        "is of nothing": ({}, {"text": "Une carvenelle versée"}),
        "repeats a short note": ({}, {"text": "Vu !"}),
        "has the words of a short note": ({}, {"text": "Nous avons vu le contrat signé"}),
    }
    ids = {}
    async with database.tx("test") as connection:
        for name, (context, values) in forms.items():
            draft = await drafts.add(connection, GUILD, 7, "tip-edit", context=context, values=values, now=START)
            ids[name] = draft.id
    await erase(database, EDITOR, tip, LATER)
    async with database.tx("test") as connection:
        found = {name: await drafts.find(connection, GUILD, 7, one) for name, one in ids.items()}
        kept = {
            name: await drafts.keep(connection, GUILD, 7, one, {"text": "Carvenelle verse"})
            for name, one in ids.items()
        }
    emptied = {
        name: draft.context for name, draft in found.items() if draft is not None and draft.form == drafts.ERASED
    }
    repeating = ("repeats a version", "repeats a note", "repeats a reason", "repeats a short note")
    assert emptied == {"names it": {"tip": tip}} | {name: {} for name in repeating}
    left = ["is of another tip", "is of nothing", "has the words of a short note"]
    assert [name for name, is_kept in kept.items() if is_kept] == left


async def test_cards_of_the_tip_are_withdrawn_and_forget_what_they_showed(database: Database) -> None:
    tip = await told(database)
    (card,) = await cards_of(database, await _get(database, tip))
    async with database.tx("test") as connection:
        place = announcements.Place(GUILD, LOG)
        await sending.begin(connection, place, card.id, START)
        await sending.sent(connection, card.id, message_id=5, shown={"body": "Carvenelle"}, revision=1, now=START)
    erased = await erase(database, EDITOR, tip, LATER)
    async with database.tx("test") as connection:
        row = await announcements.get(connection, GUILD, card.id)
        assert await sending.next_due(connection, place, LATER) == row
        # A request that was under way ends only now.
        await sending.edited(connection, card.id, {"body": "Carvenelle"}, 3)
        after = await announcements.get(connection, GUILD, card.id)
    assert [message.code for message in erased.reach.messages] == [card.code]
    assert (row.is_withdrawn, row.state, row.shown, after.shown) == (True, AnnouncementState.SENT, None, None)


async def test_a_card_that_was_never_tried_is_settled_at_once(database: Database) -> None:
    tip = await told(database)
    (card,) = await cards_of(database, await _get(database, tip))
    await erase(database, EDITOR, tip, LATER)
    async with database.read() as connection:
        row = await announcements.get(connection, GUILD, card.id)
        waiting = await sending.waiting(connection, LATER)
    assert (row.state, row.is_withdrawn, waiting) == (AnnouncementState.WITHDRAWN, True, {})


async def digest_of(database: Database, tip: int) -> int:
    """Note a digest that names a tip, whose message stands in the log channel; return our id of it."""
    shows = DigestTip(tip_id=tip, text="Carvenelle verse", status=TipStatus.NEW, logged_at=START, message_url=None)
    async with database.tx("test.digest") as connection:
        digest = await digests.add(connection, GUILD, LOG, None, Every.DAILY, time(8), EDITOR.user_id, START)
        key = AnnouncementKey(guild_id=GUILD, channel_id=LOG, kind=AnnouncementKind.DIGEST, subject="digest:1:1")
        owed = await announcements.owe(connection, key, now=START, thing_id=digest.id) or 0
        await digest_news.refer(connection, GUILD, owed, [], [shows])
        await sending.begin(connection, announcements.Place(GUILD, LOG), owed, START)
        await sending.sent(connection, owed, message_id=6, shown={"body": "Carvenelle"}, revision=1, now=START)
    return owed


async def test_digests_that_name_the_tip_forget_its_words_and_owe_an_edit(database: Database, tmp_path: Path) -> None:
    tip = await told(database)
    digest = await digest_of(database, tip)
    assert await row_of(database, digest)
    await erase(database, EDITOR, tip, LATER)
    row = await row_of(database, digest)
    assert (row.shown, row.shown_revision, row.due_revision) == (None, 1, 2)
    assert found_in(tmp_path, CANARIES) == []
    async with database.tx("test.late") as connection:
        # An edit that was under way shows what it showed; the one that is owed is kept.
        await sending.edited(connection, digest, {"body": "Carvenelle"}, 1)
        late = await announcements.get(connection, GUILD, digest)
        await sending.edited(connection, digest, {"body": "plus rien"}, 2)
        (named,) = await digest_news.tips_told(connection, GUILD, digest)
    assert (late.shown, (await row_of(database, digest)).shown) == (None, {"body": "plus rien"})
    assert (named.tip_id, named.text) == (tip, None)


async def test_a_digest_in_a_channel_that_refuses_us_is_named(database: Database) -> None:
    tip = await told(database)
    digest = await digest_of(database, tip)
    assert (await reach_of(database, EDITOR, tip)).digests == []
    async with database.tx("test.park") as connection:
        await newsrooms.park(connection, GUILD, LOG, "forbidden", START)
    code = (await row_of(database, digest)).code
    assert [one.code for one in (await reach_of(database, EDITOR, tip)).digests] == [code]
    await erase(database, EDITOR, tip, LATER)
    assert [one.code for one in (await erase(database, EDITOR, tip, LATER)).reach.digests] == [code]
    async with database.tx("test.edited") as connection:
        await sending.edited(connection, digest, {"body": "plus rien"}, 2)
    assert (await erase(database, EDITOR, tip, LATER)).reach.digests == []


async def test_a_digest_whose_channel_cannot_be_read_is_named(database: Database) -> None:
    tip = await told(database)
    digest = await digest_of(database, tip)
    async with database.tx("test.set_aside") as connection:
        await connection.run(
            "UPDATE announcement SET state = 'set_aside', reason = ?, sent_at = NULL, message_id = NULL WHERE id = ?",
            sending.HISTORY_FORBIDDEN,
            digest,
        )
    reach = await reach_of(database, EDITOR, tip)
    assert [one.code for one in reach.digests] == [(await row_of(database, digest)).code]


async def test_a_channel_that_was_deleted_took_its_messages_along(database: Database) -> None:
    tip = await told(database)
    (card,) = await cards_of(database, await _get(database, tip))
    digest = await digest_of(database, tip)
    async with database.tx("test.deleted") as connection:
        await sending.begin(connection, announcements.Place(GUILD, LOG), card.id, START)
        await sending.sent(connection, card.id, message_id=5, shown={}, revision=1, now=START)
        await newsrooms.park(connection, GUILD, LOG, "deleted", START)
    reach = await reach_of(database, EDITOR, tip)
    assert (reach.messages, reach.digests) == ([], [])
    assert digest


async def test_a_message_that_stays_is_named_again_until_it_is_gone(database: Database) -> None:
    tip = await told(database)
    (card,) = await cards_of(database, await _get(database, tip))
    async with database.tx("test.sent") as connection:
        await sending.begin(connection, announcements.Place(GUILD, LOG), card.id, START)
        await sending.sent(connection, card.id, message_id=5, shown={}, revision=1, now=START)
        await newsrooms.park(connection, GUILD, LOG, "forbidden", START)
    await erase(database, EDITOR, tip, LATER)
    named = (await erase(database, EDITOR, tip, LATER)).reach.messages
    assert [(one.code, one.is_reachable) for one in named] == [(card.code, False)]
    async with database.tx("test.gone") as connection:
        await withdrawals.settle(connection, GUILD, card.id)
    assert (await erase(database, EDITOR, tip, LATER)).reach.messages == []


async def test_what_may_still_hold_the_words_is_named(database: Database, tmp_path: Path) -> None:
    tip = await told(database)
    typed = TypedFact(claim="Un fait", source="https://agenda.example/mai")
    entry = read_fact(typed, DATES, guild_id=GUILD, now=START)
    fact = (await fact_changes.add(database, REPORTER, entry, START, tip_id=tip)).fact
    async with database.tx("test") as connection:
        for name, days in (("vieille.sqlite3", -1), ("neuve.sqlite3", 0.5), ("demain.sqlite3", 2)):
            copy = Copy(path=tmp_path / name, sha256="0" * 64, bytes=1)
            moment = START + timedelta(days=days)
            begun = await backups.begin(connection, copy.path, moment)
            await backups.finish(connection, begun, copy, moment)
        for ranges, by in (
            ([[1, tip + 3]], "7"),
            ([[tip + 1, tip + 9]], "8"),
            ([], "9"),
            ([[9, 12], [tip, tip]], "cli:lea"),
        ):
            await connection.run(
                "INSERT INTO export (guild_id, kind, made_by, made_at, filters, tips) VALUES (?, ?, ?, ?, '{}', ?)",
                *(GUILD, "tips", by, START.isoformat(), json.dumps(ranges)),
            )
    for name, days in (("before-0006", 0.5), ("before-0001", -3), ("before-restore-20261122T120000Z", 0.7)):
        path = tmp_path / f"vigie.sqlite3.{name}"
        path.write_bytes(b"x")
        written = (START + timedelta(days=days)).timestamp()
        os.utime(path, (written, written))
    reach = await reach_of(database, EDITOR, tip)
    assert (reach.versions, reach.facts) == (2, [fact.id])
    assert [one.path.name for one in reach.backups] == ["vieille.sqlite3", "neuve.sqlite3", "demain.sqlite3"]
    assert [one.made_by for one in reach.exports] == ["7", "cli:lea"]
    assert [(copy.name, copy.goes_at and copy.goes_at - START) for copy in reach.copies] == [
        ("vigie.sqlite3.before-0001", timedelta(days=27)),
        ("vigie.sqlite3.before-0006", timedelta(days=30.5)),
        ("vigie.sqlite3.before-restore-20261122T120000Z", None),
    ]


async def test_a_fact_made_of_the_tip_stays(database: Database) -> None:
    tip = await told(database)
    entry = read_fact(TypedFact(claim="Un fait", source="https://agenda.example/mai"), DATES, guild_id=GUILD, now=START)
    await fact_changes.add(database, REPORTER, entry, START, tip_id=tip)
    await erase(database, EDITOR, tip, LATER)
    async with database.read() as connection:
        found = await connection.all("SELECT claim, tip_id FROM fact JOIN fact_revision ON fact_id = fact.id")
    assert [tuple(row) for row in found] == [("Un fait", tip)]
    again = fact_changes.add(database, REPORTER, entry, LATER, tip_id=tip)
    assert (await refusal(again)).text == "tip-erased"


async def test_what_was_erased_is_erased_again_as_it_was_then(database: Database, tmp_path: Path) -> None:
    tip = await told(database, is_sensitive=True)
    erased = ErasedTip(GUILD, tip, START, 77, LATER)
    restored = LATER + timedelta(days=3)
    assert await erase_again(database, erased, restored)
    assert not await erase_again(database, erased, restored)
    other = await log_tip(database, text="Un autre")
    assert not await erase_again(database, replace(erased, tip_id=other.id, logged_at=LATER), restored)
    assert not await erase_again(database, replace(erased, tip_id=404), restored)
    async with database.read() as connection:
        assert await erasing.find(connection, EDITOR, tip) == erased
    assert found_in(tmp_path, CANARIES) == []


async def test_while_a_reader_holds_the_log_it_is_owed_to_be_emptied(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.tips.erasing._EMPTYING_TRIES", 2)
    tip = await told(database)
    reader = sqlite3.connect(database.path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT 1 FROM tip").fetchone()
    assert not (await erase(database, EDITOR, tip, LATER)).is_emptied
    assert database.owes_empty_log
    reader.close()
    assert await database.empty_log()
    assert found_in(tmp_path, CANARIES) == []


async def test_a_killed_process_leaves_nothing_once_the_bot_has_started_again(tmp_path: Path) -> None:
    killed = tmp_path / "killed"
    async with log_database(tmp_path) as database:
        tip = await told(database)
        reader = sqlite3.connect(database.path, isolation_level=None)
        reader.execute("BEGIN")
        reader.execute("SELECT 1 FROM tip").fetchone()
        async with database.tx("test") as connection:
            await erase_in(connection, await tips.get(connection, GUILD, tip), by=9, at=LATER, now=LATER)
        killed.mkdir()
        for part in ("", "-wal"):
            (killed / f"vigie.sqlite3{part}").write_bytes((tmp_path / f"vigie.sqlite3{part}").read_bytes())
        reader.close()
    assert found_in(killed, CANARIES) != []
    # While somebody looks at the database from outside, SQLite itself does not empty the log when it is closed.
    outside = sqlite3.connect(killed / "vigie.sqlite3", isolation_level=None)
    outside.execute("SELECT 1 FROM tip").fetchone()
    started = await Database.open(killed / "vigie.sqlite3", SettableClock())
    left = found_in(killed, CANARIES)
    await started.close()
    outside.close()
    assert left == []


async def row_of(database: Database, announcement: int) -> Announcement:
    async with database.read() as connection:
        return await announcements.get(connection, GUILD, announcement)


async def _get(database: Database, tip_id: int) -> Tip:
    async with database.read() as connection:
        return await tips.get(connection, GUILD, tip_id)
