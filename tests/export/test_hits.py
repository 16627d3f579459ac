"""The hits of a newsroom, the notices that they are of, and the watchlist behind them."""

from __future__ import annotations

import io
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bot import notice_lines
from bot.export import Separator, export_hits, export_notices, export_watchlist
from bot.matching import Matcher
from bot.models import NOTICE_FIELDS, Hit, ItemKind, WatchItem
from bot.storage.custody import exporting
from bot.storage.log import dossiers
from bot.storage.watching import watchlist
from bot.storage.watching.hits import HitFilter
from bot.watchlist import csv_file, hits_file
from tests.export.log_rows import Log
from tests.export.read_back import holds, manifest, settings_with, table
from tests.factories import CHANNEL, GUILD, START

THERE, CHANNEL_THERE = 3001, 4001
DAY = timedelta(days=1)
ANY = HitFilter()


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


async def test_hits_are_told_newest_first_in_both_forms(database: Path, log: Log, out: Path) -> None:
    item = log.item("Axon", ref="A1")
    notice = log.notice("26-1", title="=Acquisition", published="2026-11-16")
    log.hit(item, notice)
    log.hit(item, log.notice("26-2"), at=START + DAY, held="weak")
    export = await export_hits(database, GUILD, ANY, out, settings_with())
    newest, oldest = table(out / "hits.csv")
    assert tuple(oldest) == hits_file.COLUMNS
    assert (newest["notice"], newest["held"], newest["found_at"]) == ("26-2", "weak", "2026-11-17T09:00:00+01:00")
    told = ("notice", "title", "item", "ref", "name", "tier", "start", "published")
    assert [oldest[name] for name in told] == [
        *("26-1", "'=Acquisition", str(item), "A1", "Axon", "exact", "0", "2026-11-16"),
    ]
    first, second = lines(out / "hits.jsonl")
    assert (first["notice"], second["notice"]) == ("26-2", "26-1")
    assert list(first) == list(Hit.__dataclass_fields__)
    assert [file.rows for file in export.files] == [2, 2]


async def test_more_hits_than_one_page_all_come_out_once(database: Path, log: Log, out: Path) -> None:
    item = log.item("Axon")
    for number in range(450):
        log.hit(item, log.notice(f"26-{number}"))
    heard: list[int] = []
    await export_hits(database, GUILD, ANY, out, settings_with(), heard.append)
    assert [line["notice"] for line in lines(out / "hits.jsonl")] == [f"26-{n}" for n in reversed(range(450))]
    assert heard == [200, 400, 450]


async def test_the_period_of_hits_is_when_they_were_first_seen(database: Path, log: Log, out: Path) -> None:
    item = log.item("Axon")
    for days in range(4):
        log.hit(item, log.notice(f"26-{days}"), at=START + days * DAY)
    wanted = HitFilter(since=START + DAY, until=START + 3 * DAY)
    await export_hits(database, GUILD, wanted, out, settings_with())
    assert [row["notice"] for row in table(out / "hits.csv")] == ["26-2", "26-1"]


async def test_hits_and_notices_of_a_dossier_are_those_of_its_items(database: Path, log: Log, tmp_path: Path) -> None:
    dossier = log.dossier("Caméras")
    inside, outside = log.item("Axon", dossiers=[dossier]), log.item("Valmarin")
    log.hit(inside, log.notice("26-1"))
    log.hit(outside, log.notice("26-2"))
    wanted = HitFilter(dossier_id=dossier)
    await export_hits(database, GUILD, wanted, tmp_path / "hits", settings_with())
    await export_notices(database, GUILD, wanted, tmp_path / "notices", settings_with())
    assert [line["notice"] for line in lines(tmp_path / "hits" / "hits.jsonl")] == ["26-1"]
    assert [line["id"] for line in lines(tmp_path / "notices" / "notices.jsonl")] == ["26-1"]
    assert manifest(tmp_path / "hits")["filters"]["dossier"] == {"id": dossier, "name": "Caméras"}


async def test_one_item_can_be_asked_for(database: Path, log: Log, tmp_path: Path) -> None:
    axon, valmarin = log.item("Axon"), log.item("Valmarin")
    log.hit(axon, log.notice("26-1"))
    log.hit(valmarin, log.notice("26-2"))
    wanted = HitFilter(item_id=valmarin)
    await export_hits(database, GUILD, wanted, tmp_path / "hits", settings_with())
    await export_notices(database, GUILD, wanted, tmp_path / "notices", settings_with())
    assert [line["notice"] for line in lines(tmp_path / "hits" / "hits.jsonl")] == ["26-2"]
    assert [line["id"] for line in lines(tmp_path / "notices" / "notices.jsonl")] == ["26-2"]


async def test_notices_are_those_with_hits_here_as_they_last_were(database: Path, log: Log, out: Path) -> None:
    log.newsroom(THERE, channel=CHANNEL_THERE)
    log.notice("26-0")
    changed = log.notice("26-1", revisions=2)
    log.hit(log.item("Axon"), changed, revision=1)
    log.hit(log.item("SECRET", guild=THERE), log.notice("26-2", title="SECRET"), guild=THERE)
    await export_notices(database, GUILD, ANY, out, settings_with())
    (line,) = lines(out / "notices.jsonl")
    assert tuple(line) == NOTICE_FIELDS
    assert (line["id"], line["revision"]) == ("26-1", 2)
    assert holds(out, b"SECRET") == []


async def test_the_period_of_notices_is_when_they_were_published_in_the_newsrooms_zone(
    database: Path, log: Log, out: Path
) -> None:
    item = log.item("Axon")
    published = {
        "day before": "2026-11-15",
        "late the day before": "2026-11-15T22:59:00+00:00",
        "first day": "2026-11-16",
        "first minute": "2026-11-15T23:00:00+00:00",
        "last day": "2026-11-17",
        "last minute": "2026-11-17T17:59:00-05:00",
        "day after": "2026-11-18",
        "first minute after": "2026-11-17T18:00:00-05:00",
        "unknown": None,
    }
    for name, moment in published.items():
        log.hit(item, log.notice(name, published=moment))
    zone = settings_with().zone
    wanted = HitFilter(since=datetime(2026, 11, 16, tzinfo=zone), until=datetime(2026, 11, 18, tzinfo=zone))
    await export_notices(database, GUILD, wanted, out, settings_with())
    assert [line["id"] for line in lines(out / "notices.jsonl")] == [
        *("first day", "first minute", "last day", "last minute"),
    ]


async def test_more_notices_than_one_page_all_come_out(database: Path, log: Log, out: Path) -> None:
    item = log.item("Axon")
    for number in range(450):
        log.hit(item, log.notice(f"26-{number}"))
    export = await export_notices(database, GUILD, ANY, out, settings_with())
    assert [line["id"] for line in lines(out / "notices.jsonl")] == [f"26-{n}" for n in range(450)]
    assert export.rows("notices.jsonl") == 450


async def test_exported_notices_are_read_and_matched_offline(database: Path, log: Log, out: Path) -> None:
    log.hit(log.item("Axon"), log.notice("26-1"))
    await export_notices(database, GUILD, ANY, out, settings_with())
    with (out / "notices.jsonl").open("rb") as stream:
        (line,) = notice_lines.read(stream)
    assert line.notice is not None
    item = WatchItem(kind=ItemKind.KEYWORD, name="caméra-piéton", ref="C")
    assert [hit.notice for hit in Matcher([item]).find(line.notice)] == ["26-1"]


async def test_another_newsrooms_hits_never_come_out(database: Path, log: Log, out: Path) -> None:
    log.newsroom(THERE, channel=CHANNEL_THERE)
    notice = log.notice("26-1")
    log.hit(log.item("SECRET", guild=THERE), notice, guild=THERE, term="SECRET")
    log.hit(log.item("Axon"), notice)
    await export_hits(database, GUILD, ANY, out, settings_with())
    assert [row["name"] for row in table(out / "hits.csv")] == ["Axon"]
    assert holds(out, b"SECRET") == []


async def test_the_watchlist_is_the_file_that_the_command_in_discord_gives(database: Path, log: Log, out: Path) -> None:
    log.newsroom(THERE, channel=CHANNEL_THERE)
    dossier = log.dossier("=Caméras")
    log.item("Axon", ref="A1", aliases='["Taser; Inc"]', dossiers=[dossier], channel_id=CHANNEL, note="-5 %")
    log.item("Parti", removed_at=START, removed_by=7)
    log.item("SECRET", guild=THERE)
    log.item("Valmarin")
    await export_watchlist(database, GUILD, None, out, settings_with(separator=Separator.SEMICOLON))
    with (out / "watchlist.csv").open("rb") as stream:
        read = csv_file.read(stream)
    assert read.bad_lines == ()
    assert [(entry.item.name, entry.item.aliases, entry.dossiers) for entry in read.entries] == [
        ("Axon", ("Taser; Inc",), ("=Caméras",)),
        ("Valmarin", (), ()),
    ]
    async with exporting.snapshot(database) as connection:
        items = await watchlist.every(connection, GUILD)
        gathered = await dossiers.every(connection, GUILD)
    of_discord = io.BytesIO()
    csv_file.write(of_discord, items, {items[0].id or 0: gathered})
    assert (out / "watchlist.csv").read_bytes() == of_discord.getvalue()
    assert manifest(out)["separator"] == ","


async def test_the_watchlist_of_a_dossier_is_what_it_gathers(database: Path, log: Log, out: Path) -> None:
    dossier = log.dossier("Caméras")
    log.item("Axon", dossiers=[dossier, log.dossier("Autre")])
    log.item("Valmarin")
    export = await export_watchlist(database, GUILD, dossier, out, settings_with())
    (row,) = table(out / "watchlist.csv")
    assert (row["name"], row["dossier"]) == ("Axon", "Autre;Caméras")
    assert export.rows("watchlist.csv") == 1
    assert manifest(out)["filters"] == {"dossier": {"id": dossier, "name": "Caméras"}}
