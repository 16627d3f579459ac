"""The names and codes of TED's search answer: which fields are asked for, and what their codes mean.

Field names are those of the Search API (https://docs.ted.europa.eu/api/latest/search.html), codes those of the eForms
SDK (https://docs.ted.europa.eu/eforms/latest/).
"""

from __future__ import annotations

from typing import Final

from bot.models import NoticeKind
from bot.sources._base import Form, Layout

CORE_FIELDS: Final = (
    "publication-number",
    "notice-title",
    "notice-type",
    "publication-date",
    "buyer-name",
    "classification-cpv",
    "links",
)
"""The fields that no notice is worth announcing without; what is asked for when TED refuses all others."""

DOCUMENTED_FIELDS: Final = (
    *CORE_FIELDS,
    "notice-identifier",
    "form-type",
    "official-language",
    "buyer-country",
    "organisation-name-buyer",
    "winner-name",
    "winner-identifier",
    "winner-country",
    "total-value",
    "total-value-cur",
    "tender-value",
    "tender-value-cur",
    "estimated-value-proc",
    "estimated-value-lot",
    "estimated-value-cur-lot",
    "deadline-receipt-tender-date-lot",
    "deadline-receipt-tender-time-lot",
    "deadline-receipt-request-date-lot",
    "title-proc",
    "title-lot",
    "description-proc",
    "description-lot",
    "identifier-lot",
    "modification-previous-notice-identifier",
)
"""The fields of which official pages or tested clients say that the interface takes them."""

FIELDS: Final = (
    *DOCUMENTED_FIELDS,
    "procedure-identifier",
    "buyer-identifier",
    "estimated-value-cur-proc",
    "change-notice-version-identifier",
    "change-reason-code",
    "change-description",
)
"""All fields that a notice is made of; the last ones are known from clients only."""

_MANDATORY: Final = ("publication-number", "notice-title", "notice-type", "publication-date", "buyer-name")
_EXPECTED: Final = (
    "classification-cpv",
    "links",
    "notice-identifier",
    "form-type",
    "official-language",
    "procedure-identifier",
)

LAYOUT: Final = Layout(
    form=Form.JSON,
    entries="notices",
    id="publication-number",
    mandatory=_MANDATORY,
    expected=_EXPECTED,
    optional=tuple(field for field in FIELDS if field not in _MANDATORY + _EXPECTED),
    ignored=(
        "buyer-city",
        "buyer-contact-point",
        "buyer-email",
        "buyer-internet-address",
        "buyer-legal-type",
        "buyer-post-code",
        "contract-duration-end-date-lot",
        "contract-duration-start-date-lot",
        "contract-nature",
        "dispatch-date",
        "framework-maximum-value-lot",
        "notice-version",
        "ojs-number",
        "organisation-name-tenderer",
        "place-of-performance",
        "place-of-performance-city-lot",
        "place-of-performance-country-lot",
        "place-of-performance-post-code-lot",
        "procedure-type",
        "received-submissions-type-code",
        "received-submissions-type-val",
        "submission-url-lot",
        "winner-city",
        "winner-email",
    ),
)

KINDS_BY_FORM: Final = {
    "planning": NoticeKind.TENDER,
    "competition": NoticeKind.TENDER,
    "result": NoticeKind.AWARD,
    "dir-awa-pre": NoticeKind.AWARD,
    "cont-modif": NoticeKind.CHANGE,
    "change": NoticeKind.CHANGE,
    "compl": NoticeKind.CHANGE,
    "bri": NoticeKind.COMPANY,
}
KINDS_BY_TYPE: Final = {
    **dict.fromkeys(
        ("pin-buyer", "pin-only", "pin-rtl", "pin-tran", "pin-cfc-standard", "pin-cfc-social", "pmc"), NoticeKind.TENDER
    ),
    **dict.fromkeys(("cn-standard", "cn-social", "cn-desg", "qu-sy", "subco"), NoticeKind.TENDER),
    **dict.fromkeys(("can-standard", "can-social", "can-desg", "can-tran", "veat"), NoticeKind.AWARD),
    **dict.fromkeys(("can-modif", "corr", "compl"), NoticeKind.CHANGE),
    **dict.fromkeys(("brin-ecs", "brin-eeig"), NoticeKind.COMPANY),
}
RESULT_FORMS: Final = frozenset({"result", "dir-awa-pre", "cont-modif", "compl"})
RESULT_TYPES: Final = frozenset({"veat", "compl"})
CHANGE_MARKERS: Final = ("change-notice-version-identifier", "change-reason-code", "change-description")
CANCELLED: Final = frozenset({"cancel", "cancel-intent"})

TEXT_FIELDS: Final = (
    "change-description",
    "notice-title",
    "title-proc",
    "description-proc",
    "title-lot",
    "description-lot",
)
PREFERRED: Final[tuple[str, ...]] = ("fra", "eng", "mul", "")
"""French, English, what stands for all languages, and texts without a language."""

LANGUAGES: Final = dict(
    code.split(":")
    for code in (  # noqa: SIM905  # a table to read
        "bul:bg ces:cs dan:da deu:de ell:el eng:en est:et fin:fi fra:fr gle:ga hrv:hr hun:hu isl:is ita:it lav:lv"
        " lit:lt mlt:mt nld:nl nor:no nob:no pol:pl por:pt ron:ro slk:sk slv:sl spa:es swe:sv"
    ).split()
)
COUNTRIES: Final = frozenset(
    (  # noqa: SIM905  # a table to read
        "AT AUT BE BEL BG BGR CH CHE CY CYP CZ CZE DE DEU DK DNK EE EST EL GR GRC ES ESP FI FIN FR FRA GB GBR UK HR HRV"
        " HU HUN IE IRL IS ISL IT ITA LI LIE LT LTU LU LUX LV LVA MT MLT NL NLD NO NOR PL POL PT PRT RO ROU SE SWE SI"
        " SVN SK SVK US USA"
    ).split()
)
"""The country codes that stand where a winner's name should; IBM or EDF are names."""
