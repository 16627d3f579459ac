"""BODACC: France's official announcements about companies, for the companies that somebody watches."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from bot.models import Notice
from bot.sources._base import Asked, Loss, Parsed, Payload, Source, Told, Window
from bot.sources._bodacc.announcement import LAYOUT, Announcement
from bot.sources._http.client import PoliteClient
from bot.sources._opendatasoft import Dataset, envelope
from bot.sources._reading import strict_json
from bot.sources._reading.entry import missing_fields, refuse_one_id, unknown_fields

DATASET = "annonces-commerciales"
GROUP = 20
"""How many companies one query asks for."""

_ASKED_FOR = "companies"
_SIREN = re.compile(r"siren:(\d{9})|siret:(\d{9})\d{5}")


class Bodacc(Source):
    """Read what the commercial courts announce of the companies watched by number: sales, insolvencies, changes.

    Publisher: Direction de l'information légale et administrative (DILA), Bulletin officiel des annonces civiles et
        commerciales.
    Documentation: https://bodacc-datadila.opendatasoft.com/explore/dataset/annonces-commerciales/api/
    Licence: Licence Ouverte / Open Licence 2.0 (Etalab).
    Delay: the bulletin appears on working days and is there the same day; courts announce days or weeks after the fact.
    Identity: `id`, as published (A202601824375). The announcements of one company are tied together by its SIREN.
    Caveats: only companies whose watch item carries a SIREN, a SIRET or a French VAT number are read: their numbers are
        sent to the publisher. A company newly watched is read 90 days back in silence: that can be searched, and only
        what is published from then on is announced. Announcements that name natural persons alone are never read, and
        prices stand in prose only.
    """

    name = "bodacc"
    label = "BODACC"
    layout = LAYOUT
    french = Told(
        about="Le Bulletin officiel des annonces civiles et commerciales, pour les seules sociétés surveillées par "
        "leur numéro : immatriculations, ventes de fonds de commerce, modifications, procédures collectives, "
        "radiations, dépôts de comptes.",
        delay="Le bulletin paraît les jours ouvrés, en ligne le jour même ; les greffes n'y annoncent les faits que "
        "quelques jours ou quelques semaines plus tard.",
        caveats="Seules sont lues les annonces des sociétés dont l'élément surveillé porte un SIREN, un SIRET ou un "
        "numéro de TVA français ; ces numéros sont donc transmis à l'éditeur. Quand vous ajoutez une société, ses 90 "
        "derniers jours sont lus en silence : vous pouvez y faire des recherches, et seul ce qui paraît ensuite est "
        "annoncé. Les annonces qui ne concernent que des personnes physiques ne sont jamais lues. Les prix ne "
        "figurent que dans le texte.",
    )
    default_base_url = "https://bodacc-datadila.opendatasoft.com"
    default_every = timedelta(hours=6)
    default_pace = timedelta(milliseconds=500)
    overlap = timedelta(days=7)
    baseline = timedelta(days=90)
    quiet_limit = timedelta(days=365)
    may_be_empty = True
    by_identifier = True
    step = 90
    language = "fr"
    zone = "Europe/Paris"

    async def fetch(self, asked: Asked, client: PoliteClient) -> AsyncIterator[Payload]:
        """Yield the pages about the watched companies, twenty companies a query; where none is, nothing is asked.

        A company that the last read did not ask for is read as far back as the first read of all goes, and in silence.
        The cursor keeps who was asked for.
        """
        dataset = Dataset(self.base_url, DATASET, LAYOUT.id, self.max_bytes)
        companies = sirens(asked.watched)
        had = companies if asked.is_backfill else companies.intersection(asked.cursor.get(_ASKED_FOR, ()))
        cursor = None if asked.is_backfill else {_ASKED_FOR: sorted(companies)}
        first = min(asked.window.since, (asked.now - self.baseline).astimezone(ZoneInfo(self.zone)).date())
        for group, window, is_new in (
            *((group, asked.window, False) for group in _groups(had)),
            *((group, replace(asked.window, since=first), True) for group in _groups(companies - had)),
        ):
            async for page in dataset.pages(client, _where(group, window)):
                yield Payload(page.body, cursor=cursor, is_silent=is_new)
        if not companies:
            yield Payload(is_unchanged=True, cursor=cursor)

    def parse(self, payload: bytes, *, lenient: bool = False) -> Parsed:
        """Read a page of records, or in lenient reading also a saved list of them; natural persons are left out.

        Raises SourceError as `Source.parse` says, and where more than half of the records share one id.
        """
        records, total = envelope(strict_json.load(payload), lenient=lenient)
        losses: list[Loss] = [] if total is not None else [Loss("", "total_count", "missing")]
        notices: dict[str, Notice] = {}
        hashes: dict[str, str] = {}
        seen: list[tuple[str, str]] = []
        for place, record in enumerate(records, start=1):
            announcement = Announcement(record, place, lenient=lenient)
            seen.append((announcement.id_read, announcement.sha256))
            if not announcement.is_about_company:
                continue
            notice = announcement.notice(self.name, self.language)
            notices[notice.id] = notice
            hashes[notice.id] = announcement.revision_hash(notice, self.revision_hash_version)
            losses += announcement.losses
        refuse_one_id(seen, LAYOUT.id)
        if not lenient:
            losses += missing_fields(records, LAYOUT)
        return Parsed(tuple(notices.values()), tuple(losses), unknown_fields(records, LAYOUT), total, hashes)


def sirens(identifiers: Iterable[str]) -> set[str]:
    """Return the SIRENs that identifiers (`siren:…`, `siret:…`) hold."""
    found = (_SIREN.fullmatch(identifier) for identifier in identifiers)
    return {match[1] or match[2] for match in found if match}


def _groups(companies: Iterable[str]) -> list[list[str]]:
    ordered = sorted(companies)
    return [ordered[start : start + GROUP] for start in range(0, len(ordered), GROUP)]


def _where(companies: list[str], window: Window) -> str:
    # `registre` lists each number with and without blanks, but old records only one of the two.
    spelled = (form for siren in companies for form in (siren, f"{siren[:3]} {siren[3:6]} {siren[6:]}"))
    which = " or ".join(f'registre="{form}"' for form in spelled)
    until = f" and dateparution < date'{window.until}'" if window.until is not None else ""
    return f"({which}) and dateparution >= date'{window.since}'{until}"
