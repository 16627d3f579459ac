"""What changes who sees a sensitive tip: its card, its owner, roles, pages and forms opened before."""

from __future__ import annotations

import pytest

from bot.loopback import Member
from tests.cogs.house import House, Room, shown

SECRET = "Axon aurait rencontré le cabinet"
OPEN = "Axon vend des drones"


@pytest.fixture
async def room(house: House) -> Room:
    return await furnish(house)


async def furnish(house: House) -> Room:
    """Make a newsroom with a sensitive tip 1 of the reporter, given to Olga, in a dossier, and an open tip 2."""
    made = await house.newsroom(house.guild())
    made.guild.add_member("Olga", roles=[made.reporter_role])
    made.guild.add_member("Zoé", roles=[made.reporter_role])
    await house.dossier(made, "Caméras")
    await made.reporter.slash("tip add", made.desk, text=SECRET, sensitive=True, dossier="caméras")
    await made.reporter.slash("tip assign", made.desk, tip="1", member=person(made, "owner"))
    await made.editor.slash("tip add", made.desk, text=OPEN, dossier="caméras")
    return made


def person(room: Room, who: str) -> Member:
    named = {"author": "René La Rédaction", "owner": "Olga", "another reporter": "Zoé"}
    if who in named:
        return next(member for member in room.guild.members if member.name == named[who])
    return room.editor if who == "editor" else room.administrator


async def the_list(room: Room, by: Member) -> str:
    return (await by.slash("tip list", room.desk)).text


async def its_number(room: Room, by: Member) -> str:
    return (await by.slash("tip show", room.desk, tip="1")).text


async def hidden_code(house: House, room: Room) -> str:
    """Return the code of the card of tip 3, made sensitive after it was posted and given to Olga."""
    log = await house.log_of(room)
    await room.reporter.slash("tip add", room.desk, text="Un autre secret")
    card = await shown(log, "Un autre secret")
    await room.reporter.slash("tip assign", room.desk, tip="3", member=person(room, "owner"))
    await room.reporter.submit(await room.reporter.slash("tip edit", room.desk, tip="3"), {"sensitive": "yes"})
    return str(card.embeds[0]["footer"]["text"]).rsplit(maxsplit=1)[-1]


@pytest.mark.parametrize("who", ["another reporter", "administrator"])
async def test_the_code_of_a_hidden_card_does_not_open_its_tip_to_others(house: House, room: Room, who: str) -> None:
    code = await hidden_code(house, room)
    reply = await person(room, who).slash("tip show", room.desk, tip=code)
    assert "Un autre secret" not in reply.text


async def test_the_code_of_a_hidden_card_opens_its_tip_to_its_owner(house: House, room: Room) -> None:
    code = await hidden_code(house, room)
    reply = await person(room, "owner").slash("tip show", room.desk, tip=code)
    assert "Un autre secret" in reply.text


async def test_a_former_owner_sees_it_no_more(room: Room) -> None:
    await room.reporter.slash("tip assign", room.desk, tip="1", member=room.editor)
    assert SECRET not in await its_number(room, person(room, "owner"))


async def test_an_administrator_with_the_editors_role_sees_it(room: Room) -> None:
    room.administrator.roles.append(room.editor_role)
    assert SECRET in await its_number(room, room.administrator)


async def test_one_who_lost_the_editors_role_sees_it_no_more(room: Room) -> None:
    room.editor.roles[:] = [room.reporter_role]
    assert SECRET not in await its_number(room, room.editor)


async def test_an_open_tip_is_seen_by_everybody_of_the_newsroom(room: Room) -> None:
    for who in ("author", "owner", "editor", "another reporter", "administrator"):
        assert OPEN in await the_list(room, person(room, who))


async def test_a_page_that_was_turned_hides_it_from_others_too(room: Room) -> None:
    for number in range(10):
        await room.editor.slash("tip add", room.desk, text=f"Tuyau {number}")
    other = person(room, "another reporter")
    own = await room.reporter.slash("tip list", room.desk)
    turned = await room.reporter.click(own, label="Suivants")
    assert SECRET in turned.text
    seen = await other.slash("tip list", room.desk)
    assert "11 tuyaux" in seen.text
    assert SECRET not in (await other.click(seen, label="Suivants")).text


async def test_the_form_of_an_edit_is_closed_to_who_may_not_see_it_any_more(house: House, room: Room) -> None:
    owner = person(room, "owner")
    form = await owner.slash("tip edit", room.desk, tip="1")
    await room.reporter.slash("tip assign", room.desk, tip="1", member=room.editor)
    reply = await owner.submit(form, {"text": "changé"})
    assert "Aucun tuyau" in reply.text
    assert [tip.text for tip in await house.tips(room)] == [SECRET, OPEN]


async def test_a_promotion_is_closed_to_who_may_not_see_the_tip_any_more(house: House, room: Room) -> None:
    owner = person(room, "owner")
    form = await owner.slash("tip promote", room.desk, tip="1")
    await room.reporter.slash("tip assign", room.desk, tip="1", member=room.editor)
    reply = await owner.submit(form, {"source": "https://mairie.example/agenda"})
    assert "Aucun tuyau" in reply.text
    assert await house.facts(room) == []


@pytest.mark.parametrize(
    ("locale", "nowhere", "seen_by"),
    [("fr", "publié nulle part", "de qui l\u2019a noté"), ("en-GB", "posted nowhere", "to who logged it")],
)
async def test_an_editor_who_edits_it_is_told_once_that_its_author_sees_it_too(
    room: Room, locale: str, nowhere: str, seen_by: str
) -> None:
    form = await room.editor.slash("tip edit", room.desk, tip="1", locale=locale)
    assert form.modal is not None
    described = " ".join(str(label.get("description")) for label in form.modal["components"])
    reply = await room.editor.submit(form, {"text": f"{SECRET}, dit-on"}, locale=locale)
    assert [(text.count(nowhere), text.count(seen_by)) for text in (described, reply.text)] == [(1, 1), (1, 1)]
