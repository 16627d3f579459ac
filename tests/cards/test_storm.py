from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cards import CardKind, StormContent, card_from_json, card_to_json, render, storm_card, storm_fallback_card
from bot.locales import Texts
from bot.models import Held, ItemKind
from tests.cards.digests import CHANNEL, MADE, make_hit
from tests.cards.faces import (
    CODE,
    ENGLISH,
    FRENCH,
    HOSTILE_PIECES,
    as_read,
    assert_drawn_harmlessly,
    assert_nothing_live,
    assert_within_limits,
    in_terminal,
)

STRONGEST = (
    make_hit(1, held=Held.STORM, message_url=f"{CHANNEL}/1"),
    make_hit(
        2, held=Held.STORM, item="caméra-piéton", item_kind=ItemKind.KEYWORD, item_id=6, matched="caméras-piétons"
    ),
    make_hit(3, held=Held.STORM, title="", buyer=None),
    make_hit(4, held=Held.STORM, title="La quatrième"),
)


def make_storm(**said: object) -> StormContent:
    values = {"source_label": "BOAMP", "count": 37, "strongest": STRONGEST, "next_digest": MADE}
    return StormContent(**{**values, **said})  # type: ignore[arg-type]


def read(content: StormContent, texts: Texts = FRENCH) -> str:
    shown = as_read(render(storm_card(texts, content, CODE))).replace("\u2019", "'")
    return re.sub(r"\[([^\[\]]*)\]\([^)]*\)", r"<\1>", shown)


IN_FRENCH = """\
37 correspondances d'un coup dans BOAMP
Un seul relevé a apporté 37 correspondances à ce salon. Plutôt qu'autant de messages, voici les 3 plus sûres :

• <Acquisition de caméras-piétons> (boamp.fr)
Valmarin · Ville de Lyon · « VALMARIN SAS » · Variante : à la forme juridique près
• <Acquisition de caméras-piétons> (boamp.fr)
caméra-piéton · Ville de Lyon · Variante : à la forme juridique près
• <Avis 26-3, sans titre> (boamp.fr)
Valmarin · « VALMARIN SAS » · Variante : à la forme juridique près

Les 37 correspondances seront toutes dans le prochain résumé de ce salon, le lundi 23 novembre à 08:30.
Trop de bruit ? Resserrez l'élément surveillé : /veille modifier
réf. A7K3-92QF"""


def test_a_storm_tells_how_many_the_strongest_three_and_when_all_are_told() -> None:
    assert read(make_storm()) == IN_FRENCH


def test_a_storm_is_read_in_english() -> None:
    shown = read(make_storm(), ENGLISH)
    assert shown.startswith("37 hits at once in BOAMP\nA single poll brought this channel 37 hits.")
    assert "\nAll 37 hits will be in the next digest of this channel, on Monday 23 November at 08:30.\n" in shown


UNSCHEDULED = "Aucun résumé n'est planifié dans ce salon pour les reprendre."


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        (
            FRENCH,
            [
                "Les 34 autres se lisent avec /veille correspondances.",
                f"{UNSCHEDULED} Pour en planifier un : /résumé planifier",
            ],
        ),
        (
            ENGLISH,
            [
                "The other 34 can be read with /watch hits.",
                "No digest is scheduled in this channel to tell them. To schedule one: /digest schedule",
            ],
        ),
    ],
)
def test_where_no_digest_is_scheduled_a_storm_says_how_to_read_the_rest(texts: Texts, told: list[str]) -> None:
    assert read(make_storm(next_digest=None), texts).split("\n")[-4:-2] == told


def test_one_that_is_left_is_told_in_the_singular() -> None:
    shown = read(make_storm(count=2, strongest=STRONGEST[:1], next_digest=None))
    assert "voici la plus sûre :" in shown
    assert "\n1 autre se lit avec /veille correspondances." in shown


def test_a_storm_that_is_shown_whole_is_in_the_digest_all_the_same() -> None:
    assert "\nLes 3 correspondances seront toutes dans le prochain résumé" in read(make_storm(count=3))


def test_a_storm_that_is_shown_whole_says_of_no_digest_that_none_is_scheduled() -> None:
    assert "résumé" not in read(make_storm(count=3, next_digest=None))


def test_a_storm_holds_its_three_hits_in_full_however_long_their_texts_are() -> None:
    words = dict.fromkeys(("item", "item_ref", "title", "buyer"), "_" * 4_000)
    url = "https://x.example/" + "y" * 280
    hit = make_hit(1, matched="*" * 4_000, url=url, held=Held.LATE, taken_by=10**19, **words)
    rendered = render(storm_card(FRENCH, make_storm(strongest=(hit,) * 3), CODE))
    assert (rendered.is_cut, rendered.description.count(url)) == (False, 3)


def test_a_storm_whose_notices_are_gone_still_counts() -> None:
    shown = read(make_storm(strongest=()))
    assert shown.split("\n")[1] == "Un seul relevé a apporté 37 correspondances à ce salon."
    assert "\nLes 37 correspondances seront toutes dans le prochain résumé" in shown


def test_a_storm_is_kept_and_read_back() -> None:
    card = storm_card(FRENCH, make_storm(), CODE)
    assert card.kind is CardKind.STORM
    assert card_from_json(card_to_json(card)) == card


def test_a_terminal_shows_a_storm() -> None:
    shown = in_terminal(storm_card(FRENCH, make_storm(), CODE))
    assert "\n• Acquisition de caméras-piétons (https://www.boamp.fr/avis/detail/26-1)\n" in shown


def test_the_fallback_counts_and_says_where_the_notices_are() -> None:
    card = storm_fallback_card(FRENCH, make_storm(), CODE)
    assert card.kind is CardKind.FALLBACK
    assert as_read(render(card)).replace("\u2019", "'").split("\n") == [
        "37 correspondances d'un coup dans BOAMP",
        "Discord a refusé le message complet.",
        "Les 37 correspondances seront toutes dans le prochain résumé de ce salon, le lundi 23 novembre à 08:30.",
        "Les avis : /veille correspondances",
        "réf. A7K3-92QF",
    ]


def test_the_fallback_without_a_digest_says_where_the_notices_are_once() -> None:
    shown = as_read(render(storm_fallback_card(FRENCH, make_storm(next_digest=None), None)))
    assert shown.count("/veille correspondances") == 1


@settings(max_examples=25)
@given(
    st.builds(
        StormContent,
        source_label=HOSTILE_PIECES,
        count=st.integers(1, 10**9),
        strongest=st.lists(
            st.builds(
                make_hit,
                item=HOSTILE_PIECES,
                item_ref=HOSTILE_PIECES,
                title=HOSTILE_PIECES,
                buyer=HOSTILE_PIECES,
                matched=HOSTILE_PIECES,
                url=st.one_of(HOSTILE_PIECES, st.just("https://x.example/" + "y" * 280)),
                held=st.sampled_from([None, *Held]),
            ),
            max_size=4,
        ).map(tuple),
        next_digest=st.sampled_from([None, MADE]),
    )
)
def test_a_hostile_storm_gives_cards_within_limits_with_nothing_live(content: StormContent) -> None:
    for card in (storm_card(FRENCH, content, CODE), storm_fallback_card(FRENCH, content, CODE)):
        rendered = render(card)
        assert_within_limits(rendered)
        assert not rendered.is_cut
        assert_nothing_live(rendered, links=3)
        assert_drawn_harmlessly(card)
        assert rendered.footer.endswith(CODE)
