"""`/search` as people use it: what each of them is shown, page after page, before a restart and after."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bot.loopback import Member, Platform, Reply
from bot.loopback.interactions import COMPONENT
from bot.loopback.people import PersonCannot
from bot.models import Notice
from bot.search import Scope
from cogs.search import ResultsPage
from tests.cogs.house import House, Room, settings_of
from tests.searching import log_fact, log_tip

NEXT, PREVIOUS = "Suivants", "Précédents"
HOSTILE = [
    "\"a\" 'b' (c) OR:eve* NEAR",
    "«caméra» „x“ \\*_~`|",
    "<@1> @everyone https://x.example/?q=caméra",
    "caméra\u202e:)",
]


def camera(number: int, **said: object) -> Notice:
    values = {"title": "Caméras-piétons", "text": "Achat de caméras-piétons", "source": "boamp", **said}
    return Notice(id=f"26-{number:02}", published=date(2026, 1, 1) + timedelta(days=number), **values)  # type: ignore[arg-type]  # any field


async def publish(house: House, *notices: Notice) -> None:
    await house.publish(*notices)
    await house.app.indexer.catch_up()


async def searched(member: Member, room: Room, query: str, **options: str) -> Reply:
    return await member.slash("search", room.desk, query=query, **options)


def titles(reply: Reply) -> list[str]:
    """Return what is found: the beginning of each find's label."""
    labels = [field["name"].split(" · ") for field in reply.embeds[0].get("fields", [])]
    return [" ".join(label[:2]) if label[0] == "Avis" else label[0] for label in labels]


async def press(member: Member, reply: Reply, label: str) -> Reply:
    """Press a button under a reply that the client shows to somebody else."""
    assert reply.message is not None
    channel = member.platform.channels[reply.message.channel_id]
    component = next(one for row in reply.components for one in row["components"] if one["label"] == label)
    data = {"component_type": 2, "custom_id": component["custom_id"], "id": component.get("id")}
    return await member._act(COMPONENT, channel, data, member.locale, 10.0, source=reply.message)


async def test_what_is_found_is_shown_in_private_with_the_query_above_it(house: House, room: Room) -> None:
    await publish(house, camera(1, url="https://boamp.example/1"))
    fact = await log_fact(house.app.database, "La caméra est cassée", guild_id=room.guild.id)
    reply = await searched(room.reporter, room, "  caméra ")
    assert reply.ephemeral
    (embed,) = reply.embeds
    assert embed["author"]["name"] == "caméra"
    assert embed["title"] == "1 avis et 1 fait"
    assert set(titles(reply)) == {"Avis 26-01", f"Fait n°\u00a0{fact}"}
    assert "La **caméra** est cassée" in reply.text
    assert "(https://boamp.example/1)" in reply.text
    assert reply.buttons == []


async def test_it_answers_in_the_persons_language(house: House, room: Room) -> None:
    await publish(house, camera(1))
    reply = await room.reporter.slash("search", room.desk, query="caméra", locale="en-GB", **{"in": "notices"})
    assert reply.embeds[0]["title"] == "1 notice"


async def test_only_what_was_chosen_is_searched(house: House, room: Room) -> None:
    await publish(house, camera(1))
    tip = await log_tip(house.app.database, "Une caméra", guild_id=room.guild.id)
    assert titles(await searched(room.reporter, room, "caméra", **{"in": "tips"})) == [f"Tuyau n°\u00a0{tip}"]
    assert titles(await searched(room.reporter, room, "caméra", **{"in": "notices"})) == ["Avis 26-01"]
    assert titles(await searched(room.reporter, room, "caméra", **{"in": "facts"})) == []


async def test_both_days_of_a_period_are_included_and_said_in_full(house: House, room: Room) -> None:
    await publish(house, *(camera(number) for number in range(1, 6)))
    reply = await searched(room.reporter, room, "caméra", since="3 janvier 2026", until="2026-01-05")
    assert sorted(titles(reply)) == ["Avis 26-02", "Avis 26-03", "Avis 26-04"]
    assert "Du samedi 3 janvier 2026 au lundi 5 janvier 2026" in reply.text


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"query": "***"}, "rien à chercher"),
        ({"query": "x" * 201}, "200 caractères"),
        ({"query": "ab*"}, "trop court"),
        ({"query": "caméra", "since": "un jour"}, "un jour"),
        ({"query": "caméra", "since": "2026-02-01", "until": "2026-01-01"}, "1er janvier 2026"),
    ],
)
async def test_what_cannot_be_searched_is_refused_in_words(room: Room, options: dict[str, str], told: str) -> None:
    reply = await room.reporter.slash("search", room.desk, **options)
    assert reply.ephemeral
    assert told in reply.text
    assert reply.embeds == []


async def test_the_pages_turn_and_keep_their_query_scope_and_period(house: House, room: Room) -> None:
    await publish(house, *(camera(number) for number in range(20)))
    within = datetime(2026, 1, 5, tzinfo=UTC)
    await log_tip(house.app.database, "Une caméra-piéton", guild_id=room.guild.id, now=within)
    options = {"in": "notices", "since": "2026-01-03", "until": "2026-01-16"}
    reply = await searched(room.reporter, room, "caméra-piéton", **options)
    first = titles(reply)
    with pytest.raises(PersonCannot, match="disabled"):
        await room.reporter.click(reply, label=PREVIOUS)
    second = titles(await room.reporter.click(reply, label=NEXT))
    last = await room.reporter.click(reply, label=NEXT)
    third = titles(last)
    with pytest.raises(PersonCannot, match="disabled"):
        await room.reporter.click(reply, label=NEXT)
    assert first + second + third == [f"Avis 26-{number:02}" for number in range(15, 1, -1)]
    assert "Du samedi 3 janvier 2026 au vendredi 16 janvier 2026" in last.text
    assert last.embeds[0]["author"]["name"] == "caméra-piéton"
    assert last.embeds[0]["footer"]["text"] == "Page 3 sur 3"
    assert titles(await room.reporter.click(reply, label=PREVIOUS)) == second


@pytest.mark.parametrize("query", HOSTILE)
async def test_a_hostile_query_is_the_same_on_the_next_page(house: House, room: Room, query: str) -> None:
    text = " ".join(HOSTILE)
    await publish(house, *(camera(number, text=text) for number in range(8)))
    reply = await searched(room.reporter, room, query)
    author = reply.embeds[0]["author"]
    assert reply.embeds[0]["title"] == "8 avis"
    second = await room.reporter.click(reply, label=NEXT)
    assert titles(second) == ["Avis 26-01", "Avis 26-00"]
    assert second.embeds[0]["author"] == author


async def test_the_pages_turn_after_a_restart(platform: Platform, tmp_path: Path) -> None:
    house = House(platform, settings_of(tmp_path))
    async with house.running():
        room = await house.newsroom(house.guild())
        await publish(house, *(camera(number) for number in range(8)))
        reply = await searched(room.reporter, room, "caméra")
    house = House(platform, settings_of(tmp_path))
    async with house.running(delivers=False):
        turned = await room.reporter.click(reply, label=NEXT)
        assert titles(turned) == ["Avis 26-01", "Avis 26-00"]


def test_no_custom_id_is_longer_than_discord_takes() -> None:
    days = (date(2026, 12, 31), date(2026, 12, 31))
    assert all(len(ResultsPage(scope, days, 9999, "x").custom_id) <= 100 for scope in Scope)


@pytest.fixture
async def tip(house: House, room: Room) -> int:
    """Log a sensitive tip of the reporter's that the editor does not own."""
    return await log_tip(
        house.app.database, "Un virement caché", guild_id=room.guild.id, by=room.reporter.id, is_sensitive=True
    )


async def test_a_sensitive_tip_is_shown_to_its_author_and_to_editors(room: Room, tip: int) -> None:
    for member in (room.reporter, room.editor):
        reply = await searched(member, room, "virement")
        assert reply.embeds[0]["title"] == "1 tuyau"
        assert titles(reply) == [f"Tuyau n°\u00a0{tip}"]
        assert "sensible" in reply.text


async def test_a_sensitive_tip_is_shown_to_its_owner(house: House, room: Room) -> None:
    owner = room.guild.add_member("Olga", roles=[room.reporter_role])
    await log_tip(
        house.app.database,
        "Un virement caché",
        guild_id=room.guild.id,
        by=room.editor.id,
        owner=owner.id,
        is_sensitive=True,
    )
    assert (await searched(owner, room, "virement")).embeds[0]["title"] == "1 tuyau"
    assert (await searched(room.reporter, room, "virement")).embeds[0]["title"] == "Rien trouvé"


async def test_a_sensitive_tip_is_nothing_to_others(house: House, room: Room, tip: int) -> None:
    other = room.guild.add_member("Olga", roles=[room.reporter_role])
    elsewhere = await house.newsroom(house.guild("Ailleurs"))
    for member, place in (
        (other, room),
        (room.administrator, room),
        (elsewhere.editor, elsewhere),
        (elsewhere.administrator, elsewhere),
    ):
        reply = await searched(member, place, "virement")
        assert reply.embeds[0]["title"] == "Rien trouvé", member
        assert titles(reply) == []
        assert "caché" not in reply.text
    assert tip


async def test_who_has_no_role_is_shown_nothing(room: Room, tip: int) -> None:
    reply = await searched(room.stranger, room, "virement")
    assert reply.embeds == []
    assert "virement" not in reply.text
    assert tip


async def test_facts_and_tips_of_another_newsroom_are_not_there(house: House, room: Room) -> None:
    elsewhere = await house.newsroom(house.guild("Ailleurs"))
    await log_fact(house.app.database, "Le virement", guild_id=room.guild.id)
    await log_tip(house.app.database, "Un virement", guild_id=room.guild.id)
    assert (await searched(room.reporter, room, "virement")).embeds[0]["title"] == "1 fait et 1 tuyau"
    assert (await searched(elsewhere.editor, elsewhere, "virement")).embeds[0]["title"] == "Rien trouvé"


async def test_a_page_is_turned_with_the_eyes_of_whoever_presses(house: House, room: Room) -> None:
    other = room.guild.add_member("Olga", roles=[room.reporter_role])
    for number in range(8):
        await log_tip(
            house.app.database,
            f"virement {number}",
            guild_id=room.guild.id,
            by=room.reporter.id,
            is_sensitive=number != 3,
        )
    reply = await searched(room.editor, room, "virement")
    assert reply.embeds[0]["title"] == "8 tuyaux"
    pressed = await press(other, reply, NEXT)
    assert pressed.embeds[0]["title"] == "1 tuyau"
    assert len(titles(pressed)) == 1
    assert pressed.buttons == []


async def test_who_has_no_role_turns_no_page(house: House, room: Room) -> None:
    await publish(house, *(camera(number) for number in range(8)))
    reply = await searched(room.reporter, room, "caméra")
    shown = reply.embeds
    pressed = await press(room.stranger, reply, NEXT)
    assert pressed.embeds == []
    assert "Avis" not in pressed.text
    assert reply.embeds == shown


async def test_an_editor_who_lost_the_role_sees_no_sensitive_tip_on_the_next_page(house: House, room: Room) -> None:
    for number in range(8):
        await log_tip(
            house.app.database,
            f"virement {number}",
            guild_id=room.guild.id,
            by=room.reporter.id,
            is_sensitive=number > 0,
        )
    reply = await searched(room.editor, room, "virement")
    room.editor.roles[:] = [room.reporter_role]
    turned = await room.editor.click(reply, label=NEXT)
    assert turned.embeds[0]["title"] == "1 tuyau"


async def test_a_message_without_its_query_says_so(house: House, room: Room) -> None:
    await publish(house, *(camera(number) for number in range(8)))
    reply = await searched(room.reporter, room, "caméra")
    del reply.embeds[0]["author"]
    pressed = await room.reporter.click(reply, label=NEXT)
    assert "Relancez" in pressed.text


async def test_an_administrator_searches_before_anything_is_set_up(house: House) -> None:
    room = house.guild()
    await publish(house, camera(1))
    assert (await searched(room.administrator, room, "caméra")).embeds[0]["title"] == "1 avis"
