"""Whether a command started by the tests' shortcut does what it does when it starts from its first import."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from bot.loopback.publishers.boamp_records import fns_notice
from bot.storage.migrations import migrate
from tests.command_line import Ended, configured, json_lines, vigie, vigie_from_cold, write
from tests.export.log_rows import writing
from tests.factories import GUILD, START

COMMANDS = {
    "migrate": "migrate --config config.toml",
    "status": "status --config config.toml",
    "status as JSON": "status --json --config config.toml",
    "check": "check --config config.toml",
    "poll": "poll boamp --from boamp.json",
    "match": "match --watchlist watchlist.csv --notices notices.jsonl",
    "export": f"export facts --guild {GUILD} --out out --config config.toml",
    "run": "run --config config.toml",
    "a fault": "status --config boamp.json",
}

ALWAYS = {"status", "poll", "export", "run", "a fault"}
"""The commands of the ordinary suite: each starts two processes, one of them from cold."""


def without_measures(ended: Ended) -> Ended:
    """Return how a command ended without the seconds, rates and megabytes that no two runs share."""
    return replace(ended, stderr=re.sub(r"[\d.,]+ (s|MB)\b|\([\d.,]+ a second\)", "…", ended.stderr))


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(command, id=name, marks=[] if name in ALWAYS else pytest.mark.torture)
        for name, command in COMMANDS.items()
    ],
)
def test_a_command_ends_alike_however_it_was_started(tmp_path: Path, command: str) -> None:
    configured(tmp_path)
    migrate(tmp_path / "vigie.sqlite3", START)
    with writing(tmp_path / "vigie.sqlite3") as log:
        log.newsroom()
        log.fact()
    record = fns_notice(idweb="26-1", objet="Achat de drones", published=START.date(), deadline=START)
    write(tmp_path, "boamp.json", json_lines({"total_count": 1, "results": [record]}))
    write(tmp_path, "watchlist.csv", "kind,name\nkeyword,drone\n")
    write(tmp_path, "notices.jsonl", json_lines({"id": "N1", "text": "Achat de drones"}))
    quick = vigie(*command.split(), folder=tmp_path)
    shutil.rmtree(tmp_path / "out", ignore_errors=True)
    whole = vigie_from_cold(*command.split(), folder=tmp_path)
    assert without_measures(quick) == without_measures(whole)
    assert quick.stdout + quick.stderr
