"""BOAMP's `donnees`: a JSON string made from the XML of the form that the buyer filled in.

Its first key names the form: eForms, FNSimple, MAPA, DSP, DIVERS, else the older form with upper-case elements.
Only named parts are read: contact blocks stand beside them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from bot.sources._boamp import eforms as eforms_reading
from bot.sources._reading import strict_json
from bot.sources._reading.body import Body, Party, cpv_codes, currency_code, moment, money
from bot.sources._reading.tree import Tree, lines_of

_PHASES = ("initial", "attribution", "rectificatif", "annulation")
_CORRECTION = ("rubrique", "auLieuDe", "lire", "supprimer", "ajouter")
_CPV = "natureMarche/codeCPV/objetPrincipal/classPrincipale"
_LEGACY = frozenset({"IDENTITE", "OBJET", "ATTRIBUTION", "PROCEDURE", "CONDITION", "RENSEIGNEMENTS_COMPLEMENTAIRES"})
_LEGACY_AMOUNTS = frozenset({"VALEUR", "MONTANT"})


def read(donnees: Any) -> Body:
    """Return what `donnees` says; it is the JSON string, or the object where it came unfolded.

    Parts of an unexpected type are named in `problems`. Raises ValueError where nothing can be read: no text, broken
    JSON, or a form that is not known.
    """
    if donnees is None or (isinstance(donnees, str) and not donnees.strip()):
        raise ValueError("it is empty")
    if isinstance(donnees, str):
        try:
            donnees = strict_json.loads(donnees)
        except ValueError as error:
            raise ValueError(f"it is not valid JSON ({error})") from None
    if not isinstance(donnees, dict):
        raise ValueError("it does not hold an object")  # noqa: TRY004  # one error type for what cannot be read
    if "EFORMS" in donnees:
        return _eforms_body(donnees["EFORMS"])
    for name, reader in _FORMS.items():
        if name in donnees:
            form = donnees[name]
            if not isinstance(form, dict):
                raise ValueError(f"{name} does not hold an element")
            return reader(name, form)
    if _LEGACY & donnees.keys():
        return _legacy(donnees)
    raise ValueError(f"the form {next(iter(donnees), '')[:40]!r} is not known")


def _eforms_body(eforms: Any) -> Body:
    for name in eforms_reading.ROOTS:
        if isinstance(eforms, dict) and isinstance(eforms.get(name), dict):
            return eforms_reading.read(eforms[name])
    raise ValueError("EFORMS holds none of " + ", ".join(eforms_reading.ROOTS))


def _fn_simple(name: str, form: dict[str, Any]) -> Body:
    tree = Tree()
    lines = _texts(tree, form, ("initial/natureMarche/intitule", "initial/natureMarche/description"))
    lines += _texts(tree, form, ("attribution/attributionMarche",)) + _correction(tree, form)
    amount = _amount(tree, form, "initial/natureMarche/valeurEstimee/fourchette/valeurHaute")
    raw_cpv = [code for phase in _PHASES for code in tree.texts(form, f"{phase}/{_CPV}")]
    return Body(
        form=name,
        title=tree.text(form, "initial/natureMarche/intitule"),
        lines=lines,
        buyers=_buyers(tree, form, ("nomOfficiel",)),
        amount=amount,
        currency=_currency(tree, form, "initial/natureMarche/valeurEstimee/fourchette/valeurHaute"),
        cpv=_cpv(tree, raw_cpv, _CPV),
        deadline=_deadline(tree, form, "initial/procedure/dateReceptionOffres"),
        parent=_parent(tree, form),
        problems=tree.problems,
    )


def _mapa(name: str, form: dict[str, Any]) -> Body:
    tree = Tree()
    awarded = "attribution/attribution/resultat/attribue"
    values = tree.elements(form, f"{awarded}/montant")
    # Lots may overlap: several amounts are never added up.
    amount = _amount(tree, values[0], "valeur") if len(values) == 1 else None
    return Body(
        form=name,
        lines=_texts(tree, form, ("initial/description",)) + _correction(tree, form),
        buyers=_buyers(tree, form, ("acheteurPublic", "nom")),
        winners=_winners(tree.texts(form, f"{awarded}/titulaire/PersonneMorale")),
        amount=amount,
        currency=currency_code(tree.text(values[0], "@devise")) if amount is not None else None,
        deadline=_deadline(tree, form, "initial/delais/receptionOffres"),
        parent=_parent(tree, form),
        problems=tree.problems,
    )


def _other(name: str, form: dict[str, Any]) -> Body:
    tree = Tree()
    return Body(
        form=name,
        lines=_texts(tree, form, ("initial/descriptionMarche", "initial/description")) + _correction(tree, form),
        buyers=_buyers(tree, form, ("nom", "nomOfficiel")),
        parent=_parent(tree, form),
        problems=tree.problems,
    )


def _legacy(form: dict[str, Any]) -> Body:
    tree = Tree()
    decided = tree.elements(form, "ATTRIBUTION/DECISION/TITULAIRE")
    numbers = ("SIRET", "SIREN", "CODE_IDENT_NATIONAL")
    raw_cpv = tree.texts(form, "OBJET/CPV/PRINCIPAL") + tree.texts(form, "OBJET/LOT/CPV/PRINCIPAL")
    amount, currency = _legacy_amount(tree, form)
    return Body(
        form="legacy",
        title=tree.text(form, "OBJET/TITRE_MARCHE"),
        lines=_texts(tree, form, ("OBJET/TITRE_MARCHE", "OBJET/OBJET_COMPLET")),
        buyers=_party(
            tree.text(form, "IDENTITE/DENOMINATION"), _numbers(tree, form, ("IDENTITE/CODE_IDENT_NATIONAL",))
        ),
        winners=tuple(
            party
            for winner in decided
            for party in _party(tree.text(winner, "DENOMINATION"), _numbers(tree, winner, numbers))
        ),
        amount=amount,
        currency=currency,
        cpv=_cpv(tree, raw_cpv, "OBJET/CPV/PRINCIPAL"),
        problems=tree.problems,
    )


_FORMS: dict[str, Callable[[str, dict[str, Any]], Body]] = {
    "FNSimple": _fn_simple,
    "MAPA": _mapa,
    "DSP": _other,
    "DIVERS": _other,
}


def _texts(tree: Tree, form: dict[str, Any], paths: Iterable[str]) -> tuple[str, ...]:
    return tuple(line for path in paths for text in tree.texts(form, path) for line in lines_of(text))


def _correction(tree: Tree, form: dict[str, Any]) -> tuple[str, ...]:
    return _texts(tree, form, (f"rectificatif/infosRectif/{part}" for part in _CORRECTION))


def _buyers(tree: Tree, form: dict[str, Any], names: Iterable[str]) -> tuple[Party, ...]:
    name = next((found for path in names if (found := tree.text(form, f"organisme/{path}"))), None)
    return _party(
        name,
        _numbers(tree, form, ("organisme/codeIdentificationNational", "organisme/typeIdentificationNational/siret")),
    )


def _party(name: str | None, numbers: tuple[str, ...]) -> tuple[Party, ...]:
    return (Party(name, numbers),) if name or numbers else ()


def _numbers(tree: Tree, node: dict[str, Any], paths: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text.strip() for path in paths for text in tree.texts(node, path)))


def _winners(names: list[str]) -> tuple[Party, ...]:
    return tuple(Party(" ".join(name.split())) for name in names)


def _parent(tree: Tree, form: dict[str, Any]) -> str | None:
    return next((found for phase in _PHASES if (found := tree.text(form, f"{phase}/avisInitial/idWeb"))), None)


def _cpv(tree: Tree, raw: list[str], path: str) -> tuple[str, ...]:
    codes, wrong = cpv_codes(raw)
    if wrong is not None:
        tree.problems[path] = f"{wrong[:40]!r} is not a CPV code"
    return codes


def _amount(tree: Tree, node: dict[str, Any], path: str) -> Decimal | None:
    raw = tree.text(node, path)
    if raw is None:
        return None
    try:
        return money(raw)
    except ValueError as error:
        tree.problems[path] = str(error)
        return None


def _currency(tree: Tree, form: dict[str, Any], path: str) -> str | None:
    """Return the currency that an amount or one of the elements around it states."""
    steps = path.split("/")
    for depth in range(len(steps), 1, -1):
        holder = tree.element(form, "/".join(steps[: depth - 1])).get(steps[depth - 1])
        if isinstance(holder, dict) and (found := currency_code(tree.text(holder, "@devise"))):
            return found
    return None


def _legacy_amount(tree: Tree, form: dict[str, Any]) -> tuple[Decimal | None, str | None]:
    """Return the value that the award states, None where it states several."""
    found: dict[Decimal, str | None] = {}
    for leaf in tree.leaves(form.get("ATTRIBUTION"), _LEGACY_AMOUNTS):
        for raw in tree.texts({"leaf": leaf}, "leaf"):
            try:
                amount = money(raw)
            except ValueError as error:
                tree.problems["ATTRIBUTION"] = str(error)
                continue
            if amount is not None:
                attributes = leaf if isinstance(leaf, dict) else {}
                found[amount] = currency_code(str(attributes.get("@DEVISE") or attributes.get("@devise") or ""))
    return next(iter(found.items())) if len(found) == 1 else (None, None)


def _deadline(tree: Tree, form: dict[str, Any], path: str) -> date | datetime | None:
    raw = tree.text(form, path)
    if raw is None:
        return None
    day, _, clock = raw.partition("T")
    try:
        return moment(day, clock or None)
    except ValueError as error:
        tree.problems[path] = str(error)
        return None
