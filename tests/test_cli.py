from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import typer

from bot.cli._match import _put_words
from bot.cli._poll import poll
from bot.models import NOTICE_FIELDS, Hit, ItemKind, Tier
from bot.sources import Parsed
from bot.sources.boamp import Boamp
from tests.command_line import (
    BAD_DATA,
    DONE,
    INTERRUPTED,
    NO_VARIABLES,
    READER_GONE,
    USED_WRONGLY,
    Ended,
    configured,
    json_lines,
    on_a_terminal,
    start,
    vigie,
    vigie_from_cold,
    write,
)

HIT_FIELDS = (
    "notice",
    "item",
    "ref",
    "kind",
    "tier",
    "term",
    "rule",
    "field",
    "start",
    "end",
    "matched",
    "snippet",
    "count",
)
WATCHLIST = "ref,kind,name\nacme,company,Acme SAS\n,keyword,drone\n"
NOTICES = (
    {"id": "N1", "text": "Marché attribué à Acme SAS pour des drones"},
    {"id": "N2", "text": "Rien à signaler"},
    {"id": "N3", "title": "Achat d'un drone", "text": ""},
)


def match(
    folder: Path,
    *options: str,
    watchlist: str | bytes = WATCHLIST,
    notices: str | bytes = json_lines(*NOTICES),
    variables: Mapping[str, str] = NO_VARIABLES,
) -> Ended:
    return vigie(
        "match",
        "--watchlist",
        write(folder, "watchlist.csv", watchlist),
        "--notices",
        write(folder, "notices.jsonl", notices),
        *options,
        variables=variables,
    )


def test_help_names_every_command_and_the_exit_status() -> None:
    shown = vigie("--help")
    assert shown.returncode == DONE
    for name in ("run", "demo", "check", "migrate", "poll", "match", "status"):
        assert f"\n  {name} " in shown.stdout
    assert "Exit status: 0 done, 1 a check failed or data is bad, 2 used wrongly." in shown.stdout


def test_the_script_and_the_module_are_the_same_command() -> None:
    assert vigie_from_cold("--help", installed=True).stdout == vigie("--help").stdout


def test_help_imports_nothing_slow() -> None:
    probe = (
        "import sys; from bot.cli import app; app(['--help'], standalone_mode=False)\n"
        "slow = {'discord', 'aiohttp', 'pydantic', 'babel', 'rich', 'apscheduler', 'bot.matching', 'bot.sources'}\n"
        "print('imported', sorted(slow & set(sys.modules)))"
    )
    ended = subprocess.run([sys.executable, "-c", probe], capture_output=True, check=True, text=True)
    assert ended.stdout.endswith("imported []\n")


@pytest.mark.parametrize("arguments", [["nothing"], ["match"], ["poll"], ["match", "--colour"], ["run", "fast"]])
def test_a_command_used_wrongly_ends_with_status_2_and_says_so_on_standard_error(arguments: list[str]) -> None:
    ended = vigie(*arguments)
    assert ended.returncode == USED_WRONGLY
    assert ended.stdout == ""
    assert ended.stderr


def test_a_failure_shows_no_local_variables(tmp_path: Path) -> None:
    probe = (
        "import sys; from bot import cli, notice_lines\n"
        "def broken(stream):\n    canary = 'canary-' + 'in-a-local'\n    raise RuntimeError('broken on purpose')\n"
        "notice_lines.read = broken\n"
        "sys.argv[0] = 'vigie'; cli.main()"
    )
    watchlist, notices = write(tmp_path, "w.csv", WATCHLIST), write(tmp_path, "n.jsonl", "")
    ended = subprocess.run(
        [sys.executable, "-c", probe, "match", "--watchlist", watchlist, "--notices", notices],
        capture_output=True,
        check=False,
        text=True,
    )
    assert ended.returncode == BAD_DATA
    assert "broken on purpose" in ended.stderr
    assert "canary-in-a-local" not in ended.stderr


def test_match_prints_one_json_hit_a_line_in_the_order_of_the_notices(tmp_path: Path) -> None:
    ended = match(tmp_path, "--json")
    hits = [json.loads(line) for line in ended.stdout.splitlines()]
    assert ended.returncode == DONE
    assert sorted((hit["notice"], hit["ref"]) for hit in hits) == [("N1", "acme"), ("N1", "line:3"), ("N3", "line:3")]
    assert [hit["notice"] for hit in hits] == ["N1", "N1", "N3"]
    assert {tuple(hit) for hit in hits} == {HIT_FIELDS}
    for hit in hits:
        text = next(notice for notice in NOTICES if notice["id"] == hit["notice"])[hit["field"]]
        assert text[hit["start"] : hit["end"]] == hit["matched"]
        assert hit["item"] is None


def test_json_output_keeps_letters_as_they_are_in_any_locale(tmp_path: Path) -> None:
    ended = match(tmp_path, "--json", variables={"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"})
    assert "Marché attribué" in ended.stdout


def test_a_lone_surrogate_leaves_as_its_json_escape(tmp_path: Path) -> None:
    ended = match(tmp_path, "--json", notices='{"id": "N\\ud800", "text": "un drone"}\n')
    assert ended.returncode == DONE
    assert json.loads(ended.stdout)["notice"] == "N\ud800"


def test_match_in_words_shows_what_matched_in_its_place(tmp_path: Path) -> None:
    ended = match(tmp_path)
    assert "N1" in ended.stdout
    assert "[Acme SAS]" in ended.stdout
    assert "company" in ended.stdout
    assert "2 watch items, 3 notices read: 3 hits" in ended.stderr


def test_match_speaks_the_language_of_the_terminal(tmp_path: Path) -> None:
    ended = match(tmp_path, variables={"LC_ALL": "fr_FR.UTF-8"})
    assert "entreprise" in ended.stdout
    assert "3 correspondances" in ended.stderr


def test_what_a_notice_says_cannot_drive_the_terminal(tmp_path: Path) -> None:
    ended = match(tmp_path, notices=json_lines({"id": "N1\u001b[2J", "text": "\u001b]0;x\u0007 un drone \u202egnp"}))
    assert ended.returncode == DONE
    assert not set("\u001b\u0007\u202e") & set(ended.stdout + ended.stderr)


def test_what_matched_cannot_drive_the_terminal_either(capsys: pytest.CaptureFixture[str]) -> None:
    matched = "dro\u001b[2J\u202ene"
    hit = Hit(
        notice="N1",
        item=None,
        ref="line:2",
        kind=ItemKind.KEYWORD,
        tier=Tier.VARIANT,
        term="drone",
        rule="letters_apart",
        field="text",
        start=3,
        end=3 + len(matched),
        matched=matched,
        snippet=f"un {matched} !",
    )
    _put_words(hit)
    assert "    text: un [dro[2Jne] !\n" in capsys.readouterr().out


def test_bad_notices_are_named_by_line_and_the_others_count(tmp_path: Path) -> None:
    lines = [
        b'{"id": "N1", "text": "un drone"}',
        b"not json",
        b"",
        b'{"text": "drone"}',
        b'{"id": "N5", "id": "N6"}',
        b'{"id": "N6", "amount": NaN}',
        b"[" * 100_000,
        b'{"id": "N8", "text": "\xe9"}',
        b'{"id": "N9", "published": "yesterday"}',
        b'{"id": "N10", "revision": ' + b"1" * 5_000 + b"}",
        b"[]",
        b'{"id": "N12", "text": "un drone"}',
    ]
    ended = match(tmp_path, "--json", notices=b"\n".join(lines))
    assert ended.returncode == BAD_DATA
    assert [json.loads(line)["notice"] for line in ended.stdout.splitlines()] == ["N1", "N12"]
    for number in (2, 4, 5, 6, 7, 8, 9, 10, 11):
        assert f"notices.jsonl, line {number}: " in ended.stderr
    assert "published: 'yesterday'" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_bad_lines_of_the_watchlist_are_named_and_the_others_count(tmp_path: Path) -> None:
    ended = match(tmp_path, "--json", watchlist="kind,name\nperson,Jean\nkeyword,drone\nkeyword,\n")
    assert ended.returncode == BAD_DATA
    assert "watchlist.csv, line 2: kind: “person”" in ended.stderr
    assert "watchlist.csv, line 4: name" in ended.stderr
    assert {json.loads(line)["ref"] for line in ended.stdout.splitlines()} == {"line:3"}


def test_every_wrong_query_is_shown_with_its_place_before_anything_is_read(tmp_path: Path) -> None:
    watchlist = 'kind,name,any_of\nkeyword,drone AND (caméra,\nkeyword,radar,\ncompany,Acme,"""sonar"\n'
    ended = match(tmp_path, "--json", watchlist=watchlist)
    assert ended.returncode == USED_WRONGLY
    assert ended.stdout == ""
    assert "watchlist.csv, line 2: this query is wrong" in ended.stderr
    assert "watchlist.csv, line 4: this query is wrong" in ended.stderr
    shown = ended.stderr.splitlines()
    query = next(place for place, line in enumerate(shown) if "drone AND (caméra" in line)
    assert "^" in shown[query + 1]


def test_a_header_that_is_none_ends_with_status_2(tmp_path: Path) -> None:
    ended = match(tmp_path, watchlist="nom;type\nAcme;company\n")
    assert ended.returncode == USED_WRONGLY
    assert "kind and name" in ended.stderr


@pytest.mark.parametrize("missing", ["watchlist.csv", "notices.jsonl"])
def test_a_missing_file_ends_with_status_2_and_is_named(tmp_path: Path, missing: str) -> None:
    write(tmp_path, "watchlist.csv", WATCHLIST)
    write(tmp_path, "notices.jsonl", "")
    (tmp_path / missing).unlink()
    ended = vigie("match", "--watchlist", tmp_path / "watchlist.csv", "--notices", tmp_path / "notices.jsonl")
    assert ended.returncode == USED_WRONGLY
    assert missing in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_folder_in_place_of_a_file_ends_with_status_2(tmp_path: Path) -> None:
    assert vigie("match", "--watchlist", tmp_path, "--notices", tmp_path).returncode == USED_WRONGLY


def test_standard_input_is_one_of_the_files(tmp_path: Path) -> None:
    watchlist = write(tmp_path, "watchlist.csv", WATCHLIST)
    ended = vigie(
        "match", "--watchlist", watchlist, "--notices", "-", "--json", stdin=json_lines(*NOTICES).encode("utf-8")
    )
    assert len(ended.stdout.splitlines()) == 3
    assert vigie("match", "--watchlist", "-", "--notices", "-").returncode == USED_WRONGLY


def test_hits_are_printed_while_notices_still_come_and_ctrl_c_ends_quietly(tmp_path: Path) -> None:
    watchlist = write(tmp_path, "watchlist.csv", WATCHLIST)
    running = start("match", "--watchlist", watchlist, "--notices", "-", "--json")
    assert running.stdin is not None
    assert running.stdout is not None
    running.stdin.write(json_lines(NOTICES[2]).encode())
    running.stdin.flush()
    assert json.loads(running.stdout.readline())["notice"] == "N3"
    running.send_signal(signal.SIGINT)
    _, told = running.communicate()
    assert running.returncode == INTERRUPTED
    assert b"Traceback" not in told


def test_a_reader_that_goes_away_ends_it_quietly(tmp_path: Path) -> None:
    watchlist = write(tmp_path, "watchlist.csv", WATCHLIST)
    notices = write(tmp_path, "notices.jsonl", json_lines(*(NOTICES[2] for _ in range(5_000))))
    running = start("match", "--watchlist", watchlist, "--notices", notices, "--json")
    assert running.stdout is not None
    assert running.stderr is not None
    assert running.stdin is not None
    running.stdout.readline()
    running.stdout.close()
    told = running.stderr.read()
    running.stderr.close()
    running.stdin.close()
    assert running.wait() == READER_GONE
    assert told == b""


def test_a_terminal_shows_progress_and_what_matched_in_bold(tmp_path: Path) -> None:
    watchlist = write(tmp_path, "watchlist.csv", WATCHLIST)
    notices = write(tmp_path, "notices.jsonl", json_lines(*NOTICES))
    shown = on_a_terminal("match", "--watchlist", watchlist, "--notices", notices)
    assert "0 notices read" in shown
    assert "\x1b[1mAcme SAS\x1b[0m" in shown


def test_no_progress_is_shown_where_standard_error_is_no_terminal(tmp_path: Path) -> None:
    assert "\x1b" not in match(tmp_path).stderr


def boamp_record(**changes: Any) -> dict[str, Any]:
    record: dict[str, Any] = {
        "idweb": "26-1",
        "objet": "Fourniture de caméras",
        "nature": "APPEL_OFFRE",
        "nomacheteur": "Ville d'Essai",
        "dateparution": "2026-10-02",
        "datelimitereponse": None,
        "donnees": "{}",
        "titulaire": None,
        "descripteur_libelle": None,
        "perimetre": None,
        "contractfolderid": None,
        "annonce_lie": None,
        "url_avis": None,
    }
    return record | changes


def boamp_payload(folder: Path, *records: dict[str, Any]) -> Path:
    page = {"total_count": len(records), "results": list(records)}
    return write(folder, "page.json", json.dumps(page, ensure_ascii=False))


def test_poll_reads_a_saved_payload_into_json_notices(tmp_path: Path) -> None:
    payload = boamp_payload(tmp_path, boamp_record(), boamp_record(idweb="26-2", nature="ATTRIBUTION"))
    ended = vigie("poll", "boamp", "--from", payload, "--json")
    notices = [json.loads(line) for line in ended.stdout.splitlines()]
    assert ended.returncode == DONE
    assert [(notice["id"], notice["kind"]) for notice in notices] == [("26-1", "tender"), ("26-2", "award")]
    assert {tuple(notice) for notice in notices} == {NOTICE_FIELDS}
    assert "Fourniture de caméras" in ended.stdout
    assert "boamp: 2 notices read" in ended.stderr


def test_poll_writes_json_wherever_standard_output_is_no_terminal(tmp_path: Path) -> None:
    payload = boamp_payload(tmp_path, boamp_record())
    plain, asked = vigie("poll", "boamp", "--from", payload), vigie("poll", "boamp", "--from", payload, "--json")
    assert json.loads(plain.stdout) == json.loads(asked.stdout)


def test_poll_shows_people_words_on_a_terminal(tmp_path: Path) -> None:
    shown = on_a_terminal("poll", "boamp", "--from", boamp_payload(tmp_path, boamp_record()))
    assert "2 October 2026 · Tender notice · 26-1 · Fourniture de caméras" in shown


def test_what_poll_prints_is_what_match_reads(tmp_path: Path) -> None:
    polled = vigie("poll", "boamp", "--from", boamp_payload(tmp_path, boamp_record()), "--json")
    ended = match(tmp_path, "--json", watchlist="kind,name\nkeyword,caméra\n", notices=polled.stdout)
    assert json.loads(ended.stdout)["notice"] == "26-1"


def test_poll_refuses_a_payload_with_a_sentence_that_names_field_and_entry(tmp_path: Path) -> None:
    ended = vigie("poll", "boamp", "--from", boamp_payload(tmp_path, boamp_record(nature="SURPRISE")), "--json")
    assert ended.returncode == BAD_DATA
    assert ended.stdout == ""
    assert "nature" in ended.stderr
    assert "26-1" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_lenient_reading_keeps_the_notice_and_lists_what_is_missing(tmp_path: Path) -> None:
    ended = vigie(
        "poll", "boamp", "--from", boamp_payload(tmp_path, boamp_record(nature="SURPRISE")), "--lenient", "--json"
    )
    assert ended.returncode == DONE
    assert json.loads(ended.stdout)["id"] == "26-1"
    assert "Notice 26-1, nature: " in ended.stderr


def test_fields_that_are_new_are_named(tmp_path: Path) -> None:
    ended = vigie("poll", "boamp", "--from", boamp_payload(tmp_path, boamp_record(nouveaute=1)))
    assert ended.returncode == DONE
    assert "nouveaute" in ended.stderr


@pytest.mark.parametrize("content", [b"", b"<html></html>", b'{"results": [', b"\xff\xfe", b"null"])
def test_a_broken_payload_ends_with_status_1_and_a_sentence(tmp_path: Path, content: bytes) -> None:
    ended = vigie("poll", "boamp", "--from", write(tmp_path, "page.json", content))
    assert ended.returncode == BAD_DATA
    assert ended.stderr.startswith("The answer of the source cannot be read: ")
    assert len(ended.stderr.splitlines()) == 1


def test_an_error_of_ours_in_reading_a_payload_is_a_sentence_with_its_reference_in_the_log(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    def overflow(*_: object, **__: object) -> Parsed:
        raise OverflowError

    monkeypatch.setattr(Boamp, "parse", overflow)
    with pytest.raises(typer.Exit) as ended:
        poll("boamp", payload=boamp_payload(tmp_path, boamp_record()))

    (logged,) = caplog.records
    reference = logged.getMessage().partition(":")[0].removeprefix("ref ")
    assert (ended.value.exit_code, logged.exc_info is not None) == (BAD_DATA, True)
    assert reference in capsys.readouterr().err


def test_a_broken_payload_is_told_in_french_on_a_french_terminal(tmp_path: Path) -> None:
    payload = write(tmp_path, "page.json", b"<html></html>")
    ended = vigie("poll", "boamp", "--from", payload, variables={"LC_ALL": "fr_FR.UTF-8"})
    assert ended.returncode == BAD_DATA
    assert ended.stderr.endswith("la réponse est une page HTML ou XML, alors que du JSON était attendu\n")


def test_an_unknown_source_ends_with_status_2_and_names_those_that_exist(tmp_path: Path) -> None:
    ended = vigie("poll", "boampp", "--from", write(tmp_path, "page.json", "{}"))
    assert ended.returncode == USED_WRONGLY
    assert "boamp" in ended.stderr.partition(":")[2]


FEEDS = "".join(f'[[feeds]]\nname = "{name}"\nurl = "https://{name}.example/rss"\n' for name in ("interieur", "senat"))


@pytest.mark.parametrize(
    ("name", "extra", "told"),
    [
        ("feed", FEEDS, ": feed:interieur, feed:senat"),
        ("feeds", FEEDS, ": feed:interieur, feed:senat"),
        ("feed", "", "[[feeds]]: there is none yet."),
        ("interieur", FEEDS, "did you mean feed:interieur?"),
        ("BOAMP", "", "did you mean boamp?"),
        ("", "", "Name the source to read: boamp, bodacc"),
        ("xyz", "", "There is no source named xyz. The sources are: boamp, bodacc"),
    ],
)
def test_a_name_that_is_no_source_is_told_what_it_may_mean(tmp_path: Path, name: str, extra: str, told: str) -> None:
    ended = vigie("poll", name, "--config", configured(tmp_path, extra=extra))
    assert ended.returncode == USED_WRONGLY
    assert told in ended.stderr


def test_a_source_in_capitals_is_known_again_where_a_saved_answer_is_read(tmp_path: Path) -> None:
    ended = vigie("poll", "BOAMP", "--from", write(tmp_path, "page.json", "{}"))
    assert "did you mean boamp?" in ended.stderr


def test_a_missing_payload_ends_with_status_2(tmp_path: Path) -> None:
    assert vigie("poll", "boamp", "--from", tmp_path / "none.json").returncode == USED_WRONGLY
