"""What every source must hold to; a new source is under test as soon as it is found, and needs an example below."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from bot.errors import SourceError
from bot.loopback import boamp_records as boamp
from bot.loopback.boamp_columns import siren
from bot.loopback.boamp_eforms import CONTACT_EMAIL, CONTACT_NAME, CONTACT_PHONE, OWNER_NAME, Firm
from bot.models import Notice
from bot.sources import Source, describe, sources

DAY = date(2026, 11, 18)
DEADLINE = datetime(2026, 12, 20, 11, tzinfo=UTC)
IN_TEXT = f"Renseignements auprès de {CONTACT_EMAIL} ou au {CONTACT_PHONE}."


def boamp_records() -> list[dict[str, Any]]:
    firm = Firm("Valmarin Systèmes", siren("99810047"))
    tender = boamp.eforms_notice(
        idweb="26-1", objet="Caméras-piétons", published=DAY, deadline=DEADLINE, description=IN_TEXT
    )
    return [
        tender,
        boamp.eforms_award(
            idweb="26-2", objet="Radars", published=DAY, winners=(firm,), amount="10", description=IN_TEXT
        ),
        boamp.fns_notice(idweb="26-3", objet="Toiture", published=DAY, deadline=DEADLINE, description=IN_TEXT),
        boamp.fns_award(idweb="26-4", objet="Toiture", published=DAY, prose=IN_TEXT, of="26-3"),
        boamp.mapa_notice(idweb="26-5", objet="Vélos", published=DAY, deadline=DEADLINE, description=IN_TEXT),
        boamp.mapa_award(idweb="26-6", objet="Vélos", published=DAY, winner="Corvoy", amount="50044"),
        boamp.dsp(idweb="26-7", objet="Parcs", published=DAY, deadline=DEADLINE, description=IN_TEXT),
        boamp.divers(idweb="26-8", objet="Halle", published=DAY, description=IN_TEXT),
        boamp.legacy_award(idweb="26-9", objet="Données", published=DAY, winner=firm, amount="12"),
        boamp.corrigendum(of=tender, idweb="26-10", published=DAY, deadline=DEADLINE + timedelta(days=7), what=IN_TEXT),
        boamp.broken(idweb="26-11", objet="Bus", published=DAY, deadline=DEADLINE),
    ]


def as_boamp_page(records: list[dict[str, Any]]) -> bytes:
    return json.dumps({"total_count": len(records), "results": records}).encode()


EXAMPLES: dict[
    str, tuple[Callable[[], list[dict[str, Any]]], Callable[[list[dict[str, Any]]], bytes], list[str], str]
] = {
    "boamp": (
        boamp_records,
        as_boamp_page,
        ["idweb", "objet", "nature", "nomacheteur", "dateparution", "datelimitereponse", "donnees"],
        "idweb",
    ),
}
"""By source: entries of all its shapes, how a payload is made of them, its mandatory fields, the field of the id."""

ALL = pytest.mark.parametrize("name", sorted(sources()))


def example(name: str) -> bytes:
    entries, payload, _, _ = EXAMPLES[name]
    return payload(entries())


def source(name: str) -> Source:
    return sources()[name]()


@ALL
def test_a_source_has_an_example_here(name: str) -> None:
    assert name in EXAMPLES


@ALL
def test_a_source_is_named_like_its_file_and_class(name: str) -> None:
    kind = sources()[name]

    assert kind.__module__ == f"bot.sources.{name}"
    assert kind.__name__.casefold() == name.replace("_", "").casefold()
    assert kind.name == name


@ALL
def test_a_source_describes_itself_under_every_heading(name: str) -> None:
    said = describe(sources()[name])

    assert all((said.summary, said.publisher, said.documentation, said.licence, said.identity, said.caveats))


@ALL
def test_a_source_sets_every_habit(name: str) -> None:
    kind = sources()[name]

    assert kind.default_base_url.startswith("https://")
    assert timedelta(0) < kind.default_every <= timedelta(days=30)
    assert timedelta(0) <= kind.default_pace < timedelta(minutes=1)
    assert kind.overlap >= timedelta(hours=48)
    assert kind.baseline > timedelta(0)
    assert kind.quiet_limit > kind.default_every
    assert kind.max_bytes > 0
    assert len(kind.language) == 2


@ALL
def test_an_example_is_read_whole(name: str) -> None:
    entries, _, _, _ = EXAMPLES[name]

    assert len(source(name).parse(example(name)).notices) == len(entries())


@ALL
def test_reading_twice_gives_the_same(name: str) -> None:
    assert source(name).parse(example(name)) == source(name).parse(example(name))


@ALL
def test_ids_are_unique_and_do_not_depend_on_the_order(name: str) -> None:
    entries, payload, _, _ = EXAMPLES[name]
    ids = [notice.id for notice in source(name).parse(example(name)).notices]
    reversed_ids = [notice.id for notice in source(name).parse(payload(entries()[::-1])).notices]

    assert len(set(ids)) == len(ids)
    assert ids == reversed_ids[::-1]


@ALL
@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"   ",
        b"{",
        b"[]",
        b"null",
        b"<!DOCTYPE html><p>maintenance",
        b'{"a": NaN}',
        b"[" * 100_000,
        b"\xff\xfe\x00",
    ],
    ids=["empty", "blank", "cut", "list", "null", "html", "nan", "deep", "charset"],
)
def test_a_payload_that_is_none_is_refused(name: str, payload: bytes) -> None:
    with pytest.raises(SourceError):
        source(name).parse(payload)


@ALL
def test_a_payload_cut_anywhere_is_refused(name: str) -> None:
    whole = example(name)
    for end in range(1, len(whole) - 1, len(whole) // 23):
        with pytest.raises(SourceError):
            source(name).parse(whole[:end])


@ALL
def test_a_missing_field_is_refused_with_its_name_and_entry(name: str) -> None:
    entries, payload, mandatory, key = EXAMPLES[name]
    for missing in mandatory:
        spoilt = entries()
        entry = spoilt[1][key] if missing != key else "#2"
        del spoilt[1][missing]
        with pytest.raises(SourceError) as caught:
            source(name).parse(payload(spoilt))

        assert (caught.value.field, caught.value.entry) == (missing, entry)


@ALL
def test_a_missing_field_is_a_loss_in_lenient_reading(name: str) -> None:
    entries, payload, mandatory, key = EXAMPLES[name]
    for missing in set(mandatory) - {key}:
        spoilt = entries()
        del spoilt[1][missing]
        parsed = source(name).parse(payload(spoilt), lenient=True)

        assert len(parsed.notices) == len(spoilt)
        assert (spoilt[1][key], missing) in {(loss.notice, loss.field) for loss in parsed.losses}


@ALL
def test_an_unknown_field_is_noted_and_stops_nothing(name: str) -> None:
    entries, payload, _, _ = EXAMPLES[name]
    more = [entry | {"tomorrows_column": 1} for entry in entries()]

    parsed = source(name).parse(payload(more))

    assert parsed.unknown_fields == {"tomorrows_column"}
    assert len(parsed.notices) == len(more)


@ALL
def test_contacts_never_come_out(name: str) -> None:
    said = json.dumps([notice.to_json() for notice in source(name).parse(example(name)).notices], ensure_ascii=False)

    assert not [word for word in (CONTACT_EMAIL, CONTACT_NAME, CONTACT_PHONE, OWNER_NAME) if word in said]


@ALL
def test_a_notice_says_what_every_notice_says(name: str) -> None:
    for notice in source(name).parse(example(name)).notices:
        assert notice.source == name
        assert notice.kind is not None
        assert notice.title
        assert notice.published
        assert notice.url
        assert notice.url.startswith("https://")
        assert notice.procedure
        assert len(notice.language or "") == 2
        assert len(bytes.fromhex(notice.raw_sha256 or "")) == hashlib.sha256().digest_size


@ALL
def test_a_notice_survives_its_json_line(name: str) -> None:
    for notice in source(name).parse(example(name)).notices:
        assert Notice.from_json(json.loads(json.dumps(notice.to_json()))) == notice


@ALL
def test_every_notice_has_a_revision_hash(name: str) -> None:
    parsed = source(name).parse(example(name))

    assert parsed.revision_hashes.keys() == {notice.id for notice in parsed.notices}
