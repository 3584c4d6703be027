"""`causeway count key`: the key that organisations share and the linker never holds."""

from __future__ import annotations

import secrets
from pathlib import Path

import click

from causeway.cli.count_files import write_private
from causeway.linkage.key import KEY_BYTES, LinkKey, write_key

__all__ = ["command"]


@click.group("key")
def command() -> None:
    """Make the key under which organisations encode their lists."""


@command.command("new")
@click.argument("path", type=click.Path(dir_okay=False, path_type=Path))
def new(path: Path) -> None:
    """Write a new random key to PATH, a file that is not there yet.

    Give it to each organisation that takes part, by a way that the linker can't see. Whoever has it can look
    names up among the encodings. Destroy every copy when the table of counts is there.
    """
    write_private(path, write_key(LinkKey(secrets.token_bytes(KEY_BYTES))))
    click.echo("The key is written. The linker must never get it.", err=True)
