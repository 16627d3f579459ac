"""What the card of a notice tells of what the newsroom knows already."""

from __future__ import annotations

import dataclasses
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cards import AnnouncementContent, Card, ShownHit, ShownTake, announcement_card, render
from bot.locales import Texts
from bot.models import (
    EarlierHits,
    FactStatus,
    Hit,
    ItemKind,
    Known,
    KnownFact,
    KnownItem,
    KnownTip,
    Notice,
    NoticeKind,
    Tier,
    TipStatus,
)
from bot.models.known import COUNTED, HITS_COUNTED
from tests.cards.faces import (
    CODE,
    ENGLISH,
    FRENCH,
    HOSTILE_PIECES,
    NOW,
    as_read,
    assert_drawn_harmlessly,
    assert_nothing_live,
    assert_within_limits,
    in_terminal,
)

CLAIRE, MARC, NORA = 301000000000000001, 301000000000000002, 301000000000000003
MESSAGE = "https://discord.com/channels/1001/2003/{}"

FRENCH_KNOWN = """\
# Ce que nous savons déjà : Valmarin
• **Contesté** · Valmarin a eu le marché sans publicité. · [fait n° 41](https://discord.com/channels/1001/2003/41)
• **Retiré** · ~~Le directeur est le cousin du maire.~~ · [fait n° 38](https://discord.com/channels/1001/2003/38)
\\+ 5 autres faits : /fait liste
**3 tuyaux ouverts :** n° 7 (en vérification, <@301000000000000003>), n° 5 (nouveau, sans responsable) et 1 autre
12 annonces depuis mai 2024, [la dernière le 28 mars](https://discord.com/channels/1001/2003/5)
Dernier fait noté par <@301000000000000001>
# Annonces précédentes
• caméra-piéton : 1 annonce, [le 1er mai 2024](https://discord.com/channels/1001/2003/6)
\\+ 2 autres éléments surveillés déjà connus"""

ENGLISH_KNOWN = """\
# What we already know: Valmarin
• **Disputed** · Valmarin a eu le marché sans publicité. · [fact 41](https://discord.com/channels/1001/2003/41)
• **Retracted** · ~~Le directeur est le cousin du maire.~~ · [fact 38](https://discord.com/channels/1001/2003/38)
\\+ 5 more facts: /fact list
**3 open tips:** no. 7 (being checked, <@301000000000000003>), no. 5 (new, no owner) and 1 other
12 announcements since May 2024, [the last on 28 March](https://discord.com/channels/1001/2003/5)
Last fact logged by <@301000000000000001>
# Earlier announcements
• caméra-piéton: 1 announcement, [on 1 May 2024](https://discord.com/channels/1001/2003/6)
\\+ 2 more watch items with a history"""


def make_known_fact(fact_id: int, status: FactStatus, claim: str, *, is_posted: bool = True) -> KnownFact:
    url = MESSAGE.format(fact_id) if is_posted else None
    return KnownFact(fact_id=fact_id, revision=1, status=status, claim=claim, logged_by=CLAIRE, message_url=url)


def make_tip(tip_id: int, owner: int | None = None, *, is_named: bool = True) -> KnownTip:
    status = TipStatus.NEW if owner is None else TipStatus.CHECKING
    return KnownTip(tip_id=tip_id, status=status, owner=owner, is_named=is_named)


def make_earlier(count: int, last: date, message: int, **said: Any) -> EarlierHits:
    values: dict[str, Any] = {
        "count": count,
        "first_at": datetime(2024, 5, 1, 9, tzinfo=UTC),
        "last_at": datetime(last.year, last.month, last.day, 9, tzinfo=UTC),
        "message_url": MESSAGE.format(message),
    }
    return EarlierHits(**{**values, **said})


COMPANY = KnownItem(
    item="Valmarin",
    added_by=MARC,
    facts=(
        make_known_fact(41, FactStatus.DISPUTED, "Valmarin a eu le marché sans publicité."),
        make_known_fact(38, FactStatus.RETRACTED, "Le directeur est le cousin du maire."),
        make_known_fact(12, FactStatus.VERIFIED, "Valmarin a versé 30 000 €.", is_posted=False),
    ),
    facts_left=4,
    tips=(make_tip(7, NORA), make_tip(5), make_tip(3, is_named=False)),
    earlier=make_earlier(12, date(2025, 3, 28), 5),
)
KEYWORD = KnownItem(item="caméra-piéton", added_by=MARC, earlier=make_earlier(1, date(2024, 5, 1), 6))


def make_hit(name: str, snippet: str = "caméras-piétons") -> ShownHit:
    hit = Hit(
        notice="26-1",
        item=1,
        ref=None,
        kind=ItemKind.KEYWORD,
        tier=Tier.EXACT,
        term=name,
        rule="phrase",
        field="text",
        start=0,
        end=7,
        matched="caméras",
        snippet=snippet,
    )
    return ShownHit(name, ItemKind.KEYWORD, hit)


def make_card(
    texts: Texts,
    *known: KnownItem,
    left: int = 0,
    names: tuple[str, ...] = ("Valmarin",),
    takes: tuple[ShownTake, ...] = (),
) -> Card:
    content = AnnouncementContent(
        notice=Notice(id="26-1", source="gazette", kind=NoticeKind.TENDER, title="Caméras"),
        code=CODE,
        source_label="Gazette",
        hits=tuple(map(make_hit, names)),
        known=Known(items=known, items_left=left),
        takes=takes,
    )
    return announcement_card(texts, content, NOW)


def known_part(card: Card) -> str:
    """Return the fields of what is known, as they are read."""
    lines = as_read(render(card)).split("\n")
    starts = [place for place, line in enumerate(lines) if line.startswith(("# Ce que nous", "# What we"))]
    return "\n".join(lines[starts[0] : -1]) if starts else ""


@pytest.mark.parametrize(("texts", "expected"), [(FRENCH, FRENCH_KNOWN), (ENGLISH, ENGLISH_KNOWN)], ids=["fr", "en"])
def test_facts_come_with_their_state_then_tips_earlier_news_and_who_is_on_it(texts: Texts, expected: str) -> None:
    card = make_card(texts, COMPANY, KEYWORD, left=2, names=("Valmarin", "caméra-piéton"))
    assert known_part(card) == expected


def test_a_terminal_is_told_the_same() -> None:
    shown = in_terminal(make_card(FRENCH, COMPANY, names=("Valmarin", "autre")), width=200)
    assert "Contesté · Valmarin a eu le marché sans publicité." in shown


@pytest.mark.parametrize("texts", [FRENCH, ENGLISH], ids=["fr", "en"])
def test_a_card_of_which_nothing_is_known_is_no_heavier(texts: Texts) -> None:
    assert known_part(make_card(texts)) == ""


@pytest.mark.parametrize(
    ("texts", "command"), [(FRENCH, "/fait voir fait:12"), (ENGLISH, "/fact show fact:12")], ids=["fr", "en"]
)
def test_of_one_item_three_facts_are_told_by_a_command_where_no_message_shows_one(texts: Texts, command: str) -> None:
    assert f"Valmarin a versé 30 000 €. · {command}\n" in known_part(make_card(texts, COMPANY))


def test_an_item_that_is_alone_is_not_named_again() -> None:
    assert known_part(make_card(FRENCH, KEYWORD)).startswith("# Ce que nous savons déjà\n")


def test_items_of_which_only_earlier_news_are_known_share_one_field_with_a_line_each() -> None:
    others = [dataclasses.replace(KEYWORD, item=name) for name in ("drone", "bodycam")]
    assert known_part(make_card(FRENCH, *others, left=1, names=("drone", "bodycam"))).splitlines() == [
        "# Ce que nous savons déjà",
        "• drone : 1 annonce, [le 1er mai 2024](https://discord.com/channels/1001/2003/6)",
        "• bodycam : 1 annonce, [le 1er mai 2024](https://discord.com/channels/1001/2003/6)",
        "\\+ 1 autre élément surveillé déjà connu",
    ]


def test_who_added_an_item_is_told_until_somebody_has_the_notice() -> None:
    alone, taken = (known_part(make_card(FRENCH, KEYWORD, takes=takes)) for takes in ((), (ShownTake(None, 7, NOW),)))
    assert ("élément ajouté par" in alone, "élément ajouté par" in taken) == (True, False)


def test_tips_that_may_not_be_named_are_a_number_and_nothing_else() -> None:
    hidden = tuple(dataclasses.replace(tip, is_named=False) for tip in COMPANY.tips)
    told = known_part(make_card(FRENCH, dataclasses.replace(COMPANY, tips=hidden)))
    assert "\n3 tuyaux ouverts\n" in told
    assert (f"<@{NORA}>" in told, "n° 7" in told) == (False, False)


def test_who_logged_the_last_fact_and_added_the_item_is_named_once() -> None:
    told = known_part(make_card(FRENCH, dataclasses.replace(COMPANY, added_by=CLAIRE)))
    assert told.endswith(f"Dernier fait noté et élément ajouté par <@{CLAIRE}>")


def test_what_is_counted_only_so_far_is_said_to_be_more() -> None:
    many = dataclasses.replace(
        COMPANY,
        facts_left=COUNTED,
        tips=tuple(make_tip(number, is_named=False) for number in range(COUNTED)),
        earlier=make_earlier(HITS_COUNTED, date(2025, 3, 28), 5, message_url=None),
    )
    told = known_part(make_card(FRENCH, many))
    assert f"+ {COUNTED} autres faits au moins" in told
    assert f"Au moins {COUNTED} tuyaux ouverts" in told
    assert f"Au moins {HITS_COUNTED} annonces depuis mai 2024, la dernière le 28 mars\n" in told


@pytest.mark.parametrize(
    ("texts", "line"),
    [
        (FRENCH, "2 annonces avant celle-ci, la dernière le 2 avril · "),
        (ENGLISH, "2 announcements before this one, the last on 2 April · "),
    ],
    ids=["fr", "en"],
)
def test_announcements_of_this_month_alone_are_counted_without_it(texts: Texts, line: str) -> None:
    first = datetime(2025, 4, 1, 9, tzinfo=UTC)
    earlier = make_earlier(2, date(2025, 4, 2), 5, first_at=first, message_url=None)
    assert line in known_part(make_card(texts, KnownItem(item="Valmarin", added_by=MARC, earlier=earlier)))


def crowded(name: str) -> Card:
    """Return the card of a notice with five hits, of three of which as much is known as a card may tell."""
    names = [f"{number} {name}" for number in range(5)]
    facts = tuple(make_known_fact(fact, FactStatus.LOGGED, "_" * 900) for fact in (3, 2, 1))
    content = AnnouncementContent(
        notice=Notice(id="26-1", source="gazette", title="Caméras", buyer="Ville"),
        code=CODE,
        source_label="Gazette",
        hits=tuple(make_hit(name, "caméras " + "*" * 290) for name in names),
        known=Known(items=tuple(dataclasses.replace(COMPANY, item=name, facts=facts) for name in names[:3])),
    )
    return announcement_card(FRENCH, content, NOW)


def test_where_there_is_little_room_less_is_told_of_what_is_known() -> None:
    card = crowded("Valmarin")
    told = known_part(card)
    assert (render(card).is_cut, told.count("/1001/2003/3)"), told.count("/1001/2003/2)")) == (False, 3, 0)


def test_what_is_known_gives_way_before_what_the_notice_itself_says() -> None:
    card = crowded("*" * 110)
    told = [field.label for field in card.fields if field.label.startswith("Élément surveillé")]
    assert (render(card).is_cut, known_part(card), len(told)) == (False, "", 5)


hostile_facts = st.builds(
    KnownFact,
    fact_id=st.integers(1, 10**9),
    revision=st.just(1),
    status=st.sampled_from(FactStatus),
    claim=HOSTILE_PIECES,
    logged_by=st.sampled_from((CLAIRE, MARC)),
    message_url=st.sampled_from((None, MESSAGE.format(10**18))),
)
hostile_items = st.builds(
    KnownItem,
    item=HOSTILE_PIECES,
    added_by=st.just(MARC),
    facts=st.lists(hostile_facts, max_size=3).map(tuple),
    facts_left=st.integers(0, COUNTED),
    tips=st.lists(st.sampled_from((make_tip(7, NORA), make_tip(3, is_named=False))), max_size=COUNTED).map(tuple),
    earlier=st.sampled_from((None, COMPANY.earlier)),
)


@settings(max_examples=25, deadline=None)
@given(st.lists(hostile_items, min_size=1, max_size=3), st.integers(0, 9))
def test_no_text_gets_out_of_its_place_or_over_a_limit(items: list[KnownItem], left: int) -> None:
    card = make_card(FRENCH, *items, left=left, names=("Valmarin", "autre"))
    rendered = render(card)
    assert_within_limits(rendered)
    assert not rendered.is_cut
    assert_nothing_live(rendered, links=12)
    assert_drawn_harmlessly(card)
