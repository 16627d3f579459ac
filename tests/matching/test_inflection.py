"""Singular and plural, and compounds: what somebody would write, and the words that only look alike."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.matching.query.expressions import operands, parse
from bot.matching.text.folding import folded_words
from bot.matching.words.inflection import forms
from bot.matching.words.phrases import Phrase

SAME = """
travail/travaux cheval/chevaux journal/journaux bal/bals festival/festivals carnaval/carnavals pneu/pneus landau/landaus
bleu/bleus feu/feux jeu/jeux lieu/lieux enjeu/enjeux eau/eaux bureau/bureaux tuyau/tuyaux noyau/noyaux joyau/joyaux
bijou/bijoux genou/genoux trou/trous clou/clous verrou/verrous bail/baux vitrail/vitraux détail/détails portail/portails
rail/rails mal/maux canal/canaux local/locaux général/généraux naval/navals final/finals œuvre/œuvres lot/lots clé/clés
loi/lois roi/rois emploi/emplois essai/essais délai/délais parti/partis défi/défis taxi/taxis tissu/tissus menu/menus
base/bases case/cases dose/doses course/courses analyse/analyses phase/phases crise/crises cause/causes taxe/taxes
classe/classes caméra/caméras drone/drones piéton/piétons chef/chefs plan/plans vente/ventes vent/vents série/séries
company/companies policy/policies army/armies survey/surveys movie/movies box/boxes tax/taxes glass/glasses lens/lenses
gas/gases process/processes boss/bosses church/churches match/matches switch/switches brush/brushes house/houses
""".split()  # noqa: SIM905  # many pairs read best as a text
APART = """
mars/mar paris/pari vis/vi fils/fil sens/sen pas/pa cas/cases bas/bases dos/doses cours/courses cours/cour bus/buses
temps/temp corps/corp procès/process accès/access avis/avi prix/pri gaz/gazs bras/bra mois/moi fois/foi bois/boi
voix/voi nez/ne os/o virus/viru campus/campu lens/len analyses/analys cases/cas houses/hous phases/phas
printemps/printemp univers/univer
secours/secour recours/recour poids/poid fonds/fond puits/puit souris/souri frais/frai mais/mai
relais/relai vers/ver heros/hero chaos/chao alias/alia mail/maux bal/baux détail/détaux portail/portaux bleu/bleux
taux/tal taux/tail eaux/eal yeux/yeu heureux/heureu nombreux/nombreu doux/dou car/cars son/sons ours/our
vent/vente arme/armée directeur/directrice agent/agente national/nationale biométrie/biométrique
londres/londre rennes/renne nantes/nante express/expres status/statu this/thi data/datum child/children
""".split()  # noqa: SIM905  # many pairs read best as a text


def folded(word: str) -> str:
    return "".join(folded_words(word))


@pytest.mark.parametrize("pair", SAME)
def test_singular_and_plural_are_forms_of_one_another(pair: str) -> None:
    singular, plural = map(folded, pair.split("/"))
    assert plural in forms(singular)
    assert singular in forms(plural)


@pytest.mark.parametrize("pair", APART)
def test_words_that_only_look_alike_are_apart(pair: str) -> None:
    for one, other in combinations(map(folded, pair.split("/")), 2):
        assert other not in forms(one)
        assert one not in forms(other)


def test_an_accent_says_that_a_word_is_french() -> None:
    assert set(forms("marches")) == {"marches", "marche", "march", "marchs"}
    assert set(forms("marches", french=True)) == {"marches", "marche"}


@given(st.text("abcdeilmnorstuxyz", min_size=1, max_size=9))
def test_the_forms_of_any_word_begin_with_it_and_stay_few(word: str) -> None:
    found = forms(word)
    assert found[0] == word
    assert len(found) == len(set(found)) <= 6


def patterns(query: str) -> set[str]:
    [term] = operands(parse(query))
    assert isinstance(term, Phrase)
    return {pattern.words for pattern in term.patterns}


@pytest.mark.parametrize(
    ("query", "written"),
    [
        ("vidéosurveillance", "video surveillance"),
        ("vidéosurveillances", "video surveillances"),
        ("télépilotage", "tele pilotage"),
        ("géolocalisation", "geo localisation"),
        ("bodycam", "body cams"),
        ("smartphone", "smart phones"),
        ("vidéo protection", "videoprotection"),
        ("caméras-piétons", "camerapieton"),
        ("fire fighting", "firefighting"),
        ("body cam", "bodycams"),
        ("sous-traitance", "soustraitance"),
        ("casque anti-bruit", "casques antibruits"),
        ("appel d'offres", "appels d offres"),
        ("appel d'offres", "appel doffres"),
    ],
)
def test_a_compound_is_joined_and_split(query: str, written: str) -> None:
    assert written in patterns(query)


@pytest.mark.parametrize(
    ("query", "written"),
    [
        ("entreprise", "entre prise"),
        ("bonjour", "bon jour"),
        ("contrat", "con trat"),
        ("parcours", "par cours"),
        ("maintenant", "main tenant"),
        ("surface", "sur face"),
        ("surplace", "sur place"),
        ("gendarme", "gens d arme"),
        ("passeport", "passe port"),
        ("portefeuille", "porte feuille"),
        ("contrepartie", "contre partie"),
        ("adroit", "a droit"),
        ("davantage", "d avantage"),
        ("notable", "not able"),
        ("prestation", "pre station"),
        ("produit", "pro duit"),
        ("transport", "trans port"),
        ("émission", "e mission"),
        ("par cours", "parcours"),
        ("main tenant", "maintenant"),
        ("sur face", "surface"),
        ("caméra, piéton", "camerapieton"),
    ],
)
def test_what_only_looks_like_a_compound_is_none(query: str, written: str) -> None:
    assert written not in patterns(query)


def test_a_long_phrase_is_tried_in_few_combinations_the_likeliest_first() -> None:
    found = patterns("fournitures de caméras piétons pour les polices municipales rurales")
    assert len(found) <= 30
    assert {
        "fournitures de cameras pietons pour les polices municipales rurales",
        "fourniture de cameras pietons pour les polices municipales rurales",
        "fourniture de camera pieton pour les police municipale rurale",
    } <= found
