"""The watchlist as it is read and thinned out: pages, removing, restoring."""

from __future__ import annotations

from bot.models import ItemKind
from bot.storage import newsrooms
from tests.cogs.house import House, Room


async def test_the_list_shows_pages_of_ten_and_turns_them(house: House, room: Room) -> None:
    for number in range(23):
        await house.follow(room, kind=ItemKind.COMPANY, name=f"Firm {number:02}")
    reply = await room.reporter.slash("watch list", room.desk)
    assert "23 éléments surveillés" in reply.text
    assert "Firm 09" in reply.text
    assert "Firm 10" not in reply.text
    await room.reporter.click(reply, label="Suivants")
    await reply.wait_for(lambda seen: "Firm 10" in seen.text)
    await room.reporter.click(reply, label="Suivants")
    await reply.wait_for(lambda seen: "Firm 22" in seen.text)
    await room.reporter.click(reply, label="Précédents")
    await reply.wait_for(lambda seen: "Firm 19" in seen.text)


async def test_the_list_says_kind_channel_mute_and_hits(house: House, room: Room) -> None:
    channel = room.guild.add_channel("vidéo")
    async with house.app.database.tx("test") as connection:
        await newsrooms.use_channel(connection, room.guild.id, channel.id, 1)
    item = await house.follow(room, kind=ItemKind.KEYWORD, name="drone", channel_id=channel.id)
    message = await house.announce(room, [item])
    asked = await room.reporter.click(message, label="Mettre en sourdine")
    await room.reporter.click(asked, label="Jusqu\u2019à nouvel ordre")
    reply = await room.reporter.slash("watch list", room.desk, kind="keyword")
    for shown in ("drone", "mot-clé", f"<#{channel.id}>", "jusqu\u2019à nouvel ordre", "1 correspondance"):
        assert shown in reply.text
    other = await room.reporter.slash("watch list", room.desk, kind="company")
    assert "drone" not in other.text


async def test_the_longest_items_fit_the_list_and_their_sheet(house: House, room: Room) -> None:
    for number in range(12):
        await house.follow(
            room,
            kind=ItemKind.COMPANY,
            name=f"Firm {number:02} " + "*_" * 95,
            aliases=tuple(f"nom {n:02}" + "`~" * 97 for n in range(30)),
            any_of=tuple(f"mot{n} " + "x" * 190 for n in range(30)),
            none_of=tuple(f"pas{n} " + "x" * 190 for n in range(30)),
            identifiers=tuple(f"{n:02}" + "9" * 58 for n in range(20)),
            note="_" * 500,
        )
    reply = await room.reporter.slash("watch list", room.desk)
    assert len(reply.buttons) == 2
    shown = await room.reporter.slash("watch show", room.desk, item="1")
    assert shown.embeds[0]["description"].endswith("…")


async def test_a_reporter_removes_and_restores_their_own(house: House, room: Room) -> None:
    item = await house.follow(room, kind=ItemKind.COMPANY, name="Axon")
    await room.reporter.slash("watch remove", room.desk, item="Axon")
    assert await house.items(room) == []
    reply = await room.reporter.slash("watch restore", room.desk, item="Axon")
    assert "de nouveau surveillé" in reply.text
    assert [one.id for one in await house.items(room)] == [item.id]


async def test_a_reporter_does_not_remove_what_another_entered(house: House, room: Room) -> None:
    await house.follow(room, room.editor, kind=ItemKind.COMPANY, name="Axon")
    assert await room.reporter.autocomplete("watch remove", option="item", typed="ax", channel=room.desk) == []
    reply = await room.reporter.slash("watch remove", room.desk, item="Axon")
    assert "quelqu\u2019un d\u2019autre" in reply.text
    assert len(await house.items(room)) == 1


async def test_a_reporter_does_not_restore_what_another_entered(house: House, room: Room) -> None:
    await house.follow(room, room.editor, kind=ItemKind.COMPANY, name="Axon")
    await room.editor.slash("watch remove", room.desk, item="Axon")
    assert await room.reporter.autocomplete("watch restore", option="item", typed="ax", channel=room.desk) == []
    reply = await room.reporter.slash("watch restore", room.desk, item="Axon")
    assert "quelqu\u2019un d\u2019autre" in reply.text
    assert await house.items(room) == []


async def test_an_editor_removes_what_anyone_entered(house: House, room: Room) -> None:
    await house.follow(room, kind=ItemKind.COMPANY, name="Axon")
    assert await room.editor.autocomplete("watch remove", option="item", typed="ax", channel=room.desk)
    await room.editor.slash("watch remove", room.desk, item="Axon")
    assert await house.items(room) == []


async def test_only_removed_items_are_proposed_for_restoring(house: House, room: Room) -> None:
    await house.follow(room, kind=ItemKind.COMPANY, name="Axon")
    await house.follow(room, kind=ItemKind.COMPANY, name="Axis")
    await room.reporter.slash("watch remove", room.desk, item="Axis")
    proposed = await room.reporter.autocomplete("watch restore", option="item", typed="ax", channel=room.desk)
    assert [choice.name.split(" · ")[0] for choice in proposed] == ["Axis"]


async def test_restoring_what_is_followed_again_under_that_name_is_refused(house: House, room: Room) -> None:
    first = await house.follow(room, kind=ItemKind.COMPANY, name="Axon")
    await room.reporter.slash("watch remove", room.desk, item="Axon")
    await room.editor.slash("watch add", room.desk, kind="company", name="AXON")
    reply = await room.reporter.slash("watch restore", room.desk, item=str(first.id))
    assert "déjà surveillé" in reply.text
    assert [item.name for item in await house.items(room)] == ["AXON"]


async def test_an_empty_list_says_how_to_begin(room: Room) -> None:
    reply = await room.reporter.slash("watch list", room.desk)
    assert "/veille ajouter" in reply.text
