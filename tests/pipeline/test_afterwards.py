"""What came after a message: its card keeps what it told, and says what is known since."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.cards import render
from bot.composing import compose
from bot.models import AnnouncementState, ItemKind, Newsroom, Notice, NoticeKind
from bot.storage import newsrooms
from bot.storage.database import Database
from bot.storage.outbox import sending
from tests.cards.faces import as_read
from tests.factories import GUILD, add_item, make_item
from tests.pipeline.test_answers import DEADLINE
from tests.pipeline.test_companions import FIRM, OTHER, client, firm, read
from tests.pipeline.two_sources import LATER, gazette
from tests.pipeline.wire import FIRST, Wire

ENDED = (("mandate_ended", "2026-11-22"),)
LINK = "https://discord.com/channels/"


async def words(wire: Wire, number: int) -> str:
    """Return what a message says as it would be shown by now."""
    row = (await wire.owed())[number]
    async with wire.database.read() as connection:
        return as_read(render((await compose(connection, row, wire.clock.now())).card))


async def is_edit_due(wire: Wire, number: int) -> bool:
    row = (await wire.owed())[number]
    return row.state is AnnouncementState.SENT and (row.shown_revision or 0) < row.due_revision


async def edit_first(wire: Wire) -> None:
    """Take the edit that the first message owes for made."""
    first, *_ = await wire.owed()
    async with wire.database.tx("test.edited") as connection:
        await sending.edited(connection, first.id, {}, first.due_revision, first.remade)


async def speaks(database: Database, language: str) -> None:
    async with database.tx("test.language") as connection:
        newsroom = await newsrooms.find(connection, GUILD)
        assert newsroom is not None
        await newsrooms.save(connection, replace(newsroom, language=language))


@pytest.fixture
async def register(wire: Wire) -> Wire:
    """Hold a register that was read once, and a newsroom that watches a client."""
    await wire.remove(wire.item)
    wire.item = await add_item(wire.database, make_item("Safrane", kind=ItemKind.COMPANY))
    await read(wire, OTHER, firm())
    return wire


@pytest.mark.parametrize(
    ("language", "title", "since"),
    [
        (
            "fr",
            f"Registre des lobbys : {FIRM} gagne le client Safrane",
            "mandat de Safrane terminé le 22 novembre 2026",
        ),
        ("en", f"Lobby register: {FIRM} gains the client Safrane", "mandate from Safrane ended on 22 November 2026"),
    ],
)
async def test_the_card_of_a_client_gained_keeps_its_news_when_the_mandate_ends(
    register: Wire, language: str, title: str, since: str
) -> None:
    await speaks(register.database, language)
    await read(register, OTHER, firm(), client("Safrane"))
    await register.send_all()
    before = (await words(register, 0)).splitlines()
    await read(register, OTHER, firm(), client("Safrane", particulars=ENDED))
    after = (await words(register, 0)).splitlines()
    assert (before[0], after[0]) == (title, title)
    assert [line for line in after if line not in before] == [
        f"**{'Depuis :' if language == 'fr' else 'Since then:'}** {since}"
    ]
    assert [line for line in before if line not in after] == []


SAID: list[tuple[Notice, Notice]] = [
    (firm(particulars=(("leader", "Paul Valmarin"),)), firm(particulars=(("leader", "Zoé Corvoy"),))),
    (firm(), firm(particulars=(("removed", "2026-11-22"),))),
    (client("Safrane"), client("Safrane", particulars=(("removed", "absent"),))),
    (client("Safrane", particulars=ENDED), client("Safrane")),
    (client("Safrane"), client("Safrane", suppliers=("Lysandre Autrement",))),
]


@pytest.mark.parametrize(("first", "then"), SAID)
async def test_whatever_an_entry_became_its_first_card_says_what_it_said(
    register: Wire, first: Notice, then: Notice
) -> None:
    await add_item(register.database, make_item(FIRM, kind=ItemKind.COMPANY))
    fresh = replace(first, id=f"{first.id}:new", procedure="register:new")
    await read(register, OTHER, firm(), fresh)
    await register.send_all()
    before = await told(register, 0)
    await read(register, OTHER, firm(), replace(then, id=fresh.id, procedure=fresh.procedure))
    after = await told(register, 0)
    assert [line for line in after if not line.startswith("**Since then:")] == before
    assert len(after) == len(before) + 1


async def told(wire: Wire, number: int) -> list[str]:
    return (await words(wire, number)).splitlines()


async def test_what_accompanied_a_card_stays_as_it_was_told(register: Wire) -> None:
    new: tuple[Notice, ...] = (
        replace(firm(), id="f2", procedure="register:f2"),
        replace(client("Safrane"), procedure="register:f2"),
    )
    await read(register, OTHER, firm(), *new)
    await register.send_all()
    before = await told(register, 0)
    ended = replace(client("Safrane", particulars=ENDED), procedure="register:f2")
    await read(register, OTHER, firm(), new[0], ended)
    assert [line for line in await told(register, 0) if "**Since then:**" not in line] == before
    assert any("New client: Safrane" in line for line in before)


async def sent_tender(wire: Wire, **said: Any) -> None:
    await wire.poll([gazette(deadline=DEADLINE, **said)])
    await wire.send_all()


@pytest.mark.parametrize(
    ("language", "said", "line"),
    [
        (
            "fr",
            {"kind": NoticeKind.CHANGE, "deadline": LATER},
            "Rectifié le 16 novembre{} : date limite au 20 décembre 2026",
        ),
        ("en", {"kind": NoticeKind.CHANGE, "deadline": LATER}, "Corrected on 16 November{}: deadline 20 December 2026"),
        ("fr", {"kind": NoticeKind.CHANGE, "deadline": DEADLINE}, "Rectifié le 16 novembre{}"),
        ("fr", {"kind": NoticeKind.CANCELLATION}, "Procédure annulée le 16 novembre{}"),
        ("fr", {"kind": NoticeKind.AWARD, "suppliers": ("Corvoy",)}, "Attribué le 16 novembre{}"),
        ("fr", {"kind": NoticeKind.CHANGE, "suppliers": ("Corvoy",)}, "Marché modifié le 16 novembre{}"),
    ],
)
async def test_the_first_card_comes_to_say_what_came_of_its_procedure_and_links_to_it(
    wire: Wire, language: str, said: dict[str, Any], line: str
) -> None:
    await speaks(wire.database, language)
    await sent_tender(wire)
    assert not await is_edit_due(wire, 0)
    await wire.poll([FIRST, gazette(2, **said)])
    assert await is_edit_due(wire, 0)
    plain = line.format("").partition(" :" if language == "fr" else ":")
    assert f"**{plain[0]}**{plain[1]}{plain[2]}" in await told(wire, 0)
    await edit_first(wire)
    assert not await is_edit_due(wire, 0)
    await wire.send_all()
    assert await is_edit_due(wire, 0)
    later = (await wire.owed())[1]
    assert f"**[{plain[0]}]({later.url})**{plain[1]}{plain[2]}" in await told(wire, 0)
    assert "**[" not in await words(wire, 1)


async def test_a_later_notice_of_which_nothing_is_announced_corrects_the_first_card_all_the_same(wire: Wire) -> None:
    await sent_tender(wire)
    await wire.mute(wire.item, timedelta(days=9))
    await wire.poll([FIRST, gazette(2, kind=NoticeKind.CANCELLATION)])
    assert await is_edit_due(wire, 0)
    assert "**Procedure cancelled on 16 November**" in await told(wire, 0)


async def test_the_award_of_another_lot_is_not_told_on_the_card_of_an_award(wire: Wire) -> None:
    await sent_tender(wire, kind=NoticeKind.AWARD)
    await wire.poll([FIRST, gazette(2, kind=NoticeKind.AWARD)])
    assert "Awarded on" not in await words(wire, 0)


async def test_a_message_names_the_one_that_it_continues_once_by_its_day_as_a_link(wire: Wire) -> None:
    await sent_tender(wire)
    await wire.poll([FIRST, gazette(2, kind=NoticeKind.CHANGE, deadline=LATER)])
    first, _ = await wire.owed()
    shown = await words(wire, 1)
    assert f"[Follows the announcement of 16 November]({first.url})" in shown
    assert (first.code in shown, "before this one" in shown, shown.count(LINK)) == (False, False, 1)


async def test_in_a_thread_a_message_does_not_name_the_one_above(wire: Wire) -> None:
    await sent_tender(wire)
    await in_threads(wire.database)
    await wire.poll([FIRST, gazette(2, kind=NoticeKind.CHANGE, deadline=LATER)])
    assert "Follows the announcement" not in await words(wire, 1)


async def in_threads(database: Database) -> None:
    async with database.tx("test.threads") as connection:
        newsroom: Newsroom | None = await newsrooms.find(connection, GUILD)
        assert newsroom is not None
        await newsrooms.save(connection, replace(newsroom, threads=True))
