"""*Follow* beside a notice, as people press it: in `/search`, in `/why`, from the menu, and the ways back."""

from __future__ import annotations

from datetime import UTC, date, timedelta

import pytest

from bot.loopback import Member, Reply
from bot.loopback.interactions import COMPONENT
from bot.loopback.replies import text_of
from bot.models import ItemKind, Notice, NoticeKind
from bot.storage.watching import follows
from tests.cogs.house import House, Room

FOLLOW, UNFOLLOW = "Suivre", "Ne plus suivre"


def tender(number: int, **said: object) -> Notice:
    values = {"title": f"Voirie {number}", "source": "boamp", "kind": NoticeKind.TENDER, "procedure": f"p{number}"}
    return Notice(id=f"26-{number}", **{**values, **said})  # type: ignore[arg-type]  # any field


@pytest.fixture
async def room(house: House) -> Room:
    return await house.newsroom(house.guild())


async def searched(house: House, room: Room, *notices: Notice) -> Reply:
    await house.publish(*notices)
    await house.app.indexer.catch_up()
    return await room.reporter.slash("search", room.desk, query="voirie")


async def pressed(by: Member, reply: Reply, label: str) -> Reply:
    """Press a button under a reply that the client shows to somebody else."""
    assert reply.message is not None
    channel = by.platform.channels[reply.message.channel_id]
    component = next(one for row in reply.components for one in row["components"] if one.get("label") == label)
    data = {"component_type": 2, "custom_id": component["custom_id"], "id": component.get("id")}
    return await by._act(COMPONENT, channel, data, by.locale, 10.0, source=reply.message)


async def counted(house: House, room: Room) -> int:
    async with house.app.database.read() as connection:
        return await follows.count(connection, room.guild.id)


async def test_a_notice_that_was_found_is_followed_announced_and_given_up(house: House, room: Room) -> None:
    found = await searched(house, room, tender(1))
    done = await room.reporter.click(found, label=FOLLOW)
    assert done.ephemeral
    assert f"<#{room.desk.id}>" in done.text
    await room.desk.wait_for(lambda message: "Voirie 1" in str(message.embeds))
    again = await pressed(room.editor, found, FOLLOW)
    assert f"<@{room.reporter.id}>" in again.text
    assert await counted(house, room) == 1
    assert "1 procédure suivie à la main" in (await room.reporter.slash("watch list", room.desk)).text
    assert "n\u2019est plus suivie" in (await room.reporter.click(done, label=UNFOLLOW)).text
    assert "déjà plus suivie" in (await pressed(room.editor, again, UNFOLLOW)).text
    assert await counted(house, room) == 0


async def test_of_several_notices_that_were_found_one_is_chosen(house: House, room: Room) -> None:
    found = await searched(house, room, tender(1), tender(2), tender(3, kind=NoticeKind.REGISTRATION))
    select = next(one for row in found.components for one in row["components"] if one["type"] == 3)
    assert sorted(option["label"] for option in select["options"]) == ["Voirie 1", "Voirie 2"]
    row = next(option["value"] for option in select["options"] if option["label"] == "Voirie 2")
    assert "Voirie 2" in (await room.reporter.select(found, "follow-which", [row])).text
    assert await counted(house, room) == 1


async def test_a_list_offers_each_procedure_once_told_apart_by_kind_and_number(house: House, room: Room) -> None:
    same = {"title": "Voirie", "procedure": "p"}
    found = await searched(house, room, tender(1, **same), tender(2, kind=NoticeKind.AWARD, **same), tender(3))
    options = next(one for row in found.components for one in row["components"] if one["type"] == 3)["options"]
    assert len(options) == 2
    kinds = {option["label"]: option["description"] for option in options}
    assert kinds["Voirie 3"] == "Avis de marché · 26-3"


async def test_a_search_offers_nothing_cancelled_nor_announced_already(house: House, room: Room) -> None:
    item = await house.follow(room, kind=ItemKind.KEYWORD, name="voirie")
    await house.announce(room, [item], notice=tender(1, text="voirie"))
    cancelled = tender(3, kind=NoticeKind.CANCELLATION, procedure="p2", published=date(2026, 2, 2))
    found = await searched(house, room, tender(2, published=date(2026, 2, 1)), cancelled, tender(4))
    assert [one["custom_id"] for row in found.components for one in row["components"]] == ["follow:4"]


async def test_a_search_says_who_follows_what_it_found_and_who_did_once_another_ends_it(
    house: House, room: Room
) -> None:
    found = await searched(house, room, tender(1))
    await room.reporter.click(found, label=FOLLOW)
    again = await room.editor.slash("search", room.desk, query="voirie")
    assert f"Suivie à la main par <@{room.reporter.id}>" in again.text
    ended = await room.editor.click(again, label=UNFOLLOW)
    assert f"<@{room.reporter.id}> la suivait depuis le" in ended.text


async def test_followed_at_night_it_says_when_it_is_announced(house: House, room: Room) -> None:
    now = house.clock.now().astimezone(UTC)
    hours = f"{now - timedelta(hours=1):%H:%M}", f"{now + timedelta(hours=2):%H:%M}"
    async with house.app.database.tx("test") as connection:
        await connection.run("UPDATE newsroom SET quiet_from = ?, quiet_until = ?, timezone = 'UTC'", *hours)
    done = await room.reporter.click(await searched(house, room, tender(1)), label=FOLLOW)
    assert "Ce sont les heures calmes" in done.text
    assert f"à {hours[1]}" in done.text
    assert "rappel" not in done.text


async def test_a_reminder_is_promised_of_what_has_a_deadline_to_come(house: House, room: Room) -> None:
    late = house.clock.now() + timedelta(days=30)
    done = await room.reporter.click(await searched(house, room, tender(1, deadline=late)), label=FOLLOW)
    assert "Un rappel y viendra avant la date limite." in done.text


async def test_a_card_that_nobody_follows_any_more_offers_to_follow_and_nothing_about_items(
    house: House, room: Room
) -> None:
    await room.reporter.click(await searched(house, room, tender(1)), label=FOLLOW)
    card = await room.desk.wait_for(lambda message: "Procédure suivie par" in text_of(message))
    old = [button["custom_id"] for row in card.components for button in row["components"]]
    code = old[0].partition(":")[2]
    await room.reporter.click(card, label=UNFOLLOW)
    free = await room.desk.wait_for(lambda message: "elle ne l\u2019est plus" in text_of(message))
    labels = [button["label"] for row in free.components for button in row["components"]]
    assert labels == ["Noter comme fait", "Je prends", FOLLOW]
    for name, told in (("mute", "mettre en sourdine"), ("not-this", "écarter")):
        free.components[0]["components"][1]["custom_id"] = f"{name}:{code}"
        refused = await room.reporter.click(free, custom_id=f"{name}:{code}")
        assert "Aucun élément surveillé n\u2019a amené cette annonce" in refused.text
        assert told in refused.text
    await room.reporter.click(free, label=FOLLOW)
    await room.desk.wait_for(lambda message: "Procédure suivie par" in text_of(message))


async def test_what_nobody_can_follow_offers_nothing(house: House, room: Room) -> None:
    found = await searched(house, room, tender(3, kind=NoticeKind.REGISTRATION))
    assert found.buttons == []


async def test_why_says_who_follows_a_procedure_and_offers_either_way(house: House, room: Room) -> None:
    await house.publish(tender(1))
    why = await room.reporter.slash("why", room.desk, notice="26-1")
    await room.reporter.click(why, label=FOLLOW)
    followed = await room.editor.slash("why", room.desk, notice="26-1")
    assert f"Suivie à la main par <@{room.reporter.id}>" in followed.text
    assert "n\u2019est plus suivie" in (await room.editor.click(followed, label=UNFOLLOW)).text


async def test_another_reporter_may_not_give_up_what_one_follows(house: House, room: Room) -> None:
    await searched(house, room, tender(1))
    other = room.guild.add_member("Rita", roles=[room.reporter_role])
    why = await other.slash("why", room.desk, notice="26-1")
    done = await room.reporter.click(await room.reporter.slash("why", room.desk, notice="26-1"), label=FOLLOW)
    refused = await pressed(other, done, UNFOLLOW)
    assert await counted(house, room) == 1
    assert "plus suivie" not in refused.text
    assert why.buttons


async def test_the_menu_on_an_announcement_offers_to_follow_its_procedure(house: House, room: Room) -> None:
    item = await house.follow(room, kind=ItemKind.KEYWORD, name="voirie")
    message = await house.announce(room, [item], notice=tender(1, text="voirie"))
    compared = await room.reporter.context_menu("Comparer à nos surveillances", message)
    done = await room.reporter.click(compared, label=FOLLOW)
    assert "même si la correspondance est écartée" in done.text
    assert len(room.desk.messages) == 1


async def test_without_a_channel_for_announcements_it_says_what_to_do(house: House, room: Room) -> None:
    found = await searched(house, room, tender(1))
    async with house.app.database.tx("test") as connection:
        await connection.run("UPDATE newsroom SET announcements_channel = NULL")
    assert "/réglages" in (await room.reporter.click(found, label=FOLLOW)).text
    assert await counted(house, room) == 0
