from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.cards import (
    Accent,
    CardKind,
    CorrectionContent,
    SourceChange,
    correction_card,
    correction_fallback_card,
    render,
)
from bot.facts.origins import origin_of
from bot.models import Citation, CitationKind, Claim, Fact, FactChange, FactChangeKind, FactStatus
from tests.cards.faces import (
    CODE,
    ENGLISH,
    FRENCH,
    HOSTILE_PIECES,
    as_read,
    assert_drawn_harmlessly,
    assert_nothing_live,
    assert_within_limits,
)

CLAIRE, NORA = 301000000000000001, 301000000000000003
BEFORE = Claim(text="Valmarin a livré 30 caméras.", event_date="2026-05", event_date_typed="mai 2026")
AFTER = Claim(text="Valmarin a livré 40 caméras.", event_date="2026-05-12", event_date_typed="12 mai")
AT = datetime(2026, 11, 23, 8, tzinfo=UTC)
PAPER = Citation(kind=CitationKind.LINK, url="https://www.lemonde.example/a", n=2)


def make_fact(**said: Any) -> Fact:
    values: dict[str, Any] = {
        "id": 7,
        "guild_id": 1001,
        "revision": 2,
        "changes": 3,
        "claim": AFTER,
        "status": FactStatus.LOGGED,
        "logged_by": CLAIRE,
        "logged_at": AT,
        "verified_by": None,
        "verified_at": None,
        "tip_id": None,
        "corrected_by": CLAIRE,
        "corrected_at": AT,
        "reason": None,
    }
    return Fact(**{**values, **said})


def change(kind: FactChangeKind, text: str, number: int = 3) -> FactChange:
    return FactChange(number=number, kind=kind, text=text, made_by=NORA, made_at=AT)


def make_content(*changes: FactChange, **said: Any) -> CorrectionContent:
    values: dict[str, Any] = {"fact": make_fact(), "before": BEFORE, "after": AFTER, "revision": 2, "code": CODE}
    told = changes or (change(FactChangeKind.CORRECTED, "le bon de livraison en porte 40"),)
    return CorrectionContent(changes=told, **{**values, **said})


APOSTROPHE = "\u2019"
CORRECTED = f"""\
Fait n° 7 corrigé
**Avant :**
> Valmarin a livré 30 caméras.
**Maintenant :**
> Valmarin a livré 40 caméras.
**Date du fait :** mardi 12 mai 2026 · tapé « 12 mai » (avant : mai 2026)

**Corrigé :** <@301000000000000003> · 23 novembre 2026 à 09:00
**Motif :** le bon de livraison en porte 40
La vérification valait pour la version d{APOSTROPHE}avant : celle-ci est à vérifier.
version 2 · réf. A7K3-92QF"""

RETRACTED = """\
RETRACTED · Fact 7
**Do not use this fact.**
~~Valmarin a livré 40 caméras.~~

**Retracted:** <@301000000000000003> · 23 November 2026 at 09:00
**Reason:** le bon est un faux
version 2 · ref. A7K3-92QF"""


def test_a_correction_says_what_it_was_and_is_by_whom_and_why() -> None:
    card = correction_card(FRENCH, make_content(was_verified=True))
    assert as_read(render(card)) == CORRECTED
    assert (card.kind, card.accent) == (CardKind.CORRECTION, Accent.CHANGE)


def test_a_retraction_strikes_the_claim_out() -> None:
    fact = make_fact(status=FactStatus.RETRACTED)
    told = make_content(change(FactChangeKind.RETRACTED, "le bon est un faux"), fact=fact, before=AFTER)
    assert as_read(render(correction_card(ENGLISH, told))) == RETRACTED


def test_a_source_said_to_be_of_another_origin_is_told_with_both() -> None:
    said = replace(PAPER, said_origin="AFP")
    told = SourceChange(PAPER, said, origin_of(PAPER), origin_of(said))
    read = as_read(render(correction_card(FRENCH, make_content(before=AFTER, sources=[told]))))
    assert "**Source 2 :** lemonde.example · origine : AFP (avant : lemonde.example)" in read


@pytest.mark.parametrize(
    ("fact", "line"),
    [
        (make_fact(status=FactStatus.VERIFIED), "Depuis : vérifié."),
        (make_fact(revision=3), "Ce fait a encore été corrigé depuis : sa fiche dit où il en est."),
        (make_fact(), None),
    ],
)
def test_what_became_of_the_fact_since_ends_the_answer(fact: Fact, line: str | None) -> None:
    read = as_read(render(correction_card(FRENCH, make_content(fact=fact)))).splitlines()
    assert read[-2] == (line or "**Motif :** le bon de livraison en porte 40")


def test_the_short_card_says_what_happened_and_why() -> None:
    read = as_read(render(correction_fallback_card(FRENCH, make_content())))
    for words in ("Fait n° 7 corrigé", "le bon de livraison en porte 40", "/fait voir fait:7", CODE):
        assert words in read


@settings(max_examples=25, deadline=None)
@given(
    texts=st.lists(HOSTILE_PIECES, min_size=6, max_size=6),
    kind=st.sampled_from([FactChangeKind.CORRECTED, FactChangeKind.RETRACTED]),
)
@example(texts=["", "", "", "*" * 2_000, "*" * 2_000, ""], kind=FactChangeKind.CORRECTED)
def test_hostile_words_give_answers_within_limits_with_nothing_live(texts: list[str], kind: FactChangeKind) -> None:
    first, second, reason, title, quote, origin = texts
    before = replace(PAPER, title=title, quote=quote)
    after = replace(before, url=None, title=quote or "?", quote=title, said_origin=origin or None)
    content = make_content(
        *(change(kind, reason, number) for number in range(9)),
        before=Claim(text=first),
        after=Claim(text=second),
        sources=[SourceChange(before, after, origin_of(before), origin_of(after))] * 4,
    )
    for card in (correction_card(FRENCH, content), correction_fallback_card(FRENCH, content)):
        rendered = render(card)
        assert_within_limits(rendered)
        assert_nothing_live(rendered)
        assert not rendered.is_cut
        assert_drawn_harmlessly(card)
