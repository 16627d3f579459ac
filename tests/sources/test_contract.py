"""What every source must hold to; its class and a made-up payload in `samples/` are all that a new one needs here."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import astuple
from datetime import timedelta
from typing import Any

import pytest

from bot.models import Notice, NoticeKind
from bot.sources import Form, describe, sources, told
from tests.sources.layouts import TOMORROW, sample_of, source_of
from tests.sources.reading import hashes, read, said, texts, whole

NAMES = sorted(sources())
ALL = pytest.mark.parametrize("name", NAMES)
JSON_ONLY = pytest.mark.parametrize("name", [name for name in NAMES if sources()[name].layout.form is Form.JSON])

LEAST_ENTRIES = 4

CONTACTS = (
    "contact@valmarin.example",
    "01 99 00 12 34",
    "0199001234",
    "odile contact",
    "contact odile",
    "contact, odile",
    "omer proprietaire",
    "proprietaire omer",
    "proprietaire, omer",
)
TIED = {NoticeKind.TENDER, NoticeKind.AWARD, NoticeKind.CHANGE, NoticeKind.CANCELLATION}

# --- What a source says of itself


@ALL
def test_a_source_is_named_like_its_file_and_class(name: str) -> None:
    kind = sources()[name]

    assert kind.__module__ == f"bot.sources.{name}"
    assert kind.__name__.casefold() == name.replace("_", "").casefold()
    assert kind.name == name


@ALL
def test_a_source_describes_itself_in_both_languages(name: str) -> None:
    kind = sources()[name]
    english = describe(kind)
    french = (kind.french.about, kind.french.delay, kind.french.caveats)

    assert english.summary.startswith("Read ")
    assert all((english.publisher, english.documentation, english.licence, english.identity))
    assert all(text.strip() for text in french)
    assert len({*french, english.summary, english.delay, english.caveats}) == 6


@ALL
def test_a_french_reader_is_told_of_a_source_in_french(name: str) -> None:
    meant = " ".join(astuple(told(sources()[name], french=True)))

    assert not re.findall(r"\b(?:the|and|with|that)\b", meant), "give `french` a publisher and a licence of its own"


@ALL
def test_a_source_sets_every_habit(name: str) -> None:
    kind = sources()[name]

    assert kind.default_base_url.startswith("https://")
    assert timedelta(0) < kind.default_every <= timedelta(days=30)
    assert timedelta(0) <= kind.default_pace < timedelta(minutes=1)
    assert kind.is_register or kind.overlap >= timedelta(hours=48)
    assert kind.baseline > timedelta(0)
    assert kind.quiet_limit > kind.default_every
    assert kind.max_bytes > 0
    assert kind.language is None or len(kind.language) == 2
    assert kind.material <= kind.particulars
    assert kind.is_family == (kind.table is not None)
    assert kind.step is None or kind.step > 0


@ALL
def test_a_layout_names_a_field_once(name: str) -> None:
    layout = sources()[name].layout
    named = Counter([*layout.mandatory, *layout.expected, *layout.optional, *layout.ignored])

    assert [path for path, count in named.items() if count > 1] == []


@ALL
def test_a_sample_has_enough_entries_and_every_mandatory_field(name: str) -> None:
    sample = sample_of(name)

    assert len(sample.entries) >= LEAST_ENTRIES
    assert [
        path for path in sample.layout.mandatory if not any(sample.has(entry, path) for entry in sample.entries)
    ] == []


@ALL
def test_a_sample_has_letters_that_need_a_charset(name: str) -> None:
    assert re.search(r"[^\x00-\x7f]", said(whole(name)))


@JSON_ONLY
def test_a_json_sample_is_taken_apart_and_put_together_without_a_change(name: str) -> None:
    sample = sample_of(name)

    assert json.loads(sample.payload(sample.entries)) == json.loads(sample.raw)


# --- What is read


@ALL
def test_a_sample_is_read_whole_without_a_loss(name: str) -> None:
    sample = sample_of(name)
    parsed = whole(name)

    assert parsed.notices
    assert parsed.unknown_fields == frozenset()
    assert texts(source_of(name).parse(sample.raw)) == texts(parsed)


@ALL
def test_most_entries_say_something(name: str) -> None:
    sample = sample_of(name)
    rests = ([*sample.entries[:place], *sample.entries[place + 1 :]] for place in range(len(sample.entries)))
    silent = [place for place, rest in enumerate(rests, start=1) if said(read(name, rest)) == said(whole(name))]

    assert len(silent) * 2 < len(sample.entries), silent


@ALL
def test_reading_twice_gives_the_same(name: str) -> None:
    sample = sample_of(name)

    assert source_of(name).parse(sample.payload(sample.entries)) == whole(name)


@ALL
def test_a_notice_says_what_every_notice_says(name: str) -> None:
    kind, source = sources()[name], source_of(name)
    for notice in whole(name).notices:
        assert notice.source == source.name
        assert notice.kind is not None
        assert notice.title
        assert notice.title == " ".join(notice.title.split())
        assert notice.url is None or re.match(r"https?://[^\s/]+", notice.url)
        assert notice.url is None or kind.is_family or notice.url.startswith("https://")
        assert notice.procedure or notice.kind not in TIED
        assert notice.language is None or re.fullmatch("[a-z]{2}", notice.language)
        assert re.fullmatch("[0-9a-f]{64}", notice.raw_sha256 or "")
        assert {code for code, _ in notice.particulars} <= kind.particulars
        assert all(re.fullmatch(r"[a-z][a-z0-9-]*:\S.*", identifier) for identifier in notice.identifiers)
        assert all(re.fullmatch(r"\d{8}", code) for code in notice.cpv)


@ALL
def test_most_notices_have_a_date_and_a_link(name: str) -> None:
    notices = whole(name).notices

    assert sum(notice.published is not None for notice in notices) * 2 > len(notices)
    assert sum(notice.url is not None for notice in notices) * 2 > len(notices)


@ALL
def test_a_notice_survives_its_json_line(name: str) -> None:
    for notice in whole(name).notices:
        copy = Notice.from_json(json.loads(json.dumps(notice.to_json())))

        assert copy.to_json() == notice.to_json()


@ALL
def test_ids_are_unique_and_every_notice_has_a_revision_hash(name: str) -> None:
    parsed = whole(name)
    ids = [notice.id for notice in parsed.notices]

    assert len(set(ids)) == len(ids)
    assert parsed.revision_hashes.keys() == set(ids)
    assert all(re.fullmatch("[0-9a-f]{64}", value) for value in parsed.revision_hashes.values())


@ALL
def test_contacts_and_private_persons_never_come_out(name: str) -> None:
    assert [word for word in CONTACTS if word in said(whole(name)).casefold()] == []


# --- What changes nothing


@ALL
def test_the_order_of_entries_changes_no_id_and_no_hash(name: str) -> None:
    assert hashes(read(name, sample_of(name).entries[::-1])) == hashes(whole(name))


@JSON_ONLY
def test_the_order_of_fields_changes_nothing_but_the_bytes(name: str) -> None:
    turned = [_turned(entry) for entry in sample_of(name).entries]

    parsed = read(name, turned)
    assert hashes(parsed) == hashes(whole(name))
    assert texts(parsed) == texts(whole(name))


@ALL
def test_entries_that_stand_there_twice_are_one_notice(name: str) -> None:
    entries = sample_of(name).entries
    parsed = read(name, [*entries, *entries[:2]])

    assert hashes(parsed) == hashes(whole(name))
    assert len(parsed.notices) == len(whole(name).notices)
    assert len({entity.id for entity in parsed.entities}) == len(whole(name).entities)


@ALL
def test_an_ignored_field_changes_no_id_and_no_hash(name: str) -> None:
    sample = sample_of(name)
    for path in sample.layout.ignored:
        changed = [
            sample.with_value(entry, path, "changed") if sample.has(entry, path) else entry for entry in sample.entries
        ]

        assert hashes(read(name, changed)) == hashes(whole(name)), path


@ALL
def test_an_unknown_field_is_noted_and_changes_nothing(name: str) -> None:
    sample = sample_of(name)
    parsed = read(name, [sample.with_more(entry) for entry in sample.entries])

    assert parsed.unknown_fields == {TOMORROW}
    assert hashes(parsed) == hashes(whole(name))
    assert texts(parsed) == texts(whole(name))


@JSON_ONLY
def test_how_a_fraction_is_written_changes_no_id_and_no_hash(name: str) -> None:
    payload = sample_of(name).rewritten(lambda text: re.sub(r"(: \d+\.\d+)(?=[,}\]])", r"\g<1>00", text))

    assert hashes(source_of(name).parse(payload)) == hashes(whole(name))


@ALL
def test_the_scheme_of_a_link_changes_no_id_and_no_hash(name: str) -> None:
    payload = sample_of(name).rewritten(lambda text: re.sub(r"(?<=[\">])https(?=://[^\s\"<]+[\"<])", "http", text))

    assert hashes(source_of(name).parse(payload)) == hashes(whole(name))


def _turned(value: Any) -> Any:
    """Return a JSON value with the fields of every object in the other order."""
    if isinstance(value, dict):
        return {key: _turned(value[key]) for key in reversed(value)}
    return [_turned(part) for part in value] if isinstance(value, list) else value
