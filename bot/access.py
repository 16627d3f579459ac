"""Who may do what: one table, and the one decision that commands, autocomplete, buttons and forms ask for."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from bot.errors import UserError
from bot.models import Dossier, Fact, Follow, Newsroom, Take, Tip, WatchItem


class Role(IntEnum):
    """What a member is to the newsroom, each including the ones before it."""

    NOBODY = 0
    REPORTER = 1
    EDITOR = 2
    ADMINISTRATOR = 3


class Action(StrEnum):
    """What can be asked of Vigie; a command's action has the command's name, those of `PRESSED` have no command."""

    HELP = "help"
    SETUP = "setup"
    WATCH_ADD = "watch add"
    WATCH_LIST = "watch list"
    WATCH_SHOW = "watch show"
    WATCH_TEST = "watch test"
    WATCH_EDIT = "watch edit"
    WATCH_REMOVE = "watch remove"
    WATCH_RESTORE = "watch restore"
    WATCH_MUTE = "watch mute"
    WATCH_UNMUTE = "watch unmute"
    WATCH_HITS = "watch hits"
    WATCH_DISMISS = "watch dismiss"
    WATCH_IMPORT = "watch import"
    WATCH_EXPORT = "watch export"
    TIP_ADD = "tip add"
    TIP_LIST = "tip list"
    TIP_SHOW = "tip show"
    TIP_NOTE = "tip note"
    TIP_EDIT = "tip edit"
    TIP_ASSIGN = "tip assign"
    TIP_STATUS = "tip status"
    TIP_PROMOTE = "tip promote"
    TIP_EMBARGO = "tip embargo"
    TIP_KEEP = "tip keep"
    TIP_REASSIGN = "tip reassign"
    TIP_ERASE = "tip erase"
    FACT_ADD = "fact add"
    FACT_LIST = "fact list"
    FACT_SHOW = "fact show"
    FACT_CITE = "fact cite"
    FACT_CORRECT = "fact correct"
    FACT_VERIFY = "fact verify"
    FACT_DISPUTE = "fact dispute"
    FACT_RETRACT = "fact retract"
    FACT_EMBARGO = "fact embargo"
    FACT_EXPORT = "fact export"
    DOSSIER_CREATE = "dossier create"
    DOSSIER_ADD = "dossier add"
    DOSSIER_LIST = "dossier list"
    DOSSIER_SHOW = "dossier show"
    DOSSIER_CLOSE = "dossier close"
    DOSSIER_REOPEN = "dossier reopen"
    DIGEST_SCHEDULE = "digest schedule"
    DIGEST_LIST = "digest list"
    DIGEST_PREVIEW = "digest preview"
    DIGEST_NOW = "digest now"
    DIGEST_REMOVE = "digest remove"
    SEARCH = "search"
    WHY = "why"
    NOTICE_TAKE = "notice take"
    NOTICE_RELEASE = "notice release"
    NOTICE_FOLLOW = "notice follow"
    NOTICE_UNFOLLOW = "notice unfollow"
    AUDIT_LIST = "audit list"
    AUDIT_VERIFY = "audit verify"
    SOURCE_LIST = "source list"
    SOURCE_SHOW = "source show"
    SOURCE_CHECK = "source check"
    SOURCE_BACKFILL = "source backfill"
    SOURCE_PAUSE = "source pause"
    SOURCE_RESUME = "source resume"


@dataclass(frozen=True, slots=True)
class Rule:
    """Say the least role for an action on what others entered, and the least role on one's own."""

    others: Role
    own: Role | None = None


_REPORTERS = Rule(Role.REPORTER)
_EDITORS = Rule(Role.EDITOR)
_OWN_OR_EDITORS = Rule(Role.EDITOR, own=Role.REPORTER)
_ADMINISTRATORS = Rule(Role.ADMINISTRATOR)

TABLE: dict[Action, Rule] = {
    Action.HELP: _REPORTERS,
    Action.SETUP: _ADMINISTRATORS,
    Action.WATCH_ADD: _REPORTERS,
    Action.WATCH_LIST: _REPORTERS,
    Action.WATCH_SHOW: _REPORTERS,
    Action.WATCH_TEST: _REPORTERS,
    Action.WATCH_EDIT: _OWN_OR_EDITORS,
    Action.WATCH_REMOVE: _OWN_OR_EDITORS,
    Action.WATCH_RESTORE: _OWN_OR_EDITORS,
    Action.WATCH_MUTE: _REPORTERS,
    Action.WATCH_UNMUTE: _REPORTERS,
    Action.WATCH_HITS: _REPORTERS,
    Action.WATCH_DISMISS: _REPORTERS,
    Action.WATCH_IMPORT: _EDITORS,
    Action.WATCH_EXPORT: _REPORTERS,
    Action.TIP_ADD: _REPORTERS,
    Action.TIP_LIST: _REPORTERS,
    Action.TIP_SHOW: _REPORTERS,
    Action.TIP_NOTE: _OWN_OR_EDITORS,
    Action.TIP_EDIT: _OWN_OR_EDITORS,
    Action.TIP_ASSIGN: _OWN_OR_EDITORS,
    Action.TIP_STATUS: _OWN_OR_EDITORS,
    Action.TIP_PROMOTE: _OWN_OR_EDITORS,
    Action.TIP_EMBARGO: _OWN_OR_EDITORS,
    Action.TIP_KEEP: _OWN_OR_EDITORS,
    Action.TIP_REASSIGN: _EDITORS,
    Action.TIP_ERASE: _EDITORS,
    Action.FACT_ADD: _REPORTERS,
    Action.FACT_LIST: _REPORTERS,
    Action.FACT_SHOW: _REPORTERS,
    Action.FACT_CITE: _REPORTERS,
    Action.FACT_CORRECT: _OWN_OR_EDITORS,
    Action.FACT_VERIFY: _EDITORS,
    Action.FACT_DISPUTE: _REPORTERS,
    Action.FACT_RETRACT: _EDITORS,
    Action.FACT_EMBARGO: _OWN_OR_EDITORS,
    Action.FACT_EXPORT: _REPORTERS,
    Action.DOSSIER_CREATE: _REPORTERS,
    Action.DOSSIER_ADD: _REPORTERS,
    Action.DOSSIER_LIST: _REPORTERS,
    Action.DOSSIER_SHOW: _REPORTERS,
    Action.DOSSIER_CLOSE: _EDITORS,
    Action.DOSSIER_REOPEN: _REPORTERS,
    Action.DIGEST_SCHEDULE: _EDITORS,
    Action.DIGEST_LIST: _REPORTERS,
    Action.DIGEST_PREVIEW: _REPORTERS,
    Action.DIGEST_NOW: _EDITORS,
    Action.DIGEST_REMOVE: _EDITORS,
    Action.SEARCH: _REPORTERS,
    Action.WHY: _REPORTERS,
    Action.NOTICE_TAKE: _REPORTERS,
    Action.NOTICE_RELEASE: _OWN_OR_EDITORS,
    Action.NOTICE_FOLLOW: _REPORTERS,
    Action.NOTICE_UNFOLLOW: _OWN_OR_EDITORS,
    Action.AUDIT_LIST: _EDITORS,
    Action.AUDIT_VERIFY: _EDITORS,
    Action.SOURCE_LIST: _REPORTERS,
    Action.SOURCE_SHOW: _REPORTERS,
    Action.SOURCE_CHECK: _ADMINISTRATORS,
    Action.SOURCE_BACKFILL: _ADMINISTRATORS,
    Action.SOURCE_PAUSE: _EDITORS,
    Action.SOURCE_RESUME: _EDITORS,
}
"""DESIGN.md section 4. What is not in the table is refused."""

PRESSED = frozenset(
    {
        Action.WATCH_DISMISS,
        Action.TIP_KEEP,
        Action.NOTICE_TAKE,
        Action.NOTICE_RELEASE,
        Action.NOTICE_FOLLOW,
        Action.NOTICE_UNFOLLOW,
    }
)
"""What only buttons and selects do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Hold who asks, and from where; `guild_id` is None outside a guild."""

    user_id: int
    guild_id: int | None
    role_ids: frozenset[int] = frozenset()
    is_administrator: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """Hold through whose eyes tips and facts are read.

    Those that are sensitive or under embargo are seen by their author, their owner and editors.
    """

    guild_id: int
    user_id: int
    sees_all: bool


Thing = WatchItem | Tip | Fact | Dossier | Take | Follow
"""What an action may be about: something of a newsroom's that somebody entered."""


class AccessError(UserError):
    """Refuse a caller, in words that say whom to ask."""


def role_of(caller: Caller, newsroom: Newsroom | None) -> Role:
    """Return what a caller is to the newsroom of their guild.

    Until a newsroom names its roles only administrators are anything. Raises ValueError for another guild's newsroom.
    """
    if caller.guild_id is None:
        return Role.NOBODY
    if newsroom is not None and newsroom.guild_id != caller.guild_id:
        raise ValueError("a caller is judged by the newsroom of their own guild")
    if caller.is_administrator:
        return Role.ADMINISTRATOR
    if newsroom is None:
        return Role.NOBODY
    if newsroom.editor_role in caller.role_ids:
        return Role.EDITOR
    if newsroom.reporter_role in caller.role_ids:
        return Role.REPORTER
    return Role.NOBODY


def viewer_of(caller: Caller, newsroom: Newsroom | None) -> Viewer:
    """Return through whose eyes a caller reads tips; managing the server alone opens no sensitive one.

    Raises ValueError for a caller outside a guild.
    """
    if caller.guild_id is None:
        raise ValueError("tips are read in a guild")
    if newsroom is not None and newsroom.guild_id != caller.guild_id:
        raise ValueError("a caller is judged by the newsroom of their own guild")
    sees_all = newsroom is not None and newsroom.editor_role in caller.role_ids
    return Viewer(guild_id=caller.guild_id, user_id=caller.user_id, sees_all=sees_all)


def sees(viewer: Viewer, thing: Tip | Fact) -> bool:
    """Return whether somebody may know of a tip or a fact."""
    if thing.guild_id != viewer.guild_id:
        return False
    owner = thing.owner if isinstance(thing, Tip) else None
    return not thing.is_hidden or viewer.sees_all or viewer.user_id in {thing.logged_by, owner}


def owners_of(thing: Thing) -> frozenset[int]:
    """Return whose own a thing is: who entered it, the owner of a tip too; nobody's once a fact was verified.

    To dispute a verified fact does not give it back to its author.
    """
    match thing:
        case WatchItem():
            owners = {thing.added_by}
        case Tip():
            owners = {thing.logged_by, *((thing.owner,) if thing.owner is not None else ())}
        case Fact():
            owners = {thing.logged_by} if thing.verified_by is None else set()
        case Dossier():
            owners = {thing.created_by}
        case Take():
            owners = {thing.taken_by}
        case Follow():
            owners = {thing.followed_by}
    return frozenset(owners)


def may(role: Role, action: Action | None, *, is_own: bool = False) -> bool:
    """Return whether a role may act; what the table does not hold is refused."""
    rule = TABLE.get(action) if action is not None else None
    if rule is None:
        return False
    least = rule.own if is_own and rule.own is not None else rule.others
    return role >= least


def reach(role: Role, action: Action | None) -> bool:
    """Return whether a role may act at least on what is its own: enough to be offered a command."""
    return may(role, action, is_own=True)


def authorize(caller: Caller, newsroom: Newsroom | None, action: Action | None, *, thing: Thing | None = None) -> Role:
    """Return the caller's role when they may act, on `thing` where one is concerned; raise AccessError otherwise.

    Without a thing a command that depends on whose it is passes as if it were the caller's own: ask again with it.
    """
    role = role_of(caller, newsroom)
    if caller.guild_id is None:
        raise AccessError("access-guild-only")
    if thing is not None and thing.guild_id != caller.guild_id:
        raise AccessError("access-elsewhere")
    is_own = thing is None or caller.user_id in owners_of(thing)
    if may(role, action, is_own=is_own):
        return role
    if newsroom is None or (newsroom.reporter_role is None and newsroom.editor_role is None):
        raise AccessError("access-not-set-up")
    if role is Role.NOBODY:
        raise AccessError("access-no-role")
    rule = TABLE.get(action) if action is not None else None
    if rule is None:
        raise AccessError("error-outdated-command")
    if rule.others is Role.ADMINISTRATOR:
        raise AccessError("access-administrators")
    if rule.own is None:
        raise AccessError("access-editors-only")
    if isinstance(thing, Fact) and thing.logged_by == caller.user_id:
        is_embargo = action is Action.FACT_EMBARGO
        raise AccessError("access-fact-verified-embargo" if is_embargo else "access-fact-verified")
    raise AccessError("access-editors")


def allowed(role: Role) -> Collection[Action]:
    """Return the commands that a role may use, in the table's order."""
    return [action for action in TABLE if reach(role, action) and action not in PRESSED]
