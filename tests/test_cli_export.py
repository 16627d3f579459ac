"""`vigie export` as people run it, also beside a running bot."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bot.locales import Language, Texts
from tests.command_line import DONE, USED_WRONGLY, Ended, configured, vigie, write
from tests.export.log_rows import Log, writing
from tests.export.read_back import column, holds, manifest, table
from tests.factories import GUILD, START
from tests.test_cli_database import held, migrated

FRENCH = {"LC_ALL": "fr_FR.UTF-8"}
KINDS = ("facts", "tips", "hits", "watchlist", "notices")


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    migrated(tmp_path)
    with writing(tmp_path / "vigie.sqlite3") as log:
        log.newsroom()
        yield log


def export(folder: Path, kind: str, *options: object, guild: int = GUILD, **variables: str) -> Ended:
    """Export from the database in a folder into its folder `out`."""
    config = ("--config", folder / "config.toml")
    given = ("--guild", guild, "--out", folder / "out", *config, *options)
    return vigie("export", kind, *given, variables=variables)


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_exported_beside_a_running_bot(tmp_path: Path, log: Log, kind: str) -> None:
    log.fact()
    log.tip()
    log.hit(log.item("Axon"), log.notice())
    with held(tmp_path):
        ended = export(tmp_path, kind)
    assert ended.returncode == DONE
    told = manifest(tmp_path / "out")
    assert told["files"][0]["rows"] == 1
    paths = [str(tmp_path / "out" / file["name"]) for file in told["files"]]
    assert ended.stdout.splitlines() == [*paths, str(tmp_path / "out" / "manifest.json")]
    assert ended.stderr.splitlines()[-1].startswith(f"Exported to {tmp_path / 'out'}: 1 ")
    assert (told["export"], told["timezone"]) == (kind, "Europe/Paris")
    assert told["exported_by"].startswith("cli")


def test_an_export_is_recorded_and_is_an_entry_of_the_audit_log_beside_a_running_bot(tmp_path: Path, log: Log) -> None:
    tips = [log.tip(sensitive=number == 1) for number in range(3)]
    with held(tmp_path):
        assert export(tmp_path, "tips").returncode == DONE
        assert export(tmp_path, "tips", "--out", tmp_path / "again").returncode == DONE
    out = tmp_path / "out"
    with sqlite3.connect(tmp_path / "vigie.sqlite3") as connection:
        connection.row_factory = sqlite3.Row
        first, _ = connection.execute("SELECT * FROM export ORDER BY id").fetchall()
        entry, last = connection.execute("SELECT * FROM audit NATURAL JOIN audit_opening ORDER BY number").fetchall()
    assert (first["kind"], first["folder"], first["facts"]) == ("tips", str(out), "[]")
    assert json.loads(first["tips"]) == [[tips[0], tips[0]], [tips[2], tips[2]]]
    assert (entry["action"], entry["subject"], entry["made_by"]) == (
        "export",
        f"export:{first['id']}",
        first["made_by"],
    )
    assert first["made_by"].startswith("cli")
    detail = json.loads(entry["detail"])
    assert detail["manifest"] == hashlib.sha256((out / "manifest.json").read_bytes()).hexdigest()
    assert (detail["rows"]["tips.csv"], detail["folder"]) == (2, str(out))
    assert manifest(out)["audit_head"] is None
    assert manifest(tmp_path / "again")["audit_head"] == {"number": 1, "hash": entry["hash"]}
    assert last["number"] == 2


def test_an_export_that_cannot_be_recorded_leaves_no_file(tmp_path: Path, log: Log) -> None:
    log.fact()
    with sqlite3.connect(tmp_path / "vigie.sqlite3") as connection:
        connection.execute("DROP TABLE export")
    connection.close()
    ended = export(tmp_path, "facts")
    assert (ended.returncode, ended.stdout) == (USED_WRONGLY, "")
    assert "could not be recorded" in ended.stderr
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.usefixtures("log")
@pytest.mark.parametrize(
    ("variables", "said"), [({}, "hold no row"), (FRENCH, "Rien ne correspond à la demande\u00a0: les fichiers")]
)
def test_nothing_found_is_said_and_is_no_failure(tmp_path: Path, variables: dict[str, str], said: str) -> None:
    ended = export(tmp_path, "facts", **variables)
    assert ended.returncode == DONE
    assert said in ended.stderr
    assert table(tmp_path / "out" / "facts.csv") == []


def test_both_days_of_a_period_are_included_in_the_newsrooms_zone(tmp_path: Path, log: Log) -> None:
    moments = {
        "la veille": datetime(2026, 11, 14, 22, 59, tzinfo=UTC),
        "premier instant": datetime(2026, 11, 14, 23, 0, tzinfo=UTC),
        "dernier instant": datetime(2026, 11, 16, 22, 59, tzinfo=UTC),
        "le lendemain": datetime(2026, 11, 16, 23, 0, tzinfo=UTC),
    }
    for claim, moment in moments.items():
        log.fact(claim, logged_at=moment)
    ended = export(tmp_path, "facts", "--since", "2026-11-15", "--until", "2026-11-16", TZ="America/New_York")
    assert ended.returncode == DONE
    assert column(tmp_path / "out" / "facts.csv", "claim") == ["premier instant", "dernier instant"]
    told = manifest(tmp_path / "out")["filters"]
    assert (told["since"], told["until"]) == ("2026-11-15", "2026-11-16")


@pytest.mark.parametrize(
    ("language", "since", "until"),
    [(Language.FR, "10 mars 2024", "fin avril 2024"), (Language.EN, "10 March 2024", "late April 2024")],
)
def test_days_are_read_as_people_type_them_and_said_back(
    tmp_path: Path, log: Log, language: Language, since: str, until: str
) -> None:
    log.fact(logged_at=datetime(2024, 4, 30, 12, tzinfo=UTC))
    log.fact(logged_at=datetime(2024, 5, 1, 12, tzinfo=UTC))
    variables = FRENCH if language is Language.FR else {}
    ended = export(tmp_path, "facts", "--since", since, "--until", until, **variables)
    texts = Texts(language, UTC)
    assert texts("cli-export-since", day=texts.day_long(date(2024, 3, 10))) in ended.stderr
    assert texts("cli-export-until", day=texts.day_long(date(2024, 4, 30))) in ended.stderr
    assert len(table(tmp_path / "out" / "facts.csv")) == 1


@pytest.mark.usefixtures("log")
@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--since", "sometime"], "--since: “sometime” is not a date"),
        (["--until", "2026-13-01"], "--until: "),
        (["--since", "2026-02-02", "--until", "2026-02-01"], "ends before it begins"),
        (["--status", "new"], "--status: new is no status. The statuses are: logged, verified, disputed, retracted"),
        (["--dossier", "Caméras"], "No dossier of this newsroom is named “Caméras”"),
    ],
)
def test_a_filter_that_cannot_be_is_refused_in_a_sentence(tmp_path: Path, options: list[str], said: str) -> None:
    ended = export(tmp_path, "facts", *options)
    assert ended.returncode == USED_WRONGLY
    assert said in ended.stderr
    assert len(ended.stderr.splitlines()) == 1
    assert not (tmp_path / "out").exists()


@pytest.mark.usefixtures("log")
@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("watchlist", ["--since", "2026-01-01"]),
        ("watchlist", ["--separator", "semicolon"]),
        ("notices", ["--separator", "comma"]),
        ("hits", ["--status", "new"]),
        ("hits", ["--include-sensitive"]),
        ("watchlist", ["--include-sensitive"]),
    ],
)
def test_an_option_that_means_nothing_to_a_kind_is_refused(tmp_path: Path, kind: str, options: list[str]) -> None:
    ended = export(tmp_path, kind, *options)
    assert ended.returncode == USED_WRONGLY
    assert ended.stderr == f"{options[0]} means nothing to vigie export {kind}.\n"


@pytest.mark.parametrize(
    ("kind", "file", "named"),
    [("facts", "facts.csv", "caméras"), ("tips", "tips.csv", "CAMERAS"), ("watchlist", "watchlist.csv", "{id}")],
)
def test_a_dossier_is_named_by_its_name_or_its_number(
    tmp_path: Path, log: Log, named: str, kind: str, file: str
) -> None:
    log.dossier("Autre")
    dossier = log.dossier("Caméras")
    for write_one in (log.fact, log.tip):
        write_one("Oui.", dossiers=[dossier])
        write_one("Non.")
    log.item("Oui", dossiers=[dossier])
    log.item("Non")
    assert export(tmp_path, kind, "--dossier", named.format(id=dossier)).returncode == DONE
    (row,) = table(tmp_path / "out" / file)
    assert {"Oui", "Oui."} & set(row.values())


def test_a_status_chooses_facts_and_tips(tmp_path: Path, log: Log) -> None:
    log.verify(log.fact("Oui."), START)
    log.fact("Non.")
    assert export(tmp_path, "facts", "--status", "Verified").returncode == DONE
    assert column(tmp_path / "out" / "facts.csv", "claim") == ["Oui."]


def test_sensitive_tips_come_out_only_where_they_are_asked_for(tmp_path: Path, log: Log) -> None:
    log.tip("Ouvert.")
    log.tip("SECRET", sensitive=True)
    kept = export(tmp_path, "tips")
    assert (kept.returncode, holds(tmp_path / "out", b"SECRET")) == (DONE, [])
    assert "1 tip." in kept.stderr
    (tmp_path / "out").rename(tmp_path / "before")
    asked = export(tmp_path, "tips", "--include-sensitive")
    assert (asked.returncode, holds(tmp_path / "out", b"SECRET")) == (DONE, ["tips.csv"])
    assert "2 tips." in asked.stderr


def test_a_semicolon_may_stand_between_the_cells(tmp_path: Path, log: Log) -> None:
    log.fact("Un; deux.")
    assert export(tmp_path, "facts", "--separator", "semicolon").returncode == DONE
    (row,) = table(tmp_path / "out" / "facts.csv", ";")
    assert row["claim"] == "Un; deux."
    assert manifest(tmp_path / "out")["separator"] == ";"


def test_another_newsrooms_facts_are_not_exported(tmp_path: Path, log: Log) -> None:
    log.newsroom(3001, channel=4001)
    log.fact("SECRET", guild=3001)
    log.fact("À nous.")
    assert export(tmp_path, "facts").returncode == DONE
    assert column(tmp_path / "out" / "facts.csv", "claim") == ["À nous."]
    assert holds(tmp_path / "out", b"SECRET") == []


def test_a_server_without_a_newsroom_is_refused_and_the_others_named(tmp_path: Path, log: Log) -> None:
    log.newsroom(3001, channel=4001)
    ended = export(tmp_path, "facts", guild=5)
    assert ended.returncode == USED_WRONGLY
    assert ended.stderr == "The server 5 has no newsroom in this database. Those it has: 1001, 3001\n"


def test_a_database_without_a_newsroom_says_how_one_is_set_up(tmp_path: Path) -> None:
    migrated(tmp_path)
    ended = export(tmp_path, "facts")
    assert ended.returncode == USED_WRONGLY
    assert "/setup" in ended.stderr


def test_without_a_database_nothing_is_made(tmp_path: Path) -> None:
    configured(tmp_path)
    ended = export(tmp_path, "facts")
    assert ended.returncode == USED_WRONGLY
    assert "no database yet" in ended.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["config.toml"]


def test_a_database_that_lacks_a_migration_says_which_command_helps(tmp_path: Path) -> None:
    configured(tmp_path)
    write(tmp_path, "vigie.sqlite3", b"")
    ended = export(tmp_path, "facts")
    assert ended.returncode == USED_WRONGLY
    assert "vigie migrate" in ended.stderr


@pytest.mark.usefixtures("log")
def test_a_folder_that_holds_something_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    write(tmp_path / "out", "letter.txt", "dear editor")
    ended = export(tmp_path, "facts", **FRENCH)
    assert ended.returncode == USED_WRONGLY
    assert "contient déjà quelque chose" in ended.stderr
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["letter.txt"]


@pytest.mark.usefixtures("log")
def test_a_folder_that_cannot_be_made_is_refused_in_a_sentence(tmp_path: Path) -> None:
    write(tmp_path, "out", "a file")
    ended = export(tmp_path, "facts")
    assert ended.returncode == USED_WRONGLY
    assert f"The folder {tmp_path / 'out'} cannot be written" in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


@pytest.mark.usefixtures("log")
def test_an_unknown_kind_and_a_missing_option_are_used_wrongly(tmp_path: Path) -> None:
    assert export(tmp_path, "everything").returncode == USED_WRONGLY
    assert vigie("export", "facts", "--guild", GUILD).returncode == USED_WRONGLY


def test_exported_hits_and_notices_agree_with_an_offline_match(tmp_path: Path, log: Log) -> None:
    item = log.item("caméra-piéton", kind="keyword", ref="C")
    log.hit(item, log.notice())
    export(tmp_path, "notices")
    (tmp_path / "out").rename(tmp_path / "notices")
    export(tmp_path, "watchlist")
    ended = vigie(
        *("match", "--watchlist", tmp_path / "out" / "watchlist.csv"),
        *("--notices", tmp_path / "notices" / "notices.jsonl", "--json"),
    )
    assert ended.returncode == DONE
    (hit,) = [json.loads(line) for line in ended.stdout.splitlines()]
    assert (hit["notice"], hit["ref"]) == ("26-1", "C")
