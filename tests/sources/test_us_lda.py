"""What is special to the LDA register: pages that name another host, a peak read in parts, a key that nobody sees."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from bot.errors import SourceError, SourceFault
from bot.loopback.publishers import PublisherFault
from bot.loopback.publishers.us_lda import LoopbackUsLda
from bot.loopback.publishers.us_lda_filings import Issue, Lobbyist, filing, filing_uuid
from bot.models import Notice, NoticeKind
from bot.sources import Asked, Payload, PoliteClient, Window, us_lda
from bot.sources._us_lda.pages import Page, Place, Reading, page_of
from bot.sources.us_lda import UsLda

EASTERN = timezone(timedelta(hours=-5))
NOON = datetime(2026, 1, 20, 12, tzinfo=EASTERN)
NOW = datetime(2026, 1, 21, 9, tzinfo=UTC)
SINCE = date(2026, 1, 18)


def a_filing(key: str = "1", **parts: Any) -> dict[str, Any]:
    defaults = {"kind": "Q4", "posted": NOON, "registrant": "PELLWORTH GROUP", "client": "VALMARIN INC."}
    return filing(key=key, **{**defaults, **parts})


def filings(count: int) -> list[dict[str, Any]]:
    return [a_filing(str(number), posted=NOON + timedelta(seconds=number)) for number in range(count)]


def read_one(record: dict[str, Any]) -> Notice:
    page = {"count": 1, "next": None, "previous": None, "results": [record]}
    return UsLda().parse(json.dumps(page).encode()).notices[0]


async def fetched(source: UsLda, client: PoliteClient, **asked: Any) -> list[Payload]:
    parts = {"window": Window(SINCE), "now": NOW, "last_ok": NOW, **asked}
    return [payload async for payload in source.fetch(Asked(**parts), client)]


async def read_while(source: UsLda, client: PoliteClient, change: Callable[[], None]) -> set[str]:
    """Return the ids that a poll reads while the register changes after every page."""
    read: set[str] = set()
    async for payload in source.fetch(Asked(Window(SINCE), NOW, NOW), client):
        read.update(ids_of([payload]))
        change()
    return read


def ids_of(payloads: list[Payload]) -> list[str]:
    return [record["filing_uuid"] for payload in payloads for record in json.loads(payload.body)["results"]]


def uuids(numbers: Iterable[int]) -> set[str]:
    return {filing_uuid(str(number)) for number in numbers}


def cursor_of(payloads: list[Payload]) -> dict[str, Any]:
    return dict([payload.cursor for payload in payloads if payload.cursor is not None][-1])


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("RR", NoticeKind.REGISTRATION),
        ("RA", NoticeKind.REGISTER_CHANGE),
        ("Q3", NoticeKind.REGISTER_CHANGE),
        ("3@Y", NoticeKind.REGISTER_CHANGE),
    ],
)
def test_only_a_registration_is_one(kind: str, expected: NoticeKind) -> None:
    assert read_one(a_filing(kind=kind)).kind is expected


def test_who_lobbies_for_itself_is_named_once() -> None:
    assert read_one(a_filing(registrant="Valmarin Inc.", client="VALMARIN INC")).title.endswith("2026: Valmarin Inc.")


@pytest.mark.parametrize(
    ("parts", "expected"),
    [({"income": "30000.00"}, Decimal("30000.00")), ({"expenses": "5.5"}, Decimal("5.5")), ({}, None)],
    ids=["income", "expenses", "neither"],
)
def test_an_amount_is_what_was_earned_or_spent(parts: dict[str, str], expected: Decimal | None) -> None:
    assert read_one(a_filing(**parts)).amount == expected


def test_a_lobbyists_office_is_said_and_no_office_is_not() -> None:
    lobbyists = [Lobbyist("Arthur", "Pellworth", "Chief of Staff, Rep. Brandlow"), Lobbyist("Mina", "Sarth", "N/A")]

    notice = read_one(a_filing(issues=[Issue("Defense", "Cameras", lobbyists, ["SENATE"])]))

    assert notice.people == ("Arthur PELLWORTH", "Mina SARTH")
    assert notice.text.splitlines() == [
        "Defense",
        "Cameras",
        "SENATE",
        "Arthur PELLWORTH: Chief of Staff, Rep. Brandlow",
    ]


def test_a_revision_is_no_matter_of_order_or_of_the_registers_own_dates() -> None:
    issues = [Issue("Defense", "Cameras"), Issue("Trade", "Tariffs")]
    record, other = a_filing(issues=issues), a_filing(issues=issues[::-1])
    other["registrant"]["dt_updated"] = "2026-02-02T00:00:00-05:00"
    richer = a_filing(issues=issues, income="10")
    source = UsLda()
    hashes = [
        source.parse(json.dumps({"count": 1, "results": [one]}).encode()).revision_hashes[filing_uuid("1")]
        for one in (record, other, richer)
    ]

    assert hashes[0] == hashes[1] != hashes[2]


async def test_pages_are_read_back_from_the_last_one_whatever_links_they_hold(client: PoliteClient) -> None:
    async with LoopbackUsLda(filings(60)) as lda:
        lda.link_host = "https://["
        payloads = await fetched(UsLda(lda.url), client)

        asked = [request.params for request in lda.requests]

    assert set(ids_of(payloads)) == uuids(range(60))
    assert [params["page"] for params in asked] == ["1", "3", "2", "1"]
    assert {params["filing_dt_posted_after"] for params in asked} == {"2026-01-18"}


async def test_a_key_goes_into_the_header_and_into_no_error(client: PoliteClient) -> None:
    async with LoopbackUsLda(filings(1)) as lda:
        with pytest.raises(SourceError) as caught:
            await fetched(UsLda(lda.url, secret="canary-4711-key"), client)

        assert lda.requests[0].headers["Authorization"] == "Token canary-4711-key"
    assert "canary" not in f"{caught.value!r}{caught.value.kept()}{caught.value.values}"


async def test_a_peak_is_read_in_parts_and_nothing_of_it_is_lost(
    client: PoliteClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(us_lda, "POLL_PAGES", 4)
    async with LoopbackUsLda(filings(160)) as lda:
        source, read = UsLda(lda.url), []
        cursor: dict[str, Any] = {}
        for _ in range(3):
            payloads = await fetched(source, client, cursor=cursor)
            read.append(set(ids_of(payloads)))
            cursor = json.loads(json.dumps(cursor_of(payloads)))

    assert [len(ids) for ids in read] == [100, 100, 60]
    assert len({one for ids in read for one in ids}) == 160


async def test_after_a_peak_polls_go_on_from_its_end(client: PoliteClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(us_lda, "PEAK_PAGES", 4)
    async with LoopbackUsLda(filings(160)) as lda:
        payloads = await fetched(UsLda(lda.url), client)
        lda.records = filings(170)
        again = await fetched(UsLda(lda.url), client, cursor=cursor_of(payloads))

    assert set(ids_of(again)) == uuids(range(125, 170))


async def test_an_ordinary_window_is_read_again_by_the_next_poll(client: PoliteClient) -> None:
    async with LoopbackUsLda(filings(60)) as lda:
        assert cursor_of(await fetched(UsLda(lda.url), client)) == {}


@pytest.mark.parametrize(
    ("posted", "since"),
    [(NOON - timedelta(days=3), "2026-01-10"), (NOON, "2026-01-18")],
    ids=["a backlog is still to read", "nothing is"],
)
async def test_after_long_a_poll_begins_with_a_window_of_its_own_unless_it_lags(
    posted: datetime, since: str, client: PoliteClient
) -> None:
    old = [a_filing(f"old {number}", posted=NOON - timedelta(days=6, seconds=number)) for number in range(60)]
    cursor = {"since": "2026-01-10", "page": 3, "posted": posted.isoformat()}
    async with LoopbackUsLda([*old, *filings(30)]) as lda:
        await fetched(UsLda(lda.url), client, cursor=cursor)

        assert lda.requests[-1].params["filing_dt_posted_after"] == since


async def test_a_read_goes_back_a_day_where_its_pages_have_shifted(
    client: PoliteClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(us_lda, "POLL_PAGES", 4)
    async with LoopbackUsLda(filings(160)) as lda:
        source = UsLda(lda.url)
        payloads = await fetched(source, client)
        lda.records = lda.records[90:]
        again = await fetched(source, client, cursor=cursor_of(payloads))

        asked = lda.requests[-1].params

    assert asked["filing_dt_posted_after"] == "2026-01-19"
    assert set(ids_of(again)) == uuids(range(90, 160))


async def test_a_read_without_order_cannot_be_cut(client: PoliteClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(us_lda, "POLL_PAGES", 4)
    async with LoopbackUsLda(filings(160)) as lda:
        lda.keeps_order = False
        with pytest.raises(SourceError) as caught:
            await fetched(UsLda(lda.url), client)

    assert caught.value.fault is SourceFault.UNORDERED


@pytest.mark.parametrize(
    "asked",
    [{"last_ok": None}, {"is_backfill": True, "window": Window(SINCE, SINCE + timedelta(days=3))}],
    ids=["the first read", "history"],
)
async def test_the_first_read_and_history_are_never_cut(
    asked: dict[str, Any], client: PoliteClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(us_lda, "POLL_PAGES", 4)
    cursor = {"since": "2026-01-18", "page": 5, "posted": NOON.isoformat()}
    async with LoopbackUsLda(filings(160)) as lda:
        payloads = await fetched(UsLda(lda.url), client, cursor=cursor, **asked)

    assert set(ids_of(payloads)) == uuids(range(160))


async def test_history_is_asked_for_up_to_its_last_day(client: PoliteClient) -> None:
    async with LoopbackUsLda([*filings(1), a_filing("late", posted=NOON + timedelta(days=9))]) as lda:
        payloads = await fetched(UsLda(lda.url), client, is_backfill=True, window=Window(SINCE, date(2026, 1, 22)))

    assert ids_of(payloads) == [filing_uuid("0")]


def test_a_day_of_1905_says_nothing_of_the_order() -> None:
    records = [*filings(2), a_filing("old", posted=datetime(1905, 6, 24, tzinfo=EASTERN))]

    page = page_of(json.dumps({"count": 3, "next": None, "results": records}).encode())

    assert page.posted == (NOON, NOON + timedelta(seconds=1))


async def test_fewer_filings_than_announced_are_refused(client: PoliteClient) -> None:
    async with LoopbackUsLda(filings(30)) as lda:
        for after in (1, 2, 2):
            lda.fail_next(PublisherFault.NO_RECORDS, after=after)
        with pytest.raises(SourceError) as caught:
            await fetched(UsLda(lda.url), client)

    assert (caught.value.fault, caught.value.values["count"], caught.value.values["total"]) == (
        SourceFault.SHORT_READ,
        "25",
        "30",
    )


async def test_pages_that_go_round_in_circles_are_refused(client: PoliteClient) -> None:
    async with LoopbackUsLda(filings(60)) as lda:
        lda.circles = True
        with pytest.raises(SourceError) as caught:
            await fetched(UsLda(lda.url), client)

    assert (caught.value.fault, caught.value.values["page"]) == (SourceFault.SAME_PAGES, "3")


async def test_a_page_that_came_short_once_is_read_again(client: PoliteClient) -> None:
    async with LoopbackUsLda(filings(30)) as lda:
        lda.fail_next(PublisherFault.NO_RECORDS, after=1)
        payloads = await fetched(UsLda(lda.url), client)

    assert set(ids_of(payloads)) == uuids(range(30))


@pytest.mark.parametrize("is_backfill", [False, True], ids=["a peak in parts", "history"])
async def test_nothing_is_lost_where_filings_are_withdrawn_and_posted_while_they_are_read(
    *, is_backfill: bool, client: PoliteClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(us_lda, "POLL_PAGES", 4)
    read: set[str] = set()
    cursor: dict[str, Any] = {}
    async with LoopbackUsLda(filings(160)) as lda:
        source, number = UsLda(lda.url), 160
        for _ in range(1 if is_backfill else 4):
            asked = Asked(Window(SINCE), NOW, NOW, cursor, is_backfill=is_backfill)
            async for payload in source.fetch(asked, client):
                read.update(ids_of([payload]))
                cursor = dict(payload.cursor or {})
                # As many as are withdrawn at the beginning are posted at the end: the total stays.
                lda.records = [*lda.records[1:], a_filing(str(number), posted=NOON + timedelta(seconds=number))]
                number += 1

    assert uuids(range(number - 160, 160)) <= read


async def test_a_page_that_is_gone_by_its_turn_has_moved_to_the_one_before(client: PoliteClient) -> None:
    async with LoopbackUsLda(filings(51)) as lda:
        read = await read_while(UsLda(lda.url), client, lambda: lda.vanish(filing_uuid("0")))

    assert read == uuids(range(51))


async def test_an_order_that_changes_at_every_page_is_refused_where_it_hides_filings(client: PoliteClient) -> None:
    draw = random.Random(7)  # noqa: S311  # an order, not a key
    async with LoopbackUsLda([a_filing(str(number)) for number in range(160)]) as lda:
        with pytest.raises(SourceError) as caught:
            await read_while(UsLda(lda.url), client, lambda: lda.records.sort(key=lambda _: draw.random()))

    assert caught.value.fault is SourceFault.SHORT_READ


async def test_a_read_without_order_is_repeated_where_filings_are_posted_meanwhile(client: PoliteClient) -> None:
    async with LoopbackUsLda(filings(50)) as lda:
        lda.keeps_order = False
        read = await read_while(UsLda(lda.url), client, lambda: setattr(lda, "records", filings(51)))

    assert read == uuids(range(51))


async def test_a_read_without_order_while_filings_are_posted_is_refused(client: PoliteClient) -> None:
    posted = iter(range(51, 90))
    async with LoopbackUsLda(filings(50)) as lda:
        lda.keeps_order = False
        with pytest.raises(SourceError) as caught:
            await read_while(UsLda(lda.url), client, lambda: setattr(lda, "records", filings(next(posted))))

    assert caught.value.fault is SourceFault.MOVING_TOTAL


async def test_a_peak_is_cut_where_the_filings_before_the_cut_share_one_moment(
    client: PoliteClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(us_lda, "POLL_PAGES", 4)
    late = [a_filing(str(number), posted=NOON + timedelta(seconds=40)) for number in range(40, 160)]
    async with LoopbackUsLda([*filings(40), *late]) as lda:
        payloads = await fetched(UsLda(lda.url), client)
        again = await fetched(UsLda(lda.url), client, cursor=cursor_of(payloads))

        asked = lda.requests[-1].params

    assert (asked["page"], asked["filing_dt_posted_after"]) == ("2", "2026-01-18")
    assert set(ids_of(again)) == uuids(range(25, 125))


async def test_a_read_goes_back_a_day_where_unread_filings_may_have_moved_before_the_cut(client: PoliteClient) -> None:
    late = [a_filing(str(number), posted=NOON + timedelta(seconds=40)) for number in range(40, 90)]
    cursor = {"since": "2026-01-18", "page": 2, "posted": (NOON + timedelta(seconds=40)).isoformat()}
    async with LoopbackUsLda([*filings(40)[20:], *late]) as lda:
        await fetched(UsLda(lda.url), client, cursor=cursor)

        assert lda.requests[-1].params["filing_dt_posted_after"] == "2026-01-19"


@pytest.mark.parametrize("moments", [(3, 2, 0, 1), (2, 3, 1, 0), (2, 3, 0, 1)], ids=["a page", "another", "pages"])
def test_nobody_goes_on_from_pages_without_order(moments: tuple[int, ...]) -> None:
    posted = [NOON + timedelta(seconds=second) for second in moments]
    pages = [Page(b"", (str(place),), tuple(posted[place : place + 2]), 4) for place in (0, 2)]
    reading = Reading(Place(SINCE), pages[0])
    reading.last = 2

    for number in (2, 1):
        reading.add(pages[number - 1], number)

    assert not reading.can_go_on
    with pytest.raises(SourceError) as caught:
        reading.to_cursor()
    assert caught.value.fault is SourceFault.UNORDERED


async def test_a_window_of_too_many_pages_is_refused(client: PoliteClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(us_lda, "MAX_PAGES", 2)
    async with LoopbackUsLda(filings(51)) as lda:
        with pytest.raises(SourceError) as caught:
            await fetched(UsLda(lda.url), client, last_ok=None)

    assert caught.value.fault is SourceFault.TOO_MANY_PAGES


async def test_a_peak_of_which_all_filings_share_one_moment_cannot_be_cut(
    client: PoliteClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(us_lda, "POLL_PAGES", 4)
    async with LoopbackUsLda([a_filing(str(number)) for number in range(160)]) as lda:
        with pytest.raises(SourceError) as caught:
            await fetched(UsLda(lda.url), client)

    assert caught.value.fault is SourceFault.UNORDERED


async def test_a_window_that_begins_before_the_cursors_is_read_from_its_beginning(client: PoliteClient) -> None:
    cursor = {"since": "2026-01-20", "page": 2, "posted": (NOON + timedelta(seconds=40)).isoformat()}
    async with LoopbackUsLda([a_filing("old", posted=NOON - timedelta(days=2)), *filings(60)]) as lda:
        payloads = await fetched(UsLda(lda.url), client, cursor=cursor)

    assert set(ids_of(payloads)) == uuids(range(60)) | {filing_uuid("old")}


async def test_too_many_requests_make_a_pause(client: PoliteClient) -> None:
    async with LoopbackUsLda(filings(25 * 16)) as lda:
        lda.is_throttled = True
        with pytest.raises(SourceError) as caught:
            await fetched(UsLda(lda.url), client)

    assert caught.value.fault is SourceFault.ASKS_TO_WAIT
    assert 0 < (caught.value.pause_s or 0) <= 61
