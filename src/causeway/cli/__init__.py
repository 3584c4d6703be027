"""The command line: one module per command, and the composition root.

Talk goes to stderr, data to stdout. An error of ours is one sentence and an exit code; `--verbose`
shows where it came from.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any

import click

from causeway.errors import Error

__all__ = ["main"]

_COMMANDS = ("centre", "count", "demo", "desk", "door", "drill", "relay", "routes")


class _Commands(click.Group):
    """Loads a command's module when it is asked for: the relay must not import what opens envelopes."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, loading its module."""
        if cmd_name not in _COMMANDS:
            return None
        command = importlib.import_module(f"causeway.cli.cmd_{cmd_name}").command
        assert isinstance(command, click.Command)  # noqa: S101 (our own module, not remote input)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; turn an error of ours into a sentence and its exit code."""
        try:
            return super().invoke(ctx)
        except Error as error:
            if ctx.params.get("verbose"):
                raise
            click.echo(error.diagnostics(), err=True)
            sys.exit(error.exit_code)


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--verbose", is_flag=True, envvar="CAUSEWAY_VERBOSE", help="Show where an error came from.")
@click.version_option(package_name="causeway", prog_name="causeway")
def main(verbose: bool) -> None:
    """Causeway: a door for people who are hunted, and desks for those who help them."""
