"""One process that exports a newsroom in every way: each time as `vigie export` does it, at the bot's time."""

from __future__ import annotations

from bot.loopback import launcher

EXPORTS = {
    "facts": ("facts",),
    "tips": ("tips",),
    "facts-with-all": ("facts", "--include-sensitive"),
    "tips-with-all": ("tips", "--include-sensitive"),
}
"""What is asked for, by the folder where it goes."""


def main(arguments: list[str]) -> None:
    """Export the newsroom that is named first below the folder that is named second."""
    guild, folder, *config = arguments
    for name, asked in EXPORTS.items():
        try:
            launcher.main(["export", *asked, "--guild", guild, "--out", f"{folder}/{name}", *config])
        except SystemExit as ended:
            if ended.code:
                raise
