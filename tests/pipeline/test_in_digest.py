"""What a hit owes the digest of its channel: a line once, and again when it is news again."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from bot.matching import Matcher
from bot.models import Held, InDigest, ItemKind, Priority
from tests.factories import add_item, days_ago, make_item, make_notice
from tests.pipeline.fates import fates
from tests.pipeline.wire import Wire

DUE, NONE = InDigest.DUE, InDigest.NONE
DAY = timedelta(days=1)
TRIFLE = {"title": "Achat de caméras-piétons"}
MATERIAL = {"buyer": "Métropole de Lyon"}
NAMED = {"text": "Interlocutrice : Jeanne Martinet"}
INITIALLED = {"text": "Interlocutrice : J. Martinet"}


async def owed(wire: Wire, item: int = 1) -> list[tuple[Held | None, InDigest]]:
    """Return why the hits of an item were held and what the digest owes them, oldest first."""
    return [(fate.held, fate.in_digest) for fate in await fates(wire.database) if fate.item == item]


async def test_what_is_announced_is_told_by_the_digest_too(wire: Wire) -> None:
    await wire.poll([make_notice()])
    assert await owed(wire) == [(None, DUE)]


@pytest.mark.parametrize(
    ("item", "notice", "held"),
    [
        ({"priority": Priority.DIGEST}, {}, Held.DIGEST),
        ({}, {"published": days_ago(30)}, Held.LATE),
        ({"kind": ItemKind.OFFICIAL, "name": "Jeanne Martinet"}, INITIALLED, Held.WEAK),
    ],
)
async def test_what_is_held_for_the_digest_is_due_there(
    wire: Wire, item: dict[str, Any], notice: dict[str, Any], held: Held
) -> None:
    await add_item(wire.database, make_item(**{"name": "police municipale", **item}))
    await wire.poll([make_notice(**notice)])
    assert await owed(wire, 2) == [(held, DUE)]


async def test_what_a_silent_first_poll_finds_is_not_told(fresh: Wire) -> None:
    await fresh.poll([make_notice()])
    assert await owed(fresh) == [(Held.BASELINE, NONE)]


async def test_what_a_muted_item_finds_is_not_told(wire: Wire) -> None:
    await wire.mute(wire.item, DAY)
    await wire.poll([make_notice()])
    assert await owed(wire) == [(Held.MUTED, NONE)]


async def test_a_trifle_is_not_told_again(wire: Wire) -> None:
    await wire.poll([make_notice()])
    await wire.poll([make_notice(**TRIFLE)])
    assert await owed(wire) == [(None, DUE), (None, NONE)]


async def test_a_material_change_is_told(wire: Wire) -> None:
    await wire.poll([make_notice()])
    await wire.poll([make_notice(**MATERIAL)])
    assert await owed(wire) == [(None, DUE), (None, DUE)]


async def test_a_revision_that_comes_to_match_is_told(wire: Wire) -> None:
    await wire.poll([make_notice(title="Travaux", text="Voirie.")])
    await wire.poll([make_notice()])
    assert await owed(wire) == [(None, DUE)]


async def test_of_a_revision_that_another_item_comes_to_match_only_that_hit_is_told(wire: Wire) -> None:
    await add_item(wire.database, make_item("drone"))
    await wire.poll([make_notice()])
    await wire.send_all()
    await wire.poll([make_notice(title="Caméras-piétons et drones")])
    assert (await owed(wire), await owed(wire, 2)) == ([(None, DUE), (None, NONE)], [(None, DUE)])


@pytest.mark.parametrize("priority", Priority)
async def test_a_weak_hit_that_becomes_sure_is_told_again(wire: Wire, priority: Priority) -> None:
    official = make_item("Jeanne Martinet", kind=ItemKind.OFFICIAL, priority=priority)
    await add_item(wire.database, official)
    await wire.poll([make_notice(**INITIALLED)])
    await wire.poll([make_notice(**NAMED)])
    then = None if priority is Priority.INSTANT else Held.DIGEST
    assert await owed(wire, 2) == [(Held.WEAK, DUE), (then, DUE)]


async def test_a_weak_hit_that_stays_weak_is_told_once(wire: Wire) -> None:
    await add_item(wire.database, make_item("Jeanne Martinet", kind=ItemKind.OFFICIAL))
    await wire.poll([make_notice(**INITIALLED)])
    await wire.poll([make_notice(**INITIALLED, **TRIFLE)])
    assert await owed(wire, 2) == [(Held.WEAK, DUE), (Held.WEAK, NONE)]


async def test_a_sure_hit_that_becomes_weak_is_not_told_again(wire: Wire) -> None:
    await add_item(wire.database, make_item("Jeanne Martinet", kind=ItemKind.OFFICIAL))
    await wire.poll([make_notice(**NAMED)])
    await wire.poll([make_notice(**INITIALLED)])
    assert await owed(wire, 2) == [(None, DUE), (Held.WEAK, NONE)]


@pytest.mark.parametrize(
    ("item", "notice", "held"),
    [({"priority": Priority.DIGEST}, {}, Held.DIGEST), ({}, {"published": days_ago(30)}, Held.LATE)],
)
async def test_a_trifle_of_what_waits_for_the_digest_is_not_told_again(
    wire: Wire, item: dict[str, Any], notice: dict[str, Any], held: Held
) -> None:
    await add_item(wire.database, make_item("police municipale", **item))
    await wire.poll([make_notice(**notice)])
    await wire.poll([make_notice(**notice, **TRIFLE)])
    assert await owed(wire, 2) == [(held, DUE), (held, NONE)]


async def test_a_material_change_of_what_waits_for_the_digest_is_told_there(wire: Wire) -> None:
    await add_item(wire.database, make_item("police municipale", priority=Priority.DIGEST))
    await wire.poll([make_notice()])
    await wire.poll([make_notice(**MATERIAL)])
    assert await owed(wire, 2) == [(Held.DIGEST, DUE), (Held.DIGEST, DUE)]


@pytest.mark.parametrize(("change", "then"), [(TRIFLE, (Held.BASELINE, NONE)), (MATERIAL, (None, DUE))])
async def test_a_notice_of_the_silent_first_poll_is_told_only_once_something_material_changes(
    fresh: Wire, change: dict[str, Any], then: tuple[Held | None, InDigest]
) -> None:
    await fresh.poll([make_notice()])
    await fresh.poll([make_notice(**change)])
    assert await owed(fresh) == [(Held.BASELINE, NONE), then]


@pytest.mark.parametrize(("change", "then"), [(TRIFLE, (Held.MUTED, NONE)), (MATERIAL, (None, DUE))])
async def test_what_was_found_while_muted_is_told_only_once_something_material_changes_afterwards(
    wire: Wire, change: dict[str, Any], then: tuple[Held | None, InDigest]
) -> None:
    await wire.mute(wire.item, DAY)
    await wire.poll([make_notice()])
    await wire.mute(wire.item, None)
    await wire.poll([make_notice(**change)])
    assert await owed(wire) == [(Held.MUTED, NONE), then]


async def test_a_material_change_while_muted_is_not_told(wire: Wire) -> None:
    await wire.poll([make_notice()])
    await wire.mute(wire.item, DAY)
    await wire.poll([make_notice(**MATERIAL)])
    assert await owed(wire) == [(None, DUE), (Held.MUTED, NONE)]


async def test_a_trifle_is_not_news_to_an_item_added_since(wire: Wire) -> None:
    await wire.poll([make_notice()])
    await add_item(wire.database, make_item("police municipale"))
    await wire.poll([make_notice(**TRIFLE)])
    assert await owed(wire, 2) == [(Held.BASELINE, NONE)]


async def test_a_revision_is_matched_off_the_loop_and_outside_the_transaction(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    await wire.poll([make_notice()])
    await add_item(wire.database, make_item("police municipale"))
    matched_in: list[int] = []

    def noting(method: Callable[..., Any]) -> Callable[..., Any]:
        def noted(*values: Any) -> Any:
            matched_in.append(threading.get_ident())
            return method(*values)

        return noted

    for name in ("find", "find_apart"):
        monkeypatch.setattr(Matcher, name, noting(getattr(Matcher, name)))
    await wire.poll([make_notice(**TRIFLE)])
    assert len(matched_in) >= 2
    assert threading.get_ident() not in matched_in


@pytest.mark.parametrize(("change", "then"), [(TRIFLE, (Held.STORM, NONE)), (MATERIAL, (None, DUE))])
async def test_what_was_in_a_storm_is_told_again_only_once_something_material_changes(
    wire: Wire, change: dict[str, Any], then: tuple[Held | None, InDigest]
) -> None:
    await wire.brake(1)
    await wire.poll([make_notice(), make_notice("26-2", title="Drones, caméras-piétons")])
    await wire.poll([make_notice(**change)])
    assert await owed(wire) == [(Held.STORM, DUE), (Held.STORM, DUE), then]


@pytest.mark.parametrize(("storm", "held"), [(20, None), (1, Held.STORM)])
async def test_what_was_sure_before_is_no_news_when_it_is_sure_again(wire: Wire, storm: int, held: Held | None) -> None:
    await add_item(wire.database, make_item("Jeanne Martinet", kind=ItemKind.OFFICIAL))
    await wire.brake(storm)
    await wire.poll([make_notice(**NAMED), make_notice("26-2")])
    before = await wire.kinds()
    for said in (INITIALLED, NAMED):
        await wire.send_all()
        await wire.poll([make_notice(**said), make_notice("26-2")])
    assert await owed(wire, 2) == [(held, DUE), (Held.WEAK, NONE), (held, NONE)]
    assert await wire.kinds() == before
