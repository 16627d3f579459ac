"""Find a Tender: the central platform of public procurement of the United Kingdom, as OCDS release packages."""

from __future__ import annotations

from datetime import timedelta

from bot.sources._base import Told
from bot.sources._ocds.connector import OcdsSource, layout
from bot.sources._ocds.package import UTF8_ONLY
from bot.sources._ocds.profile import Profile


class UkFindATender(OcdsSource):
    """Read the United Kingdom's public procurement: pipelines, tenders, awards, contracts, changes, terminations.

    Publisher: Cabinet Office, Find a Tender service.
    Documentation: https://www.find-tender.service.gov.uk/Developer/Documentation
    Licence: Open Government Licence v3.0.
    Delay: minutes after its publication.
    Identity: the procurement's ocid and the notice's number (ocds-h6vhtk-06e832/094477-2026). All notices of one ocid
        are one procurement.
    Caveats: since February 2025 it holds new procurements of every size; contracts under the old rules still appear in
        Contracts Finder. Some awards state their amount with tax only, which the text says. A longer window than six
        hours does not return all notices, so that history takes a minute or so a day.
    """

    name = "uk_find_a_tender"
    label = "Find a Tender"
    layout = layout(has_ids=True)
    french = Told(
        about="La plateforme centrale des marchés publics du Royaume-Uni : projets d'achat, appels d'offres, "
        "attributions, contrats, modifications et résiliations.",
        delay="Quelques minutes après la publication.",
        caveats="Depuis février 2025, tous les nouveaux marchés s'y trouvent, quel que soit leur montant ; les "
        "contrats passés selon les anciennes règles paraissent encore dans Contracts Finder. Certaines attributions "
        "ne donnent que le montant toutes taxes comprises : le texte de l'avis le dit. Le service ne donne tous ses "
        "avis que par tranches de six heures : il faut environ une minute pour lire un jour d'historique.",
        publisher="Cabinet Office (ministère rattaché au Premier ministre britannique), Find a Tender.",
        licence="Open Government Licence v3.0 (réutilisation libre, en citant la source).",
    )
    default_base_url = "https://www.find-tender.service.gov.uk"
    default_every = timedelta(minutes=30)
    default_pace = timedelta(seconds=10)
    overlap = timedelta(hours=48)
    baseline = timedelta(days=3)
    quiet_limit = timedelta(days=3)
    language = "en"
    zone = "Europe/London"
    step = 2
    profile = Profile(
        path="/api/1.0/ocdsReleasePackages?updatedFrom={from}&updatedTo={to}&limit=100",
        largest=timedelta(hours=6),
        full_page=100,
        overlap=timedelta(hours=2),
        again=timedelta(hours=48),
        page="https://www.find-tender.service.gov.uk/Notice/{}",
        page_key=r"(\d{6}-\d{4})",
        charsets=UTF8_ONLY,
        is_exact=True,
    )
