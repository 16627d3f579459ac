"""What is found, in which order, on which page, and by whom: by content and by count."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.access import Viewer
from bot.models import AnnouncementKind, Citation, CitationKind, Claim, TipWords
from bot.reference import AnnouncementKey
from bot.search import FINDS_A_PAGE, FindKind, FoundFact, FoundTip, Scope
from bot.storage.archive import full_text
from bot.storage.database import Database
from bot.storage.log import facts, tips
from bot.storage.outbox import announcements
from tests.factories import CHANNEL, GUILD, START, add_notice, days_ago, make_notice
from tests.searching import (
    AUTHOR,
    EDITOR,
    OTHER,
    OWNER,
    PARIS,
    THERE,
    eyes_of,
    find,
    ids,
    log_fact,
    log_tip,
    publish,
)


async def test_newer_comes_first_where_the_words_are_as_good(database: Database) -> None:
    await publish(database, make_notice("new", published=days_ago(1)), make_notice("old", published=days_ago(700)))
    assert ids(await find(database, "caméra")) == ["new", "old"]


async def test_a_word_of_the_title_outweighs_half_a_year_between_two_notices(database: Database) -> None:
    filler = [make_notice(f"f{number}", title="Voirie", text="Route") for number in range(8)]
    await publish(
        database,
        *filler,
        make_notice("older", title="Fourniture", text="Drone", published=days_ago(180)),
        make_notice("text", title="Fourniture", text="Drone", published=days_ago(0)),
        make_notice("title", title="Drone", text="Fourniture", published=days_ago(180)),
    )
    assert ids(await find(database, "drone")) == ["title", "text", "older"]


async def test_a_notice_that_does_not_say_when_it_was_published_counts_from_when_it_was_seen(
    database: Database,
) -> None:
    await publish(database, make_notice("old", published=None), now=START - timedelta(days=700))
    await publish(database, make_notice("middle", published=days_ago(300)))
    await publish(database, make_notice("new", published=None))
    assert ids(await find(database, "caméra")) == ["new", "middle", "old"]


async def test_a_publication_that_lies_ahead_is_as_good_as_one_of_today(database: Database) -> None:
    ahead = [make_notice("soon", published=days_ago(-90)), make_notice("later", published=days_ago(-400))]
    await publish(database, ahead[0], make_notice("today"), ahead[1])
    assert ids(await find(database, "caméra")) == ["later", "today", "soon"]


async def test_a_lone_tip_is_compared_by_how_good_it_is_among_tips(database: Database) -> None:
    await publish(database, *(make_notice(f"other {number}", title="Voirie", text="Route") for number in range(30)))
    await publish(database, *(make_notice(str(number), published=days_ago(400 + number)) for number in range(20)))
    tip = await log_tip(database, "Des caméras-piétons auraient disparu")
    results = await find(database, "caméra")
    assert ids(results)[0] == tip
    assert results.counts == {FindKind.FACT: 0, FindKind.TIP: 1, FindKind.NOTICE: 20}


async def test_the_pages_hold_everything_once_and_in_order(database: Database) -> None:
    await publish(database, *(make_notice(f"{number:02}", published=days_ago(number)) for number in range(14)))
    fact = await log_fact(database, "Les caméras sont payées")
    pages = [await find(database, "caméra", page=page) for page in range(3)]
    assert [page.pages for page in pages] == [3, 3, 3]
    assert [len(page.finds) for page in pages] == [FINDS_A_PAGE, FINDS_A_PAGE, 3]
    shown = [one for page in pages for one in ids(page)]
    assert [one for one in shown if one != fact] == [f"{number:02}" for number in range(14)]
    assert shown.count(fact) == 1


async def test_what_is_as_good_keeps_its_order_from_page_to_page(database: Database) -> None:
    await publish(database, *(make_notice(str(number)) for number in range(14)))
    shown = [one for page in range(3) for one in ids(await find(database, "caméra", page=page))]
    assert shown == [str(number) for number in reversed(range(14))]


async def test_a_page_beyond_the_last_is_the_last(database: Database) -> None:
    await publish(database, *(make_notice(str(number)) for number in range(7)))
    results = await find(database, "caméra", page=9999)
    assert (results.page, results.pages, len(results.finds)) == (1, 2, 1)


async def test_only_what_is_asked_for_is_searched_and_counted(database: Database) -> None:
    await publish(database, make_notice())
    fact = await log_fact(database, "caméra")
    tip = await log_tip(database, "caméra")
    found = {scope: await find(database, "caméra", scope=scope) for scope in Scope}
    assert ids(found[Scope.NOTICES]) == ["26-1"]
    assert (ids(found[Scope.FACTS]), dict(found[Scope.FACTS].counts)) == ([fact], {FindKind.FACT: 1})
    assert (ids(found[Scope.TIPS]), dict(found[Scope.TIPS].counts)) == ([tip], {FindKind.TIP: 1})
    assert found[Scope.ALL].total == 3


PERIODS = [
    (None, None, {"before", "first", "last", "after"}),
    (date(2026, 3, 1), None, {"first", "last", "after"}),
    (None, date(2026, 3, 2), {"before", "first", "last"}),
    (date(2026, 3, 1), date(2026, 3, 2), {"first", "last"}),
]
# A day of winter begins at 23:00 UTC in Paris.
MOMENTS = {
    "before": datetime(2026, 2, 28, 22, 59, 59, tzinfo=UTC),
    "first": datetime(2026, 2, 28, 23, 0, tzinfo=UTC),
    "last": datetime(2026, 3, 2, 22, 59, 59, tzinfo=UTC),
    "after": datetime(2026, 3, 2, 23, 0, tzinfo=UTC),
}


@pytest.mark.parametrize(("first", "last", "found"), PERIODS)
@pytest.mark.parametrize("said", ["day", "moment", "nothing"])
async def test_a_period_holds_both_its_days_of_publication(
    database: Database, first: date | None, last: date | None, found: set[str], said: str
) -> None:
    for name, moment in MOMENTS.items():
        here = moment.astimezone(PARIS)
        published = {"day": here.date(), "moment": here, "nothing": None}[said]
        await publish(database, make_notice(name, published=published), now=moment if published is None else START)
    assert set(ids(await find(database, "caméra", first_day=first, last_day=last))) == found


async def test_a_publication_without_a_time_lies_on_its_day_in_every_zone(database: Database) -> None:
    for zone in ("America/Martinique", "Pacific/Auckland"):
        day = days_ago(0)
        await publish(database, *(make_notice(f"{zone} {ago}", published=days_ago(ago)) for ago in (1, 0, -1)))
        results = await find(database, "caméra", zone=ZoneInfo(zone), first_day=day, last_day=day)
        assert ids(results)[0] == f"{zone} 0"
        assert all(str(one).endswith(" 0") for one in ids(results))


@pytest.mark.parametrize(("first", "last", "found"), PERIODS)
async def test_a_period_holds_both_its_days_of_logging(
    database: Database, first: date | None, last: date | None, found: set[str]
) -> None:
    for name, moment in MOMENTS.items():
        await log_fact(database, f"caméra {name}", now=moment)
        await log_tip(database, f"caméra {name}", now=moment)
    facts_found = await find(database, "caméra", scope=Scope.FACTS, first_day=first, last_day=last)
    tips_found = await find(database, "caméra", scope=Scope.TIPS, first_day=first, last_day=last)
    claims = {one.fact.claim.text.split()[1] for one in facts_found.finds if isinstance(one, FoundFact)}
    texts = {one.tip.text.split()[1] for one in tips_found.finds if isinstance(one, FoundTip)}
    assert claims == texts == found
    assert facts_found.total == tips_found.total == len(found)


@pytest.mark.parametrize(
    ("viewer", "is_seen"),
    [
        (eyes_of(AUTHOR), True),
        (eyes_of(OWNER), True),
        (eyes_of(EDITOR, sees_all=True), True),
        (eyes_of(OTHER), False),
        (eyes_of(AUTHOR, THERE), False),
        (eyes_of(EDITOR, THERE, sees_all=True), False),
    ],
    ids=["author", "owner", "editor", "other reporter", "author elsewhere", "editor elsewhere"],
)
async def test_a_sensitive_tip_is_found_and_counted_only_for_those_who_may_know_of_it(
    database: Database, viewer: Viewer, *, is_seen: bool
) -> None:
    tip = await log_tip(
        database, "Un virement caché", owner=OWNER, origin="un voisin", notes=["vu au port"], is_sensitive=True
    )
    for query in ("virement", "voisin", "port"):
        results = await find(database, query, viewer)
        assert (ids(results), results.total) == (([tip], 1) if is_seen else ([], 0)), query
        assert results.pages == 1
    async with database.read() as connection:
        named = await full_text.tips_named(connection, viewer, "vir", 25)
        newest = await full_text.tips_named(connection, viewer, "", 25)
    assert (named, newest) == (([tip], [tip]) if is_seen else ([], []))


async def test_hidden_tips_make_no_pages(database: Database) -> None:
    for number in range(2 * FINDS_A_PAGE):
        await log_tip(database, f"virement {number}", is_sensitive=True)
    seen = await log_tip(database, "virement connu de tous", by=OTHER)
    results = await find(database, "virement", page=1)
    assert (ids(results), results.page, results.pages, results.total) == ([seen], 0, 1, 1)


async def test_a_tip_that_becomes_sensitive_is_no_longer_found_by_others(database: Database) -> None:
    tip_id = await log_tip(database, "Un virement")
    assert ids(await find(database, "virement")) == [tip_id]
    async with database.tx("test.edit") as connection:
        tip = await tips.get(connection, GUILD, tip_id)
        words = TipWords(text="Un virement", is_sensitive=True)
        await tips.edit(connection, tip, words, None, AUTHOR, START)
    assert (await find(database, "virement")).total == 0


async def test_facts_and_tips_of_another_newsroom_are_never_found_nor_counted(database: Database) -> None:
    await log_fact(database, "Le virement est là-bas", guild_id=THERE)
    await log_tip(database, "Un virement là-bas", guild_id=THERE)
    here = await log_fact(database, "Le virement est ici")
    results = await find(database, "virement", eyes_of(EDITOR, sees_all=True))
    assert [type(found) for found in results.finds] == [FoundFact]
    assert (ids(results), results.total) == ([here], 1)
    async with database.read() as connection:
        assert await full_text.facts_named(connection, eyes_of(EDITOR, sees_all=True), "vir", 25) == [here]
        assert await full_text.tips_named(connection, eyes_of(EDITOR, sees_all=True), "vir", 25) == []


async def test_another_newsrooms_facts_do_not_change_how_ours_are_ranked(database: Database) -> None:
    ours = [await log_fact(database, "Virement"), await log_fact(database, "Virement à un compte du port de Nantes")]
    before = ids(await find(database, "virement"))
    for _ in range(20):
        await log_fact(database, "Virement virement virement", guild_id=THERE)
    assert ids(await find(database, "virement")) == before == [ours[0], ours[1]]


async def test_only_the_words_that_stand_now_are_found(database: Database) -> None:
    fact_id = await log_fact(database, "Le virement date de mai", quote="versé comptant")
    async with database.tx("test.correct") as connection:
        fact = await facts.get(connection, GUILD, fact_id)
        await facts.correct(connection, fact, Claim(text="Le chèque date de mai"), (), "erreur", AUTHOR, START)
    assert (await find(database, "virement")).total == 0
    assert ids(await find(database, "chèque")) == [fact_id]
    assert ids(await find(database, "comptant")) == [fact_id]


async def test_what_is_cited_later_is_found(database: Database) -> None:
    fact_id = await log_fact(database, "Le virement date de mai")
    async with database.tx("test.cite") as connection:
        fact = await facts.get(connection, GUILD, fact_id)
        cited = Citation(kind=CitationKind.WORDS, title="Registre du port", quote="reçu en espèces")
        await facts.cite(connection, fact, cited, AUTHOR, START)
    assert ids(await find(database, "registre espèces")) == [fact_id]


async def test_a_find_leads_to_the_message_that_shows_it_once_it_was_sent(database: Database) -> None:
    fact_id = await log_fact(database, "Le virement date de mai")
    key = AnnouncementKey(guild_id=GUILD, channel_id=CHANNEL, kind=AnnouncementKind.FACT, subject=f"fact:{fact_id}")
    async with database.tx("test.owe") as connection:
        owed = await announcements.owe(connection, key, now=START, thing_id=fact_id)
        assert owed is not None
    (pending,) = (await find(database, "virement")).finds
    assert isinstance(pending, FoundFact)
    assert pending.message_url is None
    async with database.tx("test.sent") as connection:
        await connection.run(
            "UPDATE announcement SET state = 'sent', first_try_at = ?1, history_from = 1, sent_at = ?1,"
            " message_id = 77 WHERE id = ?2",
            START.isoformat(),
            owed,
        )
    (sent,) = (await find(database, "virement")).finds
    assert isinstance(sent, FoundFact)
    assert sent.message_url == f"https://discord.com/channels/{GUILD}/{CHANNEL}/77"


async def test_it_says_how_many_notices_cannot_be_found_yet(database: Database) -> None:
    async with database.tx("test.notice") as connection:
        await add_notice(connection, make_notice())
    results = await find(database, "caméra")
    assert (results.total, results.unindexed) == (0, 1)
    assert (await find(database, "caméra", scope=Scope.TIPS)).unindexed == 0
