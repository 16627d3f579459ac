from __future__ import annotations

import dataclasses
import re
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bot.cards.digest
from bot.cards import card_from_json, card_to_json, digest_card, digest_fallback_card, digest_parts, render
from bot.cards.card import Line
from bot.cards.digest import PART_UNITS
from bot.cards.embed import markdown_units
from bot.locales import Texts
from bot.markup import utf16_len
from bot.models import (
    AuditHead,
    DigestFact,
    DigestHit,
    DigestNews,
    FactChangeKind,
    FactStatus,
    Held,
    ItemKind,
    NoticeKind,
    SourceTrouble,
    Tier,
    TipStatus,
)
from tests.cards.digests import (
    LABELS,
    MADE,
    SINCE,
    make_change,
    make_deadline,
    make_fact,
    make_hit,
    make_news,
    make_source,
    make_tip,
    monday,
)
from tests.cards.faces import (
    CODE,
    ENGLISH,
    FRENCH,
    HOSTILE_PIECES,
    assert_drawn_harmlessly,
    assert_nothing_live,
    assert_within_limits,
)


def shown(part: DigestNews, texts: Texts = FRENCH) -> str:
    """Return the description of a part's card, which holds every entry of it and is not cut."""
    rendered = render(digest_card(texts, part, LABELS, CODE))
    assert not rendered.is_cut
    assert_within_limits(rendered)
    told = sum(line.startswith("• ") for line in rendered.description.split("\n"))
    assert told == len(part.hits) + len(part.deadlines) + len(part.facts) + len(part.tips)
    return rendered.description


def assert_parted(news: DigestNews, parts: list[DigestNews]) -> None:
    """Assert that parts tell what a digest does, each thing once and in order."""
    assert [hit for part in parts for hit in part.hits] == list(news.hits)
    assert [deadline for part in parts for deadline in part.deadlines] == list(news.deadlines)
    assert [fact for part in parts for fact in part.facts] == list(news.facts)
    assert [tip for part in parts for tip in part.tips] == list(news.tips)
    assert [(part.part, part.parts) for part in parts] == [(n, len(parts)) for n in range(1, len(parts) + 1)]
    last = parts[-1]
    assert (last.sources, last.tips_left, last.audit_head) == (news.sources, news.tips_left, news.audit_head)
    assert not [part for part in parts[:-1] if part.sources or part.tips_left or part.audit_head]


def many(number: int, hits_of_an_item: int = 7) -> DigestNews:
    """Return a digest of so many hits, with something of each other kind."""
    hits = [make_hit(n, item_id=n // hits_of_an_item, item=f"Valmarin {n}") for n in range(number)]
    return monday(hits=tuple(hits), tips_left=4)


def test_a_digest_that_fits_one_message_is_its_only_part() -> None:
    news = monday()
    assert digest_parts(FRENCH, news, LABELS) == [news]


def test_a_long_digest_goes_on_in_further_messages() -> None:
    news = many(60)
    parts = digest_parts(FRENCH, news, LABELS)
    assert_parted(news, parts)
    assert len(parts) > 3
    for part in parts:
        assert utf16_len(shown(part)) <= PART_UNITS + 100


def test_a_part_is_filled_before_the_next_one_begins() -> None:
    parts = digest_parts(FRENCH, many(60), LABELS)
    assert all(utf16_len(shown(part)) > PART_UNITS - 600 for part in parts[:-1])


def test_an_item_that_goes_on_in_the_next_part_is_named_there_again() -> None:
    parts = digest_parts(FRENCH, many(30, hits_of_an_item=30), LABELS)
    told = [part for part in parts if part.hits]
    assert len(told) > 1
    assert "(suite)" not in shown(told[0])
    again = re.compile(r"^\*\*Valmarin [0-9]+ \(entreprise\) \(suite\)\*\*$", re.MULTILINE)
    assert all(again.search(shown(part)) for part in told[1:])


def test_a_part_that_begins_with_another_item_is_no_continuation() -> None:
    parts = digest_parts(FRENCH, many(30, hits_of_an_item=1), LABELS)
    assert not [part for part in parts if part.hits and "(suite)" in shown(part)]


def test_the_first_part_counts_what_the_whole_digest_tells() -> None:
    first = digest_parts(FRENCH, many(60), LABELS)[0]
    counts = "60 correspondances, 2 échéances, 3 faits et 7 tuyaux sans responsable"
    assert f"{counts}, en {first.parts} messages." in shown(first).split("\n")[0]


def test_the_last_part_of_a_digest_has_room_for_the_sources() -> None:
    sources = tuple(make_source(f"feed:{n}-{'x' * 50}") for n in range(20))
    news = dataclasses.replace(many(9), sources=sources, deadlines=(), facts=(), tips=(), tips_left=0)
    parts = digest_parts(FRENCH, news, LABELS)
    assert_parted(news, parts)
    assert (len(parts), parts[-1].hits) == (2, ())
    assert shown(parts[-1]).startswith("Suite et fin.\n\n**Sources**")


def test_each_line_of_a_long_digest_is_measured_once(monkeypatch: pytest.MonkeyPatch) -> None:
    measured: list[int] = []

    def counted(lines: tuple[Line, ...]) -> int:
        measured.append(len(lines))
        return markdown_units(lines)

    monkeypatch.setattr(bot.cards.digest, "markdown_units", counted)
    news = many(700)
    digest_parts(FRENCH, news, LABELS)
    things = len(news.hits) + len(news.deadlines) + len(news.facts) + len(news.tips)
    assert len(measured) <= things + 700 // 7 + 3 + 1


def test_a_part_is_its_own_only_part() -> None:
    for part in digest_parts(FRENCH, many(60), LABELS):
        assert digest_parts(FRENCH, part, LABELS) == [part]


def renamed(part: DigestNews, name: str = "N" * 120) -> DigestNews:
    hits = tuple(dataclasses.replace(hit, item=name, item_ref=name) for hit in part.hits)
    deadlines = tuple(dataclasses.replace(one, items=(name,) * len(one.items)) for one in part.deadlines)
    return dataclasses.replace(part, hits=hits, deadlines=deadlines)


def test_items_that_were_renamed_since_leave_every_entry_in_its_part() -> None:
    news = dataclasses.replace(many(120, hits_of_an_item=1), since=None)
    for part in digest_parts(FRENCH, news, LABELS):
        described = shown(renamed(part), ENGLISH)
        assert "N" * 40 in described or not part.hits


def test_a_card_that_had_to_say_less_says_so() -> None:
    part = renamed(digest_parts(FRENCH, many(120, hits_of_an_item=1), LABELS)[0])
    assert shown(part).endswith("\nAbrégé ici. En entier\u00a0: /veille correspondances, /fait liste, /tuyau liste")


def test_a_card_with_room_does_not_say_that_it_is_short() -> None:
    assert "Abrégé" not in shown(monday())


def test_the_smallest_entries_fit_under_the_longest_names() -> None:
    hits = [
        make_hit(n, item_id=n, item="a", title="b", url=None, buyer=None, published=None, rule="", matched="")
        for n in range(200)
    ]
    for part in digest_parts(FRENCH, make_news(hits=tuple(hits)), LABELS):
        shown(renamed(part, "*" * 120))


def test_things_that_were_posted_and_reworded_since_leave_every_entry_in_its_part() -> None:
    hits = [make_hit(n, item_id=n, item="a", title="b", url=None, buyer=None, rule="") for n in range(40)]
    facts = [make_fact(n, claim="c", message_url=None) for n in range(40)]
    tips = [make_tip(n, text="d", message_url=None) for n in range(40)]
    news = make_news(hits=tuple(hits), facts=tuple(facts), tips=tuple(tips))
    far = "https://discord.com/channels/" + "9" * 250
    for part in digest_parts(FRENCH, news, LABELS):
        later = dataclasses.replace(
            part,
            hits=tuple(dataclasses.replace(hit, item="*" * 120, message_url=far) for hit in part.hits),
            facts=tuple(dataclasses.replace(fact, claim="*" * 500, message_url=far) for fact in part.facts),
            tips=tuple(dataclasses.replace(tip, text="*" * 500, message_url=far) for tip in part.tips),
        )
        shown(later)


@pytest.mark.parametrize("held", [None, Held.STORM])
def test_hits_whose_announcement_was_sent_since_are_told_as_fully_as_before(held: Held | None) -> None:
    hits = [make_hit(n, held=held, message_url=None, url=f"https://www.boamp.example/avis/{n}") for n in range(60)]
    link = "https://discord.com/channels/1573908011372511232/1573908011372511237/1573908061980983296"
    for part in digest_parts(FRENCH, make_news(hits=tuple(hits)), LABELS):
        later = dataclasses.replace(part, hits=tuple(dataclasses.replace(hit, message_url=link) for hit in part.hits))
        words = shown(later)
        assert words.count(link) == (len(part.hits) if held is None else 1)
        assert "Abrégé" not in words


WORDS = HOSTILE_PIECES.map(lambda text: text.replace("•", ""))
URLS = st.one_of(
    st.none(), WORDS, WORDS.map("https://ville.example/".__add__), st.just("https://x.example/" + "y" * 280)
)
MOMENTS = st.sampled_from([None, date(2024, 2, 29), SINCE, date(2026, 11, 1), datetime(2026, 11, 24, 3, tzinfo=UTC)])

HITS = st.builds(
    make_hit,
    item_id=st.integers(1, 3),
    item=WORDS,
    item_kind=st.sampled_from(ItemKind),
    item_ref=st.one_of(st.none(), WORDS),
    source_id=WORDS,
    kind=st.one_of(st.none(), st.sampled_from(NoticeKind)),
    title=WORDS,
    buyer=st.one_of(st.none(), WORDS),
    url=URLS,
    published=MOMENTS,
    tier=st.sampled_from(Tier),
    rule=st.one_of(st.just("legal_form"), st.just("some_new_rule")),
    matched=WORDS,
    held=st.sampled_from([None, *Held]),
    is_change=st.booleans(),
    message_url=URLS,
)
DEADLINES = st.builds(
    make_deadline,
    title=WORDS,
    buyer=st.one_of(st.none(), WORDS),
    url=URLS,
    deadline=MOMENTS.map(lambda moment: moment or MADE),
    items=st.lists(WORDS, max_size=8).map(tuple),
)


@st.composite
def facts(draw: st.DrawFn) -> DigestFact:
    kinds = draw(st.lists(st.sampled_from(FactChangeKind), min_size=1, max_size=7))
    changes = [make_change(n, kind, draw(st.one_of(st.none(), WORDS))) for n, kind in enumerate(kinds, 1)]
    status = draw(st.sampled_from(FactStatus))
    return make_fact(draw(st.integers(1, 10**6)), *changes, claim=draw(WORDS), status=status, message_url=draw(URLS))


TIPS = st.builds(
    make_tip,
    st.integers(1, 10**6),
    text=st.one_of(st.none(), WORDS),
    status=st.sampled_from(TipStatus),
    message_url=URLS,
)
SOURCES = st.builds(
    make_source,
    st.one_of(st.sampled_from(sorted(LABELS)), WORDS),
    read_at=st.sampled_from([None, MADE, SINCE]),
    notices=st.sampled_from([0, 1, 10**7]),
    trouble=st.sampled_from([None, *SourceTrouble]),
    since=st.sampled_from([None, SINCE - timedelta(days=400)]),
)


def _of_one_name(hit: DigestHit, drawn: list[DigestHit]) -> DigestHit:
    """Return a hit whose item is called as in the first of those drawn: one item has one name."""
    first = next(one for one in drawn if one.item_id == hit.item_id)
    return dataclasses.replace(hit, item=first.item, item_kind=first.item_kind, item_ref=first.item_ref)


@st.composite
def hostile_news(draw: st.DrawFn) -> DigestNews:
    times = st.sampled_from([1, 1, 8])
    drawn: list[DigestHit] = draw(st.lists(HITS, max_size=4))
    hits = [_of_one_name(hit, drawn) for hit in drawn] * draw(times)
    return make_news(
        since=draw(st.sampled_from([None, SINCE])),
        dossier=draw(st.one_of(st.none(), WORDS)),
        hits=tuple(dataclasses.replace(hit, rows=(n,)) for n, hit in enumerate(hits)),
        deadlines=tuple(draw(st.lists(DEADLINES, max_size=3)) * draw(times)),
        facts=tuple(draw(st.lists(facts(), max_size=3)) * draw(times)),
        tips=tuple(draw(st.lists(TIPS, max_size=3)) * draw(times)),
        tips_left=draw(st.sampled_from([0, 1, 10**6])),
        sources=tuple(draw(st.lists(SOURCES, max_size=3)) * draw(st.sampled_from([1, 30]))),
        audit_head=draw(st.sampled_from([None, AuditHead(10**9, "3f9a" * 16)])),
    )


@settings(max_examples=10)
@given(hostile_news())
def test_a_hostile_digest_is_told_whole_within_limits_with_nothing_live(news: DigestNews) -> None:
    parts = digest_parts(FRENCH, news, LABELS)
    assert_parted(news, parts)
    for part in parts:
        shown(part)
        card = digest_card(FRENCH, part, LABELS, CODE)
        assert_nothing_live(render(card), links=1_000)
        assert card.url is None
        assert card_from_json(card_to_json(card)) == card


@settings(max_examples=10)
@given(hostile_news(), WORDS)
def test_a_hostile_digest_is_told_whole_in_another_language_under_other_names(news: DigestNews, name: str) -> None:
    for part in digest_parts(FRENCH, news, LABELS):
        shown(renamed(part, (name or "é") * 120), ENGLISH)


@settings(max_examples=10)
@given(hostile_news())
def test_a_part_of_a_hostile_digest_is_its_own_only_part(news: DigestNews) -> None:
    for part in digest_parts(FRENCH, news, LABELS):
        assert digest_parts(FRENCH, part, LABELS) == [part]


@settings(max_examples=10)
@given(hostile_news())
def test_a_hostile_digest_gives_short_fallbacks_that_move_no_cursor(news: DigestNews) -> None:
    for part in digest_parts(ENGLISH, news, LABELS):
        card = digest_fallback_card(ENGLISH, part, LABELS, CODE)
        rendered = render(card)
        assert_within_limits(rendered)
        assert not rendered.is_cut
        assert rendered.units() <= 1_500
        assert_nothing_live(rendered)
        assert_drawn_harmlessly(card)
        assert_drawn_harmlessly(digest_card(ENGLISH, part, LABELS, CODE))
