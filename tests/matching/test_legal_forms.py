"""What of a company's name is its legal form: every form of the list, where it stands, what must not be dropped."""

from __future__ import annotations

import itertools
from importlib.resources import files

import pytest

from bot.matching.companies.legal_forms import read_company
from bot.matching.text.typed import CONNECTOR, read_words
from bot.matching.words.ordinary_words import ordinary_words


def core(name: str) -> str:
    return " ".join(word.folded for word in read_company(name).core)


def legal_forms(*marks: str) -> list[str]:
    lines = files("bot.matching.companies").joinpath("legal_forms.txt").read_text("utf-8").splitlines()
    listed = [line.partition(" ; ") for line in lines if line and not line.startswith("#")]
    return [form if len(form) > 1 else f"({form})" for form, _, mark in listed if mark in marks]


ALL = legal_forms("", "end", "kept", "after")
BEHIND = legal_forms("", "end", "kept")
SHORT = [form for form in BEHIND if form.isascii() and form.isalpha() and len(form) <= 6]


SPELLED = """SASU|S.A.S.U.|SCA|SCI|SCP|SCM|SELARL|SELAS|SELAFA|SCIC|GEIE|EARL|GAEC
SEML|SAEM|SAEML|SEMOP|SPL|SPLA|EPIC|EPA|FCP|SICAV|SCOP|GIE|EURL|SNC
société civile|société civile immobilière|SAS unipersonnelle|et Cie|et Fils|& Co|& Cie
Sàrl|S.à r.l.|S.a r.l|SAS à associé unique|SARL à capital variable|SA à directoire
SOCIETE ANONYME|SOCIETE PAR ACTIONS SIMPLIFIEE|Société à Responsabilité Limitée|SOCIETE EUROPEENNE
société d'économie mixte|SOCIETE D ECONOMIE MIXTE|groupement d\u2019intérêt économique
S.A.S|S.A.R.L|S. A. S.|S.A.U.|S A R L|S.A.|s.a.r.l.|S. A
Corp.|Corporation|Company|Company Limited|Co., Ltd.|CO.,LTD|Inc.|Incorporated|LLC
L.L.C.|LLP|PLC|P.L.C.|Ltd|Limited|Ltée|Limitée|S.E.N.C.R.L.|Pte. Ltd.|Pty Ltd
S.L.|S.L.U.|SLU|Lda|Unipessoal Lda|Unipessoal, Lda.|S.A. de C.V.|S. de R.L. de C.V.
Ltda|Ltda - ME|EIRELI|S/A|C.A.|S.A.C.|S.A.S. E.S.P.|y Cía Ltda|SGPS, S.A.
A/S|ApS|ASA|AS|AB|AB (publ)|Aktiebolag|Oy|Oyj|Oy Ab|ehf.|hf.
AG|GmbH|G.m.b.H.|GmbH & Co. KG|GmbH und Co. KG|KGaA|UG (haftungsbeschränkt)|e.K.|e. V.
Ges.m.b.H.|mbH & Co. KG|Gesellschaft mit beschränkter Haftung|SE & Co. KGaA|eG|OHG|GbR
N.V.|B.V.|BVBA|CVBA|VOF|VZW|Naamloze Vennootschap|SPRL|ASBL|Comm. V
S.p.A.|S.r.l.|S.r.l.s.|S.a.p.a.|Soc. coop. a r.l.|S.c.a r.l.|S.r.l. a socio unico
Società per Azioni|Sociedad Anónima|Sociedade por Quotas|Spółka Akcyjna|Akciová společnost
Sp. z o.o.|Sp. z o. o.|Sp. z o.o. Sp. k.|SP Z OO|s.r.o.|spol. s r.o.|a.s.|Kft.|Zrt.
d.o.o.|d. o. o.|j.d.o.o.|d.d.|UAB|SIA|OÜ|oü|EOOD|AD|Sh.p.k.|S.R.L.|SRL-D
ООО|ooo|ПАО|ОАО|ЗАО|АО|ЕООД|ТОВ|ПрАТ|общество с ограниченной ответственностью
A.E.|Α.Ε.|Ε.Π.Ε.|Ι.Κ.Ε.|Ανώνυμη Εταιρεία|Μονοπρόσωπη Ι.Κ.Ε.|A.Ş.|Ltd. Şti.
San. ve Tic. A.Ş.|Anonim Şirketi|JSC|PJSC|OJSC|W.L.L.|K.S.C.P.|FZ-LLC|FZE|DMCC
K.K.|Kabushiki Kaisha|有限公司|股份有限公司|株式会社|\uff08株\uff09|주식회사|Sdn. Bhd.|Tbk|PCL
Pvt. Ltd.|(P) Ltd|Private Limited|(Pty) Ltd|Proprietary Limited|בע"מ|ش.م.م|EEIG|SE
SARL AU|SUARL|SpA|SARLU|Sociedad por Acciones Simplificada|Công ty Cổ phần"""  # noqa: RUF001  # Greek and Russian letters
"""The forms of matching.md section 9, its supplement and more, as people and registers write them."""


def left_over(spellings: list[str], name: str = "valmarin") -> list[str]:
    return [spelling for spelling in spellings if core(spelling) != name]


def test_every_legal_form_is_dropped_behind_a_name_in_any_case() -> None:
    assert left_over([f"Valmarin {form}" for listed in BEHIND for form in (listed, listed.upper())]) == []


def test_every_legal_form_that_may_lead_is_dropped_in_front() -> None:
    assert left_over([f"{form} Valmarin" for form in legal_forms("")]) == []


def test_every_short_legal_form_is_dropped_dotted_without_its_last_dot_and_with_spaces() -> None:
    ways = (".".join, ". ".join, " ".join)
    spelled = [
        way(form) + dot for form in SHORT for way in ways for dot in ("", ".") if len(form) > 2 or "." in way("ab")
    ]
    assert left_over([f"Valmarin {form}" for form in spelled]) == []


def test_every_short_legal_form_is_dropped_in_brackets_after_a_comma_and_after_a_dash() -> None:
    around = ("Valmarin ({})", "Valmarin, {}", "Valmarin - {}", "Valmarin \u2013 {}", "Valmarin / {}")
    assert left_over([way.format(form.upper()) for form in SHORT for way in around]) == []


def test_what_may_only_follow_a_form_is_dropped_there_and_nowhere_else() -> None:
    after = legal_forms("after")
    assert left_over([f"Valmarin SAS {form}" for form in after]) == []
    assert left_over([f"SAS Valmarin {form}" for form in after]) == []
    assert [form for form in after if core(f"Valmarin {form}") == "valmarin"] == []


def test_initials_stay_in_front_of_a_place_unless_another_form_stands_behind() -> None:
    kept = legal_forms("kept")
    assert [form for form in kept if core(f"{form} Monaco") == "monaco"] == []
    assert left_over([f"{form} Valmarin SRL" for form in kept]) == []


def test_every_short_form_goes_in_front_of_a_name_that_tells_in_capitals_and_dotted() -> None:
    typed = [form for listed in SHORT for form in (listed.upper(), ".".join(listed) + ".")]
    # Coop and Corps are words that a name may begin with
    words = {form for form in SHORT if form in ordinary_words() and len(form) > 3}.difference(legal_forms(""))
    assert left_over([f"{form} Valmarin" for form in typed if form.replace(".", "").lower() not in words]) == []
    assert words
    assert [form for form in sorted(words) if core(f"{form.upper()} Valmarin") == "valmarin"] == []


def test_forms_in_a_row_are_all_dropped() -> None:
    pairs = itertools.product(SHORT[::9], SHORT[::11])
    assert left_over([f"Valmarin {one} {other}" for one, other in pairs]) == []


def test_a_name_is_never_emptied() -> None:
    names = [*ALL, *(f"{one} {other}" for one, other in itertools.product(ALL[::40], ALL[::30])), "&", "Groupe Groupe"]
    assert [name for name in names if read_words(name) and not core(name).strip(CONNECTOR + " ")] == []


def test_every_line_of_the_list_is_folded_as_a_typed_name_is() -> None:
    folded = {form: "".join(word.folded for word in read_words(form)) for form in ALL}
    unfolded = [
        form for form, letters in folded.items() if letters != form.strip("()").replace("&", "").replace(" ", "")
    ]
    assert unfolded == []
    assert len(set(ALL)) == len(ALL)


@pytest.mark.parametrize("spelled", SPELLED.replace("\n", "|").split("|"))
def test_a_form_is_dropped_however_it_is_written(spelled: str) -> None:
    assert core(f"Valmarin {spelled}") == "valmarin"


@pytest.mark.parametrize(
    ("name", "left"),
    [
        ("华锐安防股份有限公司", "华锐安防"),
        ("株式会社ハルボリス", "ハルホリス"),
        ("ハルボリス株式会社", "ハルホリス"),
        ("㈱ハルボリス", "ハルホリス"),
        ("발마린주식회사", "발마린"),
        ("(주)발마린", "발마린"),
        ("同方威视", "同方威视"),
        ("شركة فالمارين ش.م.م", "فالمارين"),
    ],
)
def test_a_form_glued_to_a_name_without_spaces_is_dropped(name: str, left: str) -> None:
    assert core(name).replace(" ", "") == left


@pytest.mark.parametrize(
    ("name", "left"),
    [
        ("SAS", "sas"),
        ("SA SAS", "sa"),
        ("Groupe Valmarin SAS", "valmarin"),
        ("Le Groupe Valmarin", "valmarin"),
        ("Les Ets Corvoy", "corvoy"),
        ("Valmarin Group Ltd", "valmarin"),
        ("The Valmarin Company", "valmarin"),
        ("Compagnie de Corvoy", "compagnie de corvoy"),
        ("EARL du Corvoy", "earl du corvoy"),
        ("Société d'exploitation Corvoy", "societe d exploitation corvoy"),
        ("Groupe PSA", "psa"),
        ("Groupe SA", "groupe sa"),
        ("Groupe La Poste", "groupe la poste"),
        ("Corvoy et Fils", "corvoy"),
        ("Boulanger et Fils", "boulanger & fils"),
        ("Corvoy et Lanthier", "corvoy & lanthier"),
        ("Valmarin \u2014 SAS", "valmarin"),
        ("Valmarin Holding", "valmarin holding"),
        ("Ets Corvoy", "corvoy"),
        ("Sté Corvoy", "corvoy"),
        ("Ste Anne", "ste anne"),
        ("SA Horizon", "sa horizon"),
        ("SARL La Maison", "sarl la maison"),
        ("SAS Le Corvoy", "le corvoy"),
        ("SAS Institute", "sas institute"),
        ("AS Monaco", "as monaco"),
        ("SC Corvane", "corvane"),
        ("SC Bastia", "sc bastia"),
        ("SARL Bretagne", "sarl bretagne"),
        ("SC Jean Martin", "sc jean martin"),
        ("S.p.A. Lucentini", "lucentini"),
        ("S.P.A. LUCENTINI", "lucentini"),
        ("SPA LUCENTINI", "spa lucentini"),
        ("Spa Lucentini", "spa lucentini"),
        ("Da Lucentini", "da lucentini"),
        ("A/S Tarvassepa", "tarvassepa"),
        ("АД Стройградест", "стройградест"),
        ("АД София", "ад софия"),
        ("Limited Edition Corvane", "limited edition corvane"),
        ("Pelloutier SA Bretagne", "pelloutier bretagne"),
        ("PELLOUTIER SA BRETAGNE", "pelloutier bretagne"),
        ("KERZHERO SE DISTRIBUE", "kerzhero se distribue"),
        ("Kerzhero et sa Fille", "kerzhero & sa fille"),
        ("Drakemoor GmbH & Co. KG Deutschland", "drakemoor deutschland"),
        ("Lucentini Epic Games", "lucentini epic games"),
        ("Total SA Distribution", "total sa distribution"),
        ("Corvane-SA-Bretagne", "corvane sa bretagne"),
        ("société civile immobilière du Corvoy", "societe civile immobiliere du corvoy"),
        ("SC Corvane SRL", "corvane"),
        ("SE Corvane", "corvane"),
        ("SE Bretagne", "se bretagne"),
        ("AG Corvane", "corvane"),
        ("AG2R", "ag2r"),
        ("AB Corvane", "corvane"),
        ("AB Conseil Habitat", "ab conseil habitat"),
        ("SNC-Corvalin", "snc corvalin"),
        ("Coca-Co", "coca co"),
        ("Too Good To Go", "too good to go"),
        ("AS 24", "as 24"),
        ("24 SAS", "24 sas"),
        ("K SAS", "k sas"),
        ("Art & Co", "art & co"),
        ("Studio PR", "studio pr"),
        ("Valmarin en liquidation", "valmarin en liquidation"),
        ("A+ SAS", "a sas"),
        ("AT&T Inc", "at & t"),
    ],
)
def test_a_company_name_keeps_what_is_not_its_form(name: str, left: str) -> None:
    assert core(name) == left


def test_what_was_dropped_and_what_stays_is_told_as_typed() -> None:
    assert read_company("Valmarin UG (haftungsbeschränkt)").form == ("UG (haftungsbeschränkt)",)
    assert read_company("SARL Valmarin et Fils").form == ("et Fils", "SARL")
    kept = read_company("AS Monaco").kept
    assert kept is not None
    assert kept.written == "AS"
