"""The table of access against docs/permissions.md: role by action, own and others', no newsroom, another guild."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.access import (
    AccessError,
    Action,
    Caller,
    Role,
    Thing,
    Viewer,
    allowed,
    authorize,
    may,
    owners_of,
    reach,
    role_of,
    sees,
    viewer_of,
)
from bot.models import (
    Claim,
    Dossier,
    Fact,
    FactStatus,
    Follow,
    ItemKind,
    Newsroom,
    Take,
    Tip,
    TipStatus,
    WatchItem,
)
from tests.permission_tables import RULES

GUILD, OTHER_GUILD = 10, 20
REPORTERS, EDITORS = 1, 2
ME, SOMEBODY, NOBODY_HERE = 100, 200, 300
WHEN = datetime(2026, 11, 16, 8, 0, tzinfo=UTC)
NEWSROOM = Newsroom(
    guild_id=GUILD, language="fr", timezone="Europe/Paris", reporter_role=REPORTERS, editor_role=EDITORS
)
OTHER_NEWSROOM = Newsroom(guild_id=OTHER_GUILD, language="fr", timezone="Europe/Paris", reporter_role=REPORTERS)
WITHOUT_ROLES = Newsroom(guild_id=GUILD, language="fr", timezone="Europe/Paris")

PEOPLE = {
    "stranger": Caller(user_id=ME, guild_id=GUILD, role_ids=frozenset({99})),
    "reporter": Caller(user_id=ME, guild_id=GUILD, role_ids=frozenset({99, REPORTERS})),
    "editor": Caller(user_id=ME, guild_id=GUILD, role_ids=frozenset({EDITORS})),
    "administrator": Caller(user_id=ME, guild_id=GUILD, is_administrator=True),
}

OWN = tuple(name for name, rule in RULES.items() if rule["reporter"] != rule["author, owner"])
"""The actions that depend on whose the thing is."""


def on_page(who: str, action: str, *, is_own: bool = False) -> bool:
    """Return what docs/permissions.md says."""
    return RULES[action]["author, owner" if is_own and who == "reporter" else who] == "yes"


def item(added_by: int, guild_id: int = GUILD) -> WatchItem:
    return WatchItem(kind=ItemKind.COMPANY, name="Axon", id=1, guild_id=guild_id, added_by=added_by)


def tip(logged_by: int, guild_id: int = GUILD, **said: Any) -> Tip:
    values: dict[str, Any] = {"is_sensitive": False, "owner": None, **said}
    return Tip(
        id=1, guild_id=guild_id, revision=1, changes=1, text="T", origin=None, origin_url=None, heard=None,
        heard_typed=None, status=TipStatus.NEW, logged_by=logged_by, logged_at=WHEN, **values,
    )  # fmt: skip


def fact(logged_by: int, guild_id: int = GUILD, **said: Any) -> Fact:
    values: dict[str, Any] = {"status": FactStatus.LOGGED, "verified_by": None, "verified_at": None, **said}
    return Fact(
        id=1, guild_id=guild_id, revision=1, changes=1, claim=Claim(text="T"), logged_by=logged_by, logged_at=WHEN,
        tip_id=None, corrected_by=None, corrected_at=None, reason=None, **values,
    )  # fmt: skip


def verified_fact(logged_by: int, verified_by: int = SOMEBODY) -> Fact:
    return fact(logged_by, status=FactStatus.VERIFIED, verified_by=verified_by, verified_at=WHEN)


def dossier(created_by: int, guild_id: int = GUILD) -> Dossier:
    return Dossier(id=1, guild_id=guild_id, name="D", channel_id=None, created_by=created_by, created_at=WHEN)


def taken(taken_by: int, guild_id: int = GUILD) -> Take:
    return Take(id=1, guild_id=guild_id, notice_id=1, item_id=None, taken_by=taken_by, taken_at=WHEN)


def follow(followed_by: int, guild_id: int = GUILD) -> Follow:
    return Follow(id=1, guild_id=guild_id, notice_id=1, channel_id=1, followed_by=followed_by, followed_at=WHEN)


MAKERS: dict[str, Callable[..., Thing]] = {
    "watch": item, "tip": tip, "fact": fact, "dossier": dossier,
    "notice take": taken, "notice release": taken, "notice follow": follow, "notice unfollow": follow,
}  # fmt: skip


def thing_of(action: str, entered_by: int, guild_id: int = GUILD) -> Thing:
    """Return what a command is about; a watch item for those that are about nothing that somebody entered."""
    return MAKERS.get(action, MAKERS.get(action.split(maxsplit=1)[0], item))(entered_by, guild_id)


def is_let(who: str, action: str, thing: Thing) -> bool:
    try:
        authorize(PEOPLE[who], NEWSROOM, Action(action), thing=thing)
    except AccessError:
        return False
    return True


@pytest.mark.parametrize("who", PEOPLE)
def test_who_may_do_what_as_the_page_says(who: str) -> None:
    said = {(action.value, own): on_page(who, action, is_own=own) for action in Action for own in (False, True)}
    found = {(name, own): is_let(who, name, thing_of(name, ME if own else SOMEBODY)) for name, own in said}
    assert [cell for cell in said if said[cell] != found[cell]] == []


@pytest.mark.parametrize("who", PEOPLE)
def test_what_depends_on_whose_it_is_passes_at_first_for_those_who_may_on_their_own(who: str) -> None:
    caller = PEOPLE[who]
    for action in Action:
        let = on_page(who, action, is_own=True)
        assert reach(role_of(caller, NEWSROOM), action) == let, action
        with nullcontext() if let else pytest.raises(AccessError):
            authorize(caller, NEWSROOM, action)


@pytest.mark.parametrize("role", Role)
def test_what_the_table_does_not_hold_is_refused_to_everybody(role: Role) -> None:
    assert not may(role, None, is_own=True)


@pytest.mark.parametrize(("who", "text"), [("stranger", "access-no-role"), ("administrator", "error-outdated-command")])
def test_an_unknown_command_is_refused_with_what_to_do(who: str, text: str) -> None:
    with pytest.raises(AccessError) as refused:
        authorize(PEOPLE[who], NEWSROOM, None)
    assert refused.value.text == text


@pytest.mark.parametrize("newsroom", [None, WITHOUT_ROLES])
@pytest.mark.parametrize("who", ["stranger", "reporter", "editor"])
def test_until_roles_are_named_only_administrators_may_do_anything(who: str, newsroom: Newsroom | None) -> None:
    with pytest.raises(AccessError) as refused:
        authorize(PEOPLE[who], newsroom, Action.HELP)
    assert refused.value.text == "access-not-set-up"


@pytest.mark.parametrize("newsroom", [None, WITHOUT_ROLES])
def test_an_administrator_needs_no_newsroom(newsroom: Newsroom | None) -> None:
    assert authorize(PEOPLE["administrator"], newsroom, Action.SETUP) is Role.ADMINISTRATOR


def test_outside_a_guild_everything_is_refused() -> None:
    outside = Caller(user_id=ME, guild_id=None, role_ids=frozenset({EDITORS}), is_administrator=True)
    for action in Action:
        with pytest.raises(AccessError) as refused:
            authorize(outside, None, action)
        assert refused.value.text == "access-guild-only"


def test_another_guilds_thing_is_refused_even_to_who_entered_it() -> None:
    for action in Action:
        with pytest.raises(AccessError) as refused:
            authorize(PEOPLE["administrator"], NEWSROOM, action, thing=thing_of(action, ME, OTHER_GUILD))
        assert refused.value.text == "access-elsewhere"


def test_a_caller_is_never_judged_by_another_guilds_newsroom() -> None:
    with pytest.raises(ValueError, match="own guild"):
        role_of(PEOPLE["reporter"], OTHER_NEWSROOM)


def test_each_role_includes_the_ones_before_it() -> None:
    for lesser, greater in ((Role.NOBODY, Role.REPORTER), (Role.REPORTER, Role.EDITOR), (Role.EDITOR, 3)):
        assert set(allowed(lesser)) <= set(allowed(Role(greater)))


def test_one_who_has_both_roles_is_an_editor() -> None:
    both = Caller(user_id=ME, guild_id=GUILD, role_ids=frozenset({REPORTERS, EDITORS}))
    assert role_of(both, NEWSROOM) is Role.EDITOR


def test_nobody_is_allowed_nothing() -> None:
    assert list(allowed(Role.NOBODY)) == []


@pytest.mark.parametrize(
    ("who", "action", "text"),
    [
        ("stranger", Action.WATCH_LIST, "access-no-role"),
        ("editor", Action.SETUP, "access-administrators"),
        ("reporter", Action.WATCH_REMOVE, "access-editors"),
        ("reporter", Action.TIP_PROMOTE, "access-editors"),
        ("reporter", Action.FACT_VERIFY, "access-editors-only"),
        ("reporter", Action.FACT_CORRECT, "access-editors"),
        ("reporter", Action.DOSSIER_CLOSE, "access-editors-only"),
        ("reporter", Action.DIGEST_SCHEDULE, "access-editors-only"),
    ],
)
def test_a_refusal_says_whom_to_ask(who: str, action: Action, text: str) -> None:
    with pytest.raises(AccessError) as refused:
        authorize(PEOPLE[who], NEWSROOM, action, thing=thing_of(action, SOMEBODY))
    assert refused.value.text == text


@pytest.mark.parametrize(
    ("thing", "owners"),
    [
        (item(SOMEBODY), {SOMEBODY}),
        (tip(SOMEBODY), {SOMEBODY}),
        (tip(SOMEBODY, owner=ME), {SOMEBODY, ME}),
        (tip(SOMEBODY, owner=SOMEBODY), {SOMEBODY}),
        (fact(SOMEBODY), {SOMEBODY}),
        (fact(SOMEBODY, status=FactStatus.DISPUTED), {SOMEBODY}),
        (verified_fact(SOMEBODY), set()),
        (dossier(SOMEBODY), {SOMEBODY}),
        (taken(SOMEBODY), {SOMEBODY}),
        (follow(SOMEBODY), {SOMEBODY}),
    ],
    ids=[
        "item",
        "tip",
        "assigned tip",
        "own tip",
        "fact",
        "disputed fact",
        "verified fact",
        "dossier",
        "take",
        "follow",
    ],
)
def test_whose_own_a_thing_is(thing: Thing, owners: set[int]) -> None:
    assert owners_of(thing) == owners


@pytest.mark.parametrize("action", [action for action in OWN if action.startswith("tip ")])
def test_a_reporter_may_do_with_an_assigned_tip_what_they_may_with_their_own(action: str) -> None:
    assert is_let("reporter", action, tip(SOMEBODY, owner=ME))


@pytest.mark.parametrize("action", [action for action in OWN if action.startswith("tip ")])
def test_a_reporter_may_not_do_so_with_a_tip_that_is_assigned_to_somebody_else(action: str) -> None:
    assert not is_let("reporter", action, tip(SOMEBODY, owner=NOBODY_HERE))


@pytest.mark.parametrize("action", [action for action in OWN if action.startswith("tip ")])
def test_a_stranger_may_do_nothing_with_a_tip_that_is_assigned_to_them(action: str) -> None:
    assert not is_let("stranger", action, tip(ME, owner=ME))


@pytest.mark.parametrize(("who", "is_allowed"), [("stranger", False), ("reporter", False), ("editor", True)])
def test_only_an_editor_corrects_a_verified_fact(who: str, *, is_allowed: bool) -> None:
    assert is_let(who, "fact correct", verified_fact(ME)) == is_allowed


def test_who_verified_a_fact_does_not_own_it() -> None:
    assert not is_let("reporter", "fact correct", verified_fact(SOMEBODY, verified_by=ME))


@pytest.mark.parametrize(
    ("who", "sees_all"), [("stranger", False), ("reporter", False), ("editor", True), ("administrator", False)]
)
def test_through_whose_eyes_a_caller_reads_tips(who: str, *, sees_all: bool) -> None:
    assert viewer_of(PEOPLE[who], NEWSROOM) == Viewer(guild_id=GUILD, user_id=ME, sees_all=sees_all)


def test_an_administrator_with_the_editors_role_sees_every_tip() -> None:
    both = Caller(user_id=ME, guild_id=GUILD, role_ids=frozenset({EDITORS}), is_administrator=True)
    assert viewer_of(both, NEWSROOM).sees_all


@pytest.mark.parametrize("newsroom", [None, WITHOUT_ROLES])
@pytest.mark.parametrize("who", PEOPLE)
def test_until_roles_are_named_nobody_sees_every_tip(who: str, newsroom: Newsroom | None) -> None:
    assert not viewer_of(PEOPLE[who], newsroom).sees_all


def test_tips_are_not_read_outside_a_guild() -> None:
    with pytest.raises(ValueError, match="in a guild"):
        viewer_of(Caller(user_id=ME, guild_id=None, role_ids=frozenset({EDITORS})), None)


SENSITIVE = {
    "author": (tip(ME, is_sensitive=True), (True, True, True, True)),
    "owner": (tip(SOMEBODY, is_sensitive=True, owner=ME), (True, True, True, True)),
    "neither": (tip(SOMEBODY, is_sensitive=True, owner=NOBODY_HERE), (False, False, True, False)),
    "unowned": (tip(SOMEBODY, is_sensitive=True), (False, False, True, False)),
    "plain": (tip(SOMEBODY), (True, True, True, True)),
    "elsewhere": (tip(ME, OTHER_GUILD, is_sensitive=True, owner=ME), (False, False, False, False)),
    "plain elsewhere": (tip(ME, OTHER_GUILD), (False, False, False, False)),
}
"""What each of PEOPLE is to a tip, and whether they may know of it once their role lets them ask at all."""


@pytest.mark.parametrize("what", SENSITIVE)
@pytest.mark.parametrize("who", PEOPLE)
def test_who_may_know_of_a_tip(who: str, what: str) -> None:
    asked, expected = SENSITIVE[what]
    assert sees(viewer_of(PEOPLE[who], NEWSROOM), asked) == expected[list(PEOPLE).index(who)]
