"""What `/watch add` offers, pressed: before a restart and after, once and twice, by those who may."""

from __future__ import annotations

from pathlib import Path

from bot.loopback import Platform
from bot.loopback.interactions import COMPONENT
from bot.models import ItemKind, Notice
from tests.cogs.house import House, Room, settings_of

SIREN = "552081317"
NOTICES = (
    Notice(
        id="26-1",
        source="boamp",
        title="Attribution",
        suppliers=("Axon Public Safety",),
        identifiers=(f"siren:{SIREN}",),
    ),
    Notice(id="26-2", source="boamp", title="Avis", buyer="Ville de Tarvel", identifiers=("siren:404833048",)),
)


async def publish(house: House) -> None:
    await house.publish(*NOTICES)
    await house.app.indexer.catch_up()


async def test_an_item_like_it_is_named_and_opened(house: House, room: Room) -> None:
    await house.follow(room, kind=ItemKind.COMPANY, name="Axon Public Safety France SAS")
    reply = await room.reporter.slash("watch add", room.desk, kind="company", name="Axon Public Safety Frances")
    assert "Peut-être déjà surveillé" in reply.text
    assert "n°\u00a01 **Axon Public Safety France SAS**" in reply.text
    opened = await room.reporter.click(reply, label="Ouvrir le n°\u00a01")
    assert opened.ephemeral
    assert "Axon Public Safety France SAS" in opened.text


async def test_another_newsrooms_items_are_never_named(house: House, room: Room) -> None:
    other = await house.newsroom(house.guild("Autre"))
    await house.follow(other, kind=ItemKind.COMPANY, name="Axon Public Safety France SAS")
    reply = await room.reporter.slash("watch add", room.desk, kind="company", name="Axon Public Safety Frances")
    assert "déjà surveillé" not in reply.text


async def test_a_name_printed_beside_the_number_is_offered_and_added_once(house: House, room: Room) -> None:
    await publish(house)
    reply = await room.reporter.slash("watch add", room.desk, kind="company", name="Taser", identifiers=SIREN)
    assert "Axon Public Safety" in reply.text
    assert "boamp:26-1" in reply.text
    first = await room.reporter.select(reply, "item-alias:1", ["Axon Public Safety"])
    assert "Alias ajouté au n°\u00a01" in first.text
    second = await room.reporter.select(reply, "item-alias:1", ["Axon Public Safety"])
    assert "l\u2019avait déjà" in second.text
    assert [item.aliases for item in await house.items(room)] == [("Axon Public Safety",)]


async def test_a_number_printed_beside_the_name_is_offered_and_added(house: House, room: Room) -> None:
    await publish(house)
    reply = await room.reporter.slash("watch add", room.desk, kind="company", name="Axon Public Safety SAS")
    await room.reporter.select(reply, "item-number:1", [SIREN])
    assert [item.identifiers for item in await house.items(room)] == [(SIREN,)]


async def test_the_brand_of_a_long_name_is_offered(house: House, room: Room) -> None:
    reply = await room.reporter.slash("watch add", room.desk, kind="company", name="Valmarin Public Safety Systems")
    await room.reporter.select(reply, "item-alias:1", ["Valmarin"])
    assert [item.aliases for item in await house.items(room)] == [("Valmarin",)]


async def test_how_many_notices_have_the_short_name_is_told(house: House, room: Room) -> None:
    await house.publish(*(Notice(id=str(number), source="boamp", title="Marché à Valmarin") for number in range(3)))
    await house.app.indexer.catch_up()
    reply = await room.reporter.slash("watch add", room.desk, kind="company", name="Valmarin Public Safety Systems")
    assert "Valmarin\u00a0: 3 avis enregistrés contiennent ce nom" in reply.text


async def test_an_offer_taken_when_the_item_is_gone_says_so(house: House, room: Room) -> None:
    reply = await room.reporter.slash("watch add", room.desk, kind="company", name="Valmarin Public Safety Systems")
    await room.editor.slash("watch remove", room.desk, item="1")
    pressed = await room.reporter.select(reply, "item-alias:1", ["Valmarin"])
    assert "n\u2019est plus surveillé" in pressed.text
    assert await house.items(room) == []


async def test_an_offer_is_not_taken_by_who_may_no_longer_edit(house: House, room: Room) -> None:
    reply = await room.reporter.slash("watch add", room.desk, kind="company", name="Valmarin Public Safety Systems")
    room.reporter.roles.clear()
    pressed = await room.reporter.select(reply, "item-alias:1", ["Valmarin"])
    assert "rôle" in pressed.text
    assert [item.aliases for item in await house.items(room)] == [()]


async def test_an_offer_is_not_taken_by_a_reporter_for_what_an_editor_entered(house: House, room: Room) -> None:
    reply = await room.editor.slash("watch add", room.desk, kind="company", name="Valmarin Public Safety Systems")
    assert reply.message is not None
    data = {"component_type": 3, "custom_id": "item-alias:1", "values": ["Valmarin"]}
    pressed = await room.reporter._act(COMPONENT, room.desk, data, "fr", 10.0, source=reply.message)
    assert "Alias ajouté" not in pressed.text
    assert [item.aliases for item in await house.items(room)] == [()]


async def test_an_offer_works_after_a_restart(platform: Platform, tmp_path: Path) -> None:
    house = House(platform, settings_of(tmp_path))
    async with house.running():
        room = await house.newsroom(house.guild())
        reply = await room.reporter.slash("watch add", room.desk, kind="company", name="Valmarin Public Safety Systems")
    async with house.running():
        pressed = await room.reporter.select(reply, "item-alias:1", ["Valmarin"])
        assert "Alias ajouté" in pressed.text


async def test_an_edit_offers_as_well_and_nothing_is_offered_where_there_is_nothing(house: House, room: Room) -> None:
    await house.follow(room, kind=ItemKind.COMPANY, name="Valmarin")
    reply = await room.reporter.slash("watch edit", room.desk, item="Valmarin", name="Valmarin Public Safety Systems")
    assert "Valmarin" in str(reply.components)
    plain = await room.reporter.slash("watch add", room.desk, kind="keyword", name="portique")
    assert "possible" not in plain.text
    assert plain.components == []


async def test_no_alias_is_offered_to_an_item_that_has_as_many_as_it_may(house: House, room: Room) -> None:
    await publish(house)
    aliases = "; ".join(f"Alias {number}" for number in range(30))
    reply = await room.reporter.slash(
        "watch add", room.desk, kind="company", name="Taser", identifiers=SIREN, aliases=aliases
    )
    assert "Autres noms possibles" not in reply.text
    assert "item-alias" not in str(reply.components)
