"""Publishers of Open Contracting data that the configuration names: one source each, `ocds:<name>`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from bot.errors import Expected
from bot.sources._base import NOTHING, Told
from bot.sources._ocds.connector import OcdsSource, layout
from bot.sources._ocds.profile import ADDRESS, DATE_FORMAT, LANGUAGE, STEP, Profile, language_of, of_options

EXAMPLES = """\
[[ocds]]                  # Australia, AusTender: contracts by their publication; the dates stand in the path
name = "australie"
url = "https://api.tenders.gov.au/ocds/findByDates/contractPublished/{from}Z/{to}Z"
format = "%Y-%m-%dT%H:%M:%S"
step = "7d"
every = "6h"
language = "en"

[[ocds]]                  # South Africa, eTenders: bounds are days, pages are linked
name = "afrique-du-sud"
url = "https://ocds-api.etenders.gov.za/api/OCDSReleases?PageNumber=1&PageSize=100&dateFrom={from}&dateTo={to}"
format = "%Y-%m-%d"
step = "7d"
every = "6h"
language = "en"

[[ocds]]                  # Rwanda, Umucyo: bounds are days, pages are linked
name = "rwanda"
url = "https://ocds.umucyo.gov.rw/opendata/api/v1/releases/all?sort_field=date&sort_direction=desc&offset=0&limit=50&date_from={from}&date_to={to}"
format = "%Y-%m-%d"
step = "7d"
every = "12h"
language = "en"
"""
"""Tables of config.toml that are known to fit (open-contracting/kingfisher-collect reads these publishers likewise)."""


class Ocds(OcdsSource):
    """Read a publisher of Open Contracting data (OCDS) abroad: tenders, awards, contracts and their changes.

    Publisher: the one that the configuration names; https://data.open-contracting.org/ lists them.
    Documentation: https://standard.open-contracting.org/latest/en/
    Licence: the publisher's own; the registry of publishers says which.
    Delay: the publisher's own; each poll reads three days before the last success again.
    Identity: the procurement's ocid and the release's id, which is unique only within it; without an id the ocid with
        the date and the tag. All notices of one ocid are one procurement.
    Caveats: `url` is the whole address, with {from} and {to} where the bounds of a window go, written by `format` in
        universal time, `step` the longest window that the publisher answers whole; pages are followed by `links.next`.
        Without {from} the publisher must list its newest first, and only polls read it, no history. A publisher that
        wants a token, several addresses or archives does not fit. Codes and fields that a publisher makes up are told
        as losses and stop nothing.
    """

    name = "ocds"
    label = "OCDS"
    layout = layout(has_ids=False)
    french = Told(
        about="Un pays ou un organisme qui publie ses marchés publics selon la norme Open Contracting (OCDS) : appels "
        "d'offres, attributions, contrats et modifications.",
        delay="Celui de l'organisme ; chaque lecture reprend les trois jours qui précèdent la dernière lecture "
        "réussie.",
        caveats="`url` est l'adresse entière, où {from} et {to} tiennent la place des bornes d'une période, écrites "
        "selon `format` en temps universel ; `step` est la plus longue période que l'organisme rend en entier ; les "
        "pages se suivent par `links.next`. Sans {from}, l'organisme doit donner le plus récent d'abord, et "
        "l'historique ne se lit pas. Un organisme qui exige un jeton d'accès, plusieurs adresses ou des archives ne "
        "convient pas. Les codes et les champs de son invention sont signalés comme illisibles et n'arrêtent rien.",
        publisher="L'organisme que nomme la configuration ; https://data.open-contracting.org/ en donne la liste.",
        licence="Celle de l'organisme, indiquée sur data.open-contracting.org.",
    )
    default_base_url = "https://standard.open-contracting.org"
    default_every = timedelta(hours=6)
    default_pace = timedelta(seconds=2)
    overlap = timedelta(days=3)
    baseline = timedelta(days=7)
    quiet_limit = timedelta(days=7)
    max_bytes = 50_000_000
    language = None
    zone = "UTC"
    is_family = True
    table = "ocds"
    options = {"format": ("%Y-%m-%d",), "step": ("7d",), "language": ()}  # noqa: RUF012  # read only, as its type in Source says
    option_forms = {  # noqa: RUF012  # read only, as its type in Source says
        "format": (DATE_FORMAT, Expected.DATE_FORMAT),
        "step": (STEP, Expected.STEP),
        "language": (LANGUAGE, Expected.NOTICE_LANGUAGE),
    }
    single_options = frozenset(options)
    address_form = (ADDRESS, Expected.BOUNDS)

    def __init__(
        self,
        base_url: str | None = None,
        *,
        member: str | None = None,
        options: Mapping[str, Any] = NOTHING,
        secret: str | None = None,
    ) -> None:
        """Make a member; one whose address has no place for the bounds of a window has no history to read."""
        super().__init__(base_url, member=member, options=options, secret=secret)
        if "{from}" not in self.base_url:
            self.step = None

    def _profile(self) -> Profile:
        return of_options(self.chosen)

    def _language(self) -> str | None:
        return language_of(self.chosen)
