"""What one dump of a register changes of one organisation: one message for each place, in sentences, once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.composing import compose
from bot.models import Held, ItemKind, Notice
from bot.storage.watching import hits
from tests.factories import GUILD, START, add_item, make_item
from tests.pipeline.fates import fates, faults, kept_back
from tests.pipeline.test_companions import FIRM, OTHER, about, card_of, client, firm, read
from tests.pipeline.wire import Kill, Wire, kill_at

SECOND_CHANNEL = 2003
_LONG = timedelta(days=30)
ENDED = (("mandate_ended", "2026-03-12"),)


def led_by(*names: str, **said: Any) -> Notice:
    return firm(particulars=tuple(("leader", name) for name in names), people=names, **said)


BEFORE = (OTHER, led_by("Paul Valmarin"), client("Safrane"), client("Client A"))
AFTER = (OTHER, led_by("Zoé Corvoy"), client("Safrane", particulars=ENDED), client("Client A"), client("Client B"))


@pytest.fixture
async def watched(wire: Wire) -> Wire:
    """Hold a register that was read twice, and a newsroom that watches the firm and one client, told of both."""
    await wire.remove(wire.item)
    wire.item = await add_item(wire.database, make_item(FIRM, kind=ItemKind.COMPANY))
    await add_item(wire.database, make_item("Safrane", kind=ItemKind.COMPANY))
    await read(wire, OTHER)
    await read(wire, *BEFORE)
    await wire.send_all()
    return wire


async def told(wire: Wire, number: int = -1) -> list[str]:
    return [line.partition(" · ")[0] for line in (await card_of(wire, number))["What changed"]]


async def title_of(wire: Wire, number: int = -1) -> str:
    row = (await wire.owed())[number]
    async with wire.database.read() as connection:
        return (await compose(connection, row, wire.clock.now())).card.title


async def watch(wire: Wire, name: str, kind: ItemKind, *notices: Notice) -> None:
    """Let a register be read in silence with these entries, and an item be added after it."""
    await read(wire, *notices)
    await add_item(wire.database, make_item(name, kind=kind))


async def test_what_one_dump_changes_of_a_firm_is_one_message_the_strongest_first(watched: Wire) -> None:
    await read(watched, *AFTER)
    assert await about(watched) == ["firm r1", "firm r2"]
    assert await told(watched) == [
        "• Mandate from Safrane ended on 12 March 2026 (before: running)",
        "• New client: Client B (before: not among the declared clients)",
        "• New name among the leaders: Zoé Corvoy (before: not listed)",
        "• No longer among the leaders: Paul Valmarin (before: listed)",
    ]
    assert await title_of(watched) == f"Lobby register: {FIRM} loses the client Safrane"
    assert await faults(watched.database) == []


async def test_a_firm_of_which_nothing_was_told_yet_is_told_of_with_all_its_changes(fresh: Wire) -> None:
    await watch(fresh, FIRM, ItemKind.COMPANY, *BEFORE)
    await read(fresh, *AFTER)
    assert await about(fresh) == ["firm r2"]
    assert [line.split()[1] for line in await told(fresh)] == ["Mandate", "New", "New", "No"]
    assert await faults(fresh.database) == []


async def test_a_second_place_has_a_message_of_its_own_on_what_its_item_means(watched: Wire) -> None:
    await add_item(watched.database, make_item("Client B", kind=ItemKind.COMPANY, channel_id=SECOND_CHANNEL))
    await read(watched, *AFTER)
    assert await about(watched, SECOND_CHANNEL) == ["client:Client B r1"]


async def test_two_firms_that_change_are_two_messages(watched: Wire) -> None:
    await add_item(watched.database, make_item("Cabinet Autre", kind=ItemKind.COMPANY))
    await read(watched, replace(OTHER, buyer="Client Z"), *AFTER[1:])
    assert await about(watched) == ["firm r1", "other r2", "firm r2"]


@pytest.mark.parametrize("order", [slice(None, None, -1), slice(None, None)])
async def test_a_dump_in_another_order_or_with_other_days_says_nothing(watched: Wire, order: slice) -> None:
    again = [replace(one, published=START.date()) for one in BEFORE]
    await read(watched, *again[order])
    assert await about(watched) == ["firm r1"]


@pytest.mark.parametrize("is_sent", [False, True])
async def test_a_later_change_of_what_accompanies_a_message_is_told_once(watched: Wire, *, is_sent: bool) -> None:
    await read(watched, *AFTER)
    if is_sent:
        await watched.send_all()
    moved = client("Safrane", particulars=(("mandate_ended", "2026-04-01"),))
    await read(watched, *(moved if one.id == moved.id else one for one in AFTER))
    rows = await watched.owed()
    if is_sent:
        assert [(row.subject, row.revision, row.follows) for row in rows[2:]] == [
            ("register:client:Safrane", 3, rows[0].id)
        ]
        assert await told(watched) == ["Mandate from Safrane ended on 1 April 2026 (before: ended on 12 March 2026)"]
    else:
        assert len(rows) == 2
        assert (await told(watched))[0] == "• Mandate from Safrane ended on 1 April 2026 (before: running)"
    assert await faults(watched.database) == []


async def test_what_was_undone_before_it_was_sent_is_not_told(watched: Wire) -> None:
    await read(watched, *AFTER)
    await read(watched, *(client("Safrane") if one.id == "client:Safrane" else one for one in AFTER))
    assert [line for line in await told(watched) if "Safrane" in line] == []
    assert await faults(watched.database) == []


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
async def test_a_message_of_which_all_was_undone_before_it_was_sent_goes(watched: Wire, order: Sequence[int]) -> None:
    changed: tuple[Notice, ...] = AFTER[:-1]
    await read(watched, *changed)
    for place in order:
        changed = tuple(BEFORE[place] if number == place else one for number, one in enumerate(changed))
        await read(watched, *changed)
    assert await about(watched) == ["firm r1"]
    assert await faults(watched.database) == []


@pytest.mark.parametrize("number", range(1, 12))
async def test_a_dump_that_was_broken_off_anywhere_tells_every_change_once(
    watched: Wire, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    monkeypatch.setattr("bot.pipeline.poll.BATCH", 1)
    with monkeypatch.context() as patch:
        kill_at(patch, number)
        try:
            await read(watched, *AFTER)
        except Kill:
            await watched.pipeline.resume()
    await read(watched, *AFTER)
    lines = [line for row in range(1, len(await watched.owed())) for line in await told(watched, row)]
    assert sorted(line.removeprefix("• ").split()[0] for line in lines) == ["Mandate", "New", "New", "No"]
    assert (await faults(watched.database), await kept_back(watched.database)) == ([], 0)


async def test_the_item_of_a_lobbyist_who_left_hears_of_it(fresh: Wire) -> None:
    await watch(fresh, "Paul Valmarin", ItemKind.OFFICIAL, *BEFORE)
    await read(fresh, *AFTER)
    assert await about(fresh) == ["firm r2"]
    fields = await card_of(fresh)
    assert "• No longer among the leaders: Paul Valmarin (before: listed)" in await told(fresh)
    assert fields["Watch item: Paul Valmarin (official)"][0] == "In the previous edition of the register"
    assert [fate.held for fate in await fates(fresh.database)] == [None]


async def test_the_item_of_a_client_that_an_entry_no_longer_names_hears_of_it(fresh: Wire) -> None:
    await watch(fresh, "Safrane", ItemKind.COMPANY, OTHER, client("Safrane"))
    await read(fresh, OTHER, replace(client("Safrane"), buyer="Autre", title="Autre, client"))
    assert await about(fresh) == ["client:Safrane r2"]
    async with fresh.database.read() as connection:
        [stored] = await hits.of_item(connection, GUILD, 2, 5)
    assert (stored.revision, stored.stood_in, stored.hit.matched) == (2, 1, "Safrane")


async def test_a_muted_item_does_not_hear_of_what_left(fresh: Wire) -> None:
    await read(fresh, *BEFORE)
    item = await add_item(fresh.database, make_item("Paul Valmarin", kind=ItemKind.OFFICIAL))
    await fresh.mute(item, _LONG)
    await read(fresh, *AFTER)
    assert (await about(fresh), await fresh.held(item)) == ([], [Held.MUTED])


async def test_what_a_trifle_leaves_out_is_no_news(fresh: Wire) -> None:
    named = replace(client("Safrane"), text="Paul Valmarin")
    await watch(fresh, "Paul Valmarin", ItemKind.OFFICIAL, OTHER, named)
    await read(fresh, OTHER, client("Safrane"))
    assert (await about(fresh), await fates(fresh.database)) == ([], [])


async def test_a_storm_of_changes_loses_nothing(watched: Wire) -> None:
    await watched.brake(1)
    await read(watched, *AFTER)
    assert (await watched.kinds())[1:] == ["storm"]
    assert await faults(watched.database) == []
    async with watched.database.read() as connection:
        assert await connection.all("SELECT 1 FROM announcement_companion AS c WHERE c.announcement_id > 1") == []
