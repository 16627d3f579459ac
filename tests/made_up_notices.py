"""Notices and watch items made up by rule, shaped like the corpus of matching.md section 12, for the benchmarks.

Lengths are lognormal (median 905, mean 1,139, 95th percentile 2,733 characters); 60 % French, 25 % English, 15 % in
other languages of Europe, about half of which no Western code page holds.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from bot.models import ItemKind, Notice, WatchItem

_MEAN_LOG, _SPREAD_LOG = 6.81, 0.678
_FRENCH = """
le la les de des du un une et en à au aux pour par dans sur avec qui que dont est sont été sera ce cette ces son sa
leur leurs nous pas plus marché public travaux fourniture prestation service entretien maintenance réseau bâtiment
école collège lycée mairie commune département région préfecture ministère sécurité intérieur équipement matériel
véhicule caméra vidéo contrôle accès gardiennage formation étude maîtrise œuvre assistance exploitation réhabilitation
chauffage électricité plomberie peinture voirie éclairage assainissement déchets collecte nettoyage restauration
transport scolaire hôpital santé logement social énergie données personnelles logiciel informatique serveur hébergement
accord cadre lot tranche ferme conditionnelle offre candidature critère pondération délai montant estimé durée mois
année attribution titulaire attributaire notifié publié avis rectificatif procédure adaptée ouverte négociée groupement
solidaire mandataire cœur ville métropole communauté agglomération syndicat mixte naïf août forêt côté très après où
"""
_ENGLISH = """
the of and to in for on with by from at as is are was were be been has have will shall this that these which who not
contract notice award supply services works maintenance framework agreement authority council department office board
school hospital housing police border security camera monitoring software hosting data protection network cloud energy
water waste transport road bridge building design consultancy training cleaning catering vehicle fleet equipment lot
tender bidder supplier value estimated period months criteria quality price deadline submission open restricted
procedure competitive dialogue published amended annual report committee member parliament regulation public interest
"""
_OTHERS = (
    "der die das und von für mit auf ist sind wird über Vergabe Auftrag Bauleistung Stadt Prüfung größe Straße",
    "el la los de para con por una contrato servicio obra ayuntamiento año información gestión también según España",
    "il lo gli della delle per con una servizio fornitura comune città più attività società perché già lavori bando",
    "zamówienie publiczne na dostawę usług oraz roboty budowlane w gminie łódź źródło część więcej się jest dla być",
    "veřejná zakázka na dodávku služeb stavební práce město část řízení nabídka článek příloha účastník může které",
    "közbeszerzési eljárás szerződés szolgáltatás önkormányzat építési műszaki ajánlat megküldése őszi időpont",
    "contract de achiziție publică pentru servicii și lucrări în comuna județul către ofertă această după fără",
    "η δημόσια σύμβαση από την προμήθεια υπηρεσιών και έργων του δήμου με τους όρους της διακήρυξης από στο",
    "обществена поръчка за доставка на услуги и строителство в община договор при условията на по от до това",
    "viešasis pirkimas dėl paslaugų teikimo ir darbų savivaldybėje už metų pagal sutartį įmonė žemė",
)
_CONSONANTS, _VOWELS = "bcdfglmnprstv", "aeiou"
_ELIDED = ("l'", "d'", "l’", "d’", "qu'", "n’", "s'")  # noqa: RUF001  # as French is typed
_FORMS = ("SAS", "SA", "SARL", "GmbH", "Ltd", "S.A.S.", "")
_LONG_WORDS = 12


def made_up_word(chance: random.Random, least: int = 2, most: int = 4) -> str:
    return "".join(chance.choice(_CONSONANTS) + chance.choice(_VOWELS) for _ in range(chance.randint(least, most)))


def _unnamed(chance: random.Random) -> str:
    """Return a word that is in no item's name and near none."""
    return f"{made_up_word(chance)}xh"


def _sentence(chance: random.Random, words: Sequence[str], *, french: bool) -> str:
    """Make a sentence with the punctuation, numbers, capitals, hyphens and apostrophes of a notice."""
    made = []
    for _ in range(chance.randint(9, 34)):
        word = chance.choice(words)
        fate = chance.random()
        if fate < 0.06:
            word = word.capitalize()
        elif fate < 0.08:
            word = _unnamed(chance).capitalize()
        elif fate < 0.10:
            word = str(chance.randint(1, 99_999))
        elif fate < 0.11:
            word = f"{word}-{chance.choice(words)}"
        elif fate < 0.12:
            word = f"({word})"
        elif fate < 0.17:
            word = f"{word},"
        elif french and fate < 0.23 and word[0] in "aeiouéèhê":
            word = chance.choice(_ELIDED) + word
        made.append(word)
    return f"{' '.join(made).capitalize()}."


def made_up_text(chance: random.Random, length: int | None = None) -> str:
    """Return a French text of a length, or one of a length and in a language drawn as in the corpus."""
    language = 0.0 if length else chance.random()
    length = length or max(40, int(chance.lognormvariate(_MEAN_LOG, _SPREAD_LOG)))
    french = language < 0.60
    if french:
        words = _FRENCH.split()
    elif language < 0.85:
        words = _ENGLISH.split()
    else:
        words = chance.choice(_OTHERS).split()
    words = [*words, *(_unnamed(chance) for _ in range(_LONG_WORDS))]
    sentences = [_sentence(chance, words, french=french)]
    total = len(sentences[0])
    while total < length:
        sentences.append(_sentence(chance, words, french=french))
        total += len(sentences[-1]) + 1
    return " ".join(sentences)[:length]


def made_up_notices(chance: random.Random, count: int, names: Sequence[str], hit_rate: float) -> list[Notice]:
    """Make notices with a title and a text, a share of which names an item somewhere."""
    notices = []
    for number in range(count):
        text = made_up_text(chance)
        if chance.random() < hit_rate:
            space = text.find(" ", chance.randrange(len(text)))
            place = space if space >= 0 else len(text)
            text = f"{text[:place]} {chance.choice(names)} {text[place:]}"
        cut = text.find(" ", min(90, len(text) // 2))
        notices.append(Notice(id=str(number), title=text[:cut], text=text[cut + 1 :]))
    return notices


def made_up_items(chance: random.Random, count: int) -> list[WatchItem]:
    """Make watch items: 60 % companies, 20 % people, 20 % phrases."""
    items = []
    for number in range(count):
        kind = chance.random()
        if kind < 0.6:
            second = made_up_word(chance).capitalize() if chance.random() < 0.6 else ""
            name = " ".join(f"{made_up_word(chance, 3).capitalize()} {second} {chance.choice(_FORMS)}".split())
            items.append(WatchItem(id=number, kind=ItemKind.COMPANY, name=name))
        elif kind < 0.8:
            family = f"{made_up_word(chance).capitalize()}{made_up_word(chance)}"
            items.append(
                WatchItem(id=number, kind=ItemKind.OFFICIAL, name=f"{made_up_word(chance).capitalize()} {family}")
            )
        else:
            name = f"{made_up_word(chance, 3)} {made_up_word(chance, 3)}"
            items.append(WatchItem(id=number, kind=ItemKind.KEYWORD, name=name))
    return items
