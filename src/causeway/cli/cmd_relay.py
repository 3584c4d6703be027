"""`causeway relay`: run the blind store behind a door."""

from __future__ import annotations

from pathlib import Path

import click

from causeway.relay import Config, serve
from causeway.relay.logs import log_to_stderr

__all__ = ["command"]


@click.command("relay")
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    envvar="CAUSEWAY_RELAY_DATA",
    help="Folder of the store. It is made if it is not there.",
)
@click.option(
    "--socket",
    "socket_path",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    envvar="CAUSEWAY_RELAY_SOCKET",
    help="Unix socket that the door connects to; its group may connect, nobody else.",
)
def command(data: Path, socket_path: Path) -> None:
    """Keep sealed slots for one centre, and hand them to its desks.

    A new relay shows a setup code once. It keeps no address and no log of requests.
    """
    log_to_stderr()
    serve(Config(data=data), socket_path)
