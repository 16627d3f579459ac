"""One notice of TED's search answer: maps of languages and lists that do not align, brought together as a notice."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final
from urllib.parse import quote
from zoneinfo import ZoneInfo

from bot.errors import SourceFault
from bot.models import Notice, NoticeKind
from bot.sources._base import Loss
from bot.sources._reading.body import Party, cpv_codes, currency_code, moment, money
from bot.sources._reading.entry import Entry, record_sha256
from bot.sources._reading.parts import believable, name_key, names, numbers, tender_hash, text_of
from bot.sources._reading.personal import without_contacts
from bot.sources._reading.tree import one_line
from bot.sources._ted.fields import (
    CANCELLED,
    CHANGE_MARKERS,
    COUNTRIES,
    KINDS_BY_FORM,
    KINDS_BY_TYPE,
    LANGUAGES,
    LAYOUT,
    PREFERRED,
    RESULT_FORMS,
    RESULT_TYPES,
    TEXT_FIELDS,
)

ZONE: Final = "Europe/Luxembourg"

_UNPUBLISHED: Final = "unpublished"
_NUMBER = re.compile(r"0*([1-9]\d*-\d{4})")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_LUXEMBOURG = ZoneInfo(ZONE)


def number_of(value: object) -> str | None:
    """Return a publication number without the zeros in front (`479730-2026`), None for anything else."""
    found = _NUMBER.fullmatch(value.strip()) if isinstance(value, str) else None
    return found[1] if found else None


class Reading:
    """Read one notice of an answer strictly, or leniently; `losses` names what could not be read of it."""

    def __init__(self, record: Mapping[str, Any], place: int, *, lenient: bool) -> None:
        self._entry = Entry(record, place, LAYOUT, lenient=lenient)
        value = self._entry.value("publication-number")
        raw = value.strip() or None if isinstance(value, str) else None
        self.id = self._entry.identify(number_of(raw) or raw, "publication-number")

    @property
    def losses(self) -> list[Loss]:
        """Return what could not be read so far."""
        return self._entry.losses

    def notice(self, source: str) -> Notice:
        """Return the notice; raises SourceError naming the field and the entry."""
        entry = self._entry
        published = entry.day("publication-date")
        title = self._title()
        buyers = self._organisations("buyer-name") or self._organisations("organisation-name-buyer")
        buyer = buyers[0] if buyers else None
        identified, doubtful = numbers(self._parties())
        amount, currency = self._money()
        kind = self._kind()
        lines = [
            *self._lines(),
            *(f"Acheteur : {name}" for name in buyers[1:]),
            *(f"Identifiant non vérifié : {number}" for number in doubtful),
        ]
        return Notice(
            id=self.id,
            source=source,
            kind=kind,
            title=without_contacts(title),
            text=text_of(lines, title),
            buyer=without_contacts(buyer) if buyer else None,
            suppliers=names(self._winners()),
            identifiers=identified,
            amount=amount,
            currency=currency,
            cpv=self._cpv(),
            published=published,
            deadline=believable(self._deadline(), published) if kind is not NoticeKind.CANCELLATION else None,
            url=self._url(),
            language=self._language(),
            procedure=self._procedure(source),
            raw_sha256=record_sha256(self._entry.record, self.id),
        )

    def revision_hash(self, notice: Notice, version: int) -> str:
        """Return the SHA-256 of what makes a revision when it changes: all but the links."""
        more = [
            sorted(notice.text.splitlines()),
            sorted(notice.identifiers),
            notice.published.isoformat() if notice.published else None,
            notice.procedure,
        ]
        return tender_hash(version, notice, more)

    def _kind(self) -> NoticeKind | None:
        entry = self._entry
        form, kind_of_notice = entry.text("form-type"), entry.text("notice-type")
        kind = KINDS_BY_FORM.get(form or "")
        if form is not None and kind is None:
            entry.wrong("form-type", f"the code {form[:40]!r} is not known", SourceFault.UNKNOWN_CODE)
        kind = kind or KINDS_BY_TYPE.get(kind_of_notice or "")
        if kind is None and kind_of_notice is not None:
            code = repr(kind_of_notice[:40])
            entry.refuse("notice-type", f"the code {code} is not known", SourceFault.UNKNOWN_CODE, code=code)
        if CANCELLED.intersection(self._scalars("change-reason-code")):
            return NoticeKind.CANCELLATION
        # A corrigendum keeps the type and the form of the notice that it corrects.
        if any(self._by_language(field) for field in CHANGE_MARKERS):
            return NoticeKind.CHANGE
        if kind is NoticeKind.TENDER and self._scalars("modification-previous-notice-identifier"):
            return NoticeKind.CHANGE
        return kind

    def _is_result(self) -> bool:
        form, kind_of_notice = self._entry.value("form-type"), str(self._entry.value("notice-type"))
        if form in KINDS_BY_FORM:
            return form in RESULT_FORMS
        return kind_of_notice.startswith("can-") or kind_of_notice in RESULT_TYPES

    def _by_language(self, field: str) -> dict[str, list[str]]:
        """Return texts by their language in lower case, "" where they have none."""
        value = self._entry.value(field)
        groups = value if isinstance(value, Mapping) else {"": value}
        found: dict[str, list[str]] = {}
        for language, group in groups.items():
            for text in group if isinstance(group, list) else [group]:
                if isinstance(text, str):
                    if text.strip():
                        found.setdefault(str(language).lower(), []).append(text)
                elif text is not None:
                    self._entry.wrong(field, "a list of texts was expected", SourceFault.TEXTS_EXPECTED)
        return found

    def _said(self, field: str) -> list[str]:
        """Return texts in French and in English; those in the notice's own language where it has neither."""
        found = self._by_language(field)
        chosen = [text for language in PREFERRED for text in found.get(language, ())]
        if chosen:
            return chosen
        own = [language.lower() for language in self._scalars("official-language")]
        return next((found[language] for language in (*own, *sorted(found)) if language in found), [])

    def _title(self) -> str:
        for field in ("notice-title", "title-proc", "title-lot"):
            if said := self._said(field):
                return one_line(said[0])
        self._entry.losses.append(Loss(self.id, "notice-title", "missing"))
        return f"TED {self.id}"

    def _lines(self) -> Iterator[str]:
        for field in TEXT_FIELDS:
            yield from self._said(field)

    def _organisations(self, field: str) -> list[str]:
        """Return the names of organisations in every language, those in French and English first, each language sorted.

        A map of languages tells in which language each name is written: it need not repeat all of them in each. The
        order of a list says nothing, and may differ in the next answer.
        """
        found = self._by_language(field)
        ordered = [language for language in PREFERRED if language in found]
        ordered += sorted(language for language in found if language not in PREFERRED)
        unique: dict[str, str] = {}
        for name in (name for language in ordered for name in sorted(map(one_line, found[language]), key=_spelling)):
            if (key := name_key(name)) and name.casefold() != _UNPUBLISHED:
                unique.setdefault(key, name)
        return list(unique.values())

    def _winners(self) -> list[str]:
        codes = COUNTRIES.union(self._scalars("winner-country"))
        return [name for name in self._organisations("winner-name") if name not in codes]

    def _parties(self) -> Iterator[Party]:
        """Yield the numbers of buyers and winners with their country, where all of them are from one."""
        for field, countries in (("buyer-identifier", "buyer-country"), ("winner-identifier", "winner-country")):
            found = set(self._scalars(countries))
            # The lists do not align: among several countries nobody knows whose number it is.
            country = found.pop() if len(found) == 1 else ""
            yield Party(None, tuple(dict.fromkeys(self._scalars(field))), country)

    def _scalars(self, field: str) -> list[str]:
        """Return a text, a number or a list of them as texts on one line, without blank ones."""
        value = self._entry.value(field)
        found: list[str] = []
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, Decimal):
                found.append(format(part, "f"))
            elif isinstance(part, str | int) and not isinstance(part, bool):
                found += [one_line(str(part))] if str(part).strip() else []
            elif part is not None and part != {}:
                self._entry.wrong(field, "a list of texts was expected", SourceFault.TEXTS_EXPECTED)
        return found

    def _money(self) -> tuple[Decimal | None, str | None]:
        """Return the value of the notice as a whole, of a tender its estimate; else that of its only lot.

        Values are never added up: they may overlap, and nobody knows which of several currencies is whose. Nor is the
        value of one lot, or of one of several winners, that of the notice.
        """
        if self._is_result():
            whole, part = ("total-value", "total-value-cur"), ("tender-value", "tender-value-cur")
            is_one = self._lots() == 1 and len(self._winners()) == 1
        else:
            whole, part = (
                ("estimated-value-proc", "estimated-value-cur-proc"),
                ("estimated-value-lot", "estimated-value-cur-lot"),
            )
            is_one = self._lots() == 1
        for field, currencies in (whole, part) if is_one else (whole,):
            values = self._scalars(field)
            amount = self._amount(field, values[0]) if len(values) == 1 else None
            if amount is None:
                continue
            codes = {code for raw in self._scalars(currencies) if (code := currency_code(raw))}
            if len(codes) > 1:
                self._entry.losses.append(Loss(self.id, currencies, "one currency was expected"))
                return None, None
            return amount, codes.pop() if codes else None
        return None, None

    def _lots(self) -> int:
        """Return how many lots the notice has, 0 where it names none."""
        titles = self._by_language("title-lot").values()
        return max(len(set(self._scalars("identifier-lot"))), *map(len, titles), 0)

    def _amount(self, field: str, raw: str) -> Decimal | None:
        try:
            return money(raw)
        except ValueError as error:
            self._entry.losses.append(Loss(self.id, field, str(error)))
            return None

    def _cpv(self) -> tuple[str, ...]:
        codes, wrong = cpv_codes(self._scalars("classification-cpv"))
        if wrong is not None:
            self._entry.losses.append(Loss(self.id, "classification-cpv", f"{wrong[:40]!r} is not a CPV code"))
        return codes

    def _deadline(self) -> date | datetime | None:
        """Return the earliest deadline of the lots, for tenders before that for requests to participate."""
        for days, times in (
            ("deadline-receipt-tender-date-lot", "deadline-receipt-tender-time-lot"),
            ("deadline-receipt-request-date-lot", ""),
        ):
            listed = self._scalars(days)
            clocks = self._scalars(times) if times else []
            # Dates and times do not align: a time is the deadline's only where no other can be meant.
            is_one = len(set(clocks)) == 1 and (len(set(listed)) == 1 or len(clocks) == len(listed))
            found = [end for raw in listed if (end := self._end(days, raw, clocks[0] if is_one else None))]
            if found:
                return min(found, key=_instant)
        return None

    def _end(self, field: str, raw: str, clock: str | None) -> date | datetime | None:
        try:
            return moment(raw, clock)
        except ValueError as error:
            self._entry.losses.append(Loss(self.id, field, str(error)))
            return None

    def _url(self) -> str:
        html = self._entry.value("links.html")
        links = html if isinstance(html, Mapping) else {}
        for link in (links.get("FRA"), links.get("ENG"), *links.values()):
            if isinstance(link, str) and link.startswith("https://") and not re.search(r"\s", link):
                return link
        return f"https://ted.europa.eu/fr/notice/-/detail/{quote(self.id, safe='-')}"

    def _language(self) -> str | None:
        codes = self._scalars("official-language")[:1]
        for field in ("title-proc", "notice-title"):
            # A text in one language only is in the notice's own.
            if not codes and len(texts := self._by_language(field)) == 1:
                codes = [code for code in texts if code]
        if not codes:
            return None
        language = LANGUAGES.get(codes[0].lower())
        if language is None:
            self._entry.losses.append(Loss(self.id, "official-language", f"{codes[0][:10]!r} is not a known language"))
        return language

    def _procedure(self, source: str) -> str:
        for value in self._scalars("procedure-identifier"):
            if _UUID.fullmatch(value.lower()):
                return value.lower()
        for value in self._scalars("modification-previous-notice-identifier"):
            if (previous := number_of(value)) is not None:
                return f"{source}:{previous}"
        return f"{source}:{self.id}"


def _spelling(name: str) -> tuple[str, bool, str]:
    """Return what sorts names and, of one name, the spelling in capitals last."""
    return name_key(name), name.isupper(), name


def _instant(value: date | datetime) -> datetime:
    """Return a moment to compare by: a date without a time ends with its day."""
    return value if isinstance(value, datetime) else datetime.combine(value, time.max, _LUXEMBOURG)
