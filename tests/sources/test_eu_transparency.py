"""The EU Transparency Register: cut at the borders of its entries, read only where it changed."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

import pytest

from bot.errors import SourceError, SourceFault
from bot.loopback.publishers import PublisherFault
from bot.loopback.publishers import eu_transparency as register
from bot.loopback.publishers.eu_transparency import LoopbackEuTransparency, organisation
from bot.models import Notice, NoticeKind
from bot.pipeline.revision import material_changes
from bot.sources import Asked, Parsed, PoliteClient, Window
from bot.sources._eu_transparency.dump import Dump
from bot.sources.eu_transparency import EuTransparency

FIRM, OTHER, THIRD = "880143435799-46", "111222333499-01", "311222333499-07"
CODES = (FIRM, OTHER, THIRD)
NOW = datetime(2026, 11, 18, 6, tzinfo=UTC)
Edit = Callable[[LoopbackEuTransparency], object]


def the_register() -> LoopbackEuTransparency:
    return LoopbackEuTransparency(
        [
            organisation(code=FIRM, name="Valmarin Affairs", clients=("Corvoy Énergies", "Société Lambda")),
            organisation(code=OTHER, name="Hydrogène Fictif", goals=f"Works with{register.CONTROL}suppliers"),
            organisation(code=THIRD, name="Ένωση Δοκιμών", spends=(10_000_000, None)),
        ]
    )


def dump(change: Edit = lambda _: None) -> bytes:
    served = the_register()
    change(served)
    return register.dump(served.records).encode()


def read(payload: bytes) -> Parsed:
    return EuTransparency().parse(payload)


def by_id(change: Edit = lambda _: None) -> dict[str, Notice]:
    return {notice.id: notice for notice in read(dump(change)).notices}


def changed(change: Edit) -> set[str]:
    """Return the notices that a change of the register makes new, or a revision of."""
    before, after = read(dump()).revision_hashes, read(dump(change)).revision_hashes
    return {id_ for id_, hashed in after.items() if before.get(id_) != hashed}


def known() -> Mapping[str, str]:
    return {entity.id: entity.fingerprint for entity in read(dump()).entities}


def stream(payload: bytes, known: Mapping[str, str]) -> list[Parsed]:
    return list(EuTransparency().parse_stream(io.BytesIO(payload), known=known))


def test_an_organisation_and_each_client_are_entries_of_their_own() -> None:
    notices = by_id()

    assert list(notices) == [
        FIRM,
        f"{FIRM}:client:corvoy-energies",
        f"{FIRM}:client:societe-lambda",
        OTHER,
        THIRD,
    ]
    client = notices[f"{FIRM}:client:corvoy-energies"]
    assert (client.kind, client.buyer, client.suppliers, client.language) == (
        NoticeKind.REGISTER_CHANGE,
        "Corvoy Énergies",
        ("Valmarin Affairs",),
        None,
    )
    assert client.particulars == (("mandate", "closed"), ("year", "2025"), ("fees", "10000-24999"))
    assert client.published == datetime.fromisoformat("2026-09-10T11:41:14.144+00:00")
    assert notices[FIRM].published == datetime(2019, 8, 28, 9, 51, 42, tzinfo=UTC)
    assert {notice.procedure for notice in notices.values() if notice.id.startswith(FIRM)} == {
        f"eu_transparency:{FIRM}"
    }


def test_a_client_that_is_gained_is_one_new_entry() -> None:
    assert changed(lambda served: served.gain_client(FIRM, "Nouveau Client")) == {f"{FIRM}:client:nouveau-client"}


def test_a_client_that_is_lost_is_missing_among_the_entries_and_changes_nothing_else() -> None:
    def lose(served: LoopbackEuTransparency) -> None:
        served.lose_client(FIRM, "Société Lambda")

    assert changed(lose) == set()
    assert read(dump(lose)).entities[0].entries == (FIRM, f"{FIRM}:client:corvoy-energies")


@pytest.mark.parametrize(
    ("bracket", "told", "text"),
    [
        ((25_000, 49_999), "25000-49999", "€25,000 to €49,999"),
        ((None, 10_000), "0-10000", "below €10,000"),
        ((10_000_000, None), "10000000-", "€10,000,000 or more"),
        ((99_999, 50_000), "50000-99999", "€50,000 to €99,999"),
    ],
)
def test_other_costs_are_a_revision_that_tells_them(bracket: Any, told: str, text: str) -> None:
    def spend(served: LoopbackEuTransparency) -> None:
        served.spend(OTHER, *bracket)

    assert changed(spend) == {OTHER}
    notice = by_id(spend)[OTHER]
    assert dict(notice.particulars)["spend"] == told
    assert f"Costs: {text}" in notice.text.split("\n")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("lastUpdateDate", "2026-11-17T08:00:00.000+00:00"),
        ("headOffice", {"address": "Elsewhere 2", "country": "BELGIUM"}),
        ("webSiteURL", "https://ailleurs.example/"),
        ("EPAccreditedNumber", "9"),
        ("interests", [{"name": "Trade"}, {"name": "Digital economy and society"}]),
    ],
)
def test_what_moves_by_itself_is_no_revision(field: str, value: Any) -> None:
    before = the_register()
    before.organisation(OTHER)["interests"] = [{"name": "Digital economy and society"}, {"name": "Trade"}]
    after = the_register()
    after.organisation(OTHER)["interests"] = [{"name": "Digital economy and society"}, {"name": "Trade"}]
    after.organisation(OTHER)[field] = value

    hashes = [read(register.dump(served.records).encode()).revision_hashes for served in (before, after)]
    assert hashes[0] == hashes[1]


def test_donors_and_persons_at_an_address_are_left_out() -> None:
    def give(served: LoopbackEuTransparency) -> None:
        served.organisation(OTHER)["financialData"]["closedYear"]["contributions"] = [{"name": "Omer Proprietaire"}]
        served.organisation(OTHER)["headOffice"]["phone"] = "01 99 00 12 34"

    assert "Proprietaire" not in by_id(give)[OTHER].text
    assert "99 00" not in by_id(give)[OTHER].text


def test_known_organisations_are_not_parsed_again() -> None:
    broken = dump().replace("Hydrogène Fictif".encode(), b"Hydrog&ne; Fictif", 1)
    fingerprints = fingerprints_of(broken)
    parts = stream(broken, fingerprints)

    assert [notice for part in parts for notice in part.notices] == []
    assert [(entity.id, entity.entries) for part in parts for entity in part.entities] == [
        (FIRM, None),
        (OTHER, None),
        (THIRD, None),
    ]


def fingerprints_of(payload: bytes) -> dict[str, str]:
    entries = Dump(io.BytesIO(payload), "interestRepresentative").entries()
    return {code: blake2b(raw, digest_size=16).hexdigest() for code, raw in zip(CODES, entries, strict=True)}


def test_only_what_changed_is_read_of_a_known_register() -> None:
    parts = stream(dump(lambda served: served.spend(OTHER, 25_000, 49_999)), known())

    assert [notice.id for part in parts for notice in part.notices] == [OTHER]
    assert [entity.entries for part in parts for entity in part.entities] == [None, (OTHER,), None]


def test_an_entry_that_does_not_parse_refuses_the_dump_and_is_named() -> None:
    with pytest.raises(SourceError) as caught:
        stream(dump().replace("Hydrogène Fictif".encode(), b"<b>Hydrogene"), known())

    assert (caught.value.fault, caught.value.entry) == (SourceFault.BAD_XML, OTHER)


@pytest.mark.parametrize("chunk_bytes", [1, 7, 64, 1_000])
def test_the_borders_of_what_is_read_from_disk_change_nothing(
    chunk_bytes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = read(dump())
    monkeypatch.setattr(Dump.__init__, "__kwdefaults__", {"chunk_bytes": chunk_bytes})

    assert read(dump()) == whole
    assert "Works with suppliers" in whole.notices[3].text


def test_only_blanks_stand_between_two_entries() -> None:
    with pytest.raises(SourceError):
        read(dump().replace(b"</interestRepresentative>", b"</interestRepresentative><!-- x -->", 1))


def test_an_entry_without_an_end_of_its_own_refuses_the_dump() -> None:
    with pytest.raises(SourceError) as caught:
        read(dump().replace(b"<interestRepresentative>", b"<interestRepresentative/><interestRepresentative>", 1))

    assert caught.value.fault is SourceFault.BAD_XML


def test_an_entry_beyond_all_measure_refuses_the_dump() -> None:
    with pytest.raises(SourceError, match="longer than"):
        read(dump(lambda served: served.organisation(OTHER).update(goals="x" * 2_100_000)))


def test_what_follows_the_end_is_read_to_its_end() -> None:
    with pytest.raises(SourceError):
        read(dump() + b" " * 400_000 + b"<more/>")


def test_an_end_tag_inside_a_text_refuses_the_dump() -> None:
    with pytest.raises(SourceError):
        read(dump().replace(b"suppliers", b"<![CDATA[</interestRepresentative>]]>"))


@pytest.mark.parametrize("count", [0, 2, 4, 18_000])
def test_another_number_of_organisations_than_announced_is_refused(count: int) -> None:
    records = the_register().records
    with pytest.raises(SourceError) as caught:
        read(register.dump(records, count=count).encode())

    assert (caught.value.fault, caught.value.field) == (SourceFault.WRONG_COUNT, "metaData.numberOfIR")


@pytest.mark.parametrize("end", [b"</ListOfIRPublicDetail>", b"</resultList>\n</ListOfIRPublicDetail>"])
def test_a_register_that_is_not_closed_is_refused(end: bytes) -> None:
    with pytest.raises(SourceError) as caught:
        read(dump().rstrip().removesuffix(end))

    assert caught.value.fault is SourceFault.BAD_XML


def test_a_register_without_a_number_or_under_another_root_is_refused() -> None:
    with pytest.raises(SourceError) as caught:
        read(dump().replace(b"numberOfIR", b"numberOfEntries"))
    assert caught.value.field == "metaData.numberOfIR"
    with pytest.raises(SourceError):
        read(dump().replace(b"ListOfIRPublicDetail", b"ListOfPersons"))


def test_two_organisations_with_one_code_are_refused() -> None:
    records = [organisation(code=FIRM, name="A"), organisation(code=FIRM, name="B"), organisation(code=OTHER, name="C")]

    with pytest.raises(SourceError) as caught:
        read(register.dump(records).encode())

    assert (caught.value.fault, caught.value.entry) == (SourceFault.ONE_ID, FIRM)


def test_an_entry_that_is_gone_tells_so_once() -> None:
    source = EuTransparency()
    gone = source.removed(by_id()[FIRM])

    assert gone is not None
    assert ("removed", "absent") in gone.particulars
    assert source.removed(gone) is None


def test_the_mandate_of_a_client_that_is_gone_ended_only_where_the_current_year_named_it() -> None:
    source = EuTransparency()
    notices = by_id(lambda served: served.gain_client(FIRM, "Société Lambda"))
    closed, current = (source.removed(notices[f"{FIRM}:client:{key}"]) for key in ("corvoy-energies", "societe-lambda"))

    assert closed is not None
    assert current is not None
    assert [code for code, _ in closed.particulars] == ["mandate", "year", "fees", "removed"]
    assert [code for code, _ in current.particulars] == ["mandate", "year", "fees", "mandate_ended"]
    assert (source.removed(closed), source.removed(current)) == (None, None)


def test_a_client_that_the_current_year_names_no_longer_is_a_revision_but_no_news() -> None:
    def take_up(served: LoopbackEuTransparency) -> None:
        served.gain_client(FIRM, "Société Lambda")

    entry = f"{FIRM}:client:societe-lambda"
    assert changed(take_up) == {entry}
    assert material_changes(by_id(take_up)[entry], by_id()[entry], EuTransparency.material) == ()


def test_names_that_differ_by_accents_and_case_are_one_client_and_other_scripts_are_told_apart() -> None:
    def name(served: LoopbackEuTransparency) -> None:
        served.gain_client(FIRM, "CORVOY ENERGIES")
        served.gain_client(FIRM, "Ένωση Πρώτη")
        served.gain_client(FIRM, "Ένωση Άλλη")

    assert len([id_ for id_ in by_id(name) if id_.startswith(f"{FIRM}:client:")]) == 4


@pytest.fixture
async def served() -> AsyncIterator[LoopbackEuTransparency]:
    async with the_register() as served:
        yield served


async def fetched(served: LoopbackEuTransparency, client: PoliteClient, cursor: Mapping[str, Any]) -> tuple[bool, Any]:
    asked = Asked(Window(NOW.date()), NOW, cursor=cursor)
    (payload,) = [payload async for payload in EuTransparency(served.url).fetch(asked, client)]
    return payload.is_unchanged, payload.cursor


@pytest.mark.parametrize("has_validators", [True, False])
async def test_a_register_that_was_not_saved_again_is_unchanged(
    has_validators: bool,  # noqa: FBT001  # a parameter of the test
    served: LoopbackEuTransparency,
    client: PoliteClient,
) -> None:
    served.has_validators = has_validators
    is_unchanged, cursor = await fetched(served, client, {})

    assert not is_unchanged
    assert (await fetched(served, client, cursor))[0]
    served.exported = NOW
    assert not (await fetched(served, client, cursor))[0]


async def test_a_maintenance_page_in_place_of_the_register_is_no_register(
    served: LoopbackEuTransparency, client: PoliteClient
) -> None:
    asked = Asked(Window(NOW.date()), NOW)
    assert await EuTransparency(served.url).probe(asked, client) == 0

    served.fail_next(PublisherFault.HTML)
    with pytest.raises(SourceError) as caught:
        await EuTransparency(served.url).probe(asked, client)
    assert caught.value.fault is SourceFault.HTML_PAGE
