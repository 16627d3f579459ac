from __future__ import annotations

import sqlite3
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from bot.models import (
    AnnouncementKind,
    AnnouncementState,
    Held,
    ItemKind,
    Notice,
    NoticeKind,
    Priority,
    SourceState,
)
from bot.reference import AnnouncementKey, reference
from bot.storage import command_sync, newsrooms
from bot.storage._values import to_moment, to_text
from bot.storage.archive import notices
from bot.storage.database import Database
from bot.storage.outbox import announcements, doubt, following, sending
from bot.storage.outbox.announcements import Place
from bot.storage.reading import sources
from bot.storage.watching import hits, watchlist
from tests.factories import (
    CHANNEL,
    FLOOR,
    GUILD,
    OPERATIONS,
    START,
    add_hit,
    add_item,
    add_newsroom,
    add_notice,
    make_item,
    make_notice,
    owe_notice,
    place_of,
)

FULL = Notice(
    source="gazette",
    id="26-7/é",
    revision=1,
    kind=NoticeKind.AWARD,
    title="Attribution ; « caméras »",
    text="Ligne 1\nLigne 2\x00\U0001f4f7",
    buyer="Ville",
    suppliers=("Sentival", "Corvoy"),
    people=("Jeanne Martin",),
    identifiers=("siren:998100473",),
    amount=Decimal("120000.50"),
    currency="EUR",
    cpv=("35125300",),
    published=date(2026, 11, 15),
    deadline=datetime(2026, 12, 1, 12, 0, tzinfo=timezone(timedelta(hours=1))),
    url="https://gazette.example/7",
    language="fr",
    procedure="gazette:26-1",
    raw_sha256="ab" * 32,
)


def _key(number: int, channel: int = CHANNEL, guild_id: int = GUILD) -> AnnouncementKey:
    return AnnouncementKey(
        guild_id=guild_id, channel_id=channel, kind=AnnouncementKind.OPERATIONS, subject=f"source_failing:{number}"
    )


async def _owe(database: Database, number: int, channel: int = CHANNEL, now: datetime = START) -> int | None:
    async with database.tx("test.owe") as connection:
        return await announcements.owe(connection, _key(number, channel), now=now, details={"event": "source_failing"})


async def _state(database: Database, announcement: int) -> AnnouncementState:
    async with database.read() as connection:
        return (await announcements.get(connection, GUILD, announcement)).state


def test_the_text_of_moments_sorts_as_they_do() -> None:
    paris = timezone(timedelta(hours=1))
    moments = [datetime(2026, 11, 16, 9, 0, tzinfo=paris), START + timedelta(microseconds=1), START + timedelta(1)]
    assert sorted(map(to_text, reversed(moments))) == [to_text(moment) for moment in moments]


def test_a_moment_comes_back_as_it_was() -> None:
    assert to_moment(to_text(START)) == START


def test_a_naive_moment_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        to_text(datetime(2026, 11, 16))  # noqa: DTZ001  # what is refused


async def test_a_notice_comes_back_as_it_was(database: Database) -> None:
    async with database.tx("test.notice") as connection:
        row = await add_notice(connection, FULL)
        assert await notices.get(connection, row, 1) == FULL


async def test_a_notice_that_says_almost_nothing_comes_back_as_it_was(database: Database) -> None:
    bare = Notice(source="gazette", id="1")
    async with database.tx("test.notice") as connection:
        row = await add_notice(connection, bare)
        assert await notices.get(connection, row, 1) == bare


async def test_every_revision_of_a_notice_stays(database: Database) -> None:
    async with database.tx("test.notice") as connection:
        row = await add_notice(connection, make_notice())
        later = make_notice(title="Autre", revision=2)
        await notices.revise(connection, row, later, "1" * 64, 1, now=START)
        assert [(await notices.get(connection, row, number)).title for number in (1, 2)] == [
            make_notice().title,
            "Autre",
        ]


async def test_an_item_comes_back_as_it_was(database: Database) -> None:
    await add_newsroom(database)
    item = make_item(
        "Valmarin", kind=ItemKind.COMPANY, aliases=("Sentival",), identifiers=("siren:998100473",), any_of=("a OR b",),
        none_of=("c",), sources=("boamp",), channel_id=CHANNEL, priority=Priority.DIGEST, ref="A1", note="é",
    )  # fmt: skip
    stored = await add_item(database, item)
    async with database.read() as connection:
        assert await watchlist.find(connection, GUILD, stored.id or 0) == stored


@pytest.mark.parametrize(("name", "ref", "same"), [("Drone", None, "name"), ("Other", "A1", "ref")])
async def test_a_clash_says_what_is_the_same(database: Database, name: str, ref: str | None, same: str) -> None:
    await add_newsroom(database)
    await add_item(database, make_item("Drone", ref="A1"))
    async with database.read() as connection:
        clash = await watchlist.clash(connection, GUILD, make_item(name, ref=ref), name.casefold())
    assert clash is not None
    assert clash.same == same


async def test_an_item_does_not_clash_with_itself(database: Database) -> None:
    await add_newsroom(database)
    item = await add_item(database, make_item("Drone", ref="A1"))
    async with database.read() as connection:
        assert await watchlist.clash(connection, GUILD, item, "drone") is None


@pytest.mark.parametrize("change", ["add", "remove", "restore", "mute"])
async def test_every_change_of_a_watchlist_moves_its_version(database: Database, change: str) -> None:
    await add_newsroom(database)
    item = (await add_item(database)).id or 0
    async with database.tx("test.change") as connection:
        if change == "restore":
            await watchlist.remove(connection, GUILD, item, 7, START)
        before = await watchlist.version_of(connection)
        if change == "add":
            await watchlist.add(connection, make_item("Other"), "other", START)
        elif change == "remove":
            await watchlist.remove(connection, GUILD, item, 7, START)
        elif change == "restore":
            await watchlist.restore(connection, GUILD, item)
        else:
            await watchlist.mute(connection, GUILD, item, START)
        assert await watchlist.version_of(connection) == before + 1


async def test_a_change_of_nothing_does_not_move_the_version(database: Database) -> None:
    async with database.tx("test.change") as connection:
        await watchlist.remove(connection, GUILD, 404, 7, START)
        assert await watchlist.version_of(connection) == 0


async def test_a_removed_item_is_no_longer_live_and_keeps_its_history(database: Database) -> None:
    await add_newsroom(database)
    item = (await add_item(database)).id or 0
    async with database.tx("test.remove") as connection:
        await watchlist.remove(connection, GUILD, item, 7, START)
        assert (await watchlist.live(connection))[1] == []
        assert [removed.id for removed in await watchlist.removed(connection, GUILD)] == [item]


async def test_a_source_state_comes_back_as_it_was(database: Database) -> None:
    state = SourceState(
        source="gazette", baseline_at=START, attempted_at=START, failures=2, failing_since=START, error="500",
        told="source_failing", told_since=START, not_before=START, unknown_fields=("a", "é"), losses_total=4,
    )  # fmt: skip
    async with database.tx("test.state") as connection:
        await sources.save(connection, SourceState(source="gazette"))
        await sources.save(connection, state)
        assert await sources.find(connection, "gazette") == state


async def test_a_source_never_polled_has_an_empty_state(database: Database) -> None:
    async with database.read() as connection:
        assert await sources.find(connection, "gazette") == SourceState(source="gazette")


async def test_the_first_floor_of_a_channel_stays(database: Database) -> None:
    await add_newsroom(database)
    async with database.tx("test.floor") as connection:
        await newsrooms.use_channel(connection, GUILD, CHANNEL, FLOOR + 1)
        row = await connection.one("SELECT floor_id FROM channel WHERE channel_id = ?", CHANNEL)
    assert row is not None
    assert row["floor_id"] == FLOOR


async def test_parking_a_parked_channel_is_no_news(database: Database) -> None:
    await add_newsroom(database)
    async with database.tx("test.park") as connection:
        news = [await newsrooms.park(connection, GUILD, CHANNEL, "deleted", START) for _ in range(2)]
    assert news == [True, False]


async def test_commands_are_remembered_by_scope(database: Database) -> None:
    async with database.tx("test.sync") as connection:
        for sha256 in ("a", "b"):
            await command_sync.save(connection, 1, 0, sha256, START)
        assert [await command_sync.find(connection, 1, scope) for scope in (0, 5)] == ["b", None]


async def test_what_is_owed_already_is_not_owed_again(database: Database) -> None:
    await add_newsroom(database)
    assert [await _owe(database, 1), await _owe(database, 1)] == [1, None]


async def test_a_code_that_is_taken_gives_way_to_another(database: Database) -> None:
    await add_newsroom(database)
    await _owe(database, 1)
    async with database.tx("test.code") as connection:
        row = await connection.one("SELECT id FROM installation")
        assert row is not None
        await connection.run("UPDATE announcement SET code = ?", reference(row["id"], _key(2)).code)
        owed = await announcements.owe(connection, _key(2), now=START)
        assert owed is not None
        assert (await announcements.get(connection, GUILD, owed)).code == reference(row["id"], _key(2), 1).code


async def test_an_announcement_to_a_channel_never_used_is_refused(database: Database) -> None:
    await add_newsroom(database)
    with pytest.raises(sqlite3.IntegrityError):
        await _owe(database, 1, channel=404)


async def test_the_first_open_row_of_a_channel_decides_when_it_is_due(database: Database) -> None:
    await add_newsroom(database)
    await _owe(database, 1)
    await _owe(database, 2)
    later = START + timedelta(minutes=5)
    async with database.tx("test.wait") as connection:
        await sending.postpone(connection, 1, later, "x")
        assert await sending.waiting(connection, START) == {place_of(): later}
        assert await sending.next_due(connection, place_of(), START) is None


async def test_a_parked_channel_is_not_waiting(database: Database) -> None:
    await add_newsroom(database)
    await _owe(database, 1)
    async with database.tx("test.park") as connection:
        await newsrooms.park(connection, GUILD, CHANNEL, "forbidden", START)
        assert await sending.waiting(connection, START) == {}


async def test_a_row_that_moved_to_another_channel_cannot_be_begun_in_the_old_one(database: Database) -> None:
    await add_newsroom(database)
    await owe_notice(database, await add_item(database), make_notice())
    async with database.tx("test.move") as connection:
        await announcements.reroute(connection, GUILD, CHANNEL, OPERATIONS)
        begun = [await sending.begin(connection, place_of(used), 1, START) for used in (CHANNEL, OPERATIONS)]
    assert begun == [False, True]


async def test_a_row_in_doubt_does_not_move(database: Database) -> None:
    await add_newsroom(database)
    await owe_notice(database, await add_item(database), make_notice())
    async with database.tx("test.move") as connection:
        await sending.begin(connection, place_of(), 1, START)
        await announcements.reroute(connection, GUILD, CHANNEL, OPERATIONS)
        assert (await announcements.get(connection, GUILD, 1)).channel_id == CHANNEL


async def test_history_is_read_from_what_was_known_before_the_first_post(database: Database) -> None:
    await add_newsroom(database)
    for number in (1, 2, 3):
        await _owe(database, number)
    async with database.tx("test.history") as connection:
        await sending.begin(connection, place_of(), 1, START)
        await sending.sent(connection, 1, message_id=9001, shown={}, revision=1, now=START)
        await sending.begin(connection, place_of(), 3, START)
        await sending.begin(connection, place_of(), 2, START)
        await sending.sent(connection, 2, message_id=9003, shown={}, revision=1, now=START)
        await sending.begin(connection, place_of(), 3, START)
        assert [await doubt.history_from(connection, GUILD, row) for row in (1, 2, 3)] == [FLOOR, 9001, 9001]


async def test_an_edit_that_was_refused_keeps_what_was_shown(database: Database) -> None:
    await add_newsroom(database)
    await _owe(database, 1)
    async with database.tx("test.edit") as connection:
        await sending.begin(connection, place_of(), 1, START)
        await sending.sent(connection, 1, message_id=9001, shown={"title": "a"}, revision=1, now=START)
        await sending.edited(connection, 1, None, 2)
        row = await announcements.get(connection, GUILD, 1)
    assert (row.shown, row.shown_revision) == ({"title": "a"}, 2)


async def test_only_rows_whose_history_could_not_be_read_are_taken_up_again(database: Database) -> None:
    await add_newsroom(database)
    for number in (1, 2):
        await _owe(database, number)
    async with database.tx("test.aside") as connection:
        for row, reason in ((1, sending.HISTORY_FORBIDDEN), (2, "refused")):
            await sending.begin(connection, place_of(), row, START)
            await sending.set_aside(connection, row, reason)
        await doubt.retry_set_aside(connection, GUILD, START)
    assert [await _state(database, row) for row in (1, 2)] == [AnnouncementState.SENDING, AnnouncementState.SET_ASIDE]


async def test_a_row_that_was_set_aside_before_it_was_tried_is_taken_up_as_one_never_tried(database: Database) -> None:
    await add_newsroom(database)
    await _owe(database, 1)
    async with database.tx("test.aside") as connection:
        await sending.set_aside(connection, 1, "unexpected")
        await doubt.retry_set_aside(connection, GUILD, START, is_any=True)
    assert await _state(database, 1) == AnnouncementState.PENDING


@pytest.mark.parametrize("trouble", ["nothing", "removed", "muted"])
async def test_a_procedure_is_followed_while_an_item_that_brought_it_is_live(database: Database, trouble: str) -> None:
    await add_newsroom(database)
    item = await add_item(database)
    owed = await owe_notice(database, item, make_notice())
    async with database.tx("test.followed") as connection:
        if trouble == "removed":
            await watchlist.remove(connection, GUILD, item.id or 0, 7, START)
        if trouble == "muted":
            await watchlist.mute(connection, GUILD, item.id or 0, START + timedelta(days=1))
        found = await following.places_of_procedure(connection, "gazette:26-1", START)
    assert found == ({Place(GUILD, CHANNEL): owed} if trouble == "nothing" else {})


async def test_an_announcement_shows_the_latest_hit_of_each_item(database: Database) -> None:
    await add_newsroom(database)
    item = await add_item(database)
    owed = await owe_notice(database, item, make_notice())
    async with database.tx("test.hits") as connection:
        later = make_notice(title="Neuves caméras-piétons", revision=2)
        await notices.revise(connection, 1, later, "1", 1, now=START)
        hit = await add_hit(connection, item, later, 1, revision=2)
        await announcements.link(connection, GUILD, owed, hit)
        shown = [await hits.of_announcement(connection, GUILD, owed, revision) for revision in (1, 2)]
    assert [[stored.hit.matched for stored in found] for found in shown] == [["Acquisition"], ["Neuves"]]


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        ((None, Held.MUTED), None),
        ((None, Held.WEAK), None),
        ((Held.WEAK, Held.MUTED), Held.MUTED),
        ((Held.STORM, Held.WEAK), Held.STORM),
        ((Held.WEAK, Held.WEAK), Held.WEAK),
    ],
)
async def test_an_item_once_announced_counts_as_announced_else_its_last_sure_hit_counts(
    database: Database, held: tuple[Held | None, Held], expected: Held | None
) -> None:
    await add_newsroom(database)
    item = await add_item(database)
    async with database.tx("test.held") as connection:
        row = await add_notice(connection, make_notice())
        await notices.revise(connection, row, make_notice(revision=2), "1", 1, now=START)
        for revision, why in enumerate(held, start=1):
            await add_hit(connection, item, make_notice(), row, revision=revision, held=why)
        assert await hits.earlier(connection, GUILD, row) == {item.id: expected}


async def test_an_item_record_counts_what_was_announced_and_what_was_held(database: Database) -> None:
    await add_newsroom(database)
    item = await add_item(database)
    async with database.tx("test.record") as connection:
        for number, why in enumerate((None, Held.LATE, Held.WEAK)):
            notice = make_notice(f"26-{number}")
            row = await add_notice(connection, notice)
            await add_hit(connection, item, notice, row, held=why, now=START + timedelta(hours=number))
        record = await hits.record(connection, GUILD, item.id or 0)
    assert record == hits.ItemRecord(1, 2, START + timedelta(hours=2), 3)
