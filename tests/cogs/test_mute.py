from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.access import Action
from bot.cards import Button, Card, CardKind
from bot.loopback import Member, Message, Platform, Reply
from bot.models import ItemKind, WatchItem
from bot.storage.watching import watchlist
from bot.watchlist.changes import UNTIL_FURTHER_NOTICE, Span
from cogs._views import view_of
from cogs.watch import COMPONENTS
from tests.cogs.house import House, Room, settings_of

MUTE = "Mettre en sourdine"


@pytest.fixture
async def item(house: House, room: Room) -> WatchItem:
    return await house.follow(room, kind=ItemKind.KEYWORD, name="caméra-piéton")


async def muted(member: Member, message: Message | Reply, span: str = "1 semaine") -> Reply:
    asked = await member.click(message, label=MUTE)
    return await member.click(asked, label=span)


async def test_an_announcement_has_a_mute_button_that_asks_how_long_in_private(
    house: House, room: Room, item: WatchItem
) -> None:
    message = await house.announce(room, [item])
    reply = await room.reporter.click(message, label=MUTE)
    assert reply.ephemeral
    assert "caméra-piéton" in reply.text
    assert reply.buttons == ["1 jour", "1 semaine", "1 mois (30 jours)", "Jusqu\u2019à nouvel ordre"]


@pytest.mark.parametrize(
    ("label", "span"),
    [("1 jour", Span.DAY), ("1 semaine", Span.WEEK), ("1 mois (30 jours)", Span.MONTH)],
)
async def test_the_item_is_muted_for_as_long_as_was_chosen(
    house: House, room: Room, item: WatchItem, label: str, span: Span
) -> None:
    message = await house.announce(room, [item])
    before = house.clock.now()
    reply = await muted(room.reporter, message, label)
    until = await house.muted_until(room, item)
    assert until is not None
    assert span.end(before) <= until <= span.end(before) + timedelta(minutes=1)
    assert "en sourdine jusqu\u2019au" in reply.text
    assert reply.buttons == ["Annuler"]


async def test_until_further_notice_has_no_end(house: House, room: Room, item: WatchItem) -> None:
    message = await house.announce(room, [item])
    reply = await muted(room.reporter, message, "Jusqu\u2019à nouvel ordre")
    assert await house.muted_until(room, item) == UNTIL_FURTHER_NOTICE
    assert "jusqu\u2019à nouvel ordre" in reply.text


async def test_a_mute_is_undone(house: House, room: Room, item: WatchItem) -> None:
    message = await house.announce(room, [item])
    reply = await muted(room.reporter, message)
    undone = await room.reporter.click(reply, label="Annuler")
    assert await house.muted_until(room, item) is None
    assert "n\u2019est pas en sourdine" in undone.text
    assert undone.buttons == []


async def test_undoing_a_longer_mute_gives_the_shorter_one_back(house: House, room: Room, item: WatchItem) -> None:
    message = await house.announce(room, [item])
    await muted(room.reporter, message, "1 jour")
    first = await house.muted_until(room, item)
    reply = await muted(room.editor, message, "1 semaine")
    await room.editor.click(reply, label="Annuler")
    assert await house.muted_until(room, item) == first


async def test_pressing_twice_has_no_second_effect(house: House, room: Room, item: WatchItem) -> None:
    message = await house.announce(room, [item])
    asked = await room.reporter.click(message, label=MUTE)
    [week] = [component for component in _buttons(asked) if component["label"] == "1 semaine"]
    late = await room.reporter.click(message, label=MUTE)  # the same question, still open elsewhere
    await room.reporter.click(asked, custom_id=week["custom_id"])
    until = await house.muted_until(room, item)
    house.clock.offset += timedelta(hours=1)
    again = await room.reporter.click(late, label="1 mois (30 jours)")
    assert await house.muted_until(room, item) == until
    assert "en sourdine jusqu\u2019au" in again.text


async def test_an_undo_pressed_after_another_mute_changes_nothing(house: House, room: Room, item: WatchItem) -> None:
    message = await house.announce(room, [item])
    reply = await muted(room.reporter, message, "1 jour")
    await muted(room.editor, message, "1 semaine")
    until = await house.muted_until(room, item)
    undone = await room.reporter.click(reply, label="Annuler")
    assert await house.muted_until(room, item) == until
    assert "en sourdine jusqu\u2019au" in undone.text


async def test_a_muted_item_says_so_when_it_is_to_be_muted_again(house: House, room: Room, item: WatchItem) -> None:
    message = await house.announce(room, [item])
    await muted(room.reporter, message)
    asked = await room.editor.click(message, label=MUTE)
    assert "en sourdine jusqu\u2019au" in asked.text
    assert "combien de temps" in asked.text


async def test_with_several_items_it_first_asks_which(house: House, room: Room, item: WatchItem) -> None:
    other = await house.follow(room, kind=ItemKind.COMPANY, name="Axon")
    message = await house.announce(room, [item, other])
    reply = await room.reporter.click(message, label=MUTE)
    assert reply.ephemeral
    asked = await room.reporter.select(reply, "mute-which", ["Axon"])
    await room.reporter.click(asked, label="1 jour")
    assert await house.muted_until(room, other) is not None
    assert await house.muted_until(room, item) is None
    again = await room.editor.click(message, label=MUTE)
    options = {one["label"]: one["description"] for one in again.components[0]["components"][0]["options"]}
    assert options["Axon"].startswith("entreprise, en sourdine jusqu\u2019au ")
    assert "sourdine" not in options[item.name]


async def test_more_items_than_a_select_takes_are_offered_up_to_25(house: House, room: Room) -> None:
    items = [await house.follow(room, kind=ItemKind.COMPANY, name=f"Firm {n} {'x' * 150}") for n in range(30)]
    message = await house.announce(room, items)
    reply = await room.reporter.click(message, label=MUTE)
    [select] = reply.components[0]["components"]
    assert len(select["options"]) == 25


async def test_a_removed_item_is_no_longer_offered(house: House, room: Room, item: WatchItem) -> None:
    other = await house.follow(room, kind=ItemKind.COMPANY, name="Axon")
    message = await house.announce(room, [item, other])
    await room.editor.slash("watch remove", room.desk, item="Axon")
    reply = await room.reporter.click(message, label=MUTE)
    assert "**caméra-piéton**" in reply.text
    assert len(reply.buttons) == 4


async def test_when_all_items_were_removed_there_is_nothing_to_mute(house: House, room: Room, item: WatchItem) -> None:
    message = await house.announce(room, [item])
    await room.editor.slash("watch remove", room.desk, item=str(item.id))
    reply = await room.reporter.click(message, label=MUTE)
    assert reply.ephemeral
    assert "ne sont plus surveillés" in reply.text


async def test_an_item_removed_meanwhile_is_not_muted(house: House, room: Room, item: WatchItem) -> None:
    message = await house.announce(room, [item])
    asked = await room.reporter.click(message, label=MUTE)
    await room.editor.slash("watch remove", room.desk, item=str(item.id))
    reply = await room.reporter.click(asked, label="1 jour")
    assert "n\u2019est plus surveillé" in reply.text
    assert await house.muted_until(room, item) is None


async def test_an_announcement_that_only_follows_another_mutes_the_items_of_that_one(
    house: House, room: Room, item: WatchItem
) -> None:
    await house.announce(room, [item])
    message = await house.announce(room, [], follows=house.announced, notice_id="26-2")
    reply = await room.reporter.click(message, label=MUTE)
    assert "caméra-piéton" in reply.text


async def test_a_stranger_is_refused_every_button(house: House, room: Room, item: WatchItem) -> None:
    message = await house.announce(room, [item])
    reply = await room.stranger.click(message, label=MUTE)
    assert reply.ephemeral
    assert "rôle de la rédaction" in reply.text
    assert "caméra-piéton" not in reply.text


async def test_one_who_lost_the_role_is_refused_the_next_step(house: House, room: Room, item: WatchItem) -> None:
    message = await house.announce(room, [item])
    asked = await room.reporter.click(message, label=MUTE)
    room.reporter.roles.clear()
    reply = await room.reporter.click(asked, label="1 jour")
    assert "rôle de la rédaction" in reply.text
    assert await house.muted_until(room, item) is None


async def test_another_newsrooms_announcement_is_refused_in_words(house: House, room: Room, item: WatchItem) -> None:
    message = await house.announce(room, [item])
    other = await house.newsroom(house.guild("L\u2019Autre"))
    own = await house.follow(other, kind=ItemKind.KEYWORD, name="drone")
    copied = await house.announce(other, [own], notice_id="26-9")
    _mute_button(copied)["custom_id"] = _mute_button(message)["custom_id"]
    reply = await other.reporter.click(copied, label=MUTE)
    assert "n\u2019est pas de cette rédaction" in reply.text


async def test_another_newsrooms_item_is_not_muted_by_a_made_up_button(
    house: House, room: Room, item: WatchItem
) -> None:
    other = await house.newsroom(house.guild("L\u2019Autre"))
    own = await house.follow(other, kind=ItemKind.KEYWORD, name="drone")
    message = await house.announce(other, [own])
    _mute_button(message)["custom_id"] = f"mute-for:{item.id}:day:0"
    reply = await other.reporter.click(message, label=MUTE)
    assert "n\u2019est plus surveillé" in reply.text
    assert await house.muted_until(room, item) is None


async def test_mute_works_on_an_old_message_after_a_restart_before_anything_is_sent(
    platform: Platform, tmp_path: Path
) -> None:
    house = House(platform, settings_of(tmp_path))
    async with house.running():
        room = await house.newsroom(house.guild())
        item = await house.follow(room, kind=ItemKind.KEYWORD, name="caméra-piéton")
        message = await house.announce(room, [item])
        asked = await room.reporter.click(message, label=MUTE)
    house = House(platform, settings_of(tmp_path))
    async with house.running(delivers=False):
        again = await room.reporter.click(message, label=MUTE)
        assert again.buttons
    house = House(platform, settings_of(tmp_path))
    async with house.running(delivers=False):
        confirmed = await room.reporter.click(asked, label="1 jour")
        assert await house.muted_until(room, item) is not None
    house = House(platform, settings_of(tmp_path))
    async with house.running(delivers=False):
        await room.reporter.click(confirmed, label="Annuler")
        assert await house.muted_until(room, item) is None


async def test_the_pages_of_the_list_turn_after_a_restart(platform: Platform, tmp_path: Path) -> None:
    house = House(platform, settings_of(tmp_path))
    async with house.running():
        room = await house.newsroom(house.guild())
        for number in range(11):
            await house.follow(room, kind=ItemKind.COMPANY, name=f"Firm {number:02}")
        reply = await room.reporter.slash("watch list", room.desk)
    house = House(platform, settings_of(tmp_path))
    async with house.running(delivers=False):
        turned = await room.reporter.click(reply, label="Suivants")
        assert "Firm 10" in turned.text


async def test_show_unmutes(house: House, room: Room, item: WatchItem) -> None:
    message = await house.announce(room, [item])
    await muted(room.reporter, message)
    reply = await room.reporter.slash("watch show", room.desk, item=str(item.id))
    assert reply.buttons == ["Fin de la sourdine"]
    after = await room.reporter.click(reply, label="Fin de la sourdine")
    assert await house.muted_until(room, item) is None
    assert after.buttons == []
    assert "en sourdine jusqu\u2019au" not in after.text


async def test_unmuting_what_was_muted_anew_meanwhile_changes_nothing(
    house: House, room: Room, item: WatchItem
) -> None:
    message = await house.announce(room, [item])
    await muted(room.reporter, message, "1 jour")
    reply = await room.reporter.slash("watch show", room.desk, item=str(item.id))
    await muted(room.editor, message, "1 semaine")
    until = await house.muted_until(room, item)
    await room.reporter.click(reply, label="Fin de la sourdine")
    assert await house.muted_until(room, item) == until


async def test_a_mute_that_has_run_out_offers_no_unmute(house: House, room: Room, item: WatchItem) -> None:
    async with house.app.database.tx("test") as connection:
        past = house.clock.now() - timedelta(minutes=1)
        await watchlist.mute(connection, room.guild.id, item.id or 0, past)
    reply = await room.reporter.slash("watch show", room.desk, item=str(item.id))
    assert reply.buttons == []


async def test_an_error_of_ours_in_a_button_is_answered_by_a_reference(
    house: House, room: Room, item: WatchItem, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = await house.announce(room, [item])

    async def broken(*_: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr("cogs._mute.announcements.by_code", broken)
    reply = await room.reporter.click(message, label=MUTE)
    assert reply.ephemeral
    assert "référence" in reply.text


async def test_a_card_without_buttons_has_no_view() -> None:
    assert view_of(Card(kind=CardKind.OPERATIONS, title="x")) is None


async def test_a_button_that_does_nothing_we_know_is_an_error_of_ours() -> None:
    with pytest.raises(LookupError, match="dance"):
        view_of(Card(kind=CardKind.ANNOUNCEMENT, title="x", buttons=(Button("dance", "x", "y"),)))


def test_every_component_of_ours_is_in_the_table_of_access() -> None:
    assert all(component.action in set(Action) for component in COMPONENTS)


def _mute_button(message: Message) -> dict[str, Any]:
    [button] = [one for row in message.components for one in row["components"] if one["label"] == MUTE]
    return button


def _buttons(reply: Reply) -> list[dict[str, str]]:
    return [component for row in reply.components for component in row["components"]]
