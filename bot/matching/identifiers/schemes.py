"""The legal numbers that Vigie knows, as a table: what each is called, how it is formed, where it stands in a text.

Forms follow matching.md section 5, the annexes of Council Directive 2006/112/EC for VAT numbers, and the registers that
each entry names. A national number that is also the VAT number without its letters is one number with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.matching.codes import Rule


class Scheme(StrEnum):
    """Name the register or the rule by which a number was given; the word before the colon in `scheme:value`."""

    SIREN = "siren"
    SIRET = "siret"
    VAT_FR = "vat_fr"
    VAT = "vat"
    LEI = "lei"
    RNA = "rna"
    CPV = "cpv"
    UK_COMPANY = "gb-coh"
    GERMAN_REGISTER = "hrb"
    DUTCH_REGISTER = "kvk"
    POLISH_REGISTER = "krs"
    IRISH_REGISTER = "cro"
    AUSTRIAN_REGISTER = "fn"
    CODICE_FISCALE = "cf"
    TRANSPARENCY = "eutr"
    HATVP = "hatvp"
    DUNS = "duns"
    EIN = "ein"
    UEI = "uei"
    CAGE = "cage"


class Found(StrEnum):
    """Name where a number is looked for."""

    WITHIN = "within"
    ALONE = "alone"
    NAMED = "named"
    LISTED = "listed"
    BRANCH = "branch"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Kind:
    """Describe one kind of number; a value is compact: no spaces, no dots, letters in capitals.

    `names` are what people write before it; `body` the value without `prefix`, the letters of its country; `check` the
    module of `stdnum` that knows its check digits, `digits` where those stand in the body. In a text it counts by
    itself (`alone`), written as `grouped`, after its prefix, or beside one of its `labels`. `tail` may follow it, in a
    text as in `typed_tail` when typed. `bare` is how it is typed when nothing says what it is. All are regular
    expressions, those for texts over folded text.
    """

    scheme: Scheme
    body: str
    names: tuple[str, ...] = ()
    prefix: str = ""
    check: str = ""
    digits: tuple[int, int | None] = (-1, None)
    alone: bool = False
    grouped: str = ""
    labels: str = ""
    tail: str = ""
    typed_tail: str = ""
    bare: str = ""
    rule: Rule = Rule.IDENTIFIER


_VAT_LABEL = r"vat|tva|t\.v\.a\.?|btw|mwst|iva|moms"

_UK_NAMES = ("gb-coh", "uk-coh", "coh", "crn", "company number", "company no", "companies house")
_CPV_DIVISIONS = "0[39]|1[4-689]|2[24]|3[0-5789]|4[1-58]|5[015]|6[03-6]|7[0-35679]|8[05]|9[028]"
"""How codes begin (Regulation (EC) No 213/2008, annex I); nearly all of them end with a zero."""


def _vat(prefix: str, body: str, check: str, **more: object) -> Kind:
    labels = f"{more.pop('labels')}|{_VAT_LABEL}" if "labels" in more else _VAT_LABEL
    return Kind(scheme=Scheme.VAT, prefix=prefix, body=body, check=check, rule=Rule.VAT, labels=labels, **more)  # type: ignore[arg-type]


KINDS: tuple[Kind, ...] = (
    Kind(scheme=Scheme.SIREN, body=r"\d{9}", names=("siren", "rcs", "sirene"), check="fr.siren", alone=True,
         bare=r"\d{9}|\d{3}[ .]\d{3}[ .]\d{3}", rule=Rule.SIREN,
         labels=r"siren[es]?|r\.? ?c\.? ?s\.?|identifiant unique|identification|immatricule\w*"),
    Kind(scheme=Scheme.SIRET, body=r"\d{14}", names=("siret", "siren", "rcs"), check="fr.siret", alone=True,
         bare=r"\d{14}", rule=Rule.SIRET, labels="sirets?"),
    Kind(scheme=Scheme.VAT_FR, prefix="FR", body=r"[0-9A-HJ-NP-Z]{2}\d{9}", names=("tva", "vat", "vat_fr", "tva_intra"),
         check="fr.tva", digits=(0, 2), rule=Rule.VAT_FR, labels=_VAT_LABEL),
    # the countries of the Union, the United Kingdom, Switzerland and Norway
    _vat("AT", r"U\d{8}", "at.uid", names=("uid",), labels="uid"),
    _vat("BE", r"[01]\d{9}", "be.vat", names=("kbo", "bce", "be-kbo", "be", "rpm", "rpr"), digits=(-2, None),
         grouped=r"[01]\d{3}\.\d{3}\.\d{3}", bare=r"[01]\d{3}\.\d{3}\.\d{3}",
         labels=r"bce|kbo|rpm|rpr|ondernemingsn\w*|(?:numero|n.?) d.entreprise|enterprise number"),
    _vat("BG", r"\d{9,10}", "bg.vat", names=("eik", "bulstat"),
         labels="eik|bulstat|\u0435\u0438\u043a|\u0431\u0443\u043b\u0441\u0442\u0430\u0442"),
    _vat("CHE", r"\d{9}", "ch.uid", names=("uid", "ide", "che", "idi"), tail=r" ?(?:tva|mwst|iva|vat|hr|rc)\b",
         typed_tail="TVA|MWST|IVA|VAT|HR|RC", labels="uid|ide|idi"),
    _vat("CY", r"\d{8}[A-Z]", "cy.vat"),
    _vat("CZ", r"\d{8,10}", "cz.dic", names=("ico", "dic"), labels="ico?|dic"),
    _vat("DE", r"\d{9}", "de.vat", names=("ust", "ustid", "ust-id", "ust-idnr"),
         labels=r"ust\W{0,2}id\w*|umsatzsteuer\w*"),
    _vat("DK", r"\d{8}", "dk.cvr", names=("cvr", "dk-cvr"), labels=r"cvr(?:\W{0,2}nr)?|se(?:\W{0,2}nr)"),
    _vat("EE", r"\d{9}", "ee.kmkr", names=("kmkr",), labels="kmkr"),
    _vat("EL", r"\d{9}", "gr.vat", names=("afm",), labels="afm|\u03b1\\W?\u03c6\\W?\u03bc"),
    _vat("ES", r"[A-Z]\d{7}[0-9A-Z]|\d{8}[A-Z]", "es.nif", names=("nif", "cif", "nie"), alone=True,
         bare=r"[A-HJNP-SUVW]-?\d{7}-?[0-9A-J]", labels=r"n\W?i\W?f|c\W?i\W?f"),
    _vat("FI", r"\d{8}", "fi.alv", names=("y-tunnus", "ytunnus", "fi-prh"), grouped=r"\d{7}-\d", bare=r"\d{7}-\d",
         labels=r"y-?tunnus|fo-nummer|business id"),
    _vat("GB", r"\d{9}|\d{12}|GD\d{3}|HA\d{3}", "gb.vat", digits=(7, 9)),
    _vat("HR", r"\d{11}", "hr.oib", names=("oib",), labels="oib"),
    _vat("HU", r"\d{8}", "hu.anum", names=("adoszam",), tail=r"-\d-\d\d\b", typed_tail=r"\d{3}",
         grouped=r"\d{8}(?=-\d-\d\d\b)",
         bare=r"\d{8}-\d-\d{2}",         labels="adoszam\\w*"),
    _vat("IE", r"\d[0-9A-Z]\d{5}[A-W][A-I]?", "ie.vat", digits=(7, 8)),
    _vat("IT", r"\d{11}", "it.iva", names=("piva", "p.iva", "partita iva", "iva", "p. iva"),
         labels=r"p\W{0,2}iva|partita iva|c\W{0,2}f\W?|cod\w*\W{1,2}fisc\w*|reg\w*\W{1,2}imprese"),
    _vat("LT", r"\d{9}|\d{12}", "lt.pvm", names=("pvm",), labels="pvm"),
    _vat("LU", r"\d{8}", "lu.tva", digits=(-2, None)),
    _vat("LV", r"\d{11}", "lv.pvn", names=("pvn",), labels=r"pvn|reg\w*\W{1,2}n\w*"),
    _vat("MT", r"\d{8}", "mt.vat", digits=(-2, None)),
    _vat("NL", r"\d{9}B\d{2}", "nl.btw", names=("btw",), alone=True, digits=(8, 9), bare=r"\d{9}B\d{2}"),
    _vat("NO", r"\d{9}", "no.orgnr", names=("no-org", "orgnr-no"), tail=" ?mva\\b", typed_tail="MVA",
         labels=r"org\w*\W{1,2}n(?:r|o|umm?er)\w*|mva|foretaksregisteret"),
    _vat("PL", r"\d{10}", "pl.nip", names=("nip",), grouped=r"\d{3}-\d{3}-\d{2}-\d{2}|\d{3}-\d{2}-\d{2}-\d{3}",
         bare=r"\d{3}-\d{3}-\d{2}-\d{2}|\d{3}-\d{2}-\d{2}-\d{3}", labels="nip"),
    _vat("PT", r"\d{9}", "pt.nif", names=("nif", "nipc"), labels=r"nif|nipc|n\W?i\W?p\W?c|contribuinte"),
    _vat("RO", r"\d{5,10}", "ro.cui", names=("cui", "cif"), labels=r"c\W?u\W?i|c\W?i\W?f"),
    _vat("SE", r"\d{10}", "se.orgnr", names=("se-org", "orgnr", "orgnr-se"), tail=r"[ -]?01\b", typed_tail="01",
         grouped=r"\d{6}-\d{4}", bare=r"\d{6}-\d{4}", labels=r"org\w*\W{1,2}n(?:r|o|ummer)\w*"),
    _vat("SI", r"\d{8}", "si.ddv", names=("ddv",), labels="ddv"),
    _vat("SK", r"\d{10}", "sk.dph", names=("dph",), labels=r"ic\W?dph"),
    _vat("XI", r"\d{9}|\d{12}", "gb.vat", digits=(7, 9)),
    # registers
    Kind(scheme=Scheme.LEI, body=r"[0-9A-Z]{18}\d{2}", check="lei", digits=(-2, None), alone=True, rule=Rule.LEI,
         bare=r"(?=.*[A-Z])[0-9A-Z]{18}\d{2}", names=("lei",)),
    Kind(scheme=Scheme.RNA, body=r"W\d[0-9A-Z]\d{7}", names=("rna", "waldec"), alone=True, rule=Rule.RNA,
         bare=r"W\d[0-9A-Z]\d{7}"),
    Kind(scheme=Scheme.UK_COMPANY, body=r"[A-Z]{2}\d{6}|[A-Z]{2}\d{5}[A-Z]|R\d{7}", names=_UK_NAMES, alone=True,
         rule=Rule.REGISTER_NUMBER,
         bare="(?:SC|NI|OC|SO|NC|FC|BR|SE|SL|LP|IP|RS|NP|CE|CS)\\d{6}"),
    Kind(scheme=Scheme.UK_COMPANY, body=r"\d{8}", names=_UK_NAMES, rule=Rule.REGISTER_NUMBER,
         labels=r"compan(?:y|ies) (?:reg\w*\W{1,2})?(?:n\w*|house)|registered (?:in|no|number)|reg\w*\W{1,2}n\w*|"
         "crn|coh"),
    Kind(scheme=Scheme.GERMAN_REGISTER, body=r"(?:HRA|HRB|GNR|PR|VR)\d{1,6}[A-Z]{0,3}", alone=True,
         names=("hrb", "hra", "handelsregister"), bare=r"HR[AB]\d{1,6}[A-Z]{0,3}", rule=Rule.REGISTER_NUMBER),
    Kind(scheme=Scheme.DUTCH_REGISTER, body=r"\d{8}", names=("kvk", "nl-kvk"), labels=r"kvk\w*|k\.v\.k\.?|koophandel",
         rule=Rule.REGISTER_NUMBER),
    Kind(scheme=Scheme.POLISH_REGISTER, body=r"\d{10}", names=("krs", "pl-krs"), labels="krs",
         rule=Rule.REGISTER_NUMBER),
    Kind(scheme=Scheme.IRISH_REGISTER, body=r"\d{5,6}", names=("cro", "ie-cro"), rule=Rule.REGISTER_NUMBER,
         labels=r"cro|compan(?:y|ies) (?:reg\w*\W{1,2})?(?:n\w*|office)|registered (?:in|no|number)"),
    Kind(scheme=Scheme.AUSTRIAN_REGISTER, body=r"\d{5,6}[A-Z]", prefix="FN", names=("fn", "firmenbuch"),
         labels=r"firmenbuch\w*|fn", rule=Rule.REGISTER_NUMBER, bare="FN\\d{5,6}[A-Z]"),
    Kind(scheme=Scheme.CODICE_FISCALE, body=r"[A-Z]{6}\d{2}[A-EHLMPRST]\d{2}[A-Z]\d{3}[A-Z]", check="it.codicefiscale",
         names=("cf", "codice fiscale", "codice_fiscale"), alone=True,
         bare=r"[A-Z]{6}\d{2}[A-EHLMPRST]\d{2}[A-Z]\d{3}[A-Z]"),
    Kind(scheme=Scheme.TRANSPARENCY, body=r"\d{9,12}-?\d{2}", names=("eutr", "tr", "transparency"),
         grouped=r"\d{9,12}-\d{2}", bare=r"\d{9,12}-\d{2}",
         labels=r"transparen\w*(?: \w+){0,4}|eutr|reg\w*\W{1,2}n\w*"),
    Kind(scheme=Scheme.HATVP, body=r"H\d{9}", names=("hatvp",), alone=True, bare=r"H\d{9}"),
    Kind(scheme=Scheme.DUNS, body=r"\d{9}", names=("duns", "d-u-n-s"), grouped=r"\d{2}-\d{3}-\d{4}",
         bare=r"\d{2}-\d{3}-\d{4}", labels=r"d\W?u\W?n\W?s\W?"),
    Kind(scheme=Scheme.EIN, body=r"\d{9}", names=("ein", "us-ein", "irs"),
         grouped=r"\d{2}-\d{7}", bare=r"\d{2}-\d{7}", labels=r"ein|tax id\w*|irs\w*|employer\w*(?: \w+){0,2}"),
    Kind(scheme=Scheme.UEI, body=r"[A-HJ-NP-Z1-9][A-HJ-NP-Z0-9]{11}", names=("uei", "sam"), alone=True,
         bare=r"(?=.*\d)(?=.*[A-Z].*[A-Z])[A-HJ-NP-Z1-9][A-HJ-NP-Z0-9]{11}"),
    Kind(scheme=Scheme.CAGE, body=r"[0-9A-Z]{5}", names=("cage", "ncage"), labels="n?cage(?: code)?"),
    Kind(scheme=Scheme.CPV, body=r"\d{8}(?:-?\d)?", names=("cpv",), rule=Rule.CPV,
         bare=rf"\d{{8}}-\d|(?:{_CPV_DIVISIONS})\d{{5}}0",
         grouped=r"\d{8}-\d"),
)  # fmt: skip
