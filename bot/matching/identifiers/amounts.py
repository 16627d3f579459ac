"""Whether a number of a text is an amount or a quantity: what stands right before and right after it.

Codes follow ISO 4217. Texts are folded (`window` of `numbers_in_text`); `clean` is the same stretch with its capitals,
which tell the codes that few texts use from words (`ALL`, `TRY`).
"""

from __future__ import annotations

import re
from enum import Enum, auto

from bot.matching.text.folding import FIELD_BREAK


class Amount(Enum):
    """Say how sure it is that a number is an amount: by a sign of its own, or by what may be another word too."""

    SURE = auto()
    LIKELY = auto()


_SPACE = rf"[^\S{re.escape(FIELD_BREAK)}\r\n]"
_SPACES = rf"{_SPACE}{{0,2}}"
_NOT_IN_WORD = r"(?<![^\W_])"
_WORD_ENDS = r"(?![^\W_]|-[^\W\d_])"

_SIGN = (
    r"[$\u00a2-\u00a5\u058f\u060b\u09f2\u09f3\u0af1\u0bf9\u0e3f\u17db\u20a0-\u20c0\ua838\ufdfc%\u2030"
    r"\u5143\u5186\u5713]"
)
_SIGNS = rf"(?:(?:[a-z]{{1,3}}\.?)?{_SIGN})"
"""A sign of a currency, with the letters that go with some (`US$`, `R$`, `k\u20ac`)."""
_CODES = "|".join(
    """
    eur usd gbp chf jpy cny cad aud nzd sek dkk nok isk czk huf pln ron bgn rsd hrk rub uah byn xof xaf xpf dzd tnd
    brl hkd sgd ils zar mxn krw fcfa cfa frf dem bef itl nlg
    """.split()  # noqa: SIM905  # many words read best as a text
)
"""Codes that are no word and stand in any case."""
_CAPITAL_CODES = "|".join(
    """
    AED AFN ALL AMD ANG AOA ARS AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BSD BTN BWP BZD CDF CLP COP CRC CUP CVE DJF
    DOP EGP ERN ETB FJD FKP GEL GHS GIP GMD GNF GTQ GYD HNL HTG IDR INR IQD IRR JMD JOD KES KGS KHR KMF KPW KWD KYD
    KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MYR MZN NAD NGN NIO NPR OMR PAB PEN PGK
    PHP PKR PYG QAR RWF SAR SBD SCR SDG SHP SLE SLL SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UGX
    UYU UZS VED VES VND VUV WST XAF XCD XCG YER ZMW ZWG ZWL ATS ESP FIM GRD IEP LUF PTE SIT SKK EEK LVL LTL FF FB DM
    DA DH DT FC TL
    """.split()  # noqa: SIM905  # many words read best as a text
)
"""Codes and abbreviations that count in capitals only, for they are words or names too."""
_NOUNS = "|".join(
    r"""
    euros? dollars? francs? franken francos franchi rappen roubles? rubles? rubel zlotys? zlotych grosz[ye] forints?
    fillers? kroner kronor kronen kron korun koruny krone couronnes? corone coronas haleru leva bani hryvni?as?
    hryven grivnas? dinars? denars? dirhams? yens? yuans? renminbi roupies? rupees? rupien? rupias? pesos? reais
    reales shekels? nairas? cedis? ariarys? gourdes? birrs? shillings? bahts? ringgits? tenges? manats? kunas?
    drachm[ae]s? pesetas? escudos? florins? guilders? gulden lires deutschmarks? pounds sterling livres?\Wsterling
    livres\Wturques centimes? cents pence евро \u0440\u0443\u0431\w* лева лв грн грив\w* дин\w* ден\w* ευρω тенге
    """.split()  # noqa: SIM905  # many words read best as a text
)
"""What money is called, as regular expressions."""
_SHORT = "|".join(
    r"""
    kr k[cs] kcs zl ft [km]?dhs? rmb frs frw fbu f(?!\.\s?[a-z]) f\.?\s?cf[ap] fcfp kn [kmt]eur ht hors\Wtaxes? ttc
    hors\Wtva
    """.split()  # noqa: SIM905  # many words read best as a text
)
"""Signs of money that are letters."""
_SHORT_BEFORE = "kr|k[cs]|zl|ft|frs|rmb|dhs?"
_PLAIN = "|".join(
    r"""
    lei leu lev ban real rand rands mark marks won wons lira liras lire livres pound peso krona dong lari dram lek
    leke s?fr\. soms? taka kip riels? rials? riyals? esc pts ptas lit rs lv din
    """.split()  # noqa: SIM905  # many words read best as a text
)
"""Words of currencies that are other words too, in one language or another."""
_KINDS = "|".join(
    r"""
    u\.?s\.? american americains? canadiens? canadian australiens? australian swiss schweizer new nouveaux anciens
    hong\Wkong turkish turques? swedish danish norwegian czech polish indian british french russian serbian
    singapore israeli mexican algeriens? tunisiens? marocains?
    """.split()  # noqa: SIM905  # many words read best as a text
)
"""What stands before the name of some money, and whose it is."""
_QUANTITIES = "|".join(
    r"""
    millions? millio milliards? thousand billions? trillions? milliers millionen milliarden mill?on(?:es|i)
    miliardi? miljo(?:e?n|ner) miljard\w* mio mrd mds mln mld bn crores? lakhs? pour\Wcent per\W?cent m2 m3 km2? kg
    tonnes? litres? [kmgt]w\s?h? habitants inhabitants
    """.split()  # noqa: SIM905  # many words read best as a text
)
"""What is counted, and by how many at once."""
_MAGNITUDES = "|".join(
    r"""
    mia mds? mn bln tsd tys tis ezer mille mil k m t
    """.split()  # noqa: SIM905  # many words read best as a text
)
"""By how many money is counted, where money follows."""
_CURRENCY = rf"(?:{_SIGNS}|(?:{_CODES}|{_NOUNS}|{_SHORT}){_WORD_ENDS})"
_DASHES = r"(?:[,:](?:--?|[\u2013\u2014]{1,2})|\.(?:--?|[\u2013\u2014]))"
"""What stands for no cents (`100,- \u20ac`)."""
_LINK = rf"(?:(?:de|of|di|d['\u2019]|von|en|in){_SPACES})?"

_SURE_AFTER = re.compile(
    rf"{_DASHES}?{_SPACES}\(?(?:{_LINK}{_CURRENCY}"
    rf"|(?:{_QUANTITIES}|{_MAGNITUDES})\.?{_SPACES}{_LINK}{_CURRENCY}"
    rf"|{_LINK}(?:{_KINDS}){_SPACE}(?:{_NOUNS}|livres?|lires?|lira|peso|pound){_WORD_ENDS}"
    rf"|(?:{_QUANTITIES}){_WORD_ENDS})"
)
_LIKELY_AFTER = re.compile(rf"{_SPACES}{_LINK}(?:{_PLAIN}){_WORD_ENDS}|[,:](?:--?|[\u2013\u2014])(?![0-9])")
_CODE_AFTER = re.compile(rf"{_DASHES}?{_SPACES}(?:{_CAPITAL_CODES}){_WORD_ENDS}")
_NOT_OF_ANOTHER = rf"(?<![0-9])(?<![0-9]{_SPACE})"
_SURE_BEFORE = re.compile(
    rf"{_NOT_OF_ANOTHER}{_NOT_IN_WORD}(?:{_SIGNS}|(?:{_CODES}|{_SHORT_BEFORE})\.?)"
    rf"(?:\)?{_SPACE}?[:=])?{_SPACES}$"
)
_LIKELY_BEFORE = re.compile(rf"{_NOT_OF_ANOTHER}(?<![\w.])(?:lei|s?fr\.|rs\.?|{_NOUNS}){_SPACES}$")
_CODE_BEFORE = re.compile(rf"{_NOT_OF_ANOTHER}{_NOT_IN_WORD}(?:{_CAPITAL_CODES}){_SPACES}$")
_LABEL_BEFORE = re.compile(
    rf"{_NOT_IN_WORD}(?:montants?|prix|budgets?|capital|somme|valeurs?|amounts?|price|values?)"
    rf"(?:{_SPACE}(?:social|de|of|estimee?|totale?|ht|ttc)){{0,3}}{_SPACE}?[:=]?{_SPACE}?$"
    rf"|{_NOT_IN_WORD}total{_SPACE}?[:=]{_SPACE}?$"
)
_SIGNS_BEFORE = 40


def amount_after(text: str, clean: str, end: int) -> Amount | None:
    """Return whether a currency or a quantity follows a number that ends at a place."""
    if _SURE_AFTER.match(text, end):
        return Amount.SURE
    return Amount.LIKELY if _LIKELY_AFTER.match(text, end) or _CODE_AFTER.match(clean, end) else None


def amount_before(text: str, clean: str, first: int) -> Amount | None:
    """Return whether a currency, or a word that announces an amount, stands before a number that begins at a place.

    A currency that follows another number is that number's.
    """
    low = max(0, first - _SIGNS_BEFORE)
    if _SURE_BEFORE.search(text, low, first):
        return Amount.SURE
    is_likely = (
        _LABEL_BEFORE.search(text, low, first)
        or _LIKELY_BEFORE.search(text, low, first)
        or _CODE_BEFORE.search(clean, low, first)
    )
    return Amount.LIKELY if is_likely else None
