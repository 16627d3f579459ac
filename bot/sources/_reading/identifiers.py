"""Numbers that name an organisation: brought to one form, and believed only when their check holds."""

from __future__ import annotations

import re

_GROUPING = re.compile(r"[\s.\-/_]+")
VAT_DIGITS = 7
"""Fewer digits make a word, not a VAT number."""

_LA_POSTE = "356000000"
_OTHER_VAT_STATES = frozenset(
    "AT BE BG CY CZ DE DK EE EL ES FI HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK XI".split()  # noqa: SIM905
)
_VAT_BODY = re.compile(r"[0-9A-Z+*]{8,12}")
_LEI = re.compile(r"[0-9A-Z]{18}[0-9]{2}")
_RNA = re.compile(r"W[0-9][0-9A-Z][0-9]{7}")
_UK_COMPANY = re.compile(r"(?!0{8})[0-9]{8}|[A-Z]{2}[0-9]{6}|[A-Z]{2}[0-9]{5}[A-Z]|R(?!0{7})[0-9]{7}")
_CHECKED_REGISTERS = frozenset({"LEI", "XI-LEI", "SIREN", "SIRET", "VAT", "VATIN"})
_REGISTER = re.compile(r"[A-Z]{2}-[A-Z0-9]{2,12}")
_REGISTERED = re.compile(r"[0-9A-Z][0-9A-Z./\-]{1,39}")
_FLOAT_TAIL = re.compile(r"\.0+$")


def identifiers(value: str, country: str | None = None) -> tuple[str, ...]:
    """Return a raw number as `scheme:value`, with the SIREN that a SIRET or French VAT number holds; () when it fails.

    Schemes are `siret`, `siren`, `vat`, `rna` and `lei`. `country` is the ISO 3166 code (two or three letters) of the
    organisation: a French register number is not looked for in a number from elsewhere. Checks: Luhn for SIREN and
    SIRET, with La Poste's known exception, the key of French VAT numbers, and ISO 7064 for the LEI.
    """
    number = _GROUPING.sub("", value).upper()
    if not number.isascii():
        return ()
    if number.isdigit():
        return _french(number) if country in {None, "FR", "FRA"} else ()
    if number.startswith("FR") and len(number) == len("FR") + 11:
        return _french_vat(number)
    return _foreign(number)


def registered(scheme: str, number: str) -> tuple[str, ...]:
    """Return a number under the code of its register (org-id.guide: GB-COH) as `identifiers` does; () when it fails.

    `gb-coh` has eight signs, filled up with zeros; numbers of French registers, VAT numbers and LEI are checked; those
    of any other register stand under its code in lower case, and need a digit to be believed.
    """
    code = scheme.strip().upper()
    if code in _CHECKED_REGISTERS or code.startswith("FR-") or code.endswith("-VAT"):
        return identifiers(number)
    value = _FLOAT_TAIL.sub("", "".join(number.split()).upper())
    if code == "GB-COH":
        value = value.zfill(8) if value.isdigit() else value
        return (f"gb-coh:{value}",) if _UK_COMPANY.fullmatch(value) else ()
    believed = _REGISTER.fullmatch(code) and _REGISTERED.fullmatch(value) and any(map(str.isdigit, value))
    return (f"{code.lower()}:{value}",) if believed else ()


def _french_vat(number: str) -> tuple[str, ...]:
    key, siren = number[2:4], number[4:]
    if not _is_siren(siren) or (key.isdigit() and int(key) != (12 + 3 * (int(siren) % 97)) % 97):
        return ()
    return (f"vat:{number}", f"siren:{siren}")


def _foreign(number: str) -> tuple[str, ...]:
    if _LEI.fullmatch(number):
        return (f"lei:{number}",) if int("".join(str(int(sign, 36)) for sign in number)) % 97 == 1 else ()
    if _RNA.fullmatch(number):
        return (f"rna:{number}",)
    digits = sum(sign.isdigit() for sign in number)
    if number[:2] in _OTHER_VAT_STATES and _VAT_BODY.fullmatch(number[2:]) and digits >= VAT_DIGITS:
        return (f"vat:{number}",)
    return ()


def _french(number: str) -> tuple[str, ...]:
    if _is_siren(number):
        return (f"siren:{number}",)
    if len(number) == 14 and _is_siren(number[:9]) and _is_siret(number):  # noqa: PLR2004  # the length of a SIRET
        return (f"siret:{number}", f"siren:{number[:9]}")
    return ()


def _is_siren(number: str) -> bool:
    return len(number) == 9 and number.isdigit() and number != "000000000" and _luhn(number)  # noqa: PLR2004  # the length of a SIREN


def _is_siret(number: str) -> bool:
    return _luhn(number) or (number.startswith(_LA_POSTE) and sum(map(int, number)) % 5 == 0)


def _luhn(number: str) -> bool:
    total = 0
    for place, sign in enumerate(reversed(number)):
        digit = int(sign) * (1 + place % 2)
        total += digit - 9 if digit > 9 else digit  # noqa: PLR2004  # the digits of a product are added
    return total % 10 == 0
