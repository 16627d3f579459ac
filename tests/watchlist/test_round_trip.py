"""The watchlist survives export, import and export byte for byte, whatever people typed."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.errors import UserError
from bot.models import Dossier, ItemKind, Priority, WatchItem
from bot.watchlist import csv_file
from bot.watchlist.entry import entered, name_key
from bot.watchlist.planning import Importer, Plan, Standing, plan

START = datetime(2026, 11, 16, tzinfo=UTC)
CHANNELS = {111_111_111_111_111_111: "annonces", 222_222_222_222_222_222: "vidéo"}
SOURCES = ("boamp", "ted")
IMPORTER = Importer(guild_id=1, user_id=7, floor_id=9, channels=CHANNELS, known_sources=SOURCES)


def dossier(number: int, name: str, *, is_closed: bool = False) -> Dossier:
    return Dossier(
        id=number,
        guild_id=1,
        name=name,
        channel_id=None,
        created_by=7,
        created_at=START,
        closed_by=7 if is_closed else None,
        closed_at=START if is_closed else None,
    )


DOSSIERS = [
    dossier(1, "Caméras"),
    dossier(2, '=1+1 "police" \\'),
    dossier(3, "'-x | y"),
    dossier(4, "12"),
    dossier(12, "L\u2019\u00a0Affaire"),
]

SIGNS = "\"'“«»;|\\/=+-@%,\u00a0\u200b\ufeff\uff1d\u2028\x85\x1f \t\r\n\0é\U0001f600"
HOSTILE = st.lists(
    st.one_of(st.sampled_from(["axon", "Marie", "Curie", "a\\;b", "99"]), st.sampled_from(SIGNS)), max_size=7
)
TEXTS = HOSTILE.map("".join)
NAMES = st.tuples(TEXTS, st.sampled_from(["Axon", "Marie Curie", "drone"]), TEXTS).map("".join)
QUERIES = st.one_of(
    NAMES,
    st.sampled_from(['"a1; b2"', "drone ET =Ville", "«x1;y2» OU caméra*", "a1;b2", "drone\\", "=Ville", "-5 drones"]),
)


@st.composite
def items(draw: st.DrawFn) -> WatchItem | None:
    """Return an item as it can be stored, None where entry refuses what was drawn."""
    kind = draw(st.sampled_from(ItemKind))
    names = QUERIES if kind is ItemKind.KEYWORD else NAMES
    item = WatchItem(
        kind=kind,
        name=draw(names),
        guild_id=1,
        aliases=tuple(draw(st.lists(names, max_size=3))),
        identifiers=tuple(draw(st.lists(TEXTS, max_size=2))),
        any_of=tuple(draw(st.lists(QUERIES, max_size=3))),
        none_of=tuple(draw(st.lists(QUERIES, max_size=2))),
        sources=tuple(draw(st.lists(st.sampled_from(SOURCES), max_size=2))),
        channel_id=draw(st.sampled_from([None, *CHANNELS])),
        priority=draw(st.sampled_from(Priority)),
        ref=draw(st.one_of(st.none(), TEXTS)),
        note=draw(st.one_of(st.none(), TEXTS)),
        added_by=7,
    )
    try:
        return entered(item, SOURCES)
    except UserError:
        return None


def together(found: Sequence[WatchItem | None]) -> list[tuple[WatchItem, str]]:
    """Return those items that can stand in one watchlist, in its order, with ids and name keys."""
    kept: dict[tuple[ItemKind, str], WatchItem] = {}
    refs: set[str] = set()
    for item in found:
        if item is not None and (item.kind, name_key(item)) not in kept and item.ref not in refs:
            kept[item.kind, name_key(item)] = item
            refs |= {item.ref} - {None}
    return in_order([(item, key) for (_, key), item in kept.items()])


def in_order(rows: Sequence[tuple[WatchItem, str]]) -> list[tuple[WatchItem, str]]:
    """Return items as a newsroom has them that was given them in this order: listed by name key, then by id."""
    numbered = [(replace(item, id=number), key) for number, (item, key) in enumerate(rows, 1)]
    return sorted(numbered, key=lambda row: (row[1], row[0].id))


def written(rows: Sequence[tuple[WatchItem, str]], gathered: dict[int, frozenset[int]]) -> bytes:
    stream = io.BytesIO()
    named = {one.id: one for one in DOSSIERS}
    of_items = {item: [named[one] for one in ids] for item, ids in gathered.items()}
    csv_file.write(stream, [item for item, _ in rows], of_items)
    return stream.getvalue()


def planned(content: bytes, rows: Sequence[tuple[WatchItem, str]], gathered: dict[int, frozenset[int]]) -> Plan:
    standing = Standing(version=1, announces=True, dossiers=DOSSIERS, gathered=gathered)
    return plan(csv_file.read(io.BytesIO(content)), IMPORTER, standing, rows)


def gathered_by(rows: Sequence[tuple[WatchItem, str]], drawn: Sequence[frozenset[int]]) -> dict[int, frozenset[int]]:
    return {item.id or 0: ids for (item, _), ids in zip(rows, drawn, strict=False) if ids}


def company(**said: Any) -> WatchItem:
    return entered(
        WatchItem(**{"kind": ItemKind.COMPANY, "name": "Axon", "guild_id": 1, "added_by": 7, **said}), SOURCES
    )


WATCHLISTS = st.lists(items(), max_size=6)
GATHERED = st.lists(st.frozensets(st.sampled_from([one.id for one in DOSSIERS]), max_size=3), max_size=6)
SLOW = settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])


@SLOW
@given(WATCHLISTS, GATHERED)
@example([company(aliases=("Dupont; et fils", "Dupont\\", "Acme"), ref="'=x", note="=1\n\n@x")], [frozenset({2, 3, 4})])
def test_what_a_newsroom_exports_changes_nothing_when_it_imports_it(
    found: list[WatchItem | None], drawn: list[frozenset[int]]
) -> None:
    rows = together(found)
    gathered = gathered_by(rows, drawn)
    result = planned(written(rows, gathered), rows, gathered)
    assert result.bad_lines == []
    assert (result.added, result.changed, result.unchanged) == ([], [], len(rows))


@SLOW
@given(WATCHLISTS, GATHERED)
def test_what_a_fresh_newsroom_imports_it_exports_byte_for_byte(
    found: list[WatchItem | None], drawn: list[frozenset[int]]
) -> None:
    rows = together(found)
    content = written(rows, gathered_by(rows, drawn))
    result = planned(content, [], {})
    assert result.bad_lines == []
    again = in_order([(row.item, row.key) for row in result.added])
    taken = {(row.item.kind, row.key): row.dossier_ids or frozenset() for row in result.added}
    assert written(again, {item.id or 0: taken[item.kind, key] for item, key in again}) == content


@SLOW
@given(WATCHLISTS)
def test_no_cell_of_an_export_runs(found: list[WatchItem | None]) -> None:
    content = written(together(found), {}).decode("utf-8-sig")
    for row in csv.reader(io.StringIO(content, newline="")):
        for cell in row:
            assert not cell.startswith(("\t", "\r", "\n"))
            assert not cell.lstrip(" \u00a0\u200b\ufeff").startswith(tuple("=+-@|%\uff1d\uff0b\uff0d\uff20"))
