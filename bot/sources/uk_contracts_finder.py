"""Contracts Finder: contracts of the United Kingdom under the rules before February 2025, as OCDS release packages."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus

from bot.sources._base import Told
from bot.sources._ocds.connector import OcdsSource, layout
from bot.sources._ocds.profile import Profile


class UkContractsFinder(OcdsSource):
    """Read the United Kingdom's older contract notices: early engagement, opportunities, awards and their updates.

    Publisher: Cabinet Office, Contracts Finder.
    Documentation: https://www.contractsfinder.service.gov.uk/apidocumentation
    Licence: Open Government Licence v3.0.
    Delay: minutes after its publication.
    Identity: the procurement's ocid and the release's id, which begins with the notice's number. All notices of one
        ocid are one procurement.
    Caveats: new procurements since February 2025 are in Find a Tender; contracts under the old rules still appear here.
        An amount of zero means "not stated" and is left out. Some suppliers have no name. When it is asked too often it
        refuses (403): Vigie then waits five minutes.
    """

    name = "uk_contracts_finder"
    label = "Contracts Finder"
    layout = layout(has_ids=True)
    french = Told(
        about="Les marchés publics du Royaume-Uni passés selon les anciennes règles : consultations préalables, "
        "appels d'offres, attributions et leurs mises à jour.",
        delay="Quelques minutes après la publication.",
        caveats="Les marchés lancés depuis février 2025 se trouvent dans Find a Tender ; les contrats de l'ancien "
        "régime paraissent encore ici. Un montant de zéro signifie « non communiqué » et n'est pas repris. Certains "
        "titulaires n'ont pas de nom. Interrogé trop souvent, le service refuse de répondre (erreur 403) : Vigie "
        "attend alors cinq minutes.",
        publisher="Cabinet Office (ministère rattaché au Premier ministre britannique), Contracts Finder.",
        licence="Open Government Licence v3.0 (réutilisation libre, en citant la source).",
    )
    default_base_url = "https://www.contractsfinder.service.gov.uk"
    default_every = timedelta(hours=1)
    default_pace = timedelta(seconds=5)
    overlap = timedelta(hours=48)
    baseline = timedelta(days=7)
    quiet_limit = timedelta(days=3)
    language = "en"
    zone = "Europe/London"
    pause_on = {HTTPStatus.FORBIDDEN: timedelta(minutes=5)}  # noqa: RUF012  # read only, as its type in Source says
    profile = Profile(
        path="/Published/Notices/OCDS/Search?publishedFrom={from}&publishedTo={to}"
        "&stages=planning,tender,award,implementation&limit=100",
        largest=timedelta(days=15),
        full_page=100,
        page="https://www.contractsfinder.service.gov.uk/Notice/{}",
        page_key=r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})-\d+",
        is_exact=True,
    )
