"""The one place where text of others is made safe to show: in Discord's markdown, in its plain texts, in a terminal.

Three degrees, each holding the one before: `plain` (nothing invisible), `inert` (nothing that Discord turns into a
mention, a link or a command), `clean` (nothing that Discord reads as markdown). Lengths are counted in UTF-16 units.
"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote, urlsplit

ELLIPSIS = "…"
_LONGEST_TEXT = 50_000  # characters; no card shows more, and cleaning more would hold the event loop
_WINDOW = 1_024
_LONGEST_SEARCH = 8_192  # characters looked through for the few that a limit leaves room for
_LONGEST_URL = 1_024
_HIGHEST_PORT = 65_535
_MARKS_IN_A_ROW = 4
_STEPS_BACK = 32


def plain(text: str, limit: int | None = None, *, newlines: bool = False) -> str:
    """Return text without control, format, private and other invisible characters, in NFC, cut at `limit` units.

    For what shows markdown as typed: labels of buttons, autocomplete, forms, a terminal. All white space becomes single
    spaces; with `newlines` line ends stay, at most one empty line in a row. Applied twice it changes nothing more.
    """
    return _cut_to(_plain(text, limit, newlines=newlines), limit)


def inert(text: str, limit: int | None = None, *, newlines: bool = False) -> str:
    """Return `plain` text in which Discord finds no mention, link, invite, command, time or custom emoji.

    For what Discord shows without markdown, such as the footer of an embed. Applied twice it changes nothing more.
    """
    return _cut_to(_inert(_plain(text, limit, newlines=newlines)), limit)


def clean(text: str, limit: int | None = None, *, newlines: bool = False) -> str:
    r"""Return `inert` text with Discord's markdown escaped, so that it reads as its author typed it.

    `limit` is measured on the escaped text, which never ends in half an escape. Not to be applied twice: the second
    time would show the backslashes.
    """
    return _cut_to(_escaped(_inert(_plain(text, limit, newlines=newlines))), limit)


def as_read(markdown: str) -> str:
    """Return what a reader sees of a text of ours: what was cleaned as it was before, none of the markup around it.

    For what our own cards show; links are their words, quotations and emphasis lose their marks.
    """
    return _OURS.sub(_as_read, markdown)


def utf16_len(text: str) -> int:
    """Return the length of a text in UTF-16 units, the safe side of what Discord counts."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def cut(text: str, limit: int) -> str:
    """Return a text of at most `limit` UTF-16 units, ended by an ellipsis where something was left out.

    The cut never parts a character from its marks, an emoji from its modifiers or a backslash from what it escapes.
    """
    if len(text) * 2 <= limit or utf16_len(text) <= limit:
        return text
    if limit < 1:
        return ""
    units = text[:limit].encode("utf-16-le", "surrogatepass")[: (limit - 1) * 2]
    end = len(units.decode("utf-16-le", "ignore"))
    kept = text[: _boundary(text, end)].rstrip()
    if (len(kept) - len(kept.rstrip("\\"))) % 2:
        kept = kept[:-1].rstrip()
    return kept + ELLIPSIS


def safe_url(url: str | None, limit: int = _LONGEST_URL) -> str | None:
    """Return an address that can stand in a markdown link, or None when it is none that we would offer for a click.

    Only http and https, without user info, spaces or control characters; the host in ASCII (punycode), and whatever
    could end a link, mention someone or be read as markup is percent-encoded. Longer than `limit` characters: None.
    """
    if not url or len(url) > _LONGEST_TEXT or _BAD_IN_URL.search(url):
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
        host = (parts.hostname or "").encode("idna").decode("ascii").lower()
    except ValueError:  # a wrong port, an unclosed bracket, a label that no host can have
        return None
    if parts.scheme not in {"http", "https"} or "@" in parts.netloc or not _HOST.fullmatch(host):
        return None
    if port is not None and not 0 < port <= _HIGHEST_PORT:
        return None
    safe = f"{parts.scheme}://{host}" + (f":{port}" if port is not None else "") + (_quoted(parts.path) or "/")
    safe += (f"?{_quoted(parts.query)}" if parts.query else "") + (
        f"#{_quoted(parts.fragment)}" if parts.fragment else ""
    )
    return safe if len(safe) <= limit else None


def host_of(url: str) -> str:
    """Return the host of an address that `safe_url` accepted, with all its parts."""
    return urlsplit(url).hostname or ""


def site_of(url: str) -> str:
    """Return the host of an address that `safe_url` accepted, as people call it: without a `www.` before it."""
    host = host_of(url)
    short = host.removeprefix("www.")
    return short if "." in short else host


class _Visible(dict[int, str | None]):
    """Map each code point to what is shown of it, found out when it is first met."""

    def __missing__(self, code: int) -> str | None:
        shown = _shown(code)
        self[code] = shown
        return shown


def _shown(code: int) -> str | None:
    character = chr(code)
    if character in _LINE_ENDS:
        return "\n"
    category = unicodedata.category(character)
    if category in {"Zs", "Zl", "Zp"} or character in "\t\u2800":  # a blank Braille pattern is a space in disguise
        return character if category == "Zs" else " "
    if category in {"Cc", "Cf", "Cs", "Co"} or _is_ignorable(code) or code & 0xFFFE == 0xFFFE:  # noqa: PLR2004  # the last two of each plane are no characters
        return None
    return character


_LINE_ENDS = "\n\r\v\f\x85\u2028\u2029"
_IGNORABLE = (  # Default_Ignorable_Code_Point of Unicode beyond the categories above, and the noncharacters
    (0x034F, 0x034F),
    (0x115F, 0x1160),
    (0x17B4, 0x17B5),
    (0x180B, 0x180F),
    (0x2065, 0x2065),
    (0x3164, 0x3164),
    (0xFDD0, 0xFDEF),
    (0xFE00, 0xFE0F),
    (0xFFA0, 0xFFA0),
    (0xFFF0, 0xFFF8),
    (0xE0000, 0xE0FFF),
)


def _is_ignorable(code: int) -> bool:
    return any(first <= code <= last for first, last in _IGNORABLE)


_VISIBLE = _Visible()
_SPACES = re.compile(r"[^\S\n]{2,}")
_ANY_SPACES = re.compile(r"\s{2,}|\n")
_LINE_SPACES = re.compile(r"[^\S\n]*\n[^\S\n]*")
_LINES = re.compile(r"\n{3,}")
_MARK_PILES = re.compile(r"[^\x00-\u02ff]{5,}")

_ANGLES = str.maketrans("<>", "\u2039\u203a")  # single angle quotation marks
_EVERYONE = re.compile(r"@(?=everyone|here)", re.IGNORECASE)
_SCHEME = re.compile(r":(?=//)")
_INVITE = re.compile(r"(discord(?:app)?\.\w{2,4}|dsc\.gg)(?=/)", re.IGNORECASE)

_MARKDOWN = re.compile(r"([\\*_~`|\[\]])")
_SHORTCODE = re.compile(r":(?!\d\d?:)(?=[\w+\-\\]+:)")
_LINE_START = re.compile(r"^([^\S\n]*)(?:([#+\-])(?=[#\s]|$)|(\d+)([.)])(?=\s|$))", re.MULTILINE)

_OURS = re.compile(
    r"\\(?P<escaped>[\\*_~`|\[\]:#+\-.)])"
    r"|\[(?P<words>(?:[^\[\]\\]|\\.)*)\]\(https?://[^\s()]+\)"
    r"|\*\*|~~|`|^> ",
    re.MULTILINE,
)

_BAD_IN_URL = re.compile(r"[\s\x00-\x20\x7f-\x9f\\<>\"\ud800-\udfff]")
_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?")
_LONE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")


def _plain(text: str, limit: int | None, *, newlines: bool) -> str:
    """Return plain text, whole or enough of it that a cut at `limit` units leaves out what was not read."""
    longest = _LONGEST_TEXT if limit is None else min(_LONGEST_TEXT, max(_LONGEST_SEARCH, limit * 8))
    window = longest if limit is None else min(longest, max(_WINDOW, limit * 2))
    while True:
        shown = _visible(text[:window], newlines=newlines)
        if window >= len(text) and len(shown) <= longest:
            return shown
        if window >= longest:
            return shown[:longest].rstrip() + ELLIPSIS
        if limit is not None and len(shown) > limit + _STEPS_BACK:
            return shown
        window = min(window * 4, longest)


def _visible(text: str, *, newlines: bool) -> str:
    text = text.replace("\r\n", "\n").translate(_VISIBLE)
    if not text.isascii():
        text = _MARK_PILES.sub(_thinned, unicodedata.normalize("NFC", text))
    if newlines:
        text = _LINES.sub("\n\n", _LINE_SPACES.sub("\n", _SPACES.sub(" ", text)))
    else:
        text = _ANY_SPACES.sub(" ", text)
    return text.strip()


def _thinned(run: re.Match[str]) -> str:
    """Return a run of letters with at most four marks on each, so that they do not cover the lines around."""
    kept: list[str] = []
    marks = 0
    for character in run[0]:
        marks = marks + 1 if unicodedata.category(character).startswith("M") else 0
        if marks <= _MARKS_IN_A_ROW:
            kept.append(character)
    return "".join(kept)


def _inert(text: str) -> str:
    text = text.translate(_ANGLES)
    text = _EVERYONE.sub("\uff20", text)  # the full-width sign reads alike and mentions nobody
    return _INVITE.sub(r"\1 ", _SCHEME.sub(": ", text))


def _escaped(text: str) -> str:
    text = _MARKDOWN.sub(r"\\\1", text)
    text = _SHORTCODE.sub(r"\\:", text)
    return _LINE_START.sub(_escaped_start, text)


def _escaped_start(start: re.Match[str]) -> str:
    space, sign, digits, point = start.groups()
    return f"{space}\\{sign}" if sign else f"{space}{digits}\\{point}"


def _as_read(found: re.Match[str]) -> str:
    if found["words"] is not None:
        return as_read(found["words"])
    return found["escaped"] or ""


def _cut_to(text: str, limit: int | None) -> str:
    return text if limit is None else cut(text, limit)


def _boundary(text: str, end: int) -> int:
    """Return the last place at or before `end` where a reader would part the text; `end` where there is none near."""
    place = end
    while place > max(0, end - _STEPS_BACK) and _hangs_on(text, place):
        place -= 1
    return end if _hangs_on(text, place) else place


def _hangs_on(text: str, place: int) -> bool:
    if not 0 < place < len(text):
        return False
    before, after = text[place - 1], text[place]
    if (
        unicodedata.category(after).startswith("M")
        or "\u200d" in {before, after}
        or "\U0001f3fb" <= after <= "\U0001f3ff"
    ):
        return True
    if not (_is_flag_letter(before) and _is_flag_letter(after)):
        return False
    first = place
    while first > 0 and _is_flag_letter(text[first - 1]):
        first -= 1
    return (place - first) % 2 == 1


def _is_flag_letter(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _quoted(part: str) -> str:
    return quote(_LONE_PERCENT.sub("%25", part), safe="/%:;=&+,!$?")
