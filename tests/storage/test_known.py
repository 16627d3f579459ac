"""What is known of the items of a notice: to whom it is told, as it stood when, and that it is kept true."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot import dossiers, embargo
from bot.cards import render
from bot.composing import Composed, compose
from bot.delivery import Delivery
from bot.entering import Belongings
from bot.facts import changes as fact_changes
from bot.facts.entry import Correction, TypedFact, read_fact
from bot.models import Claim, Fact, FactStatus, Held, Known, Newsroom, ThingKind, Tip, TipStatus, TipWords, WatchItem
from bot.models.known import COUNTED
from bot.storage import newsrooms
from bot.storage.database import Connection, Database
from bot.storage.log import about, facts
from bot.storage.outbox import announcements, known
from bot.storage.watching import hits
from bot.tips import changes as tip_changes
from bot.tips.changes import words_of
from bot.tips.erasing import erase
from tests.cards.faces import as_read
from tests.factories import (
    CHANNEL,
    FLOOR,
    GUILD,
    START,
    SettableClock,
    add_hit,
    add_item,
    add_notice,
    make_item,
    make_notice,
    owe_notice,
)
from tests.fake_discord import Crash, Ending, FakeDiscord, Message
from tests.log_world import COLLEAGUE, DATES, DOSSIER_CHANNEL, EDITOR, LOG, REPORTER, THERE, log_database

LATER = START + timedelta(days=3)
CLAIM = "Valmarin a eu le marché sans publicité."


@dataclass
class Room:
    """Hold a newsroom that watches some items, its Discord, and the delivery between them."""

    database: Database
    clock: SettableClock
    discord: FakeDiscord
    delivery: Delivery
    items: list[WatchItem] = field(default_factory=list)
    notices: int = 0

    @property
    def item(self) -> WatchItem:
        return self.items[0]

    async def watch(self, name: str) -> WatchItem:
        item = await add_item(self.database, make_item(name))
        self.items.append(item)
        return item

    async def fact(self, claim: str = CLAIM, *items: WatchItem, minutes: int = 0, dossier: int | None = None) -> Fact:
        now = START + timedelta(minutes=minutes)
        entry = read_fact(TypedFact(claim=claim, source="https://a.example/1"), DATES, guild_id=GUILD, now=now)
        of = Belongings(items=_ids(items or self.items[:1]), dossiers=[dossier] if dossier else [])
        return (await fact_changes.add(self.database, REPORTER, entry, now, of)).fact

    async def tip(self, *, dossier: int | None = None, minutes: int = 0, **words: Any) -> Tip:
        of = Belongings(items=_ids(self.items[:1]), dossiers=[dossier] if dossier else [])
        said = TipWords(text="Un dîner au Fouquet's", **words)
        now = START + timedelta(minutes=minutes)
        return (await tip_changes.add(self.database, REPORTER, said, now, of)).tip

    async def dossier(self, channel: int | None = DOSSIER_CHANNEL) -> int:
        return (await dossiers.create(self.database, REPORTER, "Caméras", channel, FLOOR, START)).id

    async def owe(self, *items: WatchItem, channel: int = CHANNEL) -> int:
        """Store a notice that hits some items, and owe a channel its announcement."""
        self.notices += 1
        notice = make_notice(f"26-{self.notices}")
        first, *others = items or self.items[:1]
        owed = await owe_notice(self.database, first, notice, channel)
        async with self.database.tx("test.more") as connection:
            row = (await announcements.get(connection, GUILD, owed)).notice_id or 0
            for item in others:
                hit = await add_hit(connection, item, notice, row)
                await announcements.link(connection, GUILD, owed, hit)
        return owed

    async def composed(self, announcement: int) -> Composed:
        async with self.database.read() as connection:
            row = await announcements.get(connection, GUILD, announcement)
            return await compose(connection, row, self.clock.now())

    async def known(self, *items: WatchItem, channel: int = CHANNEL) -> Known:
        """Return what the card of a new notice on some items tells in a channel."""
        return (await self.composed(await self.owe(*items, channel=channel))).known

    async def announce(self, *items: WatchItem, channel: int = CHANNEL) -> Message:
        """Announce a notice on some items in a channel, and return its message."""
        owed = await self.owe(*items, channel=channel)
        return await self.message(owed)

    async def message(self, announcement: int) -> Message:
        """Return the message of an announcement once everything is settled."""
        await self.delivery.settle()
        async with self.database.read() as connection:
            code = (await announcements.get(connection, GUILD, announcement)).code
        (message,) = [message for message in self.discord.truth if message.shows(code)]
        return message

    async def edits(self, message: Message) -> int:
        """Settle everything, and return how often a message was edited."""
        await self.delivery.settle()
        return len(message.cards) - 1


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    clock = SettableClock()
    async with log_database(tmp_path) as database:
        async with database.tx("test.announcements") as connection:
            newsroom = await newsrooms.find(connection, GUILD)
            assert isinstance(newsroom, Newsroom)
            await newsrooms.use_channel(connection, GUILD, CHANNEL, FLOOR)
            await newsrooms.save(connection, replace(newsroom, announcements_channel=CHANNEL))
        discord = FakeDiscord(clock, timedelta())
        delivery = Delivery(database, clock)
        delivery.connect(discord)
        made = Room(database, clock, discord, delivery)
        await made.watch("Valmarin")
        yield made


def read(message: Message) -> str:
    """Return what a message shows now."""
    return as_read(render(message.cards[-1]))


async def hide(room: Room, tip: Tip, how: str) -> None:
    match how:
        case "sensitive":
            words = replace(words_of(tip), is_sensitive=True)
            await tip_changes.edit(room.database, REPORTER, tip.id, words, START, seen=tip.revision)
        case "embargo":
            await embargo.put(room.database, REPORTER, ThingKind.TIP, tip.id, LATER, START, seen=None)
        case "erased":
            await erase(room.database, EDITOR, tip.id, START)
        case "dropped":
            await tip_changes.set_status(room.database, REPORTER, tip.id, TipStatus.DROPPED, START)


def _ids(items: Sequence[WatchItem]) -> list[int]:
    return [item.id for item in items if item.id is not None]


# --- To whom it is told ---


@pytest.mark.parametrize(
    ("kept", "named_in"), [(False, {LOG}), (True, {DOSSIER_CHANNEL})], ids=["in no dossier", "in a dossier"]
)
async def test_an_open_tip_is_named_where_its_card_is_posted_and_counted_elsewhere(
    room: Room, *, kept: bool, named_in: set[int]
) -> None:
    tip = await room.tip(dossier=await room.dossier() if kept else None)
    posted = {message.place.channel_id for message in room.discord.truth}
    await room.delivery.settle()
    posted |= {message.place.channel_id for message in room.discord.truth}
    told = {channel: (await room.known(channel=channel)).tips for channel in (LOG, CHANNEL, DOSSIER_CHANNEL)}
    assert {channel: [(one.tip_id, one.is_named) for one in tips] for channel, tips in told.items()} == {
        channel: [(tip.id, channel in named_in)] for channel in (LOG, CHANNEL, DOSSIER_CHANNEL)
    }
    assert posted == named_in


@pytest.mark.parametrize("how", ["sensitive", "embargo", "erased", "dropped"])
@pytest.mark.parametrize("kept", [False, True], ids=["in no dossier", "in a dossier"])
async def test_a_tip_that_is_hidden_or_closed_never_counts_anywhere(room: Room, how: str, *, kept: bool) -> None:
    dossier = await room.dossier() if kept else None
    await hide(room, await room.tip(dossier=dossier), how)
    told = [await room.known(channel=channel) for channel in (LOG, CHANNEL, DOSSIER_CHANNEL)]
    assert [known.tips for known in told] == [(), (), ()]


async def test_a_closed_dossier_names_its_tips_nowhere(room: Room) -> None:
    dossier = await room.dossier()
    await room.tip(dossier=dossier)
    await dossiers.close(room.database, EDITOR, dossier, START)
    told = [(await room.known(channel=channel)).tips for channel in (LOG, CHANNEL, DOSSIER_CHANNEL)]
    assert [tip.is_named for tips in told for tip in tips] == [False, False, False]


async def test_a_fact_that_a_dossier_keeps_to_its_channel_is_told_there_alone(room: Room) -> None:
    await room.fact(dossier=await room.dossier())
    told = [len((await room.known(channel=channel)).facts) for channel in (LOG, CHANNEL, DOSSIER_CHANNEL)]
    assert told == [0, 0, 1]


async def test_a_fact_under_embargo_is_told_nowhere(room: Room) -> None:
    fact = await room.fact()
    await embargo.put(room.database, REPORTER, ThingKind.FACT, fact.id, LATER, START, seen=None)
    told = [len((await room.known(channel=channel)).facts) for channel in (LOG, CHANNEL, DOSSIER_CHANNEL)]
    assert told == [0, 0, 0]


async def test_another_newsrooms_facts_and_tips_are_never_told(room: Room) -> None:
    await room.fact()
    await room.tip()
    item = await add_item(room.database, make_item("Valmarin", guild_id=THERE))
    owed = await owe_notice(room.database, item, make_notice("26-9"), LOG)
    async with room.database.read() as connection:
        row = await announcements.get(connection, THERE, owed)
        assert (await compose(connection, row, START)).known == Known()


# --- What is told ---


async def test_of_a_new_item_nothing_is_known(room: Room) -> None:
    assert "Ce que nous savons déjà" not in read(await room.announce())


async def test_the_newest_facts_are_told_with_their_state_and_the_link_to_their_card(room: Room) -> None:
    made = [await room.fact(f"Fait {number}") for number in range(5)]
    await fact_changes.dispute(room.database, COLLEAGUE, made[4].id, "Le maire dément", START)
    await room.delivery.settle()
    (item,) = (await room.known()).items
    assert [(fact.fact_id, fact.status) for fact in item.facts] == [
        (made[4].id, FactStatus.DISPUTED),
        (made[3].id, FactStatus.LOGGED),
        (made[2].id, FactStatus.LOGGED),
    ]
    assert item.facts_left == 2
    for fact in item.facts:
        (card,) = [card for card in room.discord.truth if fact.claim in read(card) and card.answers is None]
        assert fact.message_url == f"https://discord.com/channels/{GUILD}/{LOG}/{card.id}"


async def test_each_fact_is_told_once_though_it_is_of_two_items(room: Room) -> None:
    both = [room.item, await room.watch("Optrelis")]
    fact = await room.fact(CLAIM, *both)
    told = await room.known(*both)
    assert ([one.fact_id for one in told.facts], len(told.items)) == ([fact.id], 1)


async def test_of_three_items_it_is_told_what_is_known_and_others_are_counted(room: Room) -> None:
    items = [room.item, *[await room.watch(f"Item {number}") for number in range(5)]]
    for number, item in enumerate(items[1:]):
        await room.fact(f"Fait {number}", item)
    told = await room.known(*items)
    assert ([item.item for item in told.items], told.items_left) == (["Item 0", "Item 1", "Item 2"], 2)


async def test_facts_are_counted_so_far_and_no_further(room: Room) -> None:
    async with room.database.tx("test.many") as connection:
        for number in range(COUNTED + 9):
            fact = await facts.add(connection, GUILD, Claim(text=f"Fait {number}"), [], 7, START)
            await about.link(connection, GUILD, ThingKind.FACT, fact.id, _ids(room.items), 7, START)
    (item,) = (await room.known()).items
    assert (len(item.facts), item.facts_left) == (3, COUNTED)


async def test_earlier_announcements_are_counted_with_the_link_to_the_last(room: Room) -> None:
    await room.announce()
    last = await room.announce()
    (item,) = (await room.known()).items
    assert item.earlier is not None
    assert (item.earlier.count, item.earlier.first_at, item.earlier.last_at) == (2, START, START)
    assert str(item.earlier.message_url).endswith(f"/{CHANNEL}/{last.id}")


async def test_what_was_held_or_dismissed_was_not_announced(room: Room) -> None:
    owed = await room.owe()
    async with room.database.tx("test.held") as connection:
        held = make_notice("26-8")
        await add_hit(connection, room.item, held, await add_notice(connection, held), held=Held.WEAK)
        (hit,) = await hits.of_announcement(connection, GUILD, owed, 1)
        await _dismiss(connection, hit)
    assert (await room.known()).items == ()


async def _dismiss(connection: Connection, hit: hits.StoredHit) -> None:
    await connection.run(
        "INSERT INTO dismissal (guild_id, item_id, notice_id, name, made_by, made_at) VALUES (?, ?, ?, 'x', 7, ?)",
        GUILD,
        hit.hit.item,
        hit.notice_id,
        START.isoformat(timespec="microseconds"),
    )


async def test_a_notice_that_people_say_is_not_the_item_tells_nothing_of_it(room: Room) -> None:
    await room.fact()
    owed = await room.owe()
    async with room.database.tx("test.dismiss") as connection:
        (hit,) = await hits.of_announcement(connection, GUILD, owed, 1)
        await _dismiss(connection, hit)
    assert (await room.composed(owed)).known == Known()


# --- That it is kept true ---


async def test_a_second_notice_shows_the_disputed_fact_and_its_state(room: Room) -> None:
    await room.announce()
    fact = await room.fact()
    await fact_changes.dispute(room.database, COLLEAGUE, fact.id, "Le maire dément", START)
    assert f"• **Contesté** · {CLAIM}" in read(await room.announce())


async def test_a_card_is_edited_when_its_fact_is_retracted(room: Room) -> None:
    fact = await room.fact()
    message = await room.announce()
    await fact_changes.retract(room.database, EDITOR, fact.id, "Faux", START)
    assert await room.edits(message) == 1
    assert f"• **Retiré** · ~~{CLAIM}~~" in read(message)


async def test_a_card_is_edited_when_its_fact_is_corrected(room: Room) -> None:
    fact = await room.fact()
    message = await room.announce()
    correction = Correction(replace(fact.claim, text="Sans avis de marché."), (), None)
    await fact_changes.correct(room.database, REPORTER, fact.id, correction, "Plus juste", START, seen=1)
    assert await room.edits(message) == 1
    assert (CLAIM in read(message), "Sans avis de marché." in read(message)) == (False, True)


async def test_a_card_forgets_a_fact_that_comes_under_embargo(room: Room) -> None:
    fact = await room.fact()
    message = await room.announce()
    await embargo.put(room.database, REPORTER, ThingKind.FACT, fact.id, LATER, START, seen=None)
    assert await room.edits(message) == 1
    assert "Ce que nous savons déjà" not in read(message)


async def test_a_card_forgets_a_fact_that_a_dossier_now_keeps_to_its_channel(room: Room) -> None:
    fact = await room.fact()
    message = await room.announce()
    await dossiers.put(room.database, REPORTER, await room.dossier(), ThingKind.FACT, fact.id, START)
    assert await room.edits(message) == 1
    assert CLAIM not in read(message)


@pytest.mark.parametrize("how", ["sensitive", "embargo", "erased"])
@pytest.mark.parametrize("channel", [CHANNEL, LOG], ids=["counted", "named"])
async def test_a_card_forgets_a_tip_that_others_may_no_longer_know_of(room: Room, how: str, channel: int) -> None:
    tip = await room.tip()
    message = await room.announce(channel=channel)
    assert "1 tuyau ouvert" in read(message)
    await hide(room, tip, how)
    assert await room.edits(message) == 1
    assert ("tuyau" in read(message), f"n° {tip.id}" in read(message)) == (False, False)


async def test_what_does_not_change_what_a_card_tells_does_not_edit_it(room: Room) -> None:
    fact, tip = await room.fact(), await room.tip()
    message = await room.announce()
    await room.fact("Un autre", minutes=1)
    await room.tip(minutes=1)
    await tip_changes.note(room.database, REPORTER, tip.id, "au Fouquet's", START)
    await fact_changes.link_items(room.database, REPORTER, fact.id, _ids([await room.watch("Optrelis")]), START)
    assert await room.edits(message) == 0


async def test_a_card_made_anew_tells_what_was_known_when_it_was_sent(room: Room) -> None:
    fact = await room.fact()
    message = await room.announce()
    await room.fact("Noté après", minutes=60)
    room.clock.advance(timedelta(hours=2))
    await fact_changes.dispute(room.database, COLLEAGUE, fact.id, "Le maire dément", START)
    await room.edits(message)
    assert ("Contesté" in read(message), "Noté après" in read(message)) == (True, False)


async def test_a_fact_that_changes_while_its_card_is_made_is_not_told_as_it_was(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    fact = await room.fact()
    owed = await room.owe()
    async with room.database.read() as connection:
        composed = await compose(connection, await announcements.get(connection, GUILD, owed), START)
    await fact_changes.retract(room.database, EDITOR, fact.id, "Faux", START)
    async with room.database.tx("test.note") as connection:
        row = await announcements.get(connection, GUILD, owed)
        assert not await known.note(connection, row, composed.known)
    monkeypatch.setattr("bot.delivery.outbox.compose", _once(composed, owed))
    message = await room.message(owed)
    assert (len(message.cards), "Retiré" in read(message)) == (1, True)


async def test_a_fact_that_changes_while_a_card_is_edited_is_not_lost(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    fact = await room.fact()
    owed = await room.owe()
    message = await room.message(owed)
    await fact_changes.dispute(room.database, COLLEAGUE, fact.id, "Le maire dément", START)
    disputed = await room.composed(owed)
    await fact_changes.retract(room.database, EDITOR, fact.id, "Faux", START)
    monkeypatch.setattr("bot.delivery.outbox.compose", _once(disputed, owed))
    await room.edits(message)
    assert "Retiré" in read(message)


def _once(composed: Composed, announcement: int) -> Any:
    """Return a `compose` that gives a card made before, once."""
    left = [composed]

    async def made(connection: Connection, row: Any, now: Any) -> Composed:
        if row.id == announcement and left:
            return left.pop()
        return await compose(connection, row, now)

    return made


async def test_a_crash_behind_the_edit_loses_nothing(room: Room) -> None:
    fact = await room.fact()
    message = await room.announce()
    await fact_changes.retract(room.database, EDITOR, fact.id, "Faux", START)
    room.discord.plan("edit", Ending.CRASH_BEFORE, Ending.CRASH_BEFORE)
    with pytest.raises(Crash):
        await room.delivery.settle()
    room.delivery = Delivery(room.database, room.clock)
    room.delivery.connect(room.discord)
    with pytest.raises(Crash):
        await room.delivery.settle()
    await room.delivery.settle()
    assert "Retiré" in read(message)


async def test_only_the_newest_announcements_are_made_anew(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known, "REMADE", 2)
    fact = await room.fact()
    messages = [await room.announce() for _ in range(3)]
    await fact_changes.retract(room.database, EDITOR, fact.id, "Faux", START)
    assert [await room.edits(message) for message in messages] == [0, 1, 1]


async def test_what_is_known_is_read_by_the_items_and_what_told_it_by_what_it_told(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An item may have half of all facts, tips and hits that a newsroom ever had."""
    items = [room.item, *[await room.watch(f"Item {number}") for number in range(4)]]
    fact, tip = await room.fact(CLAIM, *items), await room.tip()
    await room.announce(*items)
    owed = await room.owe(*items)
    steps: list[str] = []
    plain = Connection.all

    async def explained(self: Connection, sql: str, *values: Any) -> Any:
        steps.extend(row["detail"] for row in await plain(self, f"EXPLAIN QUERY PLAN {sql}", *values))
        return await plain(self, sql, *values)

    monkeypatch.setattr(Connection, "all", explained)
    async with room.database.tx("test.plans") as connection:
        row = await announcements.get(connection, GUILD, owed)
        told = await known.of_announcement(connection, row, _ids(items), START)
        assert await known.note(connection, row, told)
        await known.refresh(connection, GUILD, fact_id=fact.id, tip_id=tip.id, now=START)
    found_before = {"CONSTANT", "asked", "told", "json_each", "link", "stands"}
    whole = [step for step in steps if re.match(r"SCAN \w", step) and step.split()[1] not in found_before]
    assert [*whole, *[step for step in steps if step.endswith("(guild_id=?)")]] == []
    assert "SEARCH hit USING INDEX hit_announced (guild_id=? AND item_id=? AND id<?)" in steps
