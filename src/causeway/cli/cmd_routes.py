"""`causeway routes`: ways out, from files that a centre wrote itself."""

from __future__ import annotations

import importlib
from typing import Final

import click

__all__ = ["command"]

# Subcommand and where it is; loaded when asked for, since a search needs numbers that a check does not.
_SUBCOMMANDS: Final = {
    "exposure": "routes_exposure",
    "find": "routes_find",
    "import": "routes_import",
    "policy": "routes_policy",
    "replan": "routes_replan",
    "rules": "routes_rules",
    "schedule": "routes_schedule",
}


class _Subcommands(click.Group):
    """Loads a subcommand's module when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all subcommands."""
        return list(_SUBCOMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a subcommand, loading its module."""
        module = _SUBCOMMANDS.get(cmd_name)
        if module is None:
            return None
        found: click.Command = importlib.import_module(f"causeway.cli.{module}").command
        return found


@click.command("routes", cls=_Subcommands)
def command() -> None:
    """Find lawful ways to ground where one can ask for asylum, from files of your own.

    Nothing is looked up anywhere: networks, rules of entry and cases are what your files say. An answer is a
    chance, never a yes.
    """
