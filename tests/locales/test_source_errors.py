"""What a source's error tells people, fresh and after it was kept in the database."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path

import pytest

import bot.sources
from bot.errors import SourceError, SourceFault
from bot.locales import Language, Texts, load
from bot.markup import clean, plain
from bot.pipeline.health import ERROR_CHARS

FRENCH, ENGLISH = Texts(Language.FR, UTC), Texts(Language.EN, UTC)
TIMEOUT = SourceError("boamp.example did not answer in time", SourceFault.TIMEOUT, host="boamp.example")
MISSING = SourceError("missing", SourceFault.MISSING, field="objet", entry="26-1")
PLACES = re.compile(r"\{([a-z_]+)\}")
ROOT = Path(bot.sources.__file__).parents[1]
RAISING = [
    *(path for part in ("sources", "pipeline") for path in sorted((ROOT / part).rglob("*.py"))),
    ROOT / "errors.py",
]


def raised(path: Path) -> Iterator[ast.Call]:
    """Yield the calls of a file that make a source's error, `_refuse` of a record included."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"SourceError", "self._refuse"}:
            yield node


def fault_of(call: ast.Call) -> str | None:
    named = [re.search(r"SourceFault\.([A-Z_0-9]+)", ast.unparse(argument)) for argument in call.args]
    return next((SourceFault[match[1]] for match in named if match), None)


def test_a_fault_is_told_in_the_language_of_the_reader() -> None:
    assert FRENCH.source_error(TIMEOUT) == "boamp.example n\u2019a pas répondu à temps"
    assert ENGLISH.source_error(TIMEOUT) == "boamp.example did not answer in time"


def test_what_is_counted_has_its_groups_of_thousands_and_a_code_has_none() -> None:
    shrank = SourceError("x", SourceFault.REGISTER_SHRANK, source="hatvp", found=5000, before=6829)
    told = FRENCH.source_error(SourceError.from_kept(shrank.kept()))
    assert "5\u202f000 des 6\u202f829" in told
    assert "vigie poll hatvp --accept-smaller" in told
    assert "5,000 of the 6,829 entries" in ENGLISH.source_error(shrank)
    broke_off = SourceError("x", SourceFault.BROKE_OFF, host="h", times=4, megabytes=33.7)
    assert "à 33,7 Mo" in FRENCH.source_error(broke_off)
    assert "45000000" in FRENCH.source_error(SourceError("x", SourceFault.UNKNOWN_CODE, code="45000000"))


def test_the_field_and_the_entry_are_named() -> None:
    assert FRENCH.source_error(MISSING) == "un champ obligatoire manque (champ objet, avis 26-1)"
    assert FRENCH.source_error(SourceError("x", SourceFault.MISSING, field="objet")).endswith("(champ objet)")
    assert FRENCH.source_error(SourceError("x", SourceFault.MISSING, entry="26-1")).endswith("(avis 26-1)")


def test_the_log_has_an_english_sentence() -> None:
    assert str(TIMEOUT) == "boamp.example did not answer in time"
    assert str(MISSING) == "missing (field objet, entry 26-1)"


@pytest.mark.parametrize("error", [TIMEOUT, MISSING, SourceError("status 500"), SourceError("x", field="a")])
def test_an_error_that_was_kept_tells_the_same(error: SourceError) -> None:
    kept = SourceError.from_kept(error.kept())
    assert FRENCH.source_error(kept) == FRENCH.source_error(error)
    assert str(kept) == str(error)


@pytest.mark.parametrize(
    "kept",
    ["status 500", "", "{", "[]", "3", "null", '{"fault": "timeout"}', '{"fault": null, "message": "m", "values": 3}'],
)
def test_whatever_else_was_kept_is_told_as_it_is(kept: str) -> None:
    assert FRENCH.source_error(SourceError.from_kept(kept)) == kept


def test_what_another_version_kept_is_told_by_its_message() -> None:
    parts: dict[str, object] = {"message": "sunspots", "field": None, "entry": None, "values": {}}
    for fault in ("sunspots", SourceFault.TIMEOUT):
        kept = json.dumps({**parts, "fault": fault})
        assert FRENCH.source_error(SourceError.from_kept(kept)) == "sunspots"


def test_what_is_kept_is_whole_json_of_bounded_length_whatever_the_publisher_says() -> None:
    hostile = '"\\\x00\ud800\u202e\n' * 5_000
    error = SourceError(
        hostile, SourceFault.STATUS_SAID, field=hostile, entry=hostile, host=hostile, status=hostile, said=hostile
    )
    kept = error.kept()
    assert len(kept) < ERROR_CHARS
    assert kept.encode("utf-8")
    assert json.loads(kept)["fault"] == SourceFault.STATUS_SAID


def test_a_kept_error_without_fault_is_shortened() -> None:
    assert len(SourceError("x" * 9_999).kept()) == 300


@pytest.mark.parametrize("cleaned", [clean, plain])
def test_what_a_publisher_says_is_cleaned_once(cleaned: type[str]) -> None:
    texts = ENGLISH.through(cleaned)
    error = SourceError("x", SourceFault.STATUS_SAID, host="h", status=400, said="*bold* <@1>")
    assert texts("cli-source-error", reason=texts.source_error(error)).endswith(cleaned("*bold* <@1>"))


@pytest.mark.parametrize("path", RAISING, ids=lambda path: path.name)
def test_every_error_of_a_source_has_a_fault_with_the_values_of_its_text(path: Path) -> None:
    for call in raised(path):
        fault = fault_of(call)
        if fault is None:
            assert ast.unparse(call).startswith("SourceError(problem, fault, "), ast.unparse(call)
            continue
        given = {keyword.arg for keyword in call.keywords}
        for language in Language:
            assert set(PLACES.findall(load(language).text(f"source-fault-{fault}"))) <= given, ast.unparse(call)


def test_every_fault_is_raised_somewhere() -> None:
    faults = {match for path in RAISING for match in re.findall(r"SourceFault\.([A-Z_0-9]+)", path.read_text("utf-8"))}
    assert faults == {fault.name for fault in SourceFault}
