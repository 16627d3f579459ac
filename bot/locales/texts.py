"""The words, dates, numbers and amounts that a newsroom reads, in its language and time zone."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal

from babel import Locale
from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal
from babel.units import format_unit

from bot.errors import SourceError, UserError
from bot.locales.catalogue import Language, load, typeset
from bot.markup import plain

_CODE_SIGN = "`"
"""What stands around code in the texts: there Discord shows everything as it is typed."""
_PLACE = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_LONGEST_NUMBER = 24  # digits; the decimal context of Python rounds beyond 28
_COUNTS = frozenset(
    {"announced", "before", "count", "expected", "found", "limit", "megabytes", "most", "offset", "times", "total"}
)
"""The values of a source's error that count something; others of digits alone are codes."""
_ERROR_COUNTS = frozenset({"found", "least", "most"})
"""The values of a person's error that count something; other whole numbers are ids."""
_UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))


class _Shown(str):
    """Mark a text whose values were cleaned already."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Texts:
    """Give people's texts in one language; dates and times are those of `zone`.

    `texts("watch-added", name=item.name)` fills the places `{name}` of the text with that id. A value is put in as it
    is, braces included: strings and whole numbers unchanged, dates, moments, decimals and lists as the methods below
    write them.
    """

    language: Language
    zone: dt.tzinfo
    _clean: Callable[[str], str] | None = None

    def __call__(self, text_id: str, /, **values: object) -> str:
        """Return a text with its places filled; a text with plural forms takes the one for the value `n`.

        Raises KeyError for an unknown id or a place without a value.
        """
        catalogue = load(self.language)
        if text_id in catalogue.plurals:
            n = values["n"]
            if not isinstance(n, int):
                raise TypeError(f"{text_id}: n is a whole number")
            return self._fill(catalogue.form(text_id, n), {**values, "n": self.number(n)})
        return self._fill(catalogue.text(text_id), values)

    def plural(self, text_id: str, n: int, /, **values: object) -> str:
        """Return the form of a text for the number `n`, which also fills the place `{n}`."""
        return self(text_id, **values, n=n)

    def word(self, family: str, code: str, /, **values: object) -> str:
        """Return the words for a code of a family of `FAMILIES`: the text `<family>-<code>`.

        A code without text, as a row of an older version may hold, is returned as it is.
        """
        text_id = f"{family}-{code}"
        if text_id not in load(self.language).ids:
            return self._value(code)
        return self(text_id, **values)

    def error(self, error: UserError) -> str:
        """Return what an error tells the person."""
        values = dict(error.values)
        for name in _ERROR_COUNTS & values.keys():
            value = values[name]
            values[name] = self.number(value) if isinstance(value, int) else value
        return self(error.text, **values)

    def typeset(self, text: str) -> str:
        """Return a text that stands outside the catalogues, in this language, set as those in them are."""
        return typeset(self.language, text)

    def source_error(self, error: SourceError) -> str:
        """Return what an error of a source tells the person, with the field and the entry where it happened."""
        values = {name: _counted(value) if name in _COUNTS else value for name, value in error.values.items()}
        try:
            told = self.word("source-fault", error.fault, **values) if error.fault else self._value(error.message)
        except KeyError:  # kept by another version, whose text had other places
            told = self._value(error.message)
        if error.field is not None and error.entry is not None:
            return self("source-fault-at-both", told=told, field=error.field, entry=error.entry)
        if error.field is not None:
            return self("source-fault-at-field", told=told, field=error.field)
        return self("source-fault-at-entry", told=told, entry=error.entry) if error.entry is not None else told

    def through(self, clean: Callable[[str], str]) -> Texts:
        """Return the same texts with every value passed through `clean`, once; the texts themselves are not.

        A value between the signs of code is only freed of what nobody sees, and of that sign.
        What these texts return may be a value of theirs again and is not cleaned twice, as long as it was not put
        together with other strings.
        """
        return dataclasses.replace(self, _clean=clean)

    def day(self, moment: dt.date | dt.datetime) -> dt.date:
        """Return the civil day of a date or of an aware moment in the newsroom's zone."""
        return moment.astimezone(self.zone).date() if isinstance(moment, dt.datetime) else moment

    def date(self, day: dt.date | dt.datetime) -> str:
        """Return a day as `3 avril 2025`."""
        return self._date(day, "d MMMM y")

    def day_long(self, day: dt.date | dt.datetime) -> str:
        """Return a day as `jeudi 3 avril 2025`."""
        return self._date(day, "EEEE d MMMM y")

    def month(self, day: dt.date | dt.datetime) -> str:
        """Return the month of a day as `avril 2025`."""
        return format_date(self.day(day), "MMMM y", locale=self.language.locale)

    def moment(self, moment: dt.datetime) -> str:
        """Return an aware moment as `3 avril 2025 à 00:30`."""
        return self("moment", date=self.date(moment), time=f"{moment.astimezone(self.zone):%H:%M}")

    def when(self, moment: dt.date | dt.datetime) -> str:
        """Return a date as a date, and a moment with its time."""
        return self.moment(moment) if isinstance(moment, dt.datetime) else self.date(moment)

    def days_left(self, deadline: dt.date | dt.datetime, now: dt.datetime) -> str:
        """Return how far a deadline is, in civil days of the newsroom's zone; one without time lasts its whole day."""
        days = (self.day(deadline) - self.day(now)).days
        if days == 0 and isinstance(deadline, dt.datetime) and deadline < now:
            return self("days-left-closed-today")
        if days == 0:
            return self("days-left-today")
        if days == 1:
            return self("days-left-tomorrow")
        if days == -1:
            return self("days-left-closed-yesterday")
        return self.plural("days-left", days) if days > 0 else self.plural("days-left-closed", -days)

    def number(self, number: int | Decimal) -> str:
        """Return a number with its groups of thousands and every decimal it has."""
        if _is_unwieldy(number):
            return str(number)
        return format_decimal(number, locale=self.language.locale, decimal_quantization=False)

    def amount(self, amount: Decimal, currency: str | None) -> str:
        """Return a sum as `1 234 567,89 €`: whole sums without decimals, others with all they have and at least two.

        A currency that is not of ISO 4217 is shown as written, after the number; without one the number stands alone.
        """
        locale = Locale.parse(self.language.locale)
        code = (currency or "").strip().upper()
        if code not in locale.currencies or _is_unwieldy(amount):
            parts = (self.number(amount), self._value((currency or "").strip()))
            return self._shown("\u00a0".join(part for part in parts if part))
        whole = amount == amount.to_integral_value()
        pattern = re.sub(r"0\.0+", "0" if whole else "0.00", locale.currency_formats["standard"].pattern)
        return format_currency(
            amount, code, format=pattern, locale=locale, currency_digits=False, decimal_quantization=False
        )

    def list_of(self, things: Iterable[object]) -> str:
        """Return things as a sentence lists them: `a, b et c`."""
        return self._shown(format_list([self._value(thing) for thing in things], locale=self.language.locale))

    def duration(self, duration: dt.timedelta) -> str:
        """Return a length of time in its two largest units: `3 heures et 20 minutes`."""
        left = abs(int(duration.total_seconds()))
        parts: list[str] = []
        for unit, seconds in _UNITS:
            count, rest = divmod(left, seconds)
            if count or (unit == "second" and not parts):
                words = format_unit(count, f"duration-{unit}", locale=self.language.locale)
                parts.append(words.replace(" ", "\u00a0"))
                left = rest
            elif parts:
                break
            if len(parts) == len(_UNITS) // 2:
                break
        return format_list(parts, locale=self.language.locale)

    def _date(self, day: dt.date | dt.datetime, pattern: str) -> str:
        civil = self.day(day)
        if self.language is Language.FR and civil.day == 1:
            pattern = pattern.replace("d MMMM", "d'er' MMMM")
        return format_date(civil, pattern, locale=self.language.locale)

    def _fill(self, text: str, values: dict[str, object]) -> str:
        filled = []
        for number, part in enumerate(text.split(_CODE_SIGN)):
            fill = functools.partial(self._placed, values, is_code=bool(number % 2))
            filled.append(_PLACE.sub(fill, part))
        return self._shown(_CODE_SIGN.join(filled))

    def _placed(self, values: dict[str, object], place: re.Match[str], *, is_code: bool) -> str:
        return self._value(values[place[1]], is_code=is_code)

    def _value(self, value: object, *, is_code: bool = False) -> str:
        if isinstance(value, dt.date):
            return self.when(value)
        if isinstance(value, Decimal):
            return self.number(value)
        if isinstance(value, tuple | list):
            return self.list_of(value)
        if isinstance(value, _Shown):
            return value
        if is_code and self._clean:  # nothing is escaped there, nothing is read as markup
            return plain(str(value)).replace(_CODE_SIGN, "'")
        return self._shown(self._clean(str(value))) if self._clean else str(value)

    def _shown(self, text: str) -> str:
        return _Shown(text) if self._clean else text


def _counted(value: str) -> Decimal | str:
    """Return the number that a text is, to be written as numbers are; any other text as it is."""
    return Decimal(value) if re.fullmatch(r"[0-9]+(\.[0-9]+)?", value) else value


def _is_unwieldy(number: int | Decimal) -> bool:
    """Tell whether a number would be written with more digits than a person reads."""
    exact = Decimal(number)
    digits, exponent = exact.as_tuple()[1:]
    return isinstance(exponent, str) or max(len(digits), abs(exact.adjusted()), abs(exponent)) > _LONGEST_NUMBER
