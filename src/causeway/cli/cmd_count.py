"""`causeway count`: how many, including those nobody documented."""

from __future__ import annotations

import importlib

import click

__all__ = ["command"]

_COMMANDS = ("dedupe", "encode", "estimate", "key", "link", "report")


class _Commands(click.Group):
    """Loads a command's module when it is asked for: encoding must not wait for what estimates."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, loading its module."""
        if cmd_name not in _COMMANDS:
            return None
        command = importlib.import_module(f"causeway.cli.count_{cmd_name}").command
        assert isinstance(command, click.Command)  # noqa: S101 (our own module, not remote input)
        return command


@click.command("count", cls=_Commands)
def command() -> None:
    """Link lists without names, and estimate how many people are on none of them."""
