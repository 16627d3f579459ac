"""The made-up bulletin of `vigie demo`: what BOAMP had published before the bot came, and what it publishes today."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.loopback.publishers.boamp_columns import Record
from bot.loopback.publishers.boamp_eforms import CONTACT_EMAIL, CONTACT_PHONE, Firm, Lot
from bot.loopback.publishers.boamp_records import (
    broken,
    corrigendum,
    divers,
    dsp,
    eforms_award,
    eforms_notice,
    fns_award,
    fns_notice,
    legacy_award,
    mapa_notice,
)
from bot.loopback.publishers.numbers import siren, siret

VALMARIN = Firm("Valmarin Systèmes SAS", siren("99810047"))
"""The company that the demo watches, with its SIREN; `VALMARIN_ALIAS` is its trade name."""
VALMARIN_ALIAS = "Sentival"
LOOKALIKE = "Sentivalle"
"""A town whose name begins like that alias, and is another word."""
OFFICIAL = "Maëlle Kervarrec"
"""The official that the demo watches; the bulletin names her family name first, in capitals."""

_CORVOY = Firm("Corvoy Technologies", siren("99820051"))
_INTERIOR = Firm("Ministère de l'Intérieur")
_LYON = Firm("Ville de Lyon", "21690123100011")
_MARSEILLE = Firm("Ville de Marseille", "21130055300016")
_BREST = Firm("Brest Métropole")
_SCHOOL = Firm("Département de la Drôme")


@dataclass(frozen=True, slots=True)
class Bulletin:
    """Hold the records of the demo by what each one shows; all but `before` are of today."""

    before: tuple[Record, ...]
    tender: Record
    corrigendum: Record
    by_alias: Record
    by_siren: Record
    by_name: Record
    official: Record
    in_context: Record
    excluded_word: Record
    out_of_context: Record
    lookalike: Record
    hostile: Record
    broken: Record
    for_digest: tuple[Record, ...]

    @property
    def today(self) -> tuple[Record, ...]:
        """Return the records of today, in the order of their numbers."""
        awards = (self.by_alias, self.by_siren, self.by_name)
        held_back = (self.excluded_word, self.out_of_context, self.lookalike)
        return (
            self.tender,
            self.corrigendum,
            *awards,
            self.official,
            self.in_context,
            *held_back,
            self.hostile,
            self.broken,
            *self.for_digest,
        )


def demo_records(today: date) -> tuple[list[Record], list[Record]]:
    """Return the records published before the bot came, and those that are new today."""
    bulletin = demo_bulletin(today)
    return list(bulletin.before), list(bulletin.today)


def demo_bulletin(today: date) -> Bulletin:
    """Return the demo's bulletin as of a day, in the shapes of the interface.

    Today's records: a tender for 30 000 body cameras and its corrigendum; awards that name the watched company by its
    alias in prose, by a SIRET of its SIREN alone, and by its name in capitals; a competition whose jury the watched
    official chairs; a keyword in its context, out of it, beside an excluded word; a town whose name only begins like
    the alias; one that tries markup and mentions; one whose `donnees` is cut off; two that a digest can wait for, the
    first of them due within the week.
    """
    number = _numbering(today, 90200)
    cameras = _cameras(today, number(1))
    return Bulletin(
        before=_before(today),
        tender=cameras,
        corrigendum=corrigendum(of=cameras, idweb=number(2), published=today, deadline=_at(today, 44)),
        by_alias=fns_award(
            idweb=number(3),
            objet="Extension du système de vidéoprotection des quais",
            published=today,
            of=f"{today:%y}-88001",
            buyer=_BREST,
            prose=(
                "Nombre d'offres reçues : 3\n"
                f"Marché n° : 2026-VP-07\n{VALMARIN_ALIAS}, 12 quai des Forges, 29200 Brest\n"
                "Montant HT : 318 400,00 Euros\nSous-traitance : oui."
            ),
        ),
        by_siren=eforms_award(
            idweb=number(4),
            objet="Plateforme de gestion des preuves numériques",
            published=today,
            buyer=_LYON,
            winners=(Firm("VLS Intégration", siret(VALMARIN.number or "", "0002")),),
            amount="2175000.50",
            cpv="48000000",
        ),
        by_name=legacy_award(
            idweb=number(5),
            objet="Hébergement de données de vidéosurveillance",
            published=today,
            buyer=_MARSEILLE,
            winner=Firm("VALMARIN SYSTEMES"),
            amount="96000",
            cpv="72000000",
        ),
        official=divers(
            idweb=number(6),
            objet="Avis de concours : réaménagement de la gare maritime",
            published=today,
            buyer=_BREST,
            deadline=_at(today, 35),
            description="Concours restreint de maîtrise d'œuvre. Le jury est présidé par Mme KERVARREC Maëlle.",
        ),
        in_context=dsp(
            idweb=number(7),
            objet="Gestion des parcs de stationnement du centre-ville",
            published=today,
            buyer=_LYON,
            deadline=_at(today, 50),
            description="Concession de cinq parcs, avec contrôle d'accès par lecture des plaques d'immatriculation.",
        ),
        excluded_word=fns_notice(
            idweb=number(8),
            objet="Caméras-piétons factices pour l'école de théâtre de rue",
            published=today,
            buyer=_LYON,
            deadline=_at(today, 16),
            cpv="39154000",
        ),
        out_of_context=mapa_notice(
            idweb=number(9),
            objet="Fourniture de plaques d'immatriculation pour les véhicules de service",
            published=today,
            buyer=_SCHOOL,
            deadline=_at(today, 12),
        ),
        lookalike=mapa_notice(
            idweb=number(10),
            objet=f"Réfection de la toiture de la mairie de {LOOKALIKE}",
            published=today,
            buyer=Firm(f"Commune de {LOOKALIKE}"),
            deadline=_at(today, 15),
        ),
        hostile=fns_notice(
            idweb=number(11),
            objet="**Urgent** @everyone caméras-piétons [ici](https://exemple.example) <@&123456789012345678> `x`",
            published=today,
            buyer=Firm("Régie # *des* ||marchés||"),
            deadline=_at(today, 9),
            description="> citation\n- liste <#123456789012345678> </watch:1> <t:0:R> \u202egnirts\u202c",
        ),
        broken=broken(
            idweb=number(12),
            objet="Location de caméras-piétons pour la police municipale",
            published=today,
            buyer=_BREST,
            deadline=_at(today, 21),
        ),
        for_digest=(
            mapa_notice(
                idweb=number(13),
                objet="Acquisition de deux drones de cartographie du littoral",
                published=today,
                buyer=_BREST,
                deadline=_at(today, 5),
            ),
            fns_notice(
                idweb=number(14),
                objet="Surveillance des plages par drone",
                published=today,
                buyer=_MARSEILLE,
                deadline=_at(today, 26),
                cpv="35613000",
            ),
        ),
    )


def _before(today: date) -> tuple[Record, ...]:
    def ago(days: int) -> date:
        return today - timedelta(days=days)

    number = _numbering(today, 90100)
    return (
        eforms_notice(
            idweb=number(1),
            objet="Maintenance des ascenseurs des bâtiments administratifs",
            published=ago(6),
            buyer=_LYON,
            deadline=_at(today, 24),
            cpv="50750000",
            estimate="480000",
            descriptors=("Ascenseur", "Maintenance"),
        ),
        eforms_award(
            idweb=number(2),
            objet="Équipement du centre de supervision urbain",
            published=ago(5),
            buyer=_MARSEILLE,
            winners=(VALMARIN, _CORVOY),
            amount="1240000",
            cpv="35125300",
        ),
        fns_notice(
            idweb=number(3),
            objet="Rénovation thermique du groupe scolaire Jean-Moulin",
            published=ago(4),
            buyer=_SCHOOL,
            deadline=_at(today, 18),
            cpv="45321000",
            descriptors=("Isolation",),
        ),
        dsp(
            idweb=number(4),
            objet="Exploitation du service public de restauration scolaire",
            published=ago(3),
            buyer=_SCHOOL,
            deadline=_at(today, 40),
        ),
        divers(
            idweb=number(5),
            objet="Avis d'appel à manifestation d'intérêt : occupation de la halle du port",
            published=ago(2),
            buyer=_BREST,
        ),
    )


def _cameras(today: date, idweb: str) -> Record:
    return eforms_notice(
        idweb=idweb,
        objet="Fourniture de 30 000 caméras-piétons et de leurs stations de déchargement",
        published=today,
        buyer=_INTERIOR,
        deadline=_at(today, 30),
        description=(
            "Accord-cadre de fourniture de 30 000 caméras-piétons pour la police et la gendarmerie nationales.\n"
            f"Renseignements : {CONTACT_EMAIL}, tél. {CONTACT_PHONE}."
        ),
        lots=(
            Lot("Caméras-piétons", "30 000 caméras individuelles, enregistrement de douze heures", "32333200"),
            Lot("Stations de déchargement", "Stations et logiciel de relecture des séquences", "32352200"),
        ),
        estimate="54000000",
        descriptors=("Vidéo", "Matériel de police"),
    )


def _numbering(today: date, first: int) -> Callable[[int], str]:
    return lambda place: f"{today:%y}-{first + place}"


def _at(today: date, days: int) -> datetime:
    """Return noon in Paris, so many days from today."""
    return datetime.combine(today + timedelta(days=days), time(12), ZoneInfo("Europe/Paris"))
