"""Contact details that publishers leave in free text: taken out before anything is stored."""

from __future__ import annotations

import re

MARK = "[…]"
"""What stands where an e-mail address or a telephone number was."""

_AT = r"\s?(?:@|\(at\)|\[at\]|\(arobase\)|\[arobase\])\s?"
_LABEL = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
_EMAIL = re.compile(rf"(?<![\w.+'-])[\w.+'-]{{1,64}}{_AT}(?:{_LABEL}\.){{1,5}}[^\W\d_]{{2,24}}(?!\w)", re.IGNORECASE)
_GAP = r"[ \t\u00a0\u202f./\-]{0,2}"
_NOT_MONEY = r"(?!\s?(?:€|%|euros?\b|eur\b|ht\b|ttc\b))"
# One separator throughout: otherwise `01/02/2026 12` is a number.
_FRENCH = re.compile(
    rf"(?<![\w,.+])(?:(?:\+|00)[ \u00a0]?33{_GAP}(?:\(0\){_GAP})?[1-9]|0[1-9])(?P<gap>{_GAP})\d{{2}}"
    r"(?:(?P=gap)\d{2}){3}(?!\d)(?![.,]\d)"
)
_ABROAD = re.compile(rf"(?<!\w)\+[1-9](?:{_GAP}\(?\d\)?){{7,14}}+(?!\d){_NOT_MONEY}", re.IGNORECASE)
_ANNOUNCED = re.compile(
    r"(?<!\w)((?:t[ée]l|fax|t[ée]l[ée]copieur?)\b\.?[ \u00a0]?:?[ \u00a0]?"
    r"|(?:t[ée]l[ée]phone|portable|mobile)[ \u00a0]?:[ \u00a0]?)"
    rf"[+(]?\d(?:{_GAP}[\d()]){{5,20}}+",
    re.IGNORECASE,
)


def without_contacts(text: str) -> str:
    """Return a text with a neutral mark in place of every e-mail address and telephone number.

    French numbers are known by their form, foreign ones by their `+`, others by the word that announces them;
    amounts, SIREN, SIRET and CPV numbers stay (personal data stays out of what is stored, DESIGN.md section 3).
    """
    for pattern in (_EMAIL, _FRENCH, _ABROAD):
        text = pattern.sub(MARK, text)
    return _ANNOUNCED.sub(rf"\1{MARK}", text)
