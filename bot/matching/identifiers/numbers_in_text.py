"""Whether digits that stand in a text are a number that is looked for, and no part of another one.

Rules: matching.md section 5. All is judged in a window round the digits, in one reading of it: folded, with the
punctuation and the spaces of the text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from bot.matching.codes import Rule
from bot.matching.identifiers.amounts import Amount, amount_after, amount_before
from bot.matching.identifiers.check_digits import siret_is_valid, vat_key
from bot.matching.identifiers.schemes import KINDS, Kind, Scheme
from bot.matching.text.folding import FIELD_BREAK, Folded

AROUND = 80
"""Signs of the text on either side of a number that are looked at."""

_BREAK = re.escape(FIELD_BREAK)
_SPACE = rf"[^\S{_BREAK}\r\n]"
_SPACES = rf"(?:{_SPACE}{{1,2}}|{_SPACE}?\r?\n{_SPACE}?)"
_GAP = rf"(?:{_SPACES}|[.\-])"
_GAPS = re.compile(r"[^0-9a-z]+")
_ALLOWED_GAP = re.compile(_GAP)
_ALLOWED_BESIDE_LETTERS = re.compile(rf"{_GAP}|\.{_SPACE}")
_ORDINALS = "\u00ba\u00aa"
_PHONE_SIGNS, _GROUP_SIGNS = 32, 40
_THOUSAND = 3
_ZEROS_BEFORE_COUNTRY = "00"

_VAT_BEFORE = re.compile(rf"(?<![^\W_])fr{_GAP}?([0-9a-z]){_GAP}?([0-9a-z]){_GAP}?$")
_ESTABLISHMENT = re.compile("([0-9])".join([rf"(?:{_SPACE}{{1,2}}|[.\-])?"] * 5) + "([0-9])")
_SIRET_BEFORE = re.compile(rf"siret[^0-9{_BREAK}]{{0,30}}$")
_RCS_LETTER = re.compile(rf"r\.? ?c\.? ?s\.?[^0-9{_BREAK}]{{0,40}}(?<![^\W_])[a-d]$")
_GLUED_LABEL = re.compile(r"(?<![^\W_])(?:siren|siret|rcs|tva|vat|n|no|nr|cvr|kvk|nip|krs|uid|ein|duns)$")

_ALSO_COUNTRIES = ("CH", "EU", "GR", "IS", "RS", "TR", "UK")
"""Countries whose numbers begin so too, beside those of the table; `NO` before a number is short for its name."""
_PHONE_BEFORE = re.compile(
    r"(?:\+|(?<![^\W_])(?:tel|telephone|telecopie|phone|fax|mobile|portable|gsm|whatsapp|standard)"
    rf"[^\w{_BREAK}]{{0,6}}|\u260e[^\w{_BREAK}]{{0,3}})(?:\(?\+?[0-9]{{1,4}}\)?[^\w{_BREAK}]{{1,3}})?$"
)
_GLUED_BEFORE = re.compile(r"[0-9][.,:/_+'\-\u2013\u2014*#=~]$|[+@~]$")
_GLUED_AFTER = re.compile(r"[.,:/_+'\-\u2013\u2014*=~][0-9]|@|\u00b0")
_GROUP_BEFORE = re.compile(rf"(?<![0-9])(\+?[0-9]+)({_SPACE}{{1,2}})$")
_OTHER_COUNTRIES = sorted(
    {kind.prefix for kind in KINDS if kind.scheme is Scheme.VAT} - {"", "NO"} | {*_ALSO_COUNTRIES}
)
_OTHER_COUNTRY_BEFORE = re.compile(rf"(?<![^\W_])(?:{'|'.join(_OTHER_COUNTRIES)})(?:{_SPACE}{{1,2}}|[.\-])$")
_NORWEGIAN_AFTER = re.compile(rf"{_SPACE}?mva(?![^\W_])")
_ACCOUNT_GROUP = rf"{_SPACE}(?=[A-Za-z]{{0,3}}[0-9])[0-9A-Za-z]{{1,6}}"
_ACCOUNT_BEFORE = re.compile(
    rf"(?<![^\W_])(?:[A-Z]{{2}}[0-9]{{2}}{_ACCOUNT_GROUP}|(?i:iban|rib|bban)[^\w{_BREAK}]{{1,5}}[A-Za-z]{{0,2}}[0-9]{{2,6}})"
    rf"(?:{_ACCOUNT_GROUP})*{_SPACE}$"
)
_GROUP_AFTER = re.compile(rf"({_SPACE}{{1,2}})([0-9]+)")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Hold a number that is looked for: its kind (None for an unknown one) and its signs, folded and ungrouped.

    `name` is what must stand before a number that nothing else tells; `court` are words that must stand near.
    """

    kind: Kind | None
    scheme: str
    body: str
    name: str = ""
    court: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Stand:
    """Hold where a number stands, prefix and check letters included, and by which rule it is the one looked for."""

    start: int
    end: int
    rule: Rule


def window(folded: Folded, low: int, top: int) -> str:
    """Return a stretch of a text folded, sign for sign, with the punctuation and the spaces that the text has."""
    flat, clean = folded.flat[low:top], folded.clean[low:top]
    signs = list(flat)
    for blank in " |":
        place = flat.find(blank)
        while place >= 0:
            signs[place] = clean[place]
            place = flat.find(blank, place + 1)
    if any(ordinal in clean for ordinal in _ORDINALS):  # letters once folded: `n\u00ba` would glue to a number
        signs = [plain if plain in _ORDINALS else sign for sign, plain in zip(signs, clean, strict=True)]
    return "".join(signs)


def number_at(text: str, clean: str, first: int, last: int, wanted: Wanted) -> Stand | None:
    """Return where a number stands in a window, or None when its signs there are no such number or part of another.

    `clean` is the same stretch with its capitals. `first` and `last` are its first and its last sign that a search saw:
    all of its digits stand between them.
    """
    inside = _Inside(text, clean, first, last)
    if not inside.is_one_number:
        return None
    if wanted.scheme == Scheme.SIREN and len(wanted.body) == _SIREN_DIGITS:
        return _siren(inside, wanted)
    return _other(inside, wanted)


_SIREN_DIGITS = 9


class _Inside:
    """Hold signs of a window and how they are grouped."""

    def __init__(self, text: str, clean: str, first: int, last: int) -> None:
        self.text, self.clean, self.first, self.end = text, clean, first, last + 1
        self.written = text[first : self.end]
        self.gaps = [(match[0], match.start()) for match in _GAPS.finditer(self.written)]
        self.sizes = [len(group) for group in _GAPS.split(self.written)]

    @property
    def is_one_number(self) -> bool:
        """Return whether only spaces, dots or hyphens group the signs."""
        return all(
            (_ALLOWED_GAP if self._parts_digits(gap, place) else _ALLOWED_BESIDE_LETTERS).fullmatch(gap)
            for gap, place in self.gaps
        )

    def _parts_digits(self, gap: str, place: int) -> bool:
        return self.written[place - 1].isdigit() and self.written[place + len(gap)].isdigit()

    @property
    def is_siren(self) -> bool:
        """Return whether nine digits are grouped as a SIREN: by spaces anyhow, by dots or hyphens in threes."""
        if not self.gaps:
            return self.written.isdigit()
        is_spaced = all(gap.isspace() for gap, _ in self.gaps)
        return (is_spaced or set(self.sizes) == {_THOUSAND}) and "".join(_GAPS.split(self.written)).isdigit()

    def is_named(self, wanted: Wanted) -> bool:
        """Return whether what stands before or after says what the number is."""
        return self.is_named_before(wanted) or self.is_named_after(wanted)

    def is_named_before(self, wanted: Wanted) -> bool:
        """Return whether what stands before says what the number is."""
        labels = _labels(wanted)
        before = _pattern(rf"(?<![^\W_])(?:{labels})[^0-9{_BREAK}]{{0,40}}$")
        return bool(labels and before.search(self.text, max(0, self.first - AROUND), self.first))

    def is_named_after(self, wanted: Wanted) -> bool:
        """Return whether what stands right after says what the number is."""
        labels = _labels(wanted)
        after = _pattern(rf"{_SPACE}?[(,]?{_SPACE}?(?:{labels})(?![^\W_])")
        return bool(labels and after.match(self.text, self.end))

    @property
    def is_foreign(self) -> bool:
        """Return whether nine digits are part of a number of another country, or of a bank account."""
        low = max(0, self.first - AROUND)
        return bool(
            _OTHER_COUNTRY_BEFORE.search(self.clean, low, self.first)
            or _ACCOUNT_BEFORE.search(self.clean, low, self.first)
            or _NORWEGIAN_AFTER.match(self.text, self.end)
        )


def _labels(wanted: Wanted) -> str:
    return wanted.kind.labels if wanted.kind is not None else re.escape(wanted.name)


def _siren(inside: _Inside, wanted: Wanted) -> Stand | None:
    """Return where a SIREN stands: in its VAT number, in its SIRET, or alone."""
    if not inside.is_siren:
        return None
    text, first, end = inside.text, inside.first, inside.end
    vat = _VAT_BEFORE.search(text, max(0, first - _VAT_SIGNS), first)
    if vat:
        key = vat[1] + vat[2]
        is_own = not key.isdigit() or key == vat_key(wanted.body)
        return Stand(vat.start(), end, Rule.SIREN_IN_VAT) if is_own and _is_whole_after(text, end) else None
    if inside.is_foreign:
        return None
    establishment = _ESTABLISHMENT.match(text, end)
    if establishment and _begins(inside, wanted) and _is_whole_after(text, establishment.end()):
        siret = wanted.body + "".join(establishment.groups())
        if siret_is_valid(siret) or _SIRET_BEFORE.search(text, max(0, first - AROUND), first):
            return Stand(first, establishment.end(), Rule.SIREN_IN_SIRET)
    is_siren = _begins(inside, wanted) and _ends(inside, wanted)
    return Stand(first, end, Rule.SIREN) if is_siren else None


_VAT_SIGNS = 12


def _other(inside: _Inside, wanted: Wanted) -> Stand | None:
    """Return where a number of any other kind stands."""
    kind, text = wanted.kind, inside.text
    seen = _GAPS.sub("", inside.written)
    if wanted.scheme == Scheme.GERMAN_REGISTER:
        seen = seen.replace("nr", "", 1)  # `HRB Nr. 12345`
    lead, found, trail = wanted.body.partition(seen)
    if not found:
        return None
    low, top = _back(text, inside.first, lead), _forth(text, inside.end, trail)
    if low is None or top is None or not all(word in text for word in wanted.court):
        return None
    whole = _Inside(text, inside.clean, low, top - 1)
    prefix = kind.prefix.lower() if kind else ""
    prefixed = _back(text, low, prefix) if prefix else None
    if prefixed is not None and prefixed and text[prefixed - 1].isalnum():
        prefixed = None
    tail = _pattern(kind.tail).match(text, top) if kind and kind.tail else None
    if tail and prefixed is None and tail[0].strip(" -").isdigit():
        tail = None  # the two last digits of a Swedish VAT number are its own only after its country
    rule = kind.rule if kind else Rule.IDENTIFIER
    if prefixed is not None or tail:
        start, end = low if prefixed is None else prefixed, tail.end() if tail else top
        return Stand(start, end, rule) if _is_whole_before(text, start) and _is_whole_after(text, end) else None
    shaped = bool(kind and kind.grouped and _pattern(rf"(?:{kind.grouped})").fullmatch(text, low, top))
    if not (shaped or (kind.alone if kind else not wanted.name) or whole.is_named(wanted)):
        return None
    if not wanted.body.isdigit() or shaped:
        return Stand(low, top, rule) if _is_whole_before(text, low) and _is_whole_after(text, top) else None
    return Stand(low, top, rule) if _begins(whole, wanted) and _ends(whole, wanted) else None


def _begins(inside: _Inside, wanted: Wanted) -> bool:
    """Return whether a number of digits begins where it seems to."""
    text, first = inside.text, inside.first
    if not _is_whole_before(text, first) or _PHONE_BEFORE.search(text, max(0, first - _PHONE_SIGNS), first):
        return False
    amount = amount_before(text, inside.clean, first)
    if amount and not inside.is_named_after(wanted) and (amount is Amount.SURE or not inside.is_named_before(wanted)):
        return False
    group = (
        _GROUP_BEFORE.search(text, max(0, first - _GROUP_SIGNS), first) if text[first - 1 : first].isspace() else None
    )
    if group is None:
        return True
    if group[1].startswith(("+", _ZEROS_BEFORE_COUNTRY)):
        return False
    return len(inside.sizes) == 1 or (len(group[1]) > _THOUSAND and len(group[1]) not in _even(inside))


def _ends(inside: _Inside, wanted: Wanted) -> bool:
    """Return whether a number of digits ends where it seems to."""
    text, end = inside.text, inside.end
    amount = amount_after(text, inside.clean, end)
    if not _is_whole_after(text, end) or amount is Amount.SURE:
        return False
    if amount and (amount_before(text, inside.clean, inside.first) or not inside.is_named(wanted)):
        return False
    group = _GROUP_AFTER.match(text, end)
    if group is None or len(inside.sizes) == 1 or len(group[2]) not in _even(inside):
        return True
    return inside.is_named(wanted)


def _even(inside: _Inside) -> set[int]:
    """Return the size of the groups of a number where all have one: another such group would go on with it."""
    sizes = set(inside.sizes)
    return sizes if len(sizes) == 1 else set()


def _is_whole_before(text: str, first: int) -> bool:
    """Return whether nothing is glued to the beginning of a number, but for what names it."""
    if first and text[first - 1].isalnum() and text[first - 1] not in _ORDINALS:
        near = max(0, first - AROUND)
        return bool(_GLUED_LABEL.search(text, near, first) or _RCS_LETTER.search(text, near, first))
    return not _GLUED_BEFORE.search(text, max(0, first - 2), first)


def _is_whole_after(text: str, end: int) -> bool:
    """Return whether nothing is glued to the end of a number."""
    return not (text[end : end + 1].isalnum() or _GLUED_AFTER.match(text, end))


@lru_cache(maxsize=1_000)
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text)


def _back(text: str, end: int, letters: str) -> int | None:
    """Return where signs begin that stand right before a place, grouped or not; None when they do not."""
    for sign in reversed(letters):
        place = end
        while place and end - place < _WIDEST_GAP and text[place - 1] in _GAP_SIGNS:
            place -= 1
        if not place or text[place - 1] != sign:
            return None
        end = place - 1
    return end


def _forth(text: str, start: int, letters: str) -> int | None:
    """Return where signs end that stand right after a place, grouped or not; None when they do not."""
    for sign in letters:
        place = start
        while place < len(text) and place - start < _WIDEST_GAP and text[place] in _GAP_SIGNS:
            place += 1
        if text[place : place + 1] != sign:
            return None
        start = place + 1
    return start


_WIDEST_GAP = 2
_GAP_SIGNS = " .-\t\u00a0\u2009\u202f\u2007\u2008"
