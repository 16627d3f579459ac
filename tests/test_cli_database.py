"""`vigie poll`, `migrate` and `status` against a database, and a loopback BOAMP to fill it."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.clock import SystemClock
from bot.locales import Language, Texts
from bot.loopback.publishers import PublisherFault
from bot.loopback.publishers.boamp import LoopbackBoamp
from bot.loopback.publishers.boamp_records import fns_notice
from bot.loopback.publishers.hatvp import LoopbackHatvp
from bot.loopback.publishers.hatvp_records import organisation
from bot.loopback.publishers.numbers import siren
from bot.models import NOTICE_FIELDS, AnnouncementKind, Digest, Every, Newsroom
from bot.reference import AnnouncementKey
from bot.slots import last_due, next_due
from bot.storage import newsrooms
from bot.storage.database import Database
from bot.storage.digesting import digests
from bot.storage.migrations import available, migrate
from bot.storage.outbox import announcements
from tests.command_line import BAD_DATA, DONE, USED_WRONGLY, Ended, configured, vigie, vigie_beside, write

DATABASE = "vigie.sqlite3"
GUILD, DESK, OTHER = 77, 7, 8
PARIS = ZoneInfo("Europe/Paris")
EVERY = ("migrate", "status", "poll boamp", "run")


def tender(number: int, days_ago: int = 0, objet: str = "Entretien des espaces verts") -> dict[str, Any]:
    now = datetime.now(ZoneInfo("Europe/Paris"))
    day = now.date() - timedelta(days=days_ago)
    return fns_notice(idweb=f"26-{number}", objet=objet, published=day, deadline=now + timedelta(days=20))


def stored(folder: Path, sql: str) -> list[Any]:
    with contextlib.closing(sqlite3.connect(folder / DATABASE)) as connection:
        return connection.execute(sql).fetchall()


def ids(ended: Ended) -> list[str]:
    return [json.loads(line)["id"] for line in ended.stdout.splitlines()]


def migrated(folder: Path) -> Path:
    configured(folder)
    migrate(folder / DATABASE, datetime.now(UTC))
    return folder / "config.toml"


@contextlib.contextmanager
def held(folder: Path, owner: str = "pid 4242 on desk") -> Iterator[None]:
    """Hold a database as a running bot does."""
    descriptor = os.open(folder / f"{DATABASE}.lock", os.O_RDWR | os.O_CREAT)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        os.write(descriptor, owner.encode())
        yield
    finally:
        os.close(descriptor)


async def test_a_first_poll_stores_in_silence_and_the_next_finds_nothing_new(tmp_path: Path) -> None:
    async with LoopbackBoamp([tender(1), tender(2)]) as boamp:
        config = configured(tmp_path, boamp.url)
        first = await vigie_beside("poll", "boamp", "--config", config)
        second = await vigie_beside("poll", "boamp", "--config", config)
    assert (first.returncode, second.returncode) == (DONE, DONE)
    assert first.stdout == ""
    assert "2 notices read: 2 new, 0 changed" in first.stderr
    assert "first poll of this source" in first.stderr
    assert "2 notices read: 0 new, 0 changed" in second.stderr
    assert stored(tmp_path, "SELECT count(*), count(DISTINCT source_id) FROM notice") == [(2, 2)]


async def test_poll_prints_what_is_new_or_changed_as_json_lines(tmp_path: Path) -> None:
    async with LoopbackBoamp([tender(1), tender(2)]) as boamp:
        config = configured(tmp_path, boamp.url)
        first = await vigie_beside("poll", "boamp", "--json", "--config", config)
        boamp.records[1] = tender(2, objet="Entretien des parcs")
        boamp.records.append(tender(3))
        second = await vigie_beside("poll", "boamp", "--json", "--config", config)
        third = await vigie_beside("poll", "boamp", "--json", "--config", config)
    assert sorted(ids(first)) == ["26-1", "26-2"]
    assert sorted(ids(second)) == ["26-2", "26-3"]
    assert third.stdout == ""
    lines = [json.loads(line) for line in second.stdout.splitlines()]
    assert {tuple(line) for line in lines} == {NOTICE_FIELDS}
    assert {line["id"]: line["revision"] for line in lines} == {"26-2": 2, "26-3": 1}


async def test_since_reaches_further_back(tmp_path: Path) -> None:
    async with LoopbackBoamp([tender(1), tender(2, days_ago=40)]) as boamp:
        config = configured(tmp_path, boamp.url)
        near = await vigie_beside("poll", "boamp", "--json", "--config", config)
        day = (datetime.now(UTC) - timedelta(days=60)).date()
        far = await vigie_beside("poll", "boamp", "--json", "--since", day, "--config", config)
    assert (ids(near), ids(far)) == (["26-1"], ["26-2"])


@pytest.mark.parametrize(("locale", "typed"), [("fr_FR.UTF-8", "il y a 60 jours"), ("C.UTF-8", "60 days ago")])
async def test_since_takes_a_day_as_people_type_it_and_says_which_it_read(
    tmp_path: Path, locale: str, typed: str
) -> None:
    async with LoopbackBoamp([tender(1), tender(2, days_ago=40)]) as boamp:
        command = ("poll", "boamp", "--json", "--dry-run", "--config", configured(tmp_path, boamp.url), "--since")
        variables = {"LC_ALL": locale, "TZ": "UTC"}
        day = (datetime.now(UTC) - timedelta(days=60)).date()
        said = await vigie_beside(*command, typed, variables=variables)
        iso = await vigie_beside(*command, day, variables=variables)
    assert sorted(ids(said)) == sorted(ids(iso)) == ["26-1", "26-2"]
    texts = Texts(Language(locale[:2]) if locale != "C.UTF-8" else Language.EN, UTC)
    assert texts("cli-poll-since-read", day=texts.day_long(day)) in said.stderr
    assert texts.day_long(day) not in iso.stderr


async def test_a_register_that_shrank_is_read_once_that_is_accepted(tmp_path: Path) -> None:
    firms = [organisation(f"FIRME {number}", siren(f"9811{number:04}")) for number in range(20)]
    async with LoopbackHatvp(firms) as hatvp:
        extra = f'[sources.hatvp]\nbase_url = "{hatvp.url}"\npace = "0s"\n'
        command = ("poll", "hatvp", "--config", configured(tmp_path, extra=extra))
        first = await vigie_beside(*command)
        del hatvp.records[10:]
        refused = await vigie_beside(*command)
        accepted = await vigie_beside(*command, "--accept-smaller")
        later = await vigie_beside(*command)
    assert (first.returncode, refused.returncode) == (DONE, BAD_DATA)
    assert "vigie poll hatvp --accept-smaller" in refused.stderr
    assert (accepted.returncode, later.returncode) == (DONE, DONE)


async def test_a_history_is_read_up_to_what_the_first_poll_read_and_no_day_is_left_out(tmp_path: Path) -> None:
    async with LoopbackBoamp([tender(1), tender(2, days_ago=40)]) as boamp:
        boamp.fail_next(PublisherFault.ERROR)
        day = (datetime.now(UTC) - timedelta(days=60)).date()
        command = ("poll", "boamp", "--json", "--since", day, "--config", configured(tmp_path, boamp.url))
        failed = await vigie_beside(*command)
        left = stored(tmp_path, "SELECT count(*) FROM backfill")
        read = await vigie_beside(*command)
    assert (failed.returncode, left, ids(failed)) == (BAD_DATA, [(0,)], [])
    assert (read.returncode, ids(read)) == (DONE, ["26-1", "26-2"])
    assert stored(tmp_path, "SELECT ended_at IS NOT NULL FROM backfill") == [(1,)]


async def test_a_poll_that_fails_beside_a_history_that_was_stored_says_only_that_nothing_of_the_poll_was(
    tmp_path: Path,
) -> None:
    async with LoopbackBoamp([tender(1), tender(2, days_ago=40)]) as boamp:
        day = (datetime.now(UTC) - timedelta(days=60)).date()
        command = ("poll", "boamp", "--since", day, "--config", configured(tmp_path, boamp.url))
        await vigie_beside(*command)
        boamp.fail_next(PublisherFault.ERROR)
        failed = await vigie_beside(*command)
    assert failed.returncode == BAD_DATA
    assert "Nothing of this poll was stored; the next one reads it all again." in failed.stderr


async def test_a_dry_run_prints_all_that_is_read_and_writes_nothing(tmp_path: Path) -> None:
    async with LoopbackBoamp([tender(1), tender(2)]) as boamp:
        config = configured(tmp_path, boamp.url, enabled=False)
        ended = await vigie_beside("poll", "boamp", "--dry-run", "--json", "--config", config)
    assert ended.returncode == DONE
    assert sorted(ids(ended)) == ["26-1", "26-2"]
    assert "nothing is written" in ended.stderr
    assert os.listdir(tmp_path) == ["config.toml"]  # noqa: PTH208  # an async test


async def test_a_failed_poll_ends_with_status_1_and_the_sources_sentence(tmp_path: Path) -> None:
    async with LoopbackBoamp([tender(1)]) as boamp:
        config = configured(tmp_path, boamp.url)
        boamp.fail_next(PublisherFault.ERROR)
        ended = await vigie_beside("poll", "boamp", "--json", "--config", config)
        boamp.fail_next(PublisherFault.RENAMED)
        dry = await vigie_beside("poll", "boamp", "--json", "--dry-run", "--config", config)
    for failed in (ended, dry):
        assert failed.returncode == BAD_DATA
        assert failed.stdout == ""
        assert "Traceback" not in failed.stderr
        assert len(failed.stderr.splitlines()) == 1
    assert "status 500" in ended.stderr
    assert "objet" in dry.stderr
    assert stored(tmp_path, "SELECT failures FROM source_state") == [(1,)]


async def test_a_failed_poll_is_told_in_the_language_of_the_terminal(tmp_path: Path) -> None:
    french = {"LC_ALL": "fr_FR.UTF-8"}
    async with LoopbackBoamp([tender(1)]) as boamp:
        config = configured(tmp_path, boamp.url)
        boamp.fail_next(PublisherFault.HTML)
        ended = await vigie_beside("poll", "boamp", "--config", config, variables=french)
    assert "la réponse est une page HTML ou XML" in ended.stderr
    assert "la réponse est une page HTML ou XML" in vigie("status", "--config", config, variables=french).stdout
    assert "the answer is HTML or XML, JSON was expected" in vigie("status", "--config", config).stdout
    told = json.loads(vigie("status", "--json", "--config", config, variables=french).stdout)
    assert told["sources"][0]["error"] == "the answer is HTML or XML, JSON was expected"


async def test_a_source_that_asked_for_a_pause_is_left_alone(tmp_path: Path) -> None:
    async with LoopbackBoamp([tender(1)]) as boamp:
        config = configured(tmp_path, boamp.url)
        boamp.fail_next(PublisherFault.TOO_MANY, retry_after="3600")
        await vigie_beside("poll", "boamp", "--config", config)
        asked = len(boamp.requests)
        ended = await vigie_beside("poll", "boamp", "--config", config)
        assert len(boamp.requests) == asked
    assert ended.returncode == BAD_DATA
    assert "pause" in ended.stderr


def test_a_source_that_is_not_enabled_is_not_polled(tmp_path: Path) -> None:
    ended = vigie("poll", "boamp", "--config", configured(tmp_path, enabled=False))
    assert ended.returncode == USED_WRONGLY
    assert "[sources.boamp]" in ended.stderr
    assert not (tmp_path / DATABASE).exists()


@pytest.mark.parametrize(
    "options",
    [
        ["--since", "some day"],
        ["--since", "tomorrow"],
        ["--since", "2999-01-01"],
        ["--since", "2026-01-01", "--from", "page.json"],
        ["--lenient"],
        ["--accept-smaller"],
        ["--accept-smaller", "--dry-run"],
        ["--accept-smaller", "--from", "page.json"],
    ],
)
def test_options_that_make_no_sense_together_end_with_status_2(tmp_path: Path, options: list[str]) -> None:
    ended = vigie("poll", "boamp", *options, "--config", configured(tmp_path))
    assert ended.returncode == USED_WRONGLY
    assert len(ended.stderr.splitlines()) == 1


def test_migrate_makes_a_database_and_then_has_nothing_to_do(tmp_path: Path) -> None:
    config = configured(tmp_path)
    first, second = vigie("migrate", "--config", config), vigie("migrate", "--config", config)
    assert (first.returncode, second.returncode) == (DONE, DONE)
    assert "made" in first.stdout
    assert "Nothing to do" in second.stdout
    assert stored(tmp_path, "PRAGMA user_version") == [(len(available()),)]


@pytest.mark.parametrize("command", ["migrate", "poll boamp", "run"])
def test_a_database_in_use_is_refused_and_its_holder_named(tmp_path: Path, command: str) -> None:
    config = migrated(tmp_path)
    with held(tmp_path):
        ended = vigie(*command.split(), "--config", config, variables={"VIGIE_DISCORD_TOKEN": "made.up.token"})
    assert ended.returncode == USED_WRONGLY
    assert "pid 4242 on desk" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("command", EVERY)
@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        ("PRAGMA user_version = 99", "newer Vigie"),
        ("UPDATE migration SET sha256 = 'other'", "not Vigie's own"),
    ],
)
def test_a_newer_or_altered_database_is_refused_in_one_sentence(
    tmp_path: Path, command: str, spoil: str, said: str
) -> None:
    config = migrated(tmp_path)
    with contextlib.closing(sqlite3.connect(tmp_path / DATABASE)) as connection:
        connection.execute(spoil)
        connection.commit()
    ended = vigie(*command.split(), "--config", config, variables={"VIGIE_DISCORD_TOKEN": "made.up.token"})
    assert ended.returncode == USED_WRONGLY
    assert said in ended.stderr.replace("\u2019", "'")
    assert len(ended.stderr.splitlines()) == 1


@pytest.mark.parametrize("command", EVERY)
def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path, command: str) -> None:
    config = configured(tmp_path)
    write(tmp_path, DATABASE, "this is a letter to the editor, and no database at all\n" * 50)
    ended = vigie(*command.split(), "--config", config, variables={"VIGIE_DISCORD_TOKEN": "made.up.token"})
    assert ended.returncode == USED_WRONGLY
    assert "not a Vigie database" in ended.stderr
    assert (tmp_path / DATABASE).read_text().startswith("this is a letter")


def test_status_without_a_database_says_so(tmp_path: Path) -> None:
    ended = vigie("status", "--config", configured(tmp_path))
    assert ended.returncode == USED_WRONGLY
    assert "no database yet" in ended.stderr
    assert not (tmp_path / DATABASE).exists()


def test_status_of_a_database_that_lacks_a_migration_says_which_command_helps(tmp_path: Path) -> None:
    config = configured(tmp_path)
    sqlite3.connect(tmp_path / DATABASE).close()
    write(tmp_path, DATABASE, b"")
    ended = vigie("status", "--config", config)
    assert ended.returncode == USED_WRONGLY
    assert "vigie migrate" in ended.stderr


async def test_status_tells_of_sources_outbox_and_holdings(tmp_path: Path) -> None:
    async with LoopbackBoamp([tender(1), tender(2)]) as boamp:
        config = configured(tmp_path, boamp.url)
        await vigie_beside("poll", "boamp", "--config", config)
    words, asked = vigie("status", "--config", config), vigie("status", "--json", "--config", config)
    told = json.loads(asked.stdout)
    assert (words.returncode, asked.returncode) == (DONE, DONE)
    assert "boamp: working" in words.stdout
    assert "2 notices" in words.stdout
    assert (told["notices"], told["newsrooms"], told["holder"]) == (2, 0, None)
    assert [(source["source"], source["health"]) for source in told["sources"]] == [("boamp", "well")]
    assert told["outbox"]["owed"] == 0


def test_status_works_beside_a_running_bot_and_names_it(tmp_path: Path) -> None:
    config = migrated(tmp_path)
    with held(tmp_path):
        ended = vigie("status", "--json", "--config", config)
    assert ended.returncode == DONE
    assert json.loads(ended.stdout)["holder"] == "pid 4242 on desk"


@pytest.mark.parametrize("command", [*EVERY, "run --or-demo"])
def test_a_wrong_configuration_is_refused_with_every_fault(tmp_path: Path, command: str) -> None:
    config = write(tmp_path, "config.toml", '[newsroom]\nlanguage = "de"\nstorm = 0\n[nowhere]\n')
    ended = vigie(*command.split(), "--config", config)
    assert ended.returncode == USED_WRONGLY
    for key in ("newsroom.language", "newsroom.storm", "nowhere"):
        assert key in ended.stderr
    assert '"de" (expected: "fr" or "en")' in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_wrong_configuration_is_refused_in_french_on_a_french_terminal(tmp_path: Path) -> None:
    config = write(tmp_path, "config.toml", '[newsroom]\nlanguage = "de"\nstorm = 0\n[nowhere]\n')
    ended = vigie("status", "--config", config, variables={"LC_ALL": "fr_FR.UTF-8"})
    assert ended.returncode == USED_WRONGLY
    assert 'newsroom.language\u00a0: "de" (attendu\u00a0: "fr" ou "en")' in ended.stderr
    assert "nowhere\u00a0: une table (attendu\u00a0: une des tables connues\u00a0: " in ended.stderr
    assert "expected" not in ended.stderr


async def scheduled(database: Database, channel: int, *, days_ago: int) -> Digest:
    """Schedule a daily digest at 08:30 in a channel of a newsroom, as somebody did so many days ago."""
    now = datetime.now(UTC)
    async with database.tx("test.schedule") as connection:
        await newsrooms.save(connection, Newsroom(guild_id=GUILD, language="fr", timezone=PARIS.key))
        await newsrooms.use_channel(connection, GUILD, channel, 1)
        added = now - timedelta(days=days_ago)
        return await digests.add(connection, GUILD, channel, None, Every.DAILY, time(8, 30), 1, added)


async def made(database: Database, digest: Digest, messages: int) -> None:
    """Note that the digest of the newest slot was made, in so many messages."""
    now = datetime.now(UTC)
    slot = last_due(digest.every, digest.at, PARIS, now)
    async with database.tx("test.made") as connection:
        for part in range(1, messages + 1):
            key = AnnouncementKey(
                guild_id=GUILD,
                channel_id=digest.channel_id,
                kind=AnnouncementKind.DIGEST,
                subject=f"{digest.id}:{slot.local_date}:{part}",
            )
            await announcements.owe(connection, key, now=now, thing_id=digest.id)
        await digests.settle(connection, digest, slot, messages, now)


async def test_status_tells_which_digest_came_last_and_which_comes_next(tmp_path: Path) -> None:
    config = migrated(tmp_path)
    database = await Database.open(tmp_path / DATABASE, SystemClock())
    first, second = [await scheduled(database, channel, days_ago=3) for channel in (DESK, OTHER)]
    await made(database, first, 0)
    await made(database, second, 3)
    await database.close()
    words = await vigie_beside("status", "--config", config)
    told = json.loads((await vigie_beside("status", "--json", "--config", config)).stdout)["digests"]
    assert f"in 3 messages, channel {OTHER} of server {GUILD}" in words.stdout
    assert re.search(rf"^  Next digest: .*, channel {DESK} of server {GUILD}$", words.stdout, re.MULTILINE)
    assert "2 scheduled" in words.stdout
    coming = next_due(Every.DAILY, time(8, 30), PARIS, datetime.now(UTC)).due_at.isoformat()
    assert (told["last"]["guild_id"], told["last"]["channel_id"], told["last"]["messages"]) == ("77", "8", 3)
    assert [(one["channel_id"], one["next_at"], one["is_due"]) for one in told["scheduled"]] == [
        ("7", coming, False),
        ("8", coming, False),
    ]


@pytest.mark.parametrize(
    ("variables", "zone", "held"),
    [
        (
            {"LC_ALL": "fr_FR.UTF-8"},
            "Heures\u00a0: celles de Europe/Paris",
            "1 à envoyer, dont 1 retenue jusqu\u2019au ",
        ),
        ({}, "Times: those of Europe/Paris", "1 to send, 1 of them held until "),
    ],
)
async def test_status_tells_the_newsrooms_hours_and_what_quiet_hours_hold(
    tmp_path: Path, variables: dict[str, str], zone: str, held: str
) -> None:
    config = migrated(tmp_path)
    database = await Database.open(tmp_path / DATABASE, SystemClock())
    await scheduled(database, DESK, days_ago=0)
    until = datetime.now(UTC) + timedelta(hours=5)
    key = AnnouncementKey(guild_id=GUILD, channel_id=DESK, kind=AnnouncementKind.OPERATIONS, subject="x")
    async with database.tx("test.held") as connection:
        details = {"event": "started"}
        await announcements.owe(connection, key, now=datetime.now(UTC), details=details, held_until=until)
    await database.close()
    words = await vigie_beside("status", "--config", config, variables={**variables, "TZ": "America/Chicago"})
    assert zone in words.stdout
    [line] = [line for line in words.stdout.splitlines() if held in line]
    assert f"{until.astimezone(PARIS):%H:%M}" in line


async def test_status_tells_of_a_digest_that_is_overdue(tmp_path: Path) -> None:
    config = migrated(tmp_path)
    database = await Database.open(tmp_path / DATABASE, SystemClock())
    await scheduled(database, DESK, days_ago=3)
    await database.close()
    words = await vigie_beside("status", "--config", config, variables={"LC_ALL": "fr_FR.UTF-8"})
    told = json.loads((await vigie_beside("status", "--json", "--config", config)).stdout)["digests"]
    assert "Aucun résumé encore" in words.stdout
    assert "Résumé en retard" in words.stdout
    assert "Prochain résumé" not in words.stdout
    assert [one["is_due"] for one in told["scheduled"]] == [True]
    assert told["last"] is None


async def test_status_tells_of_a_digest_that_was_made_when_somebody_asked(tmp_path: Path) -> None:
    config = migrated(tmp_path)
    database = await Database.open(tmp_path / DATABASE, SystemClock())
    digest = await scheduled(database, DESK, days_ago=0)
    async with database.tx("test.now") as connection:
        for part in (1, 2):
            subject = f"{digest.id}:now:123456:{part}"
            key = AnnouncementKey(guild_id=GUILD, channel_id=DESK, kind=AnnouncementKind.DIGEST, subject=subject)
            await announcements.owe(connection, key, now=datetime.now(UTC), thing_id=digest.id)
    await database.close()
    words = await vigie_beside("status", "--config", config)
    assert f"in 2 messages, channel {DESK} of server {GUILD}" in words.stdout


def test_status_without_digests_says_so(tmp_path: Path) -> None:
    assert "None is scheduled" in vigie("status", "--config", migrated(tmp_path)).stdout
