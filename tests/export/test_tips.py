"""The tips of a newsroom as tables: what somebody may not know of is nowhere."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from bot.access import Viewer
from bot.export import Separator
from bot.export.tips import NOTE_COLUMNS, TIP_COLUMNS, VERSION_COLUMNS
from bot.models import VIGIE_ITSELF, TipFilter, TipStatus
from tests.export.log_rows import EDITOR, REPORTER, Log
from tests.export.read_back import ALL_SEEING, column, holds, manifest, table, tips_of
from tests.factories import CHANNEL, GUILD, START

THERE, CHANNEL_THERE = 3001, 4001
DAY = timedelta(days=1)


async def test_a_tip_is_told_in_every_column(database: Path, log: Log, out: Path) -> None:
    tip = log.tip(
        "=Le maire achèterait des caméras.",
        dossiers=[log.dossier("Caméras")],
        items=[log.item("Axon")],
        words={
            "origin": "au téléphone",
            "origin_url": "https://x.example",
            "heard": "2026-11",
            "heard_typed": "ce mois",
        },
        owner=7,
        status="checking",
    )
    log.card("tip", tip, 55)
    await tips_of(database, out)
    (row,) = table(out / "tips.csv")
    assert tuple(row) == TIP_COLUMNS
    assert row == {
        "id": str(tip),
        "dossier": "Caméras",
        "text": "'=Le maire achèterait des caméras.",
        "status": "checking",
        "origin": "au téléphone",
        "origin_url": "https://x.example",
        "heard": "2026-11",
        "date_precision": "month",
        "sensitive": "no",
        "owner": "7",
        "watch_items": "Axon",
        "logged_by": str(REPORTER),
        "logged_at": "2026-11-16T09:00:00+01:00",
        "revision": "1",
        "message_url": f"https://discord.com/channels/{GUILD}/{CHANNEL}/55",
        "heard_typed": "ce mois",
        "embargo_until": "",
    }


async def test_what_was_done_with_a_tip_is_told_in_its_order(database: Path, log: Log, out: Path) -> None:
    tip = log.tip()
    log.tip_change(tip, 2, "noted", text="+33 1 23 45 : rappeler", made_by=EDITOR, made_at=START + DAY)
    log.tip_change(tip, 3, "status", before="new", after="checking")
    await tips_of(database, out)
    rows = table(out / "notes.csv")
    assert tuple(rows[0]) == NOTE_COLUMNS
    assert [tuple(row.values()) for row in rows] == [
        (str(tip), "1", "logged", "", "", "", str(REPORTER), "2026-11-16T09:00:00+01:00"),
        (str(tip), "2", "noted", "'+33 1 23 45 : rappeler", "", "", str(EDITOR), "2026-11-17T09:00:00+01:00"),
        (str(tip), "3", "status", "", "new", "checking", str(REPORTER), "2026-11-16T09:00:00+01:00"),
    ]


async def test_the_end_of_an_embargo_is_told_in_the_newsrooms_zone(database: Path, log: Log, out: Path) -> None:
    tip = log.tip()
    log.tip_change(tip, 2, "embargoed", after=START + DAY)
    log.tip_change(tip, 3, "released", before=START + DAY, made_by=VIGIE_ITSELF)
    await tips_of(database, out)
    ends = [("", ""), ("", "2026-11-17T09:00:00+01:00"), ("2026-11-17T09:00:00+01:00", "")]
    assert [(row["before"], row["after"]) for row in table(out / "notes.csv")] == ends
    assert column(out / "notes.csv", "made_by") == [str(REPORTER), str(REPORTER), "vigie"]


async def test_every_earlier_version_is_told_with_why_it_was_replaced(database: Path, log: Log, out: Path) -> None:
    tip = log.tip("Dix caméras.", words={"origin": "mail"})
    log.tip_version(tip, 2, "Onze caméras.", reason="mal lu", made_by=EDITOR, made_at=START + DAY)
    log.tip("Jamais changé.")
    await tips_of(database, out)
    (row,) = table(out / "tip_versions.csv")
    assert tuple(row) == VERSION_COLUMNS
    assert {name: cell for name, cell in row.items() if cell} == {
        "tip_id": str(tip),
        "revision": "1",
        "text": "Dix caméras.",
        "origin": "mail",
        "sensitive": "no",
        "made_by": str(REPORTER),
        "made_at": "2026-11-16T09:00:00+01:00",
        "replaced_by": str(EDITOR),
        "replaced_at": "2026-11-17T09:00:00+01:00",
        "reason": "mal lu",
    }
    assert column(out / "tips.csv", "text") == ["Onze caméras.", "Jamais changé."]


@pytest.mark.parametrize(
    ("viewer", "shown"),
    [
        (Viewer(guild_id=GUILD, user_id=1, sees_all=False), ["Ouvert."]),
        (Viewer(guild_id=GUILD, user_id=REPORTER, sees_all=False), ["Ouvert.", "SECRET"]),
        (Viewer(guild_id=GUILD, user_id=7, sees_all=False), ["Ouvert.", "SECRET"]),
        (ALL_SEEING, ["Ouvert.", "SECRET"]),
    ],
)
async def test_a_sensitive_tip_is_for_its_author_its_owner_and_editors(
    database: Path, log: Log, out: Path, viewer: Viewer, shown: list[str]
) -> None:
    log.tip("Ouvert.", logged_by=5)
    tip = log.tip("SECRET", sensitive=True, owner=7)
    log.tip_version(tip, 2, "SECRET", sensitive=True, reason="SECRET")
    log.tip_change(tip, 3, "noted", text="SECRET")
    export = await tips_of(database, out, viewer=viewer)
    assert column(out / "tips.csv", "text") == shown
    assert [file.rows for file in export.files] == ([1, 1, 0] if shown == ["Ouvert."] else [2, 3, 1])
    assert bool(holds(out, b"SECRET")) is ("SECRET" in shown)
    assert [file["rows"] for file in manifest(out)["files"]] == [file.rows for file in export.files]


async def test_a_version_that_was_sensitive_stays_hidden_when_the_tip_no_longer_is(
    database: Path, log: Log, tmp_path: Path
) -> None:
    tip = log.tip("SECRET : un nom.", sensitive=True, logged_by=5)
    log.tip_version(tip, 2, "Sans le nom.", reason="publiable")
    log.update("tip", tip, is_sensitive=0)
    await tips_of(database, tmp_path / "some")
    await tips_of(database, tmp_path / "all", viewer=ALL_SEEING)
    assert column(tmp_path / "some" / "tips.csv", "text") == ["Sans le nom."]
    assert holds(tmp_path / "some", b"SECRET") == []
    assert column(tmp_path / "all" / "tip_versions.csv", "text") == ["SECRET : un nom."]


async def test_filters_choose_tips_with_all_that_is_theirs(database: Path, log: Log, out: Path) -> None:
    dossier, item = log.dossier("Caméras"), log.item("Axon")
    asked = {"dossiers": [dossier], "items": [item], "logged_at": START + DAY, "status": "dropped"}
    chosen = log.tip("Oui.", **asked)
    for but in (
        {"dossiers": []},
        {"items": []},
        {"logged_at": START},
        {"logged_at": START + 2 * DAY},
        {"status": "new"},
    ):
        log.tip("Non.", **{**asked, **but})
    wanted = TipFilter(
        status=TipStatus.DROPPED, item_id=item, dossier_id=dossier, since=START + DAY, until=START + 2 * DAY
    )
    await tips_of(database, out, wanted)
    assert column(out / "tips.csv", "id") == column(out / "notes.csv", "tip_id") == [str(chosen)]


async def test_another_newsrooms_tips_never_come_out(database: Path, log: Log, out: Path) -> None:
    log.newsroom(THERE, channel=CHANNEL_THERE)
    log.tip("À nous.")
    theirs = log.tip("SECRET", guild=THERE, items=[log.item("SECRET", guild=THERE)])
    log.tip_version(theirs, 2, "SECRET", guild=THERE)
    log.tip("À nous aussi.")
    await tips_of(database, out, viewer=ALL_SEEING, separator=Separator.SEMICOLON)
    assert [row["text"] for row in table(out / "tips.csv", ";")] == ["À nous.", "À nous aussi."]
    assert holds(out, b"SECRET") == []
