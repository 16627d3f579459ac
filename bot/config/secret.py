"""The Discord token: read from the environment or a file, shown nowhere."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bot.config.faults import shown
from bot.errors import ConfigError, ConfigFault, Expected

if TYPE_CHECKING:
    from bot.config.settings import Settings

TOKEN_VARIABLE: Final = "VIGIE_DISCORD_TOKEN"  # noqa: S105  # the name of a variable, not a token
TOKEN_FILE_MAX_BYTES: Final = 4096


class Secret(str):
    """Hold a text that never shows itself in a `repr`, hence in no traceback and no log of arguments."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "Secret('…')"


def token(settings: Settings, environ: Mapping[str, str]) -> Secret | None:
    """Return the Discord token from `VIGIE_DISCORD_TOKEN`, else from the file of `discord.token_file`, else None.

    Raises ConfigError when that file cannot be read or holds anything but one word. The result hides from `repr`.
    """
    if given := environ.get(TOKEN_VARIABLE, "").strip():
        return Secret(given)
    path = settings.discord.token_file
    if path is None:
        return None
    try:
        with path.open("rb") as file:
            written = file.read(TOKEN_FILE_MAX_BYTES + 1).decode("ascii").split()
    except OSError as error:
        raise _token_file_error(path, Expected.TOKEN_UNREADABLE, reason=error.strerror or "") from None
    except ValueError:
        raise _token_file_error(path, Expected.TOKEN_AS_TEXT) from None
    if len(written) != 1 or len(written[0]) > TOKEN_FILE_MAX_BYTES:
        raise _token_file_error(path, Expected.TOKEN_FILE)
    return Secret(written[0])


def _token_file_error(path: Path, expected: Expected, **values: str) -> ConfigError:
    fault = ConfigFault("discord.token_file", shown(str(path), "token_file"), expected, values)
    return ConfigError(str(path), (fault,))
