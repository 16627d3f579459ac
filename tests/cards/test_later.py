"""What a card says of what came after it, of what it continues, and of what kind and day its notice is."""

from __future__ import annotations

import dataclasses
import re
from datetime import UTC, date, datetime
from typing import Any

import pytest

from bot.cards import (
    Accent,
    Earlier,
    LaterNotice,
    ShownTake,
    announcement_card,
    fallback_card,
    kind_in_words,
    render,
)
from bot.cards.follow_up import FollowUpContent, follow_up_card
from bot.locales import Texts
from bot.models import NoticeKind
from tests.cards.faces import CODE, ENGLISH, FRENCH, NOW, as_read
from tests.test_cards import EARLIER, make_content, make_notice


@pytest.mark.parametrize(
    ("texts", "suppliers", "title"),
    [
        (FRENCH, ("Valmarin",), "Modification du marché\u00a0: Drones"),
        (ENGLISH, ("Valmarin",), "Contract modification: Drones"),
        (FRENCH, (), "Rectificatif\u00a0: Drones"),
        (ENGLISH, (), "Corrigendum: Drones"),
    ],
)
def test_a_change_of_a_contract_is_told_from_a_corrigendum(
    texts: Texts, suppliers: tuple[str, ...], title: str
) -> None:
    notice = make_notice(title="Drones", kind=NoticeKind.CHANGE, suppliers=suppliers)
    assert announcement_card(texts, make_content(notice=notice), NOW).title == title
    assert title.startswith(kind_in_words(texts, NoticeKind.CHANGE, names_suppliers=bool(suppliers)))


def test_what_came_of_a_procedure_since_stands_first_with_its_day_as_a_link() -> None:
    there = "https://discord.com/channels/1/2/4"
    later = (
        LaterNotice(NoticeKind.CHANGE, date(2025, 4, 10), deadline=datetime(2025, 5, 5, 10, tzinfo=UTC), url=there),
        LaterNotice(NoticeKind.CHANGE, date(2026, 1, 7), is_modification=True),
        LaterNotice(NoticeKind.CANCELLATION, date(2025, 4, 12)),
    )
    content = make_content(later=later, takes=(ShownTake(None, 7, NOW),))
    for card in (announcement_card(FRENCH, content, NOW), fallback_card(FRENCH, content)):
        assert as_read(render(card)).splitlines()[1:5] == [
            f"**[Rectifié le 10 avril]({there})** : date limite au 5 mai 2025",
            "**Marché modifié le 7 janvier 2026**",
            "**Procédure annulée le 12 avril**",
            "**Pris par** <@7> **depuis le 3 avril à 10:00**"
            if card.fields
            else "**Pris par** <@7> **depuis le 3 avril 2025 à 10:00**",
        ]
    shown = as_read(render(announcement_card(ENGLISH, content, NOW)))
    assert f"**[Corrected on 10 April]({there})**: deadline 5 May 2025\n" in shown
    assert announcement_card(FRENCH, content, NOW).accent is Accent.NEWS


def test_what_stands_just_above_in_its_thread_is_not_named_again() -> None:
    content = make_content(follows=dataclasses.replace(EARLIER, is_above=True))
    assert "Suite de" not in as_read(render(announcement_card(FRENCH, content, NOW)))


def test_what_was_never_sent_is_named_by_its_code() -> None:
    content = make_content(follows=Earlier("B2M8-4TZC"))
    assert "Suite de l\u2019annonce B2M8-4TZC" in as_read(render(announcement_card(FRENCH, content, NOW)))


@pytest.mark.parametrize(
    ("said", "line"),
    [
        ({"kind": NoticeKind.REGISTRATION}, "**Inscrite au registre :** 3 avril 2025 · boamp.fr"),
        (
            {"kind": NoticeKind.REGISTRATION, "particulars": (("filing", "registration"),)},
            "**Parution :** 3 avril 2025 · boamp.fr",
        ),
        ({"kind": NoticeKind.REGISTER_CHANGE}, "**Date au registre :** 3 avril 2025 · boamp.fr"),
        (
            {"kind": NoticeKind.REGISTER_CHANGE, "particulars": (("since", "2025-04-03"),)},
            "**Début du mandat :** 3 avril 2025 · boamp.fr",
        ),
        (
            {"kind": NoticeKind.REGISTER_CHANGE, "particulars": (("declared", "yes"),)},
            "**Parution :** 3 avril 2025 · boamp.fr",
        ),
    ],
)
def test_the_day_of_an_entry_of_a_register_is_not_called_that_of_its_news(said: dict[str, Any], line: str) -> None:
    entry = make_notice(suppliers=("Lysandre",), buyer="Valmarin", deadline=None, **said)
    assert line in as_read(render(announcement_card(FRENCH, make_content(notice=entry), NOW))).splitlines()


@pytest.mark.parametrize(
    ("texts", "title"), [(FRENCH, "Plus que 3 jours \u2013 Lot 1"), (ENGLISH, "3 days left \u2013 Lot 1")]
)
def test_a_reminder_counts_the_days_once(texts: Texts, title: str) -> None:
    content = FollowUpContent(
        is_alarm=False,
        notice=make_notice(title="Lot 1"),
        source_label="BOAMP",
        deadline=datetime(2025, 4, 6, 10, tzinfo=UTC),
        code=CODE,
        follows=EARLIER,
    )
    read = as_read(render(follow_up_card(texts, content, NOW)))
    assert read.splitlines()[0] == title
    assert len(re.findall(r"3 (?:jours|days)", read)) == 1
