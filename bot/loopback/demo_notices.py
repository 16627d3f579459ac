"""The made-up bulletin of `vigie demo`: what BOAMP had published before the bot came, and what it publishes today."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.loopback.boamp_columns import Record, siren, siret
from bot.loopback.boamp_eforms import CONTACT_EMAIL, CONTACT_PHONE, Firm, Lot
from bot.loopback.boamp_records import (
    broken,
    corrigendum,
    divers,
    dsp,
    eforms_award,
    eforms_notice,
    fns_award,
    fns_notice,
    legacy_award,
    mapa_award,
    mapa_notice,
)

VALMARIN = Firm("Valmarin Systèmes SAS", siren("99810047"))
"""The company that the demo watches, with its SIREN; `VALMARIN_ALIAS` is its trade name."""
VALMARIN_ALIAS = "Sentival"
CORVOY = Firm("Corvoy Technologies", siren("99820051"))
"""A second company that the demo watches, by name."""

_INTERIOR = Firm("Ministère de l'Intérieur")
_LYON = Firm("Ville de Lyon", "21690123100011")
_MARSEILLE = Firm("Ville de Marseille", "21130055300016")
_BREST = Firm("Brest Métropole")
_SCHOOL = Firm("Département de la Drôme")


def demo_records(today: date) -> tuple[list[Record], list[Record]]:
    """Return the records published before the bot came, and those that are new today, in the shapes of the interface.

    The new ones hold: a tender for 30 000 body cameras and its corrigendum; awards that name a watched company by its
    alias, by its SIREN alone and by its name; a delegation; an award in the old form; one whose `donnees` is broken;
    two that only look like matches (another town, an excluded word); one that tries markup and mentions.
    """
    return _before(today), _today(today)


def _before(today: date) -> list[Record]:
    def ago(days: int) -> date:
        return today - timedelta(days=days)

    number = _numbering(today, 90100)
    return [
        eforms_notice(
            idweb=number(1),
            objet="Maintenance des ascenseurs des bâtiments administratifs",
            published=ago(6),
            buyer=_LYON,
            deadline=_at(today + timedelta(days=24)),
            cpv="50750000",
            estimate="480000",
            descriptors=("Ascenseur", "Maintenance"),
        ),
        eforms_award(
            idweb=number(2),
            objet="Équipement du centre de supervision urbain",
            published=ago(5),
            buyer=_MARSEILLE,
            winners=(VALMARIN, CORVOY),
            amount="1240000",
            cpv="35125300",
        ),
        fns_notice(
            idweb=number(3),
            objet="Rénovation thermique du groupe scolaire Jean-Moulin",
            published=ago(4),
            buyer=_SCHOOL,
            deadline=_at(today + timedelta(days=18)),
            cpv="45321000",
            descriptors=("Isolation",),
        ),
        mapa_notice(
            idweb=number(4),
            objet="Acquisition de vélos à assistance électrique",
            published=ago(4),
            buyer=_BREST,
            deadline=_at(today + timedelta(days=12)),
        ),
        dsp(
            idweb=number(5),
            objet="Exploitation du service public de restauration scolaire",
            published=ago(3),
            buyer=_SCHOOL,
            deadline=_at(today + timedelta(days=40)),
        ),
        divers(
            idweb=number(6),
            objet="Avis d'appel à manifestation d'intérêt : occupation de la halle du port",
            published=ago(2),
            buyer=_BREST,
        ),
    ]


def _today(today: date) -> list[Record]:
    number = _numbering(today, 90200)
    cameras = eforms_notice(
        idweb=number(1),
        objet="Fourniture de 30 000 caméras-piétons et de leurs stations de déchargement",
        published=today,
        buyer=_INTERIOR,
        deadline=_at(today + timedelta(days=30)),
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
    return [
        cameras,
        corrigendum(of=cameras, idweb=number(2), published=today, deadline=_at(today + timedelta(days=44))),
        fns_award(
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
        eforms_award(
            idweb=number(4),
            objet="Plateforme de gestion des preuves numériques",
            published=today,
            buyer=_LYON,
            winners=(Firm("VLS Intégration", siret(VALMARIN.number or "", "0002")),),
            amount="2175000.50",
            cpv="48000000",
        ),
        mapa_award(
            idweb=number(5),
            objet="Fourniture de terminaux de verbalisation",
            published=today,
            buyer=_MARSEILLE,
            winner=CORVOY.name,
            amount="87600",
            of=f"{today:%y}-87310",
        ),
        dsp(
            idweb=number(6),
            objet="Gestion des parcs de stationnement du centre-ville",
            published=today,
            buyer=_LYON,
            deadline=_at(today + timedelta(days=50)),
            description="Concession de cinq parcs, avec contrôle d'accès par lecture des plaques d'immatriculation.",
        ),
        legacy_award(
            idweb=number(7),
            objet="Hébergement de données de vidéosurveillance",
            published=today,
            buyer=_MARSEILLE,
            winner=Firm("VALMARIN SYSTEMES", VALMARIN.number),
            amount="96000",
            cpv="72000000",
        ),
        broken(
            idweb=number(8),
            objet="Location de caméras-piétons pour la police municipale",
            published=today,
            buyer=_BREST,
            deadline=_at(today + timedelta(days=21)),
        ),
        mapa_notice(
            idweb=number(9),
            objet="Réfection de la toiture de la mairie de Valmarinville",
            published=today,
            buyer=Firm("Commune de Valmarinville"),
            deadline=_at(today + timedelta(days=15)),
        ),
        fns_notice(
            idweb=number(10),
            objet="Caméras-piétons factices pour l'école de théâtre de rue",
            published=today,
            buyer=_LYON,
            deadline=_at(today + timedelta(days=16)),
            cpv="39154000",
        ),
        fns_notice(
            idweb=number(11),
            objet="**Urgent** @everyone caméras-piétons [ici](https://exemple.example) <@&123456789012345678> `x`",
            published=today,
            buyer=Firm("Régie # *des* ||marchés||"),
            deadline=_at(today + timedelta(days=9)),
            description="> citation\n- liste <#123456789012345678> </watch:1> <t:0:R> \u202egnirts\u202c",
        ),
    ]


def _numbering(today: date, first: int) -> Callable[[int], str]:
    return lambda place: f"{today:%y}-{first + place}"


def _at(day: date) -> datetime:
    return datetime.combine(day, time(12), ZoneInfo("Europe/Paris"))
