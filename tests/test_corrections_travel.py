"""A fact that no longer stands as it was read: each card of it is answered, once, whatever Discord does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from bot import dossiers
from bot.cards import Card, CardKind, render
from bot.delivery import Delivery
from bot.facts import changes
from bot.facts.entry import Correction
from bot.models import AnnouncementKind, AnnouncementState, Claim, Fact, ThingKind
from bot.storage import newsrooms
from bot.storage.database import Database
from bot.storage.log import facts
from bot.storage.outbox import sending, shown
from bot.storage.outbox.sending import HISTORY_FORBIDDEN
from tests.delivery_world import ROUNDS
from tests.factories import FLOOR, GUILD, START, SettableClock
from tests.fake_discord import Ending, FakeDiscord, Message
from tests.log_world import DOSSIER_CHANNEL, EDITOR, LOG, REPORTER, log_database, log_fact

FIRST, SECOND, THIRD = "Axon a vu le maire.", "Axon a vu le préfet.", "Axon a vu le ministre."


@dataclass
class World:
    """A newsroom with one fact, and a Discord in memory."""

    database: Database
    clock: SettableClock
    discord: FakeDiscord
    delivery: Delivery
    fact: Fact

    async def settle(self) -> None:
        for _ in range(ROUNDS):
            await self.delivery.settle()
            async with self.database.read() as connection:
                waiting = await sending.waiting(connection, self.clock.now())
            if not waiting:
                return
            self.clock.moment = max(self.clock.moment, min(waiting.values()))
        raise AssertionError("the outbox never comes to rest")

    def restart(self) -> None:
        self.delivery = Delivery(self.database, self.clock)
        self.delivery.connect(self.discord)

    async def correct(self, claim: str, reason: str = "mal lu") -> None:
        made = Correction(Claim(text=claim), (), None)
        now = self.clock.now()
        changed = await changes.correct(self.database, EDITOR, self.fact.id, made, reason, now, seen=self.fact.revision)
        self.fact = changed.fact

    async def dispute(self, reason: str = "démenti") -> None:
        self.fact = (await changes.dispute(self.database, EDITOR, self.fact.id, reason, START)).fact

    async def retract(self, reason: str = "faux") -> None:
        self.fact = (await changes.retract(self.database, EDITOR, self.fact.id, reason, START)).fact

    def answers(self, channel: int = LOG) -> list[Message]:
        return [message for message in self.discord.in_channel(channel) if is_answer(message.cards[0])]

    def card(self, channel: int = LOG) -> Message:
        return next(message for message in self.discord.in_channel(channel) if not is_answer(message.cards[0]))

    async def owed(self) -> list[tuple[AnnouncementKind, AnnouncementState]]:
        async with self.database.read() as connection:
            rows = await shown.of_thing(connection, GUILD, ThingKind.FACT, self.fact.id)
        return [(row.kind, row.state) for row in rows]


def is_answer(card: Card) -> bool:
    return card.kind is CardKind.CORRECTION


def words_of(message: Message) -> str:
    rendered = render(message.cards[-1])
    return f"{rendered.title}\n{rendered.description}\n{rendered.footer}"


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with log_database(tmp_path) as database:
        clock = SettableClock()
        discord = FakeDiscord(clock)
        made = World(database, clock, discord, Delivery(database, clock), await log_fact(database, claim=FIRST))
        made.delivery.connect(discord)
        yield made


async def test_a_card_that_was_read_is_edited_and_answered(world: World) -> None:
    await world.settle()
    await world.correct(SECOND, "le procès-verbal dit préfet")
    await world.settle()
    [answer] = world.answers()
    assert answer.answers == world.card().id
    said = ("1", FIRST, SECOND, "le procès-verbal dit préfet", f"<@{EDITOR.user_id}>")
    assert all(words in words_of(answer) for words in said)
    assert SECOND in words_of(world.card())


@pytest.mark.parametrize("verdict", ["dispute", "retract"])
async def test_what_is_doubted_or_taken_back_is_answered_with_the_reason(world: World, verdict: str) -> None:
    await world.settle()
    await getattr(world, verdict)("un homonyme")
    await world.settle()
    [answer] = world.answers()
    assert "un homonyme" in words_of(answer)
    assert answer.answers == world.card().id


async def test_each_channel_that_shows_the_fact_is_answered(world: World) -> None:
    dossier = await dossiers.create(world.database, REPORTER, "Caméras", DOSSIER_CHANNEL, FLOOR, START)
    await dossiers.put(world.database, REPORTER, dossier.id, ThingKind.FACT, world.fact.id, START)
    await world.settle()
    await world.retract()
    await world.settle()
    assert [len(world.answers(channel)) for channel in (LOG, DOSSIER_CHANNEL)] == [1, 1]


async def test_a_card_that_was_not_sent_yet_is_not_answered(world: World) -> None:
    await world.correct(SECOND)
    await world.settle()
    assert world.answers() == []
    assert SECOND in words_of(world.card())


async def test_a_fact_that_is_shown_nowhere_answers_nobody(tmp_path: Path) -> None:
    async with log_database(tmp_path, log=None) as database:
        fact = await log_fact(database)
        await changes.retract(database, EDITOR, fact.id, "faux", START)
        async with database.read() as connection:
            assert await shown.of_thing(connection, GUILD, ThingKind.FACT, fact.id) == []


async def test_each_version_is_answered_once_across_restarts(world: World) -> None:
    await world.settle()
    for claim in (SECOND, THIRD):
        await world.correct(claim)
        await world.settle()
        world.restart()
        await world.settle()
    assert [SECOND in words_of(answer) for answer in world.answers()] == [True, True]
    assert [THIRD in words_of(answer) for answer in world.answers()] == [False, True]


async def test_two_corrections_before_the_first_was_told_are_told_in_one_answer(world: World) -> None:
    await world.settle()
    await world.correct(SECOND, "mal lu")
    await world.correct(THIRD, "mal relu")
    await world.settle()
    [answer] = world.answers()
    said = words_of(answer)
    assert (FIRST in said, SECOND in said, THIRD in said) == (True, False, True)
    assert "mal lu" in said
    assert "mal relu" in said


async def test_a_card_in_doubt_is_settled_before_it_is_answered(world: World) -> None:
    world.discord.plan("send", Ending.DOUBT_AFTER)
    await world.delivery.settle()
    await world.correct(SECOND)
    await world.settle()
    first, second = world.discord.in_channel(LOG)
    assert (is_answer(first.cards[0]), is_answer(second.cards[0])) == (False, True)
    assert second.answers == first.id


@pytest.mark.parametrize("ending", [Ending.DOUBT_BEFORE, Ending.DOUBT_AFTER, Ending.TOO_MANY, Ending.BROKEN])
async def test_an_answer_in_doubt_comes_to_stand_there_once(world: World, ending: Ending) -> None:
    await world.settle()
    world.discord.plan("send", ending)
    await world.correct(SECOND)
    await world.settle()
    world.restart()
    await world.settle()
    [answer] = world.answers()
    assert SECOND in words_of(answer)


async def test_where_the_card_was_deleted_the_answer_names_it_all_the_same(world: World) -> None:
    await world.settle()
    world.discord.delete_by_hand(world.card().id)
    await world.retract()
    await world.settle()
    assert [answer.answers for answer in world.answers()] == [world.card().id]


async def test_an_answer_that_discord_refuses_stands_by_itself_as_a_plain_card(world: World) -> None:
    await world.settle()
    world.discord.refuses = is_answer
    await world.retract("un homonyme")
    await world.settle()
    plain = world.discord.in_channel(LOG)[-1]
    assert (plain.cards[0].kind, plain.answers) == (CardKind.FALLBACK, None)
    assert "un homonyme" in words_of(plain)


async def test_in_a_channel_that_cannot_be_reached_the_answer_waits(world: World) -> None:
    await world.settle()
    world.discord.unreachable[LOG] = "forbidden"
    await world.retract()
    await world.settle()
    assert world.answers() == []
    del world.discord.unreachable[LOG]
    await world.delivery.retry_parked(GUILD)
    await world.settle()
    assert len(world.answers()) == 1


async def test_what_nobody_can_tell_whether_it_was_sent_is_answered(world: World) -> None:
    async with world.database.tx("test.doubt") as connection:
        [row] = await shown.of_thing(connection, GUILD, ThingKind.FACT, world.fact.id)
        await sending.set_aside(connection, row.id, HISTORY_FORBIDDEN)
    await world.retract()
    assert (AnnouncementKind.CORRECTION, AnnouncementState.PENDING) in await world.owed()


async def test_what_discord_refused_was_read_by_nobody(world: World) -> None:
    async with world.database.tx("test.refused") as connection:
        [row] = await shown.of_thing(connection, GUILD, ThingKind.FACT, world.fact.id)
        await sending.set_aside(connection, row.id, "refused")
    await world.retract()
    assert await world.owed() == [(AnnouncementKind.FACT, AnnouncementState.SET_ASIDE)]


async def test_an_answer_says_what_became_of_the_fact_since(world: World) -> None:
    await world.settle()
    await world.dispute()
    await world.settle()
    verified = await changes.verify(world.database, EDITOR, world.fact.id, START, reason="l'acte fait foi")
    world.fact = verified.fact
    await world.settle()
    [answer] = world.answers()
    assert words_of(answer).endswith(world.discord.codes(LOG)[-1])
    assert "Depuis" in words_of(answer)


async def test_a_replaced_log_channel_is_not_answered_in_the_place_of_the_one_that_read(world: World) -> None:
    await world.settle()
    async with world.database.tx("test.log") as connection:
        newsroom = await newsrooms.find(connection, GUILD)
        assert newsroom is not None
        await shown.reroute(connection, GUILD, LOG, DOSSIER_CHANNEL)
    await world.retract()
    await world.settle()
    assert (len(world.answers(LOG)), len(world.answers(DOSSIER_CHANNEL))) == (1, 0)


async def test_a_fact_that_was_only_verified_or_cited_answers_nobody(world: World) -> None:
    await world.settle()
    await changes.verify(world.database, EDITOR, world.fact.id, START + timedelta(days=1), reason="l'acte fait foi")
    await world.settle()
    assert world.answers() == []
    async with world.database.read() as connection:
        assert (await facts.get(connection, GUILD, world.fact.id)).changes == 2
