"""Tips that rest: whoever holds them is reminded once, in private, without a word of theirs."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.access import Role
from bot.delivery import Membership
from bot.models import TipStatus
from bot.reminding import questions
from bot.storage import members
from bot.tips import changes
from tests.factories import GUILD, OPERATIONS
from tests.fake_discord import Ending
from tests.log_world import LOG, THERE
from tests.reminding.world import AS_REPORTER, AUTHOR, EDITOR, OWNER, SECOND_EDITOR, Room


async def test_the_owner_is_reminded_after_two_weeks(room: Room) -> None:
    await room.tip(owner=OWNER)
    await room.after(13)
    assert room.told(OWNER) == []
    await room.after(1)
    (told,) = room.told(OWNER)
    assert "Rappel : 1 tuyau vous attend" in told
    assert "n° 1" in told
    assert "nouveau · rien depuis le 16 novembre 2026" in told
    assert "La Rédaction · réf." in told


async def test_the_author_is_reminded_of_a_tip_that_nobody_owns(room: Room) -> None:
    await room.tip()
    await room.after(14)
    assert len(room.told(AUTHOR)) == 1


async def test_a_reminder_holds_no_word_of_the_tip(room: Room) -> None:
    await room.tip(sensitive=True)
    await room.after(14)
    assert "Varnoquel" not in room.told(AUTHOR)[0]


async def test_a_rest_is_told_once_over_days_and_restarts(room: Room) -> None:
    await room.tip()
    await room.after(14)
    for _ in range(5):
        room.restart()
        await room.after(3)
    assert len(room.told(AUTHOR)) == 1


async def test_a_tip_that_rests_again_is_told_again(room: Room) -> None:
    tip = await room.tip()
    await room.after(14)
    await room.note(tip)
    await room.after(13)
    assert len(room.told(AUTHOR)) == 1
    await room.after(1)
    assert len(room.told(AUTHOR)) == 2


@pytest.mark.parametrize("status", [TipStatus.CONFIRMED, TipStatus.DROPPED])
async def test_a_closed_tip_may_rest(room: Room, status: TipStatus) -> None:
    await room.set_status(await room.tip(), status)
    await room.after(20)
    assert room.told(AUTHOR) == []


async def test_everything_that_waits_for_a_person_is_one_message_a_day(room: Room) -> None:
    for _ in range(12):
        await room.tip()
        room.clock.advance(timedelta(minutes=3))
    await room.after(14)
    (told,) = room.told(AUTHOR)
    assert "12 tuyaux vous attendent" in told
    assert told.count("rien depuis") == 10
    assert "et 2 autres : /tuyau liste" in told


async def test_what_comes_to_rest_later_in_the_day_waits_for_the_next_one(room: Room) -> None:
    await room.tip()
    room.clock.advance(timedelta(hours=2))
    await room.tip()
    await room.after(14 - 2 / 24)
    room.restart()
    await room.after(2 / 24)
    assert len(room.told(AUTHOR)) == 1
    await room.after(1)
    assert len(room.told(AUTHOR)) == 2


async def test_nobody_is_reminded_at_night(room: Room) -> None:
    await room.tip()
    await room.after(14.5)
    assert room.told(AUTHOR) == []


async def test_a_change_settles_the_reminder_that_stands(room: Room) -> None:
    tip = await room.tip()
    await room.after(14)
    await room.note(tip)
    await room.delivery.settle()
    (told,) = room.told(AUTHOR)
    assert "Rappel : tout est réglé" in told
    assert "~~n° 1" in told


async def test_what_was_done_before_it_was_sent_is_not_told(room: Room) -> None:
    tip = await room.tip()
    room.clock.advance(timedelta(days=14))
    await room.reminder.remind()
    await room.note(tip)
    await room.delivery.settle()
    assert room.told(AUTHOR) == []


@pytest.mark.parametrize("role_ids", [None, frozenset[int]()])
async def test_what_somebody_held_who_left_goes_to_the_editors(room: Room, role_ids: frozenset[int] | None) -> None:
    await room.knows(EDITOR, Role.EDITOR)
    await room.tip(owner=OWNER, sensitive=True)
    room.discord.members[GUILD, OWNER] = None if role_ids is None else type(AS_REPORTER)(role_ids)
    await room.after(14)
    assert room.told(OWNER) == []
    (told,) = room.told(EDITOR)
    assert "Plus personne pour le suivre" in told
    assert "/tuyau réattribuer" in told


@pytest.fixture
async def editors(room: Room) -> None:
    """Let the bot have seen both editors, and ask nobody what is to be kept."""
    await room.settings(retention_days=None)
    await room.knows(EDITOR, Role.EDITOR)
    await room.knows(SECOND_EDITOR, Role.EDITOR)


@pytest.mark.usefixtures("editors")
@pytest.mark.parametrize("days_before", [0, 1, 15])
@pytest.mark.parametrize("membership", [None, Membership(frozenset())])
async def test_every_editor_is_told_once_on_the_next_day_that_a_holder_left(
    room: Room, days_before: int, membership: Membership | None
) -> None:
    await room.tip(owner=OWNER)
    await room.after(days_before)
    before = len(room.told(OWNER))
    room.discord.members[GUILD, OWNER] = membership
    await room.after(1)
    for _ in range(8):
        room.restart()
        await room.after(30)
    for editor in (EDITOR, SECOND_EDITOR):
        (told,) = room.told(editor)
        assert "Plus personne pour le suivre" in told
        assert "<@8>" in told
    assert len(room.told(OWNER)) == before


@pytest.mark.usefixtures("editors")
async def test_an_editor_who_could_not_be_asked_about_is_told_later_that_a_holder_left(room: Room) -> None:
    await room.tip(owner=OWNER)
    room.discord.members |= {(GUILD, OWNER): None, (GUILD, SECOND_EDITOR): None}
    await room.after(1)
    room.discord.members[GUILD, SECOND_EDITOR] = room.discord.members[GUILD, EDITOR]
    await room.knows(SECOND_EDITOR, Role.EDITOR)
    await room.after(1)
    assert (len(room.told(EDITOR)), len(room.told(SECOND_EDITOR))) == (1, 1)


@pytest.mark.usefixtures("editors")
async def test_who_comes_back_is_reminded_of_their_tip_again(room: Room) -> None:
    await room.tip(owner=OWNER)
    room.discord.members[GUILD, OWNER] = None
    await room.after(1)
    room.discord.members[GUILD, OWNER] = AS_REPORTER
    await room.after(13)
    assert (len(room.told(OWNER)), len(room.told(EDITOR))) == (1, 1)


@pytest.mark.usefixtures("editors")
async def test_the_next_holder_who_leaves_is_told_at_once_too(room: Room) -> None:
    tip = await room.tip()
    room.discord.members[GUILD, AUTHOR] = None
    await room.after(1)
    await changes.assign(room.database, room.viewer(EDITOR), tip.id, OWNER, room.clock.now())
    await room.after(1)
    assert len(room.told(EDITOR)) == 1
    room.discord.members[GUILD, OWNER] = None
    await room.after(1)
    assert "<@8>" in room.told(EDITOR)[1]


@pytest.mark.usefixtures("editors")
async def test_a_note_on_what_nobody_follows_is_no_new_alarm(room: Room) -> None:
    tip = await room.tip(owner=OWNER)
    room.discord.members[GUILD, OWNER] = None
    await room.after(1)
    await room.note(tip, EDITOR)
    await room.after(13)
    assert len(room.told(EDITOR)) == 1
    await room.after(1)
    assert len(room.told(EDITOR)) == 2


async def test_only_those_are_asked_who_are_editors_now(room: Room) -> None:
    await room.knows(EDITOR, Role.EDITOR)
    await room.knows(SECOND_EDITOR, Role.EDITOR)
    await room.tip(owner=OWNER)
    room.discord.members |= {(GUILD, OWNER): None, (GUILD, SECOND_EDITOR): AS_REPORTER}
    await room.after(14)
    assert (len(room.told(EDITOR)), len(room.told(SECOND_EDITOR))) == (1, 0)


async def test_who_manages_the_server_without_the_role_is_not_asked_as_an_editor(room: Room) -> None:
    await room.knows(EDITOR, Role.EDITOR)
    await room.tip(owner=OWNER, sensitive=True)
    room.discord.members |= {(GUILD, OWNER): None, (GUILD, EDITOR): Membership(frozenset(), is_administrator=True)}
    await room.after(14)
    assert room.told(EDITOR) == []


async def test_who_manages_the_server_is_reminded_of_their_own_tip(room: Room) -> None:
    room.discord.members[GUILD, AUTHOR] = Membership(frozenset(), is_administrator=True)
    await room.tip()
    await room.after(14)
    assert len(room.told(AUTHOR)) == 1


async def test_what_discord_says_of_a_member_is_kept(room: Room) -> None:
    await room.knows(OWNER, Role.REPORTER)
    await room.tip(owner=OWNER)
    room.discord.members[GUILD, OWNER] = None
    await room.after(14)
    async with room.database.read() as connection:
        known = await members.find(connection, GUILD, OWNER)
    assert known is not None
    assert known.role is Role.NOBODY


async def test_nobody_is_taken_for_gone_while_discord_is_silent(room: Room) -> None:
    await room.knows(EDITOR, Role.EDITOR)
    await room.tip(owner=OWNER)
    room.discord.silent.add(GUILD)
    await room.after(14)
    assert room.told(OWNER) == room.told(EDITOR) == []
    room.discord.silent.clear()
    await room.remind()
    assert len(room.told(OWNER)) == 1


async def test_the_tips_of_another_newsroom_are_not_told(room: Room) -> None:
    await room.tip()
    room.discord.members[THERE, AUTHOR] = AS_REPORTER
    await room.after(14)
    async with room.database.read() as connection:
        row = await connection.one("SELECT count(*) FROM announcement WHERE guild_id = ?", THERE)
    assert row is not None
    assert row[0] == 0


async def test_who_takes_no_private_message_is_reminded_in_the_log_of_an_open_tip(room: Room) -> None:
    await room.tip(owner=OWNER)
    room.discord.unreachable[OWNER] = "forbidden"
    await room.after(14)
    await room.remind()
    assert "nouveau · rien depuis le 16 novembre 2026 · <@8>" in room.told(LOG)[-1]
    assert room.told(OPERATIONS) == []


async def test_who_takes_no_private_message_is_told_of_a_hidden_tip_alone(room: Room) -> None:
    await room.tip(owner=OWNER, sensitive=True)
    room.discord.unreachable[OWNER] = "forbidden"
    await room.after(14)
    await room.remind()
    assert (room.told(LOG), room.told(OPERATIONS)) == ([], [])
    assert await room.untold(OWNER) == [(1, "rest")]
    assert await room.owed() == 0


async def test_closed_messages_are_no_loop(room: Room) -> None:
    await room.tip(owner=OWNER, sensitive=True)
    room.discord.unreachable[OWNER] = "forbidden"
    for _ in range(6):
        await room.after(14 if not room.discord.asked else 1)
    assert room.discord.asked.count("send") == 1


async def test_who_takes_messages_again_is_written_to_again(room: Room) -> None:
    tip = await room.tip(owner=OWNER)
    room.discord.unreachable[OWNER] = "forbidden"
    await room.after(14)
    await room.note(tip, OWNER)
    room.discord.unreachable.clear()
    await room.after(14)
    assert len(room.told(OWNER)) == 1


async def test_a_channel_that_cannot_be_opened_is_a_closed_one(room: Room) -> None:
    await room.tip(owner=OWNER, sensitive=True)
    room.discord.shut.add(OWNER)
    await room.after(14)
    assert await room.untold(OWNER) == [(1, "rest")]


async def test_a_reminder_in_the_log_forgets_a_tip_that_is_hidden_since(room: Room) -> None:
    tip = await room.tip(owner=OWNER)
    room.discord.unreachable[OWNER] = "forbidden"
    await room.after(14)
    await room.remind()
    words = changes.words_of(await room.find(tip))
    hidden = type(words)(text=words.text, is_sensitive=True)
    await changes.edit(room.database, room.viewer(), tip.id, hidden, room.clock.now(), seen=1)
    await room.delivery.settle()
    assert "n° 1" not in room.told(LOG)[-1]


@pytest.mark.parametrize("ending", [Ending.DOUBT_BEFORE, Ending.DOUBT_AFTER])
async def test_a_reminder_in_doubt_is_looked_for_and_stands_once(room: Room, ending: Ending) -> None:
    await room.tip()
    room.discord.plan("send", ending)
    await room.after(14)
    room.clock.advance(timedelta(minutes=10))
    await room.delivery.settle()
    assert len(room.told(AUTHOR)) == 1


async def test_more_than_one_message_can_ask_about_wait_for_the_next_day(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(questions, "MOST", 3)
    for _ in range(5):
        await room.tip()
    await room.after(14)
    await room.after(1)
    await room.after(1)
    assert [told.split("\n")[0] for told in room.told(AUTHOR)] == [
        "Rappel : 3 tuyaux vous attendent",
        "Rappel : 2 tuyaux vous attendent",
    ]
