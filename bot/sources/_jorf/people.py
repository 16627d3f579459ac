"""The people whom a text of the Journal officiel names: civility, given name, family name in capitals, and no guess."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

_UP = "A-ZÀ-ÖØ-ÞŒŸ"
_LOW = "a-zß-öø-ÿœ"
_APOSTROPHE = r"['\u2019]"
_NO_CIVILITY = r"(?!(?:M|MM|Mme|Mmes|Mlle|Mlles|Monsieur|Madame|Messieurs|Mesdames)\b)"
_INITIALS = rf"(?!MM?\. )[{_UP}]\.(?:-?[{_UP}]\.)?"
_GIVEN_WORD = rf"(?:{_NO_CIVILITY}[{_UP}][{_LOW}]+(?:{_APOSTROPHE}[{_UP}]?[{_LOW}]+)?|{_INITIALS})"
_GIVEN = rf"{_GIVEN_WORD}(?:[ \-]{_GIVEN_WORD}|-[{_LOW}]+){{0,6}}"
_PARTICLE = (
    rf"(?:[dD]{_APOSTROPHE}|[dD]e [lL]{_APOSTROPHE}|(?:[dD]e|[dD]u|[dD]es|[lL]e|[lL]a|[lL]es|[vV]on|[vV]an|[dD]er"
    r"|[dD]en|[tT]er|[zZ]u|[eE]l|[aA]l|[bB]en|[bB]in|[dD]os|[dD]a|[dD]i|[dD]el|[dD]ella|y|e|et) )"
)
_CAPITALS = rf"(?:Mc|Mac|[{_UP}]{_APOSTROPHE})?[{_UP}]{{2,}}(?:(?:{_APOSTROPHE}|-)[{_UP}]+){{0,4}}"
_FAMILY = rf"{_PARTICLE}{{0,3}}{_CAPITALS}(?: (?!et )(?:{_PARTICLE}{{0,2}}){_CAPITALS}){{0,4}}"
_LISTED = rf"(?P<listed>{_FAMILY}) \((?P<first>{_GIVEN})[^()]{{0,60}}\)"
_SPOKEN = rf"(?!(?:Le|La|Les|De|Du|Des) )(?P<given>{_GIVEN}) (?P<family>{_FAMILY})(?![{_UP}{_LOW}])"
_NAME = rf"(?:{_LISTED}|{_SPOKEN})"

_OFFICE = rf"(?:le |la |l{_APOSTROPHE})(?:[{_LOW}\-]|{_APOSTROPHE})+(?: (?:[{_LOW}\-]|{_APOSTROPHE})+){{0,4}} "
_CIVILITY = re.compile(
    rf"(?<!\w)(?P<civility>MM\.|M\.|Mme|Mmes|Mlle|Mlles|Monsieur|Madame|Messieurs|Mesdames) (?:{_OFFICE})?"
)
_PLURAL = frozenset({"MM.", "Mmes", "Mlles", "Messieurs", "Mesdames"})
_PERSON = re.compile(_NAME)
_NEXT = re.compile(rf"(?:,? et |[,;] ?(?:et )?|,[^{_UP}.;:]{{1,100}} et )(?={_GIVEN_WORD}|{_FAMILY} \()")
_NAMED = re.compile(
    rf"(?:^|(?<=[.:;] )){_NAME}(?:, [^.;:]{{1,100}},)? (?:est|sont|a été|ont été) (?:re)?(?:nommé|désigné|promu)"
)
_APPOINTS = re.compile(r"\b(?:nommé|désigné|promu|titularisé)(?:e|s|es)?\b")
_LIST_LINE = re.compile(rf"(?:[\-\u2013\u2014\u2022*] ?|\d{{1,3}}[°.)] ?)?{_NAME} ?(?=[,;.:(]|$)")


def people_of(lines: Iterable[str]) -> tuple[str, ...]:
    """Return the people named in lines of text as `Given FAMILY`, in their order, each once.

    Read are a civility before a name (`Mme Anne Le HÉNANFF`, `M. LAUNAY (Vincent)`), lists after a plural one (`MM.
    Paul DURAND et Jean MARTIN`), a name that is said to be appointed, and the lines of a list of those who are.
    """
    found: dict[str, None] = {}
    in_list = False
    for line in lines:
        listed = _LIST_LINE.match(line) if in_list else None
        if listed:
            found[_name(listed)] = None
        found.update(dict.fromkeys(_after_civility(line)))
        found.update(dict.fromkeys(_name(person) for person in _NAMED.finditer(line)))
        begins = line.endswith(":") and _APPOINTS.search(line)
        in_list = bool(begins or (in_list and (listed or _CIVILITY.search(line))))
    return tuple(found)


def _after_civility(line: str) -> Iterator[str]:
    for civility in _CIVILITY.finditer(line):
        person = _PERSON.match(line, civility.end())
        while person:
            yield _name(person)
            following = _NEXT.match(line, person.end()) if civility["civility"] in _PLURAL else None
            person = _PERSON.match(line, following.end()) if following else None


def _name(person: re.Match[str]) -> str:
    given, family = person["given"] or person["first"], person["family"] or person["listed"]
    return " ".join(f"{given} {family}".split())
