"""Retention: after so many days somebody is asked whether a tip is kept, then the editors; nothing goes by itself."""

from __future__ import annotations

import pytest

from bot.access import Role
from bot.audit.words import action_words
from bot.errors import UserError
from bot.locales import Language, Texts
from bot.models import TipStatus
from bot.storage.custody import audit
from bot.tips import erasing
from bot.tips.keeping import WISH, keep, wish_erased
from tests.factories import GUILD
from tests.log_world import LOG, PARIS
from tests.reminding.world import AUTHOR, DAY, EDITOR, OWNER, SECOND_EDITOR, Room


@pytest.fixture(autouse=True)
async def editors(room: Room) -> None:
    """Let the bot have seen both editors."""
    await room.knows(EDITOR, Role.EDITOR)
    await room.knows(SECOND_EDITOR, Role.EDITOR)


@pytest.mark.parametrize("status", TipStatus)
async def test_the_owner_is_asked_after_ninety_days_whatever_the_status(room: Room, status: TipStatus) -> None:
    tip = await room.tip(owner=OWNER)
    if status is not TipStatus.NEW:
        await room.set_status(tip, status)
    await room.after(90)
    (told,) = room.told(OWNER)
    assert "À garder ou à effacer ?" in told
    assert "Rien de neuf" not in told


async def test_a_shorter_retention_asks_sooner(room: Room) -> None:
    await room.settings(retention_days=7)
    await room.tip()
    await room.after(7)
    assert "À garder ou à effacer ?" in room.told(AUTHOR)[0]


async def test_without_a_retention_nobody_is_asked(room: Room) -> None:
    await room.settings(retention_days=None)
    await room.set_status(await room.tip(), TipStatus.DROPPED)
    await room.after(1_000)
    assert (room.told(AUTHOR), room.told(EDITOR)) == ([], [])


async def test_a_question_asked_while_the_clock_was_years_ahead_holds_up_no_other(room: Room) -> None:
    await room.tip()
    room.clock.advance(1_500 * DAY)
    await room.remind()
    room.clock.advance(-1_500 * DAY)
    await room.after(1)
    assert (len(room.told(AUTHOR)), len(room.told(EDITOR))) == (1, 1)


async def test_a_tip_logged_while_the_clock_was_years_ahead_is_asked_about_once(room: Room) -> None:
    room.clock.advance(1_500 * DAY)
    tip = await room.tip()
    room.clock.advance(-1_500 * DAY)
    await room.after(1)
    await room.note(tip)
    for _ in range(3):
        await room.after(20)
    assert [("À garder" in told, "Rien de neuf" in told) for told in room.told(AUTHOR)] == [
        (True, False),
        (False, True),
    ]


async def test_the_question_has_its_two_answers(room: Room) -> None:
    await room.tip()
    await room.after(90)
    (message,) = room.discord.in_channel(AUTHOR)
    code = message.cards[-1].footer.split()[-1]
    assert [(button.action, button.argument) for button in message.cards[-1].buttons] == [
        ("keep-tip", f"{GUILD}:{code}"),
        ("erase-tip", f"{GUILD}:{code}"),
    ]


async def test_a_rest_alone_has_no_buttons(room: Room) -> None:
    await room.tip()
    await room.after(14)
    assert room.discord.in_channel(AUTHOR)[0].cards[-1].buttons == ()


async def test_who_keeps_a_tip_is_asked_again_after_as_many_days(room: Room) -> None:
    tip = await room.tip()
    await room.set_status(tip, TipStatus.CONFIRMED)
    await room.after(90)
    await keep(room.database, room.viewer(), [tip.id], room.clock.now())
    assert (await room.find(tip)).kept_at == room.clock.now()
    await room.after(89)
    assert len(room.told(AUTHOR)) == 1
    assert room.told(EDITOR) == []
    await room.after(1)
    assert len(room.told(AUTHOR)) == 2


async def test_what_was_kept_is_settled_on_the_message(room: Room) -> None:
    tip = await room.tip()
    await room.after(90)
    await keep(room.database, room.viewer(), [tip.id], room.clock.now())
    await room.delivery.settle()
    (message,) = room.discord.in_channel(AUTHOR)
    assert "Rappel : tout est réglé" in room.told(AUTHOR)[0]
    assert "gardé le 14 février 2027" in room.told(AUTHOR)[0]
    assert message.cards[-1].buttons == ()


async def test_keeping_is_in_the_audit_log(room: Room) -> None:
    tip = await room.tip()
    await keep(room.database, room.viewer(), [tip.id], room.clock.now())
    assert (await room.audited())[-1] == ("tip keep", "tip:1")


async def test_what_somebody_may_not_see_is_not_kept(room: Room) -> None:
    tip = await room.tip()
    hidden = await room.tip(sensitive=True)
    with pytest.raises(UserError, match="tip-unknown"):
        await keep(room.database, room.viewer(OWNER), [tip.id, hidden.id], room.clock.now())
    assert (await room.find(tip)).kept_at is None


async def test_an_unanswered_question_goes_to_every_editor_once(room: Room) -> None:
    await room.tip(owner=OWNER, sensitive=True)
    await room.tip(owner=OWNER)
    await room.after(90)
    await room.after(13)
    assert room.told(EDITOR) == []
    await room.after(1)
    for editor in (EDITOR, SECOND_EDITOR):
        (told,) = room.told(editor)
        assert "2 tuyaux vous attendent" in told
        assert "La question vous revient" in told
        assert "<@8>" in told
        assert "n° 1" in told
        assert "n° 2" in told
    for _ in range(4):
        room.restart()
        await room.after(30)
    assert (len(room.told(OWNER)), len(room.told(EDITOR))) == (1, 1)


async def test_an_editor_who_comes_later_is_asked_too(room: Room) -> None:
    room.discord.members[GUILD, SECOND_EDITOR] = None
    await room.tip()
    await room.after(90)
    await room.after(14)
    assert room.told(SECOND_EDITOR) == []
    room.discord.members[GUILD, SECOND_EDITOR] = room.discord.members[GUILD, EDITOR]
    await room.knows(SECOND_EDITOR, Role.EDITOR)
    await room.after(1)
    assert (len(room.told(EDITOR)), len(room.told(SECOND_EDITOR))) == (1, 1)


async def test_what_an_owner_left_is_the_editors_question_at_once(room: Room) -> None:
    await room.set_status(await room.tip(owner=OWNER), TipStatus.CONFIRMED)
    room.discord.members[GUILD, OWNER] = None
    await room.after(90)
    assert "À garder ou à effacer ?" in room.told(EDITOR)[0]


@pytest.mark.parametrize("days", [1, 13])
async def test_what_is_asked_of_who_then_leaves_is_the_editors_question(room: Room, days: int) -> None:
    await room.tip(owner=OWNER)
    await room.after(90)
    room.discord.members[GUILD, OWNER] = None
    await room.after(days)
    await room.after(1)
    await room.after(30)
    left, question = room.told(EDITOR)
    assert "redemandé le" in left
    assert "Plus personne pour le suivre" in left
    assert "À garder ou à effacer ?" in question


async def test_who_leaves_after_the_editors_were_asked_is_told_to_them(room: Room) -> None:
    await room.tip(owner=OWNER)
    await room.after(90)
    await room.after(14)
    room.discord.members[GUILD, OWNER] = None
    await room.after(1)
    assert ["Plus personne pour le suivre" in told for told in room.told(EDITOR)] == [False, True]


async def test_only_the_newest_question_waits_for_an_answer(room: Room) -> None:
    await room.tip(by=EDITOR)
    for days in (14, 76, 14):
        await room.after(days)
    rest, keep_or_erase, passed_on = room.told(EDITOR)
    assert "Rappel : remplacé par un plus récent" in rest
    assert "redemandé le 14 février 2027" in rest
    assert "redemandé le 28 février 2027" in keep_or_erase
    assert "1 tuyau vous attend" in passed_on
    messages = room.discord.in_channel(EDITOR)
    assert [len(message.cards[-1].buttons) for message in messages] == [0, 0, 2]


async def test_a_wish_to_erase_is_passed_on_to_the_editors(room: Room) -> None:
    tip = await room.tip()
    await room.after(90)
    await wish_erased(room.database, room.viewer(), [tip.id], room.clock.now())
    room.reminder.ask_again(GUILD)
    await room.remind()
    (told,) = room.told(EDITOR)
    assert "Effacement demandé" in told
    assert "demandé par <@7>" in told


async def test_the_audit_log_tells_who_wished_it(room: Room) -> None:
    tip = await room.tip()
    await wish_erased(room.database, room.viewer(), [tip.id], room.clock.now())
    async with room.database.read() as connection:
        entry = (await audit.listed(connection, GUILD))[0]
    assert (entry.made_by, entry.action, entry.subject) == (str(AUTHOR), WISH, f"tip:{tip.id}")
    assert (
        action_words(Texts(Language.FR, PARIS), WISH, {}) == "a demandé à la rédaction en chef d\u2019effacer un tuyau"
    )


async def test_a_wish_is_void_once_something_was_done(room: Room) -> None:
    tip = await room.tip()
    await room.after(90)
    await wish_erased(room.database, room.viewer(), [tip.id], room.clock.now())
    await room.note(tip)
    await room.after(1)
    assert room.told(EDITOR) == []


async def test_an_erased_tip_is_nobodys_question(room: Room) -> None:
    tip = await room.tip()
    await room.after(89)
    await erasing.erase(room.database, room.viewer(EDITOR), tip.id, room.clock.now())
    await room.after(30)
    assert room.told(AUTHOR)[1:] == room.told(EDITOR) == []


async def test_nothing_is_erased_by_time(room: Room) -> None:
    tip = await room.tip()
    for _ in range(10):
        await room.after(90)
    assert (await room.find(tip)).text == "Varnoquel a signé"


async def test_an_answer_takes_the_question_from_the_log_too(room: Room) -> None:
    tip = await room.tip()
    room.discord.unreachable[AUTHOR] = "forbidden"
    await room.after(90)
    await room.remind()
    assert "À garder ou à effacer ?" in room.told(LOG)[-1]
    await keep(room.database, room.viewer(), [tip.id], room.clock.now())
    await room.delivery.settle()
    assert "Rappel : tout est réglé" in room.told(LOG)[-1]
