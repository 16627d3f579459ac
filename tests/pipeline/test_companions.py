"""Entries of one organisation that one poll of a register finds new: one message, whoever is watched."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, ClassVar

import pytest

from bot.composing import compose
from bot.digest import Digester
from bot.models import AnnouncementKind, Every, Held, ItemKind, Notice, NoticeKind
from bot.sources import Entity, Parsed, Payload
from bot.storage.digesting import digests
from bot.storage.watching import hits, watchlist
from bot.storage.watching.hits import HitFilter
from bot.watchlist.dismissing import dismiss
from bot.watchlist.explaining import explain
from bot.watchlist.live import Watchlist
from tests.factories import CHANNEL, GUILD, START, PagesSource, add_item, make_item, place_of
from tests.pipeline.fates import fates, faults
from tests.pipeline.wire import Kill, Wire, kill_at

SECOND_CHANNEL = 2003
DAY = timedelta(days=1)
FIRM = "Lysandre Conseil"
NO_CLIENTS = "(before: not among the declared clients)"
CLIENTS = ("Safrane", *(f"Client {letter}" for letter in "ABCDEFGHIJKLMNOPQRSTUVWX"))
"""25 clients."""


class Register(PagesSource):
    """Be a full register, whose entries carry particulars."""

    name = "register"
    label = "Register"
    is_register = True
    may_be_empty = True
    usual_delay = None
    particulars: ClassVar[frozenset[str]] = frozenset({"mandate_ended", "leader", "category"})
    material: ClassVar[frozenset[str]] = frozenset({"mandate_ended", "leader"})

    def parse(self, payload: bytes, *, lenient: bool = False) -> Parsed:  # noqa: ARG002  # the interface
        found = tuple(
            replace(Notice.from_json(line), particulars=tuple(map(tuple, line["particulars"])))
            for line in json.loads(payload)
        )
        entities: dict[str, list[str]] = {}
        for notice in found:
            entities.setdefault(notice.procedure or "", []).append(notice.id)
        return Parsed(
            found,
            revision_hashes={one.id: hashlib.sha256(repr(one).encode()).hexdigest() for one in found},
            entities=tuple(Entity(name, repr(found), tuple(ids)) for name, ids in entities.items()),
        )


def page(*notices: Notice) -> Payload:
    return Payload(json.dumps([{**one.to_json(), "particulars": one.particulars} for one in notices]).encode())


def entry(entry_id: str, title: str, firm: str = FIRM, **said: Any) -> Notice:
    values: dict[str, Any] = {
        "source": "register",
        "kind": NoticeKind.REGISTER_CHANGE,
        "title": title,
        "suppliers": (firm,),
        "published": START.date() - 400 * DAY,
        "url": f"https://register.example/{entry_id}",
        "language": "fr",
        "procedure": f"register:{firm}",
    }
    return Notice(id=entry_id, **{**values, **said})


def firm(**said: Any) -> Notice:
    return entry("firm", FIRM, kind=NoticeKind.REGISTRATION, **said)


def client(name: str, **said: Any) -> Notice:
    return entry(f"client:{name}", f"{name}, client de {FIRM}", buyer=name, **said)


OTHER = entry("other", "Cabinet Autre", firm="Cabinet Autre")
WHOLE = (OTHER, firm(), *map(client, CLIENTS))


@pytest.fixture
async def register(wire: Wire) -> Wire:
    """Hold a register past its silent first dump, and a newsroom that watches the firm and one client."""
    await wire.remove(wire.item)
    wire.item = await add_item(wire.database, make_item(FIRM, kind=ItemKind.COMPANY))
    await add_item(wire.database, make_item("Safrane", kind=ItemKind.COMPANY))
    await read(wire, OTHER)
    return wire


async def read(wire: Wire, *notices: Notice) -> None:
    await wire.poll(source=Register(page(*notices)))


async def about(wire: Wire, channel: int = CHANNEL) -> list[str]:
    return [f"{row.subject.removeprefix('register:')} r{row.revision}" for row in await wire.owed(place_of(channel))]


async def card_of(wire: Wire, number: int = 0) -> dict[str, list[str]]:
    """Return the fields of a message's card, in lines."""
    row = (await wire.owed())[number]
    async with wire.database.read() as connection:
        card = (await compose(connection, row, wire.clock.now())).card
    return {field.label: ["".join(span.text for span in line) for line in field.lines] for field in card.fields}


async def test_a_firm_that_registers_with_25_clients_is_one_message(register: Wire) -> None:
    await read(register, *WHOLE)
    assert await about(register) == ["firm r1"]
    fields = await card_of(register)
    assert fields["What changed"] == [
        "• Registration on 12 October 2025 (before: not in the register)",
        f"• 25 new clients: Safrane, Client A, Client B, Client C, Client D and 20 others {NO_CLIENTS}",
    ]
    assert fields["Watch item: Safrane (company)"][0] == "In: Safrane, client de Lysandre Conseil"
    assert fields["Watch item: Lysandre Conseil (company)"][0] != "In: Safrane, client de Lysandre Conseil"


async def test_the_brake_counts_each_item_once_for_an_organisation(register: Wire) -> None:
    await register.brake(2)
    await read(register, *WHOLE)
    assert await register.kinds() == ["notice"]
    counted = [fate for fate in await fates(register.database) if fate.in_digest.value == "due"]
    assert [(fate.notice, fate.held) for fate in counted] == [("firm", None), ("client:Safrane", None)]


@pytest.mark.parametrize("batch", [1, 3, 25])
async def test_entries_of_several_batches_are_one_message(
    register: Wire, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    monkeypatch.setattr("bot.pipeline.poll.BATCH", batch)
    await read(register, *WHOLE)
    assert (await about(register), len(await register.held())) == (["firm r1"], 26)


async def test_too_many_organisations_are_a_storm_and_nothing_is_lost(
    register: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.pipeline.poll.BATCH", 2)
    await register.brake(1)
    await read(register, *WHOLE)
    assert await register.kinds() == ["storm"]
    assert {fate.held for fate in await fates(register.database)} == {Held.STORM}
    assert await faults(register.database) == []
    async with register.database.read() as connection:
        assert await connection.all("SELECT 1 FROM announcement_companion") == []


async def test_a_client_alone_is_told_of_without_its_firm(register: Wire) -> None:
    await register.remove(register.item)
    await read(register, *WHOLE)
    assert (await about(register), list(await card_of(register))) == (
        ["client:Safrane r1"],
        ["What changed", "Watch item: Safrane (company)"],
    )


async def test_each_place_has_its_own_message(register: Wire) -> None:
    await add_item(register.database, make_item("Client B", kind=ItemKind.COMPANY, channel_id=SECOND_CHANNEL))
    await read(register, *WHOLE)
    assert (await about(register), await about(register, SECOND_CHANNEL)) == (["firm r1"], ["client:Client B r1"])


async def test_two_organisations_are_two_messages(register: Wire) -> None:
    await add_item(register.database, make_item("Cabinet Neuf", kind=ItemKind.COMPANY))
    await read(register, *WHOLE, entry("neuf", "Cabinet Neuf", firm="Cabinet Neuf"))
    assert await about(register) == ["firm r1", "neuf r1"]


async def test_what_a_later_dump_finds_is_a_message_of_its_own(register: Wire) -> None:
    await read(register, OTHER, firm())
    await read(register, OTHER, firm(), client("Safrane"), client("Client A"))
    assert await about(register) == ["firm r1", "client:Safrane r1"]
    assert (await card_of(register, 1))["What changed"] == [
        "2 new clients: Safrane and Client A (before: not among the declared clients)"
    ]


async def test_a_new_entry_stands_in_the_message_on_a_change_of_its_firm(register: Wire) -> None:
    await read(register, OTHER, firm(particulars=(("leader", "Paul Valmarin"),)))
    await register.send_all()
    await read(register, OTHER, firm(particulars=(("leader", "Zoé Corvoy"),)), client("Safrane"))
    assert await about(register) == ["firm r1", "firm r2"]
    assert (await card_of(register, 1))["What changed"] == [
        "• New client: Safrane (before: not among the declared clients) · register.example",
        "• New name among the leaders: Zoé Corvoy (before: not listed)",
        "• No longer among the leaders: Paul Valmarin (before: listed)",
    ]


@pytest.mark.parametrize("is_sent", [False, True])
async def test_a_dump_that_broke_off_repeats_nothing_and_loses_nothing(
    register: Wire, monkeypatch: pytest.MonkeyPatch, *, is_sent: bool
) -> None:
    monkeypatch.setattr("bot.pipeline.poll.BATCH", 5)
    with monkeypatch.context() as patch:
        kill_at(patch, 3)
        with pytest.raises(Kill):
            await read(register, *WHOLE)
    await register.pipeline.resume()
    if is_sent:
        await register.send_all()
    await read(register, *WHOLE)
    async with register.database.read() as connection:
        told = await connection.all(
            "SELECT hit.id FROM hit LEFT JOIN announcement_hit ON hit_id = hit.id"
            " GROUP BY hit.id HAVING count(hit_id) <> 1"
        )
    assert (told, len(await register.held())) == ([], 26)


async def test_a_register_is_no_procedure_that_is_followed(register: Wire) -> None:
    await read(register, OTHER, firm())
    await read(register, OTHER, firm(), entry("sheet", "Une fiche", suppliers=("Inconnue",)))
    assert await about(register) == ["firm r1"]


async def test_an_entry_published_years_ago_is_news_to_a_register(register: Wire) -> None:
    await read(register, OTHER, firm(published=START.date() - 3_000 * DAY))
    assert await register.held() == [None]


async def test_an_entry_that_left_and_came_back_is_not_announced_again(register: Wire) -> None:
    await read(register, OTHER, firm(), client("Safrane"))
    for notices in ((OTHER, firm()), (OTHER, firm(), client("Safrane"))):
        await read(register, *notices)
    assert await about(register) == ["firm r1"]


async def test_the_end_of_a_mandate_is_told_where_the_client_was(register: Wire) -> None:
    await read(register, *WHOLE)
    await register.send_all()
    ended = client("Client C", particulars=(("mandate_ended", "2026-03-12"),))
    await read(register, *(ended if one.id == ended.id else one for one in WHOLE))
    first, then = await register.owed()
    assert (then.subject, then.follows) == ("register:client:Client C", first.id)
    assert (await card_of(register, 1))["What changed"] == [
        "Mandate from Client C ended on 12 March 2026 (before: running)"
    ]


async def test_a_mandate_is_told_of_no_longer_where_its_own_item_is_gone(register: Wire) -> None:
    await register.remove(register.item)
    await add_item(register.database, make_item("Client C", kind=ItemKind.COMPANY))
    watched = await add_item(register.database, make_item("Client D", kind=ItemKind.COMPANY))
    await read(register, *WHOLE)
    await register.remove(watched)
    ended = client("Client D", particulars=(("mandate_ended", "yes"),))
    await read(register, *(ended if one.id == ended.id else one for one in WHOLE))
    assert await about(register) == ["client:Safrane r1"]


async def test_a_trifle_of_an_entry_is_edited_in_and_not_announced(register: Wire) -> None:
    await read(register, *WHOLE)
    await register.send_all()
    renamed = replace(client("Safrane"), buyer="Safrane", title="Safrane SA, client", text="Safrane SA")
    await read(register, *(renamed if one.id == renamed.id else one for one in WHOLE))
    [row] = await register.owed()
    assert (row.remade, (row.shown_revision or 0) < row.due_revision) == (1, True)
    assert (await card_of(register))["Watch item: Safrane (company)"][0] == "In: Safrane SA, client"


async def test_what_is_not_material_to_its_source_is_edited_in(register: Wire) -> None:
    await read(register, OTHER, firm(particulars=(("category", "cabinet"),)))
    await register.send_all()
    await read(register, OTHER, firm(particulars=(("category", "avocats"),)))
    assert await about(register) == ["firm r1"]


async def test_a_list_says_what_it_gained_and_lost(register: Wire) -> None:
    await read(register, OTHER, firm(particulars=(("leader", "Paul Valmarin"), ("leader", "Zoé Corvoy"))))
    await register.send_all()
    await read(register, OTHER, firm(particulars=(("leader", "Jeanne Corvoy"), ("leader", "Zoé Corvoy"))))
    assert (await card_of(register, 1))["What changed"] == [
        "• New name among the leaders: Jeanne Corvoy (before: not listed)",
        "• No longer among the leaders: Paul Valmarin (before: listed)",
    ]


async def digest_lines(wire: Wire) -> Sequence[Sequence[int]]:
    wire.clock.advance(DAY)
    await Digester(wire.database, wire.clock, {}, lambda: None).make_now(GUILD, 1, 7, int(wire.clock.now().timestamp()))
    told = [row for row in await wire.owed() if row.kind is AnnouncementKind.DIGEST][-1]
    lines: Sequence[Sequence[int]] = told.details["hits"]
    return lines


async def test_the_digest_lists_each_item_once_and_watch_hits_each_entry(register: Wire) -> None:
    async with register.database.tx("test.digest") as connection:
        await digests.add(connection, GUILD, CHANNEL, None, Every.DAILY, START.time(), 7, START)
    await read(register, *WHOLE)
    await register.send_all()
    async with register.database.read() as connection:
        listed = await hits.listed(connection, GUILD, HitFilter(item_id=register.item.id), 50)
        record = await hits.record(connection, GUILD, register.item.id or 0)
    assert (len(await digest_lines(register)), len(listed), {one.message_url is None for one in listed}) == (
        2, 26, {False},
    )  # fmt: skip
    assert (record.announced, record.held) == (26, 0)


async def test_why_tells_of_the_message_that_an_entry_accompanies(register: Wire) -> None:
    await read(register, *WHOLE)
    async with register.database.read() as connection:
        row = await connection.one("SELECT id FROM notice WHERE source_id = 'client:Client K'")
    assert row is not None
    told = await explain(register.database, Watchlist(register.database), GUILD, row["id"], "en")
    assert [(one.announcement.subject, one.items) for one in told.tellings] == [("register:firm", (register.item.id,))]
    assert [one.held for one in told.hits] == [Held.COMPANION]


async def test_what_nobody_means_is_taken_back_with_all_that_accompanies_it(register: Wire) -> None:
    await register.remove(register.item)
    await add_item(register.database, make_item("Client A", kind=ItemKind.COMPANY))
    await read(register, *WHOLE)
    for item_id in (3, 4):
        async with register.database.read() as connection:
            [stored] = await hits.of_item(connection, GUILD, item_id, 5)
        await dismiss(register.database, GUILD, stored.row, None, 7, register.clock.now())
    assert (await register.owed(), await faults(register.database)) == ([], [])


async def test_a_muted_firm_leaves_its_client_a_message(register: Wire) -> None:
    async with register.database.tx("test.mute") as connection:
        await watchlist.mute(connection, GUILD, register.item.id or 0, register.clock.now() + DAY)
    await read(register, *WHOLE)
    assert await about(register) == ["client:Safrane r1"]
