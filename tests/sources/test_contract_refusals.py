"""What every source must refuse, and how it reads in parts: the other half of the contract, driven by the same."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest

from bot.errors import SourceError
from bot.sources import Form, sources
from tests.sources.layouts import Sample, sample_of, source_of
from tests.sources.reading import hashes, read, streamed, texts, whole

NAMES = sorted(sources())
ALL = pytest.mark.parametrize("name", NAMES)
REGISTERS = pytest.mark.parametrize("name", [name for name in NAMES if sources()[name].is_register])
JSON_ONLY = pytest.mark.parametrize("name", [name for name in NAMES if sources()[name].layout.form is Form.JSON])
XML_ONLY = pytest.mark.parametrize(
    "name", [name for name in NAMES if sources()[name].layout.form in {Form.XML, Form.ARCHIVE}]
)

DEPTH = 100_000
CUTS = 23
PADDING = "x" * 2_000
"""Makes an entity long enough to be recognised by its bytes."""

NO_PAYLOADS: dict[str, bytes] = {
    "empty": b"",
    "blank": b" \r\n ",
    "html": b"<!DOCTYPE html><html><head><title>Maintenance</title></head><body><p>maintenance</p></body></html>",
    "null": b"null",
    "number": b"1",
    "list of numbers": b"[1]",
    "other object": b'{"message": "Quota of requests exceeded"}',
    "not a number": b'{"a": NaN}',
    "deep list": b"[" * DEPTH,
    "deep object": b'{"a":' * DEPTH,
    "binary": b"\xff\xfe\x00\x00" * 10,
    "other document": b"<?xml version='1.0'?><message>Quota of requests exceeded</message>",
    "deep document": b"<a>" * DEPTH,
    "entities": b'<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;">]><a>&c;</a>',
    "other table": b"a;b\r\n1;2\r\n",
    "text": b"Quota of requests exceeded",
}


# --- What is refused


@ALL
@pytest.mark.parametrize("payload", NO_PAYLOADS.values(), ids=NO_PAYLOADS)
def test_a_payload_that_is_none_is_refused(name: str, payload: bytes) -> None:
    with pytest.raises(SourceError):
        source_of(name).parse(payload)
    with pytest.raises(SourceError):
        streamed(name, payload)


@ALL
def test_a_payload_cut_anywhere_is_refused(name: str) -> None:
    sample = sample_of(name)
    payload = sample.payload(sample.entries)
    for end in range(1, len(payload) - 1, len(payload) // CUTS):
        if sample.layout.form is Form.CSV and _ends_a_row(payload, end, sample.layout.entries.encode()):
            continue
        with pytest.raises(SourceError):
            source_of(name).parse(payload[:end])
        with pytest.raises(SourceError):
            streamed(name, payload[:end])


@JSON_ONLY
@pytest.mark.parametrize(
    "spoilt", [b"NaN", b"Infinity", b"[" * DEPTH, b'{"a": 1, "a": 2}'], ids=["nan", "infinity", "deep", "repeated key"]
)
def test_json_that_cannot_be_trusted_is_refused(name: str, spoilt: bytes) -> None:
    sample = sample_of(name)
    mark = "f1bb73e6"
    payload = sample.payload([sample.with_more(entry, mark) for entry in sample.entries])

    with pytest.raises(SourceError):
        source_of(name).parse(payload.replace(f'"{mark}"'.encode(), spoilt, 1))


@XML_ONLY
@pytest.mark.parametrize(
    "doctype",
    ['<!DOCTYPE a [<!ENTITY b "bbbb">]>', '<!DOCTYPE a SYSTEM "https://elsewhere.example/a.dtd">'],
    ids=["entities", "elsewhere"],
)
def test_xml_with_a_doctype_is_refused(name: str, doctype: str) -> None:
    payload = sample_of(name).rewritten(lambda text: re.sub(r"^(<\?xml[^>]*>)?", rf"\1{doctype}", text))

    with pytest.raises(SourceError):
        source_of(name).parse(payload)


@XML_ONLY
def test_xml_that_is_nested_without_end_is_refused(name: str) -> None:
    sample = sample_of(name)
    deep = "<a>" * DEPTH + "</a>" * DEPTH

    with pytest.raises(SourceError):
        source_of(name).parse(sample.payload([sample.with_more(sample.entries[0], deep), *sample.entries[1:]]))


@ALL
def test_another_charset_is_refused_or_read_right(name: str) -> None:
    right = sample_of(name).rewritten(_in_latin_1)
    try:
        came = source_of(name).parse(sample_of(name).rewritten(_in_latin_1, "latin-1"))
    except SourceError:
        return

    assert texts(came) == texts(source_of(name).parse(right))


@ALL
def test_a_missing_field_is_refused_with_its_name_and_entry(name: str) -> None:
    sample = sample_of(name)
    for path in filter(None, (*sample.layout.mandatory, sample.layout.id)):
        entries, place = _lacking(sample, path)
        with pytest.raises(SourceError) as caught:
            read(name, entries)

        assert caught.value.field == path
        if sample.layout.form is not Form.CSV:
            assert caught.value.entry
            assert _is_of(caught.value.entry, sample, sample.entries[place], place), (path, caught.value.entry)


@ALL
def test_a_missing_field_is_a_loss_in_lenient_reading(name: str) -> None:
    sample = sample_of(name)
    for path in set(sample.layout.mandatory) - {sample.layout.id}:
        entries, _place = _lacking(sample, path)
        parsed = read(name, entries, lenient=True)

        losses = [loss for loss in parsed.losses if loss.field == path]
        assert losses, path
        assert len(parsed.notices) == len(whole(name).notices) or len(whole(name).notices) != len(sample.entries), path


@ALL
def test_an_expected_field_that_a_whole_payload_lacks_is_told(name: str) -> None:
    sample = sample_of(name)
    for path in sample.layout.expected:
        lacking = [sample.without(entry, path) if sample.has(entry, path) else entry for entry in sample.entries]
        try:
            told = {loss.field for loss in read(name, lacking).losses}
        except SourceError as error:
            told = {(error.field or "").partition(".")[0]}

        assert path in told


# --- Large payloads and registers


@ALL
def test_a_stream_says_the_same_as_the_whole(name: str) -> None:
    sample = sample_of(name)
    parsed = streamed(name, sample.payload(sample.entries))

    assert parsed.notices == whole(name).notices
    assert sorted(map(repr, parsed.losses)) == sorted(map(repr, whole(name).losses))
    assert hashes(parsed) == hashes(whole(name))
    assert (parsed.unknown_fields, parsed.entities) == (whole(name).unknown_fields, whole(name).entities)


@ALL
def test_a_stream_that_gives_little_at_a_time_says_the_same(name: str) -> None:
    sample = sample_of(name)
    stream = _Trickle(sample.payload(sample.entries))
    parts = list(source_of(name).parse_stream(stream))

    assert tuple(notice for part in parts for notice in part.notices) == whole(name).notices


@REGISTERS
def test_a_register_has_entities_with_all_its_entries(name: str) -> None:
    parsed = whole(name)

    assert [entry for entity in parsed.entities for entry in entity.entries or ()] == [
        notice.id for notice in parsed.notices
    ]
    assert len({entity.id for entity in parsed.entities}) == len(parsed.entities)


@REGISTERS
def test_a_register_that_did_not_change_is_not_read_again(name: str) -> None:
    sample = sample_of(name)
    payload = sample.payload([sample.with_more(entry, PADDING) for entry in sample.entries])
    first = streamed(name, payload)

    again = streamed(name, payload, {entity.id: entity.fingerprint for entity in first.entities})
    assert again.notices == ()
    assert [entity.id for entity in again.entities] == [entity.id for entity in first.entities]
    assert {entity.entries for entity in again.entities} == {None}


@REGISTERS
def test_only_what_changed_in_a_register_is_read_again(name: str) -> None:
    sample = sample_of(name)
    entries = [sample.with_more(entry, PADDING) for entry in sample.entries]
    first = streamed(name, sample.payload(entries))
    entries[1] = sample.with_more(sample.entries[1], f"{PADDING}y")

    again = streamed(name, sample.payload(entries), {entity.id: entity.fingerprint for entity in first.entities})
    changed = [entity for entity in again.entities if entity.entries is not None]
    assert len(again.entities) == len(first.entities)
    assert len(changed) == 1
    assert changed[0].entries == tuple(notice.id for notice in again.notices)


class _Trickle(io.BytesIO):
    """A stream of which a read returns all that was asked for, but never more than a few hundred bytes."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(size if size is None or size < 0 else min(size, 509))


def _in_latin_1(text: str) -> str:
    """Return a text of signs that ISO 8859-1 has, most of them as they were."""
    return re.sub("[^\x00-\xff]", "é", text)


def _lacking(sample: Sample, path: str) -> tuple[list[Any], int]:
    """Return the entries of a sample without a field in one of them, and which: not the first, where another has it."""
    entries = list(sample.entries)
    if sample.layout.form is Form.CSV:
        return [sample.without(entry, path) for entry in entries], 0
    place = next(place for place in [*range(1, len(entries)), 0] if sample.has(entries[place], path))
    entries[place] = sample.without(entries[place], path)
    return entries, place


def _is_of(told: str, sample: Sample, entry: Any, place: int) -> bool:
    """Return whether an error tells of an entry: by its place, or by its id or what that is made of."""
    own = sample.id_of(entry)
    return told == f"#{place + 1}" or (own is not None and (own in told or told in own))


def _ends_a_row(payload: bytes, end: int, delimiter: bytes) -> bool:
    """Return whether nobody could see a cut: what it takes of its row is no more than a part of the last cell."""
    return payload[:end].endswith(b"\n") or delimiter not in payload[end:].partition(b"\n")[0]
