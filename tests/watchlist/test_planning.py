"""The rows of a file against the live items: which item a row is about, what it changes, what refuses it."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.models import Dossier, ItemKind, Priority, WatchItem
from bot.watchlist import csv_file
from bot.watchlist.entry import name_key
from bot.watchlist.planning import Importer, Plan, Standing, plan

OWN, GONE = 111_111_111_111_111_111, 333_333_333_333_333_333
CHANNELS = {OWN: "vidéo", 222_222_222_222_222_222: "double", 444_444_444_444_444_444: "Double"}
IMPORTER = Importer(guild_id=1, user_id=7, floor_id=9, channels=CHANNELS, known_sources={"boamp"})


def dossier(number: int, name: str, *, is_closed: bool = False) -> Dossier:
    at = datetime(2026, 11, 16, tzinfo=UTC)
    closed = {"closed_by": 7, "closed_at": at} if is_closed else {}
    return Dossier(id=number, guild_id=1, name=name, channel_id=None, created_by=7, created_at=at, **closed)


DOSSIERS = [dossier(1, "Caméras"), dossier(2, "Drones"), dossier(3, "Vieille affaire", is_closed=True)]


def item(number: int, name: str, **said: Any) -> WatchItem:
    values: dict[str, Any] = {"kind": ItemKind.COMPANY, "guild_id": 1, "added_by": 5}
    return WatchItem(id=number, name=name, **{**values, **said})


def planned(
    text: str,
    *items: WatchItem,
    gathered: dict[int, frozenset[int]] | None = None,
    announces: bool = True,
) -> Plan:
    standing = Standing(version=1, announces=announces, dossiers=DOSSIERS, gathered=gathered or {})
    read = csv_file.read(io.BytesIO(text.encode()))
    return plan(read, IMPORTER, standing, [(one, name_key(one)) for one in items])


def bad(result: Plan) -> list[tuple[int, str]]:
    return [(line.line, line.reason.text) for line in result.bad_lines]


def only_changed(result: Plan) -> WatchItem:
    assert bad(result) == []
    assert result.added == []
    [row] = result.changed
    return row.item


def names(rows: Sequence[Any]) -> list[str]:
    return [row.item.name for row in rows]


def test_a_row_without_its_like_is_a_new_item_of_who_imports_it() -> None:
    result = planned("kind,name\ncompany,Axon\n")
    [row] = result.added
    assert (row.item.name, row.item.guild_id, row.item.added_by, row.item.id) == ("Axon", 1, 7, None)


def test_a_row_is_about_the_item_of_its_ref_and_may_rename_it() -> None:
    changed = only_changed(planned("ref,kind,name\nA1,company,Axis\n", item(4, "Axon", ref="A1")))
    assert (changed.id, changed.name, changed.added_by) == (4, "Axis", 5)


@pytest.mark.parametrize("name", ["Axon", "AXON", "axôn"])
def test_a_row_without_ref_is_about_the_item_of_its_kind_and_name(name: str) -> None:
    result = planned(f"kind,name,note\ncompany,{name},vu\n", item(4, "Axon"), item(5, "Axon", kind=ItemKind.OFFICIAL))
    assert only_changed(result).id == 4


def test_a_new_ref_goes_to_the_item_of_that_name_that_has_none() -> None:
    assert only_changed(planned("ref,kind,name\nA1,company,Axon\n", item(4, "Axon"))).ref == "A1"


def test_another_ref_for_the_name_of_an_item_that_has_one_is_refused() -> None:
    result = planned("ref,kind,name\nA2,company,Axon\n", item(4, "Axon", ref="A1"))
    assert bad(result) == [(2, "watch-same-name")]
    assert result.bad_lines[0].reason.values["id"] == 4


def test_a_row_that_says_what_is_so_changes_nothing() -> None:
    standing = item(4, "Axon", aliases=("Taser",), note="a\nb", priority=Priority.DIGEST, channel_id=OWN)
    text = f'kind,name,aliases,channel,priority,note\ncompany,Axon,Taser,<#{OWN}>,digest,"a\nb"\n'
    result = planned(text, standing)
    assert (result.unchanged, result.changed, result.added, bad(result)) == (1, [], [], [])


def test_columns_that_the_file_has_not_stay_as_they_were() -> None:
    standing = item(4, "Axon", aliases=("Taser",), note="vu", ref="A1", channel_id=OWN, priority=Priority.DIGEST)
    result = planned("kind,name,any_of\ncompany,Axon,drone\n", standing, gathered={4: frozenset({1})})
    assert only_changed(result) == replace(standing, any_of=("drone",))
    assert result.changed[0].dossier_ids is None


def test_an_empty_cell_of_a_column_that_the_file_has_empties_the_field() -> None:
    standing = item(4, "Axon", aliases=("Taser",), note="vu", channel_id=OWN, priority=Priority.DIGEST)
    text = "kind,name,aliases,channel,dossier,priority,note\ncompany,Axon,,,,,\n"
    result = planned(text, standing, gathered={4: frozenset({1})})
    assert only_changed(result) == item(4, "Axon")
    assert result.changed[0].dossier_ids == frozenset()


def test_items_that_no_row_is_about_are_left_alone() -> None:
    result = planned("kind,name\ncompany,Axis\n", item(4, "Axon"))
    assert (names(result.added), result.changed, result.unchanged) == (["Axis"], [], 0)


def test_an_item_that_a_row_does_not_change_is_not_judged_again() -> None:
    standing = item(4, "Axon", sources=("retired",), any_of=("(wrong",))
    result = planned('kind,name,any_of,sources\ncompany,Axon,"(wrong",retired\n', standing)
    assert (result.unchanged, bad(result)) == (1, [])


def test_the_kind_of_an_item_does_not_change() -> None:
    result = planned("ref,kind,name\nA1,official,Axon\n", item(4, "Axon", ref="A1"))
    assert bad(result) == [(2, "import-other-kind")]


@pytest.mark.parametrize("rows", ["A1,company,Axis\nA1,company,Axon\n", ",company,Axon\n,company,AXON\n"])
def test_two_rows_about_one_item_are_refused_at_the_second(rows: str) -> None:
    standing = item(4, "Axon", ref="A1" if "A1" in rows else None)
    result = planned(f"ref,kind,name\n{rows}", standing)
    assert bad(result) == [(3, "import-same-line")]
    assert result.bad_lines[0].reason.values["line"] == 2


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ("A1,company,Axon\nA2,company,AXON\n", "import-same-line"),
        ("A1,company,Axon\nA1,company,Axis\n", "import-same-ref"),
        (",keyword,drone OU radar\n,keyword,drone OR radar\n", "import-same-line"),
    ],
)
def test_two_new_rows_that_clash_are_refused_at_the_second(rows: str, reason: str) -> None:
    result = planned(f"ref,kind,name\n{rows}")
    assert bad(result) == [(3, reason)]
    assert result.bad_lines[0].reason.values["line"] == 2


def test_a_row_that_takes_the_name_of_an_item_left_alone_is_refused() -> None:
    result = planned("ref,kind,name\nA1,company,Axis\n", item(4, "Axon", ref="A1"), item(5, "AXIS", ref="A2"))
    assert bad(result) == [(2, "watch-same-name")]
    assert result.bad_lines[0].reason.values["id"] == 5


def test_items_may_change_their_names_among_themselves() -> None:
    standing = item(4, "Axon", ref="A1"), item(5, "Axis", ref="A2")
    result = planned("ref,kind,name\nA1,company,Axis\nA2,company,Axon\n", *standing)
    assert bad(result) == []
    assert {row.item.id: row.item.name for row in result.changed} == {4: "Axis", 5: "Axon"}


def test_a_new_item_may_take_the_name_that_another_row_gives_up() -> None:
    result = planned("ref,kind,name\nA1,company,Axis\nA2,company,Axon\n", item(4, "Axon", ref="A1"))
    assert (names(result.changed), names(result.added), bad(result)) == (["Axis"], ["Axon"], [])


@pytest.mark.parametrize("written", [f"<#{OWN}>", str(OWN), "#vidéo", "vidéo", "VIDÉO"])
def test_a_channel_is_named_by_mention_id_or_name(written: str) -> None:
    [row] = planned(f"kind,name,channel\ncompany,Axon,{written}\n").added
    assert row.item.channel_id == OWN


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("#autre", "import-channel"),
        (f"<#{GONE}>", "import-channel"),
        (str(GONE), "import-channel"),
        ('"1,11111E+17"', "import-channel"),
        ("double", "import-channels"),
    ],
)
def test_a_channel_that_is_not_one_of_the_guild_is_refused(written: str, reason: str) -> None:
    assert bad(planned(f"kind,name,channel\ncompany,Axon,{written}\n")) == [(2, reason)]


def test_the_channel_that_an_item_has_may_be_gone() -> None:
    standing = item(4, "Axon", channel_id=GONE)
    assert planned(f"kind,name,channel\ncompany,Axon,<#{GONE}>\n", standing).unchanged == 1
    assert only_changed(planned(f"kind,name,channel,note\ncompany,Axon,<#{GONE}>,vu\n", standing)).channel_id == GONE


def test_without_a_channel_anywhere_a_new_item_is_refused_and_an_old_one_stays() -> None:
    text = f"kind,name,channel\ncompany,Axon,\ncompany,Axis,\ncompany,Éole,<#{OWN}>\n"
    result = planned(text, item(4, "Axon"), announces=False)
    assert (bad(result), result.unchanged, names(result.added)) == ([(3, "watch-no-channel")], 1, ["Éole"])


def test_dossiers_are_named_whatever_their_case_never_by_number() -> None:
    [row] = planned("kind,name,dossier\ncompany,Axon,CAMERAS; drones\n").added
    assert row.dossier_ids == {1, 2}
    assert bad(planned("kind,name,dossier\ncompany,Axon,1\n")) == [(2, "dossier-unknown")]


def test_an_unknown_and_a_closed_dossier_are_both_named() -> None:
    result = planned("kind,name,dossier\ncompany,Axon,Personne; Vieille affaire\n")
    assert bad(result) == [(2, "dossier-unknown"), (2, "dossier-closed")]
    assert [line.reason.values for line in result.bad_lines] == [{"typed": "Personne"}, {"name": "Vieille affaire"}]


def test_an_item_may_stay_in_a_dossier_that_was_closed_since() -> None:
    gathered = {4: frozenset({3})}
    text = "kind,name,dossier\ncompany,Axon,Vieille affaire{more}\n"
    assert planned(text.format(more=""), item(4, "Axon"), gathered=gathered).unchanged == 1
    [row] = planned(text.format(more=";Drones"), item(4, "Axon"), gathered=gathered).changed
    assert row.dossier_ids == {2, 3}


def test_other_dossiers_alone_are_a_change() -> None:
    result = planned("kind,name,dossier\ncompany,Axon,Drones\n", item(4, "Axon"), gathered={4: frozenset({1})})
    [row] = result.changed
    assert (row.item, row.dossier_ids) == (item(4, "Axon"), {2})


@pytest.mark.parametrize(
    ("header", "cells", "reason"),
    [
        ("kind,name", f"company,{'x' * 201}", "watch-name-too-long"),
        ("kind,name,aliases", f"company,Axon,{';'.join(f'alias {n}' for n in range(31))}", "watch-too-many-aliases"),
        ("kind,name,identifiers", 'company,Axon,"1,23457E+13"', "watch-identifier-ruined"),
        ("kind,name,sources", "company,Axon,nulle-part", "watch-source-unknown"),
        ("kind,name,any_of", "company,Axon,(drone", "query-unbalanced-parenthesis"),
        ("kind,name", "keyword,drone ET", "query-missing-after"),
        ("kind,name,note", f"company,Axon,{'n' * 501}", "watch-note-too-long"),
        ("kind,name,ref", f"company,Axon,{'r' * 61}", "watch-ref-too-long"),
    ],
)
def test_a_row_that_entry_would_refuse_is_refused_in_the_same_words(header: str, cells: str, reason: str) -> None:
    assert bad(planned(f"{header}\n{cells}\n")) == [(2, reason)]


def test_every_fault_of_every_line_is_named_in_the_order_of_the_lines() -> None:
    text = "kind,name,channel,dossier,sources\nperson,x,,,\ncompany,Axon,#non,Rien,nulle\ncompany,Bon,,,\ncompany,,,,\n"
    assert bad(planned(text)) == [
        (2, "watchlist-kind"),
        (3, "import-channel"),
        (3, "dossier-unknown"),
        (3, "watch-source-unknown"),
        (5, "watchlist-no-name"),
    ]
