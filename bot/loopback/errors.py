"""What the loopback answers when it refuses a request."""

from __future__ import annotations

from typing import Any

from bot.loopback.state import Json

MESSAGES = {
    0: "401: Unauthorized",
    10003: "Unknown Channel",
    10004: "Unknown Guild",
    10007: "Unknown Member",
    10008: "Unknown Message",
    10013: "Unknown User",
    10015: "Unknown Webhook",
    10062: "Unknown interaction",
    40005: "Request entity too large",
    40060: "Interaction has already been acknowledged.",
    40067: "A tag is required to create a forum post in this channel",
    50001: "Missing Access",
    50005: "Cannot edit a message authored by another user",
    50006: "Cannot send an empty message",
    50007: "Cannot send messages to this user",
    50013: "Missing Permissions",
    50024: "Cannot execute action on this channel type",
    50027: "Invalid Webhook Token",
    50033: "Invalid Recipient(s)",
    50035: "Invalid Form Body",
    50083: "Thread is archived",
    50109: "The request body contains invalid JSON.",
    160002: "Cannot reply without permission to read message history",
    160004: "A thread has already been created for this message",
    160005: "This thread is locked",
    160006: "Maximum number of active threads reached",
}


class ApiError(Exception):
    """A refusal with its HTTP status, Discord's code, and for a faulty body the tree of what is wrong where."""

    def __init__(self, status: int, code: int, errors: Json | None = None) -> None:
        super().__init__(f"{status} / {code} {MESSAGES[code]}")
        self.status = status
        self.code = code
        self.errors = errors

    def payload(self) -> Json:
        """Return the body that Discord answers with."""
        payload: Json = {"message": MESSAGES[self.code], "code": self.code}
        if self.errors:
            payload["errors"] = self.errors
        return payload


class Faulty:
    """Collect what is wrong in a body, each with its place."""

    def __init__(self) -> None:
        self.found: list[tuple[tuple[str | int, ...], str, str]] = []

    def add(self, place: tuple[str | int, ...], code: str, message: str) -> None:
        """Note one fault at a place such as `("embeds", 0, "title")`."""
        if (place, code, message) not in self.found:
            self.found.append((place, code, message))

    def lines(self) -> list[str]:
        """Return each fault as `place: message`."""
        return [f"{'.'.join(map(str, place)) or 'body'}: {message}" for place, _, message in self.found]

    def raise_if_any(self) -> None:
        """Raise the 400 / 50035 that Discord answers, its `errors` tree naming each place; else return."""
        if not self.found:
            return
        tree: Json = {}
        for place, code, message in self.found:
            node: dict[str, Any] = tree
            for step in place:
                node = node.setdefault(str(step), {})
            node.setdefault("_errors", []).append({"code": code, "message": message})
        raise ApiError(400, 50035, tree)
