from __future__ import annotations

import dataclasses
import json
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cards import (
    LOG_FACT,
    MUTE,
    NOT_THIS,
    PARTICULAR,
    TAKE,
    Accent,
    AnnouncementContent,
    Button,
    Card,
    CardKind,
    Change,
    ChangedSince,
    Earlier,
    Event,
    Field,
    LaterNotice,
    OperationsKind,
    ShownHit,
    ShownTake,
    Span,
    Style,
    TwinNotice,
    announcement_card,
    card_from_json,
    card_sha256,
    card_to_json,
    fallback_card,
    operations_card,
    render,
)
from bot.cards.follow_up import FollowUpContent, follow_up_card
from bot.cards.polled import read_in_words, usual_in_words
from bot.errors import SourceError, SourceFault
from bot.locales import Texts
from bot.markup import utf16_len
from bot.models import Dismissal, Hit, ItemKind, Notice, NoticeKind, Tier
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
    texts_of,
)


def make_notice(**values: Any) -> Notice:
    known: dict[str, Any] = {
        "id": "25-31415",
        "source": "boamp",
        "kind": NoticeKind.TENDER,
        "title": "Fourniture de caméras-piétons pour la police municipale",
        "buyer": "Ville de Corvoy",
        "amount": Decimal("1234567.89"),
        "currency": "EUR",
        "published": date(2025, 4, 3),
        "deadline": datetime(2025, 4, 28, 10, tzinfo=UTC),
        "url": "https://www.boamp.fr/avis/detail/25-31415",
    }
    return Notice(**{**known, **values})


def make_hit(**values: Any) -> Hit:
    known: dict[str, Any] = {
        "notice": "25-31415",
        "item": 1,
        "ref": None,
        "kind": ItemKind.KEYWORD,
        "tier": Tier.VARIANT,
        "term": "caméra-piéton",
        "rule": "plural",
        "field": "text",
        "start": 40,
        "end": 55,
        "matched": "caméras-piétons",
        "snippet": "…la fourniture et la maintenance de caméras-piétons pour la police municipale…",
    }
    return Hit(**{**known, **values})


def make_content(*hits: ShownHit, **values: Any) -> AnnouncementContent:
    shown = hits or (ShownHit("caméra-piéton", ItemKind.KEYWORD, make_hit()),)
    known: dict[str, Any] = {"notice": make_notice(), "code": CODE, "source_label": "BOAMP", "hits": shown}
    return AnnouncementContent(**{**known, **values})


EARLIER = Earlier("B2M8-4TZC", datetime(2025, 4, 1, 7, tzinfo=UTC), "https://discord.com/channels/1/2/3")

AWARD = make_content(
    ShownHit(
        "Valmarin",
        ItemKind.COMPANY,
        make_hit(
            kind=ItemKind.COMPANY,
            ref="D-12",
            term="Valmarin",
            rule="legal_form",
            field="suppliers[0]",
            matched="VALMARIN SAS",
            snippet="VALMARIN SAS",
        ),
    ),
    ShownHit("caméra-piéton OU bodycam", ItemKind.KEYWORD, make_hit(count=3)),
    notice=make_notice(
        kind=NoticeKind.AWARD,
        deadline=None,
        suppliers=("VALMARIN SAS", "Optrelis", "Groupe Tessandier", "Sorelane", "Midorac"),
    ),
    follows=EARLIER,
)

TWIN = TwinNotice("TED", "123456-2025", "https://ted.europa.eu/fr/notice/123456-2025")
GROUNDS = (0x313338, 0x2B2D31, 0x323339, 0x393A41, 0x1A1A1E, 0x242429, 0xFFFFFF, 0xF2F3F5)
"""What lies behind a message and an embed: dark (2023), ash, dark and light (2025)."""

FRENCH_AWARD = """\
Attribution : Fourniture de caméras-piétons pour la police municipale
**Titulaires :** VALMARIN SAS, Optrelis, Groupe Tessandier et 2 autres
**Montant :** 1 234 567,89 €
**Acheteur :** Ville de Corvoy
**Parution :** 3 avril 2025 · boamp.fr
[Suite de l\u2019annonce du 1er avril](https://discord.com/channels/1/2/3)
# Élément surveillé : Valmarin (entreprise, D-12)
Dans le nom du titulaire n° 1 : **VALMARIN SAS**
Variante : à la forme juridique près
# Élément surveillé : caméra-piéton OU bodycam (mot-clé)
Dans le texte : « …la fourniture et la maintenance de **caméras-piétons** pour la police municipale… »
Variante : singulier ou pluriel · cherché : caméra-piéton · 3 passages
BOAMP · avis 25-31415 · réf. A7K3-92QF"""

ENGLISH_AWARD = """\
Award: Fourniture de caméras-piétons pour la police municipale
**Winners:** VALMARIN SAS, Optrelis, Groupe Tessandier and 2 others
**Amount:** €1,234,567.89
**Buyer:** Ville de Corvoy
**Published:** 3 April 2025 · boamp.fr
[Follows the announcement of 1 April](https://discord.com/channels/1/2/3)
# Watch item: Valmarin (company, D-12)
In the name of winner 1: **VALMARIN SAS**
Variant: apart from the legal form
# Watch item: caméra-piéton OU bodycam (keyword)
In the text: “…la fourniture et la maintenance de **caméras-piétons** pour la police municipale…”
Variant: singular or plural · searched: caméra-piéton · 3 passages
BOAMP · notice 25-31415 · ref. A7K3-92QF"""


@pytest.mark.parametrize(("texts", "expected"), [(FRENCH, FRENCH_AWARD), (ENGLISH, ENGLISH_AWARD)])
def test_an_announcement_says_what_was_published_and_why_it_is_announced(texts: Texts, expected: str) -> None:
    rendered = render(announcement_card(texts, AWARD, NOW))
    assert as_read(rendered) == expected
    assert rendered.url == "https://www.boamp.fr/avis/detail/25-31415"
    assert not rendered.is_cut


def test_the_terminal_shows_the_same_without_markdown() -> None:
    shown = re.sub("[\u00a0\u202f]", " ", in_terminal(announcement_card(FRENCH, AWARD, NOW)))
    for line in re.sub(r"\[(.*)\]\(", r"\1 (", FRENCH_AWARD).replace("**", "").replace("# ", "").splitlines():
        assert " ".join(line.split()) in " ".join(shown.split())
    assert "https://www.boamp.fr/avis/detail/25-31415" in shown
    assert "*" not in shown


def test_a_tender_says_until_when_and_nothing_that_is_true_on_one_day_alone() -> None:
    for texts, line in (
        (FRENCH, "**Date limite :** 28 avril 2025 à 12:00"),
        (ENGLISH, "**Deadline:** 28 April 2025 at 12:00"),
    ):
        assert line in as_read(render(announcement_card(texts, make_content(), NOW))).splitlines()


@pytest.mark.parametrize(
    ("event", "kind", "title"),
    [
        (Event.NEW, NoticeKind.TENDER, "Avis de marché\u00a0: Drones"),
        (Event.NEW, NoticeKind.CANCELLATION, "Annulé\u00a0: Drones"),
        (Event.REVISED, NoticeKind.TENDER, "Modifié\u00a0: Drones"),
        (Event.NEW, NoticeKind.CHANGE, "Rectificatif\u00a0: Drones"),
        (Event.AWARD, NoticeKind.AWARD, "Attribution\u00a0: Drones"),
        (Event.NEW, None, "Drones"),
    ],
)
def test_the_title_begins_with_what_happened(event: Event, kind: NoticeKind | None, title: str) -> None:
    content = make_content(notice=make_notice(title="Drones", kind=kind), event=event)
    assert announcement_card(FRENCH, content, NOW).title == title


@pytest.mark.parametrize(
    ("kind", "title"),
    [(NoticeKind.TENDER, "Avis de concours : une gare"), (NoticeKind.AWARD, "ATTRIBUTION du marché de la gare")],
)
def test_a_title_in_which_the_publisher_says_what_happened_is_not_told_twice(kind: NoticeKind, title: str) -> None:
    card = announcement_card(FRENCH, make_content(notice=make_notice(title=title, kind=kind)), NOW)
    assert card.title == title


def test_who_buys_and_how_much_and_until_when_stand_in_this_order_before_when_it_was_published() -> None:
    read = as_read(render(announcement_card(FRENCH, make_content(twins=(TWIN,)), NOW)))
    labels = [
        "Avis de marché",
        "Acheteur",
        "Montant",
        "Date limite",
        "Parution",
        "Publié aussi par",
        "Élément surveillé",
    ]
    assert sorted(labels, key=read.index) == labels


def test_words_found_in_the_title_are_told_without_the_title_that_stands_above() -> None:
    title = "Fourniture de caméras-piétons pour la police municipale"
    hit = make_hit(field="title", snippet=title)
    (field,) = render(announcement_card(FRENCH, make_content(ShownHit("x", ItemKind.KEYWORD, hit)), NOW)).fields
    assert field.value.splitlines()[0] == "Dans le titre\u00a0: **caméras-piétons**"


def test_a_number_is_told_by_the_name_of_its_register() -> None:
    hit = make_hit(field="identifiers[1]", matched="998100473", snippet="siren:998100473", tier=Tier.IDENTIFIER)
    (field,) = render(announcement_card(FRENCH, make_content(ShownHit("x", ItemKind.COMPANY, hit)), NOW)).fields
    assert field.value.splitlines()[0] == "Dans les identifiants\u00a0: SIREN **998100473**"


def test_names_that_the_title_of_a_register_entry_says_are_not_told_again() -> None:
    entry = make_notice(
        kind=NoticeKind.REGISTER_CHANGE,
        title="x",
        buyer="Valmarin",
        suppliers=("Lysandre", "Tessandier"),
        deadline=None,
    )
    changes = (Change(f"{PARTICULAR}mandate_ended", None, "yes"),)
    card = announcement_card(FRENCH, make_content(notice=entry, changes=changes), NOW)
    assert "Valmarin" in card.title
    read = as_read(render(card))
    assert "**Client" not in read
    assert "**Organisations :** Lysandre et Tessandier" in read


@pytest.mark.parametrize("number", ["998300552:client:998100473", "e2f1c9a0-0000-4000-8000-000000000000"])
def test_the_footer_leaves_out_a_number_that_nobody_would_type(number: str) -> None:
    card = announcement_card(FRENCH, make_content(notice=make_notice(id=number)), NOW)
    assert card.footer == f"BOAMP · réf.\u00a0{CODE}"


def test_a_card_that_comes_back_to_a_procedure_leaves_out_such_a_number_too() -> None:
    content = FollowUpContent(
        is_alarm=True,
        notice=make_notice(id="e2f1c9a0-0000-4000-8000-000000000000"),
        source_label="BOAMP",
        deadline=date(2025, 1, 3),
        code=CODE,
        follows=EARLIER,
    )
    assert follow_up_card(FRENCH, content, NOW).footer == f"BOAMP · réf.\u00a0{CODE}"


def test_a_deadline_that_moved_is_said_with_what_it_was_and_its_year() -> None:
    content = FollowUpContent(
        is_alarm=False,
        notice=make_notice(),
        source_label="BOAMP",
        deadline=datetime(2025, 4, 28, 10, tzinfo=UTC),
        moved_to=datetime(2025, 5, 5, 10, tzinfo=UTC),
        code=CODE,
        follows=EARLIER,
    )
    read = as_read(render(follow_up_card(FRENCH, content, NOW)))
    assert "**Date limite :** 5 mai 2025 à 12:00 (avant : 28 avril 2025)\n" in read


@pytest.mark.parametrize("accent", Accent)
def test_each_accent_stands_out_from_the_backgrounds_of_every_theme_of_discord(accent: Accent) -> None:
    colour = render(Card(kind=CardKind.OPERATIONS, title="x", accent=accent)).colour
    assert [f"{ground:06x}" for ground in GROUNDS if contrast(colour, ground) < 3] == []


def contrast(one: int, other: int) -> float:
    """Return the contrast of two colours, 1 to 21 (WCAG 2.2, contrast ratio)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: int) -> float:
    shares = [((colour >> shift) & 0xFF) / 0xFF for shift in (16, 8, 0)]
    linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    return sum(weight * share for weight, share in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_a_revision_shows_each_change_before_and_after_and_nothing_twice() -> None:
    changes = (
        Change("deadline", "2025-04-14", "2025-04-28T10:00:00+00:00"),
        Change("amount", None, "1234567.89"),
        Change("suppliers", ["Valmarin"], ["Valmarin", "Optrelis"]),
        Change("kind", "tender", "cancellation"),
    )
    content = make_content(event=Event.REVISED, changes=changes)
    rendered = render(announcement_card(ENGLISH, content, NOW))
    assert rendered.description.splitlines() == [
        "**Deadline:** 28 April 2025 at 12:00 (before: 14 April 2025)",
        "**Amount:** €1,234,567.89 (before: not stated)",
        "**Suppliers:** Valmarin and Optrelis (before: Valmarin)",
        "**Kind of notice:** Cancellation notice (before: Tender notice)",
        "Tender notice",
        "**Buyer:** Ville de Corvoy",
        "**Published:** 3 April 2025 · boamp.fr",
    ]


def test_what_changed_stands_right_behind_who_has_it_and_what_it_follows_last() -> None:
    content = make_content(
        notice=make_notice(kind=NoticeKind.CHANGE),
        stood=(Change("deadline", "2025-04-14T10:00:00+00:00", "2025-04-28T10:00:00+00:00"),),
        takes=(ShownTake(None, 7, NOW),),
        follows=EARLIER,
    )
    lines = as_read(render(announcement_card(FRENCH, content, NOW))).splitlines()
    assert lines[1:3] == [
        "**Pris par** <@7> **depuis le 3 avril à 10:00**",
        "**Date limite :** 28 avril 2025 à 12:00 (avant : 14 avril 2025)",
    ]
    assert lines[5:7] == [
        "**Parution :** 3 avril 2025 · boamp.fr",
        "[Suite de l\u2019annonce du 1er avril](https://discord.com/channels/1/2/3)",
    ]


@pytest.mark.parametrize(
    ("title", "people", "expected"),
    [
        (
            "Décret portant nomination (préfète)",
            ("Anne ORVAL",),
            "Nomination : Anne ORVAL · Décret portant nomination (préfète)",
        ),
        (
            "Décret portant nomination - Mme Anne Orval",
            ("Anne ORVAL",),
            "Nomination : Décret portant nomination - Mme Anne Orval",
        ),
        ("Décret portant nomination (corps)", ("A B", "C D", "E F"), "Nomination : Décret portant nomination (corps)"),
        ("Nomination de la préfète", (), "Nomination de la préfète"),
        ("Arrêté portant cessation de fonctions", ("Anne ORVAL",), "Arrêté portant cessation de fonctions"),
    ],
)
def test_an_appointment_says_so_and_whom_as_far_as_its_publisher_does(
    title: str, people: tuple[str, ...], expected: str
) -> None:
    notice = make_notice(kind=NoticeKind.APPOINTMENT, title=title, people=people)
    read = as_read(render(announcement_card(FRENCH, make_content(notice=notice), NOW)))
    assert read.splitlines()[0] == expected
    assert "\nNomination\n" not in read


def test_a_person_whom_the_title_names_is_not_named_again() -> None:
    notice = make_notice(kind=NoticeKind.APPOINTMENT, title="Décret portant nomination", people=("Anne ORVAL",))
    assert "Personne" not in render(announcement_card(FRENCH, make_content(notice=notice), NOW)).description


def test_an_amount_may_change_its_currency() -> None:
    content = make_content(event=Event.REVISED, changes=(Change("amount", "1000 USD", "1000 EUR"),))
    said = render(announcement_card(ENGLISH, content, NOW)).description
    assert said.startswith("**Amount:** €1,000 (before: US$1,000)\n")


def test_what_follows_a_procedure_without_a_hit_says_why_it_comes() -> None:
    content = dataclasses.replace(make_content(), hits=(), follows=EARLIER)
    card = announcement_card(FRENCH, content, NOW)
    assert card.fields == ()
    assert "Suite de l\u2019annonce du 1er avril" in render(card).description
    assert "a déjà été annoncée ici" in render(card).description


def test_words_are_marked_where_they_stand_alone() -> None:
    hit = make_hit(term="mine", matched="mine", snippet="on examine la mine de sel")
    card = announcement_card(ENGLISH, make_content(ShownHit("mine", ItemKind.KEYWORD, hit)), NOW)
    assert render(card).fields[0].value.splitlines()[0] == "In the text: “on examine la **mine** de sel”"


def test_a_notice_without_title_or_kind_still_has_a_card() -> None:
    content = make_content(notice=Notice(id="x_1", title="\u200b"))
    rendered = render(announcement_card(ENGLISH, content, NOW))
    assert rendered.title == "Notice x\\_1, untitled"
    assert rendered.footer == "BOAMP · notice\u00a0x_1 · ref.\u00a0A7K3-92QF"
    assert rendered.url is None
    assert_within_limits(rendered)


def test_items_that_do_not_fit_are_counted_and_named() -> None:
    hits = tuple(ShownHit(f"élément {n}", ItemKind.KEYWORD, make_hit(item=n)) for n in range(60))
    rendered = render(announcement_card(FRENCH, make_content(*hits), NOW))
    assert len(rendered.fields) == 6
    assert rendered.fields[-1].name == "Et 55 autres éléments surveillés"
    assert rendered.fields[-1].value == "élément 5, élément 6, élément 7 et 52 autres"
    assert not rendered.is_cut


def test_fewer_items_are_told_in_full_when_their_texts_are_long() -> None:
    long = make_hit(snippet="*" * 140 + "caméra" + "*" * 140, matched="caméra", term="`" * 1_000, ref="_" * 1_000)
    hits = tuple(ShownHit("*" * 1_000, ItemKind.KEYWORD, long) for _ in range(60))
    notice = make_notice(buyer="_" * 200, people=("*" * 200,) * 5, suppliers=("`" * 200,) * 5)
    rendered = render(announcement_card(FRENCH, make_content(*hits, notice=notice), NOW))
    assert_within_limits(rendered)
    assert not rendered.is_cut
    told = len(rendered.fields) - 1
    assert rendered.fields[-1].name == f"Et {60 - told} autres éléments surveillés"
    assert 1 <= told < 5


def test_the_buttons_act_by_the_code() -> None:
    assert announcement_card(ENGLISH, make_content(), NOW).buttons == (
        Button(LOG_FACT, "Log as fact", CODE),
        Button(TAKE, "Take it", CODE),
        Button(NOT_THIS, "Not this one", CODE),
        Button(MUTE, "Mute", CODE),
    )


def dismissed(key: str | None, name: str, shown: ShownHit) -> ShownHit:
    said = Dismissal(
        id=1, guild_id=1, item_id=1, notice_id=1, organisation_key=key, name=name, made_by=7, made_at=NOW
    )  # fmt: skip
    return dataclasses.replace(shown, dismissed=said)


def test_a_hit_that_was_dismissed_is_struck_and_says_by_what() -> None:
    [company, keyword] = AWARD.hits
    content = dataclasses.replace(AWARD, hits=(keyword, dismissed("valmarin est", "Valmarin *Est*", company)))
    card = announcement_card(FRENCH, content, NOW)
    shown = as_read(render(card))
    assert "~~VALMARIN SAS~~" in shown
    assert "Écartée : le nom « Valmarin \\*Est\\* » n\u2019est pas cet élément" in shown
    assert card.accent is Accent.AWARD
    assert "Écartée : rien à voir" not in shown


def test_a_card_of_which_every_hit_was_dismissed_says_so_first_and_turns_grey() -> None:
    content = make_content(dismissed(None, "Série", ShownHit("mine", ItemKind.KEYWORD, make_hit())))
    for card in (announcement_card(ENGLISH, content, NOW), fallback_card(ENGLISH, content)):
        assert card.body[0] == (Span("Dismissed: nothing to do with mine", Style.STRONG),)
    card = announcement_card(ENGLISH, content, NOW)
    assert card.accent is Accent.NEUTRAL
    read = as_read(render(card))
    assert (read.count("Dismissed"), read.count("this series of notices")) == (1, 0)
    assert "~~caméras-piétons~~" in read


def test_a_card_of_which_the_only_name_was_dismissed_says_which_name_that_is_once() -> None:
    content = make_content(dismissed("axis bank", "Axis *Bank*", ShownHit("Axis", ItemKind.COMPANY, make_hit())))
    for texts, line in (
        (FRENCH, "Autre organisation : « Axis \\*Bank\\* »"),
        (ENGLISH, "Another organisation: “Axis \\*Bank\\*”"),
    ):
        assert line in as_read(render(announcement_card(texts, content, NOW))).splitlines()


def test_the_fallback_is_short_and_links_to_the_source() -> None:
    rendered = render(fallback_card(FRENCH, make_content(notice=make_notice(title="é" * 50_000))))
    assert utf16_len(rendered.title) <= 100
    assert rendered.title.endswith("…")
    assert rendered.url is None
    assert rendered.fields == ()
    assert rendered.description.endswith("[boamp.fr](https://www.boamp.fr/avis/detail/25-31415)")
    assert rendered.footer.endswith(CODE)
    assert rendered.units() < 400


def test_the_fallback_of_a_notice_without_address_says_how_to_read_it() -> None:
    rendered = render(fallback_card(ENGLISH, make_content(notice=make_notice(url="javascript:alert(1)"))))
    assert f"/why {CODE}" in rendered.description


OPERATIONS = {
    "source": "boamp",
    "since": "2025-04-03T05:10:00+00:00",
    "failures": 3,
    "error": "HTTP 503",
    "channel": "123456789012345678",
    "code": CODE,
    "reason": "history_forbidden",
    "read": 412,
    "new": 3,
    "changed": 1,
    "losses": 0,
    "usual": 4,
    "unknown_fields": ["idweb2"],
    "reached": "2025-09-03",
    "days": 400,
    "days_read": 153,
    "notices": 3412,
    "is_done": False,
    "items": [
        {"id": 4, "name": "Valmarin", "notices": 12, "dismissed": 9, "of_week": 12, "used": 0}
        | {"priority": "instant", "suggestion": None}
    ],
    "by": "cli:rosa",
    "exported_at": "2026-11-12T08:00:00+00:00",
    "folder": "exports",
    "facts": [{"id": 3, "was": "verified", "now": "logged", "revision": 2, "is_corrected": True}],
}


@pytest.mark.parametrize("texts", [FRENCH, ENGLISH])
@pytest.mark.parametrize("kind", OperationsKind)
def test_an_operations_card_has_a_title_a_body_and_its_code(kind: OperationsKind, texts: Texts) -> None:
    rendered = render(operations_card(texts, kind, OPERATIONS, "Q1W2-E3R4", NOW))
    assert_within_limits(rendered)
    assert rendered.description
    assert rendered.footer.endswith("Q1W2-E3R4")
    assert not re.search(r"[{}]|_[a-z]", "".join(texts_of(rendered)))


def test_the_card_of_a_history_shows_how_far_it_is_with_a_bar() -> None:
    values = {**OPERATIONS, "since": "2025-04-03", "error": None}
    rendered = render(operations_card(FRENCH, OperationsKind.BACKFILL, values, None, NOW))
    assert rendered.description is not None
    assert "■■■■■■■■□□□□□□□□□□□□" in rendered.description
    assert "jusqu\u2019au 3 septembre 2025" in rendered.description
    assert "3\u202f412 avis lus, dont 3 nouveaux" in rendered.description
    done = render(
        operations_card(FRENCH, OperationsKind.BACKFILL, {**values, "days_read": 400, "is_done": True}, None, NOW)
    )
    assert "en entier" in (done.description or "")


@pytest.mark.parametrize(
    ("texts", "counts", "told"),
    [
        (FRENCH, (12, 1, 1), "12 avis lus\u00a0: 1 nouveau, 1 modifié."),
        (FRENCH, (12, 0, 5), "12 avis lus\u00a0: 0 nouveau, 5 modifiés."),
        (FRENCH, (0, 0, 0), "0 avis lu\u00a0: 0 nouveau, 0 modifié."),
        (ENGLISH, (1, 1, 0), "1 notice read: 1 new, 0 changed."),
    ],
)
def test_each_number_of_a_poll_has_its_own_form(texts: Texts, counts: tuple[int, int, int], told: str) -> None:
    assert read_in_words(texts, *counts) == told


@pytest.mark.parametrize(
    ("polls", "read", "new", "told"),
    [
        (1, 1, 3, "D\u2019habitude\u00a0: 1 avis lu par relevé, dont 3 nouveaux (sur 1 relevé)."),
        (20, 30, 1, "D\u2019habitude\u00a0: 30 avis lus par relevé, dont 1 nouveau (sur les 20 derniers relevés)."),
    ],
)
def test_each_number_of_what_is_usual_has_its_own_form(polls: int, read: int, new: int, told: str) -> None:
    assert usual_in_words(FRENCH, polls, read, new) == told


def test_each_number_of_a_history_has_its_own_form() -> None:
    values = {**OPERATIONS, "since": "2025-04-03", "error": None, "notices": 4321, "new": 1}
    rendered = render(operations_card(FRENCH, OperationsKind.BACKFILL, values, None, NOW))
    assert "4\u202f321 avis lus, dont 1 nouveau." in (rendered.description or "")


def test_the_card_of_a_history_that_stopped_says_why_and_how_to_go_on() -> None:
    values = {**OPERATIONS, "since": "2025-04-03"}
    rendered = render(operations_card(FRENCH, OperationsKind.BACKFILL, values, None, NOW))
    assert "/source historique" in (rendered.description or "")
    assert "HTTP 503" in str(rendered.fields)


def test_a_failing_source_is_told_with_what_it_said_and_what_goes_on() -> None:
    rendered = render(operations_card(ENGLISH, OperationsKind.SOURCE_FAILING, OPERATIONS, None, NOW))
    assert rendered.title == "Source boamp cannot be read"
    assert rendered.description.startswith("3 failed polls in a row, since 3 April 2025 at 07:10.\nPolling goes on.")
    assert rendered.fields[0].value == "HTTP 503"


def test_a_failing_source_says_what_went_wrong_in_the_language_of_the_reader() -> None:
    error = SourceError("missing", SourceFault.MISSING, field="objet", entry="26-1").kept()
    rendered = render(operations_card(FRENCH, OperationsKind.SOURCE_FAILING, {**OPERATIONS, "error": error}, None, NOW))
    assert rendered.fields[0].value == "un champ obligatoire manque (champ objet, avis 26-1)"


def test_a_degraded_source_is_told_with_what_it_lost_and_what_it_usually_loses() -> None:
    values = {**OPERATIONS, "losses": 61}
    rendered = render(operations_card(ENGLISH, OperationsKind.SOURCE_DEGRADED, values, None, NOW))
    assert "61 parts of 412 notices could not be read in the last poll, against 4 usually." in rendered.description
    bare = {**OPERATIONS, "losses": None, "read": None, "usual": None}
    rendered = render(operations_card(ENGLISH, OperationsKind.SOURCE_DEGRADED, bare, None, NOW))
    assert rendered.description.startswith("Notices are read and announced")


def test_a_source_is_called_by_its_label() -> None:
    values = {**OPERATIONS, "label": "BOAMP"}
    assert render(operations_card(ENGLISH, OperationsKind.SOURCE_FAILING, values, None, NOW)).title == (
        "Source BOAMP cannot be read"
    )


def test_a_recovery_says_how_long_the_trouble_lasted() -> None:
    rendered = render(operations_card(ENGLISH, OperationsKind.SOURCE_RECOVERED, OPERATIONS, None, NOW))
    assert "2\u00a0hours and 50\u00a0minutes" in rendered.description
    assert (
        "lasted"
        not in render(
            operations_card(ENGLISH, OperationsKind.SOURCE_RECOVERED, {**OPERATIONS, "since": None}, None, NOW)
        ).description
    )


def test_a_channel_is_linked_in_discord_and_numbered_in_a_terminal() -> None:
    card = operations_card(FRENCH, OperationsKind.CHANNEL_FORBIDDEN, OPERATIONS, None, NOW)
    assert "<#123456789012345678>" in render(card).description
    assert "#123456789012345678" in in_terminal(card)
    assert "<#" not in in_terminal(card)


def test_a_check_without_remarks_says_so() -> None:
    values = {**OPERATIONS, "error": None, "unknown_fields": []}
    rendered = render(operations_card(ENGLISH, OperationsKind.CHECK_REPORT, values, None, NOW))
    assert rendered.description.startswith("412 notices read: 3 new, 1 changed.\nNothing to report.")


def test_a_missing_value_of_an_operations_card_is_an_error() -> None:
    with pytest.raises(KeyError):
        operations_card(ENGLISH, OperationsKind.SOURCE_FAILING, {}, None, NOW)


SPANS = st.builds(
    Span,
    st.text(max_size=12),
    st.sampled_from(Style),
    st.sampled_from([None, "https://v.example/"]),
    st.sampled_from([None, None, 123456789012345678]),
    st.sampled_from([None, None, 301000000000000001]),
)
LINES = st.lists(st.lists(SPANS, max_size=4).map(tuple), max_size=6).map(tuple)
LONG_LINES = st.lists(
    st.tuples(st.builds(Span, st.sampled_from(["*x" * 900, "é 😀" * 400, "a " * 2_000]), st.sampled_from(Style))),
    max_size=4,
).map(tuple)
CARDS = st.builds(
    Card,
    kind=st.sampled_from(CardKind),
    title=st.text(min_size=1).map("t".__add__),
    accent=st.sampled_from(Accent),
    url=st.one_of(st.none(), st.text()),
    body=st.one_of(LINES, LONG_LINES),
    fields=st.lists(st.builds(Field, st.text(), st.one_of(LINES, LONG_LINES), st.booleans()), max_size=30).map(tuple),
    footer=st.text(),
    buttons=st.lists(st.builds(Button, st.text(), st.text(), st.text()), max_size=3).map(tuple),
)


@settings(max_examples=30)
@given(CARDS)
def test_any_card_stays_within_every_limit(card: Card) -> None:
    assert_within_limits(render(card))


@settings(max_examples=30)
@given(CARDS)
def test_a_card_comes_back_from_its_json(card: Card) -> None:
    assert card_from_json(card_to_json(card)) == card
    assert card_sha256(card) == card_sha256(card_from_json(card_to_json(card)))


def test_a_card_that_was_kept_before_members_were_named_is_read() -> None:
    card = announcement_card(FRENCH, make_content(), NOW)
    kept = json.loads(card_to_json(card))
    for line in [*kept["body"], *(line for field in kept["fields"] for line in field["lines"])]:
        for span in line:
            del span["user_id"]
    assert card_from_json(json.dumps(kept)) == card


def test_two_cards_have_two_checksums() -> None:
    card = announcement_card(FRENCH, make_content(), NOW)
    assert card_sha256(card) != card_sha256(dataclasses.replace(card, title="x"))


def test_more_fields_than_discord_takes_are_counted() -> None:
    fields = tuple(Field(f"field {n}", ((Span("value"),),)) for n in range(40))
    rendered = render(Card(kind=CardKind.OPERATIONS, title="t", fields=fields))
    assert len(rendered.fields) == 25
    assert (rendered.fields[-1].name, rendered.fields[-1].value) == ("…", "+16")
    assert rendered.is_cut


def test_a_cut_text_ends_with_an_ellipsis_and_keeps_its_markup_closed() -> None:
    line = (Span("label ", Style.STRONG), Span("word " * 500, Style.MARK), Span("end", url="https://v.example/"))
    value = render(Card(kind=CardKind.OPERATIONS, title="t", fields=(Field("f", (line,)),))).fields[0].value
    assert value.endswith("…**")
    assert value.count("**") == 2


def test_lines_left_out_leave_an_ellipsis() -> None:
    lines = tuple((Span("x" * 100),) for _ in range(20))
    value = render(Card(kind=CardKind.OPERATIONS, title="t", fields=(Field("f", lines),))).fields[0].value
    assert value.splitlines()[-1].endswith("…")
    assert len(value.splitlines()) == 11


def test_a_masked_link_shows_its_host() -> None:
    line = (Span("see "), Span("here", url="https://v.example/x"), Span("."))
    assert render(Card(kind=CardKind.OPERATIONS, title="t", body=(line,))).description == (
        "see [here](https://v.example/x) (v.example)."
    )


def test_a_member_is_named_in_discord_and_numbered_in_a_terminal() -> None:
    line = (Span("Seen by ", Style.STRONG), Span("@301", user_id=301), Span(" · today"))
    card = Card(kind=CardKind.TIP, title="t", body=(line,))
    assert render(card).description == "**Seen by** <@301> · today"
    assert "Seen by @301 · today" in in_terminal(card)


def test_what_no_longer_holds_is_struck_out() -> None:
    line = (Span("never ~~so~~ ", Style.STRUCK), Span("but so", Style.STRONG))
    assert render(Card(kind=CardKind.FACT, title="t", body=(line,))).description == r"~~never \~\~so\~\~~~ **but so**"


def test_a_quotation_is_set_apart_on_each_line_of_its_own() -> None:
    body = ((Span("> # he said ", Style.QUOTE), Span("yes", Style.STRONG)), (Span("and left", Style.QUOTE),), ())
    card = Card(kind=CardKind.TIP, title="t", body=(*body, (Span(" \u200b", Style.QUOTE),), (Span("> no"),)))
    assert render(card).description == "> \u203a # he said **yes**\n> and left\n\n\n\u203a no"
    drawn = in_terminal(Card(kind=CardKind.TIP, title="t", body=((Span("word " * 12, Style.QUOTE),),)), width=32)
    assert [line.strip() for line in drawn.splitlines()[1:]] == ["│ word word word word word word"] * 2


def test_no_markup_arises_where_spans_meet() -> None:
    line = (
        Span("https:"),
        Span("//evil.example @every", Style.QUIET),
        Span("one <"),
        Span("@1> *", Style.QUIET),
        Span("*"),
    )
    shown = render(Card(kind=CardKind.OPERATIONS, title="t", body=(line,))).description
    assert shown == r"https: //evil.example ＠everyone ‹@1› \*\*"  # noqa: RUF001  # what is shown for @, < and >


@st.composite
def hostile_contents(draw: st.DrawFn) -> AnnouncementContent:
    text = HOSTILE_PIECES
    names = st.lists(text, max_size=8).map(tuple)
    notice = Notice(
        id=draw(text) or "1",
        kind=draw(st.one_of(st.none(), st.sampled_from(NoticeKind))),
        title=draw(st.one_of(text, st.just("titre * " * 6_250))),
        buyer=draw(text),
        suppliers=draw(names),
        people=draw(names),
        amount=draw(st.one_of(st.none(), st.decimals(allow_nan=False, allow_infinity=False))),
        currency=draw(st.one_of(st.none(), text)),
        published=draw(st.one_of(st.none(), st.dates())),
        deadline=draw(st.one_of(st.none(), st.dates())),
        url=draw(st.one_of(text, text.map("https://ville.example/".__add__))),
    )
    hit = make_hit(
        term=draw(text),
        rule=draw(st.sampled_from(["plural", "[x](y)", "@everyone"])),
        field=draw(st.one_of(text, st.sampled_from(["title", "suppliers[3]", "cpv[0]"]))),
        matched=draw(text),
        snippet=draw(text),
        ref=draw(st.one_of(st.none(), text)),
        count=draw(st.integers(min_value=1, max_value=10**9)),
    )
    hits = (ShownHit(draw(text), draw(st.sampled_from(ItemKind)), hit),) * draw(st.sampled_from([0, 1, 5, 60]))
    changes = draw(st.lists(st.builds(Change, st.sampled_from(["buyer", "title"]), text, text), max_size=3))
    return AnnouncementContent(
        notice=notice,
        event=draw(st.sampled_from(Event)),
        code=CODE,
        source_label=draw(text),
        hits=hits,
        changes=tuple(changes),
        follows=draw(st.sampled_from([None, EARLIER])),
        later=draw(st.sampled_from([(), tuple(LaterNotice(kind, NOW, deadline=NOW) for kind in NoticeKind)])),
        since=(ChangedSince(notice, tuple(changes)),),
    )


@settings(max_examples=30)
@given(hostile_contents())
def test_a_hostile_notice_gives_a_card_within_limits_and_nothing_live(content: AnnouncementContent) -> None:
    rendered = render(announcement_card(FRENCH, content, NOW))
    assert_within_limits(rendered)
    assert_nothing_live(rendered, links=content.follows is not None)
    assert rendered.footer.endswith(CODE)
    assert rendered.url is None or re.fullmatch(r"https?://[!-~]+", rendered.url)
    told = [field for field in rendered.fields if field.name.startswith("Élément surveillé")]
    if len(told) < len(content.hits):
        assert str(len(content.hits) - len(told)) in rendered.fields[-1].name


@settings(max_examples=30)
@given(hostile_contents())
def test_a_hostile_notice_gives_a_fallback_with_no_link_but_ours(content: AnnouncementContent) -> None:
    rendered = render(fallback_card(ENGLISH, content))
    assert_within_limits(rendered)
    assert rendered.units() <= 2_000
    links = re.findall(r"\]\((.*?)\)", rendered.description)
    assert len(links) <= 1
    assert all(link.startswith("https://") for link in links)
    assert "@everyone" not in "".join(texts_of(rendered))


@settings(max_examples=30)
@given(hostile_contents())
def test_a_hostile_notice_cannot_move_the_cursor_of_a_terminal(content: AnnouncementContent) -> None:
    assert_drawn_harmlessly(announcement_card(FRENCH, content, NOW))
