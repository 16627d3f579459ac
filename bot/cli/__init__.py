"""The command line, `vigie` (DESIGN.md section 6): one module a command, importing what it needs only when it runs."""

from __future__ import annotations

import typer

from bot.cli import _backup, _check, _demo, _export, _match, _migrate, _poll, _run, _status, _verify
from bot.cli._terminal import force_utf8

app = typer.Typer(
    name="vigie",
    help="Vigie, a lookout for investigative newsrooms: watches public tenders and registers, announces what matches.",
    epilog="Exit status: 0 done, 1 a check failed or data is bad, 2 used wrongly.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # plain help starts faster and reads well everywhere
    pretty_exceptions_enable=False,  # its tracebacks would print local variables, and with them secrets
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
app.command("run", short_help="Run the bot.")(_run.run)
app.command("demo", short_help="Show it all at work: no Discord account, no network.")(_demo.demo)
app.command("check", short_help="Check that all is ready; each line ok or what to do.")(_check.check)
app.command("migrate", short_help="Bring the database to the schema of this version.")(_migrate.migrate)
app.command("backup", short_help="Copy the database while the bot runs, and check the copy.")(_backup.backup)
app.command("restore", short_help="Put a backup in the place of the database.")(_backup.restore)
app.command("poll", short_help="Poll a source once, or read a saved answer.")(_poll.poll)
app.command("match", short_help="Try a watchlist on notices, offline.")(_match.match)
app.command("export", short_help="Export facts, tips, hits, the watchlist or notices.")(_export.export)
app.command("verify", short_help="Verify the audit log, or an export: intact, or what was altered.")(_verify.verify)
app.command("status", short_help="Show sources, announcements and size at a glance.")(_status.status)


def main() -> None:
    """Run the command that the arguments name and end the process with its exit status."""
    force_utf8()
    app(prog_name="vigie")
