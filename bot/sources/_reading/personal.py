"""Contact details that publishers leave in free text: taken out before anything is stored."""

from __future__ import annotations

import re
from typing import Final

from bot.sources._reading.identifiers import identifiers

MARK = "[…]"
"""What stands where an e-mail address or a telephone number was."""

_AT = r"\s?(?:@|\(at\)|\[at\]|\(arobase\)|\[arobase\])\s?"
_DOT = r"(?:\.|\s?[(\[](?:dot|point)[)\]]\s?)"
_LABEL = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
_LOCAL = r"(?<![\w.+'-])[\w.+'-]{1,64}"
_EMAIL = re.compile(
    rf"{_LOCAL}(?:\s?[(\[](?:dot|point)[)\]]\s?[\w.+'-]{{1,64}}){{0,3}}{_AT}(?:{_LABEL}{_DOT}){{1,5}}[^\W\d_]{{2,24}}(?!\w)",
    re.IGNORECASE,
)
# `at some point in time` is no address.
_SPELLED = re.compile(
    rf"{_LOCAL} (?:at (?:{_LABEL} dot ){{1,4}}|arobase (?:{_LABEL} point ){{1,4}})[^\W\d_]{{2,24}}(?!\w)", re.IGNORECASE
)
_SPELLED_SIGN = re.compile(r" (?:dot|arobase) ", re.IGNORECASE)
_BLANK = r"[ \t\u00a0\u202f]"
_GAP = r"[ \t\u00a0\u202f./\-]{0,2}"
_SIGN = r"[ \u00a0\u202f.-]"
_NOT_MONEY = r"(?!\s?(?:€|%|euros?\b|eur\b|ht\b|ttc\b))"
_END = r"(?!\w)(?![.,\-/]\d)"
# One separator throughout: otherwise `01/02/2026 12` is a number.
_FRENCH = re.compile(
    rf"(?<![\w,.+])(?:(?:\+|00)[ \u00a0]?33{_GAP}(?:\(0\){_GAP})?[1-9]|0[1-9])(?P<gap>{_GAP})\d{{2}}"
    r"(?:(?P=gap)\d{2}){3}(?!\d)(?![.,]\d)"
)
_BRITISH = re.compile(
    r"(?<![\w,.+/-])(?=(?:[ \u00a0()]{0,2}\d){10,11}(?![ \u00a0]?\d))"
    r"\(?0[12378]\d{1,4}\)?[ \u00a0]\d{3,4}[ \u00a0]?\d{3,4}(?!\d)(?![.,]\d)"
)
_ABROAD = re.compile(rf"(?<!\w)\+[1-9](?:{_GAP}\(?\d\)?){{7,14}}+(?!\d){_NOT_MONEY}", re.IGNORECASE)
_CALLING_CODE = (
    r"(?:7(?= \d{3} \d{3} \d\d \d\d)|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]"
    r"|(?:2[1-689]|3[578]|42|5[09]|6[7-9]|8[058]|9[679])\d)"
)
_DOUBTFUL_FORMS = (
    # French special numbers: 0 825 123 456, 0825 12 34 56.
    rf"0{_SIGN}?8\d\d(?P<special>{_SIGN})(?:\d{{3}}(?P=special)\d{{3}}|\d\d(?P=special)\d\d(?P=special)\d\d)",
    # French mobile numbers in groups of three: 06 12 345 678.
    rf"0[67]{_BLANK}\d\d{_BLANK}\d{{3}}{_BLANK}\d{{3}}",
    # North American ones; with blanks alone they may be anything.
    rf"(?:1{_SIGN})?\([2-9]\d\d\){_BLANK}?[2-9]\d\d{_SIGN}\d{{4}}",
    rf"(?:1{_SIGN})?[2-9]\d\d(?P<american>[.\-])[2-9]\d\d(?P=american)\d{{4}}",
    rf"[2-9]\d\d{_BLANK}[2-9]\d\d-\d{{4}}",
    rf"001{_SIGN}?[2-9]\d\d{_SIGN}?[2-9]\d\d{_SIGN}?\d{{4}}",
    # British ones without blanks.
    r"0(?:1[1-9]|2[03489]|3[0347]|7[1-9]|8[0478])\d{8}",
    r"02\d(?P<london>[.\-])[3-9]\d{3}(?P=london)\d{4}",
    r"0[138]\d\d(?P<town>[.\-])[2-9]\d\d(?P=town)\d{4}",
    r"0(?:1\d|7[1-9])\d\d[.\-](?!20[0-4]\d)\d{3}[.\-]?\d{3}",
    # Those of any country behind 00.
    rf"00{_BLANK}?{_CALLING_CODE}(?:{_GAP}\(?\d\)?){{6,12}}+(?!{_BLANK}?\d)",
)
_DOUBTFUL = re.compile(rf"(?<![\w,.+/\-])(?:{'|'.join(_DOUBTFUL_FORMS)}){_END}")
"""What also numbers of another kind look like; the word before it tells (`_REFERENCE`)."""

_REFERENCE = re.compile(
    r"(?:\bn[°ºo]|#|\b(?:n[uo]m[ée]ro|number|r[ée]f(?:[ée]rences?)?|references?|march[ée]|contrat|contract|lot|avis"
    r"|notice|dossier|id|identifiant|identifier|siren|siret|t?va|vat|iva|nif|cif|fiscale?|duns|iban|compte|account"
    r"|isbn|issn|ean|gtin|lei|cpv)\b)"
    r"(?![^\n]*(?:contact|call|appel|t[ée]l|phone|fax))(?:[ \u00a0.:°º#-]{0,4}|[^\d\n,;.]{0,20}:\s?)\Z",
    re.IGNORECASE,
)
REFERENCE_CHARS: Final = 40
_ANNOUNCED = re.compile(
    r"(?<!\w)((?:t[ée]l|fax|t[ée]l[ée]copieur?)\b\.?[ \u00a0]?:?[ \u00a0]?"
    r"|(?:t[ée]l[ée]phone|portable|mobile|phone)[ \u00a0]?:[ \u00a0]?)"
    rf"[+(]?\d(?:{_GAP}[\d()]){{5,20}}+",
    re.IGNORECASE,
)
# Without a colon `portable 150 000` may count things: nine digits at least, not in groups of three.
_NAMED = re.compile(
    r"(?<!\w)((?:t[ée]l[ée]phone|portable|mobile|phone|cell|call)(?: number)?[ \u00a0])"
    rf"(?!\d{{1,3}}(?:{_BLANK}\d{{3}})+(?!{_BLANK}?\d))[+(]?\d(?:{_GAP}[\d()]){{8,20}}+(?!\w){_NOT_MONEY}",
    re.IGNORECASE,
)
_AT_SIGN = re.compile(r"@|[(\[](?:at|arobase)[)\]]", re.IGNORECASE)
"""What every e-mail address holds that does not spell its sign; most texts do not, and need no closer look."""
_FEW_DIGITS = re.compile(r"\d\D{0,4}\d\D{0,4}\d\D{0,4}\d")
_SIDE_BY_SIDE = re.compile(rf"\d(?:{_GAP}[\d()]){{5}}")
"""What every telephone number holds, both of them."""
_NUMBER = re.compile(rf"\d(?:{_GAP}[\d()]){{8}}")
"""What those hold that neither begin with `+` nor are announced."""


def without_contacts(text: str) -> str:
    """Return a text with a neutral mark in place of every e-mail address and telephone number.

    French, British and North American numbers are known by their form, others by their `+`, their `00` and calling
    code, or the word that announces them; amounts, dates, SIREN, SIRET, VAT and CPV numbers, and the numbers of notices
    and contracts stay (personal data stays out of what is stored, DESIGN.md section 3).
    """
    if _AT_SIGN.search(text):
        text = _EMAIL.sub(MARK, text)
    if _SPELLED_SIGN.search(text):
        text = _SPELLED.sub(MARK, text)
    if not (_FEW_DIGITS.search(text) and _SIDE_BY_SIDE.search(text)):
        return text
    is_long = _NUMBER.search(text) is not None
    if is_long:
        text = _BRITISH.sub(MARK, _FRENCH.sub(MARK, text))
    if "+" in text:
        text = _ABROAD.sub(MARK, text)
    if is_long:
        text = _DOUBTFUL.sub(_unless_it_is_a_reference, text)
    text = _ANNOUNCED.sub(rf"\1{MARK}", text)
    if is_long:
        text = _NAMED.sub(rf"\1{MARK}", text)
    return text


def _unless_it_is_a_reference(found: re.Match[str]) -> str:
    before = found.string[max(0, found.start() - REFERENCE_CHARS) : found.start()]
    return found[0] if _REFERENCE.search(before) or identifiers(found[0]) else MARK
