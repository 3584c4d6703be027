"""`causeway door`: the one public origin, in front of the relay."""

from __future__ import annotations

from pathlib import Path

import click

from causeway.cli.door_texts import DoorTexts, said_of, text_options
from causeway.desk.lock import DoorOptions
from causeway.door.config import Address, DoorConfig
from causeway.wire.base64url import b64decode
from causeway.wire.errors import FormatError
from causeway.wire.sizes import ID_BYTES

__all__ = ["command"]


def _fingerprint(text: str | None) -> bytes | None:
    if text is None:
        return None
    try:
        return b64decode(text.removeprefix("#"), size=ID_BYTES)
    except FormatError:
        raise click.BadParameter("This is what stands behind the # in the centre's links.") from None


@click.command(name="door")
@click.option(
    "--relay",
    type=click.Path(path_type=Path),
    required=True,
    envvar="CAUSEWAY_DOOR_RELAY",
    help="The relay's Unix socket.",
)
@click.option(
    "--listen",
    default="127.0.0.1:8400",
    show_default=True,
    envvar="CAUSEWAY_DOOR_LISTEN",
    help="HOST:PORT, or a path for a Unix socket: where the clear web comes in.",
)
@click.option(
    "--onion-listen",
    envvar="CAUSEWAY_DOOR_ONION_LISTEN",
    help="The same for what tor brings. It has a share of the relay's room to itself.",
)
@click.option(
    "--root",
    envvar="CAUSEWAY_DOOR_ROOT",
    help="Fingerprint of the centre's root: what stands behind the # in its links.",
)
@text_options
def command(
    relay: Path,
    listen: str,
    onion_listen: str | None,
    root: str | None,
    exit_url: str,
    addresses: tuple[str, ...],
    offer: str,
    texts: Path | None,
) -> None:
    """Open the door: serve pages and forms, and pass ciphertext to the relay. Keeps nothing.

    A door offers English, in which its texts are written, and languages whose catalogue somebody who grew up
    with the language has checked. Any other one may mislead somebody in danger, so the centre names it with
    --offer once its own people have read it and answer for it. In a folder given with --texts a file ru.po
    changes single texts or adds those that are missing; each has to keep the gaps of the text that it
    replaces. Languages, texts, exit and addresses are signed into the door sheet: start the coordinator's
    `causeway desk` once with the same --offer, --texts, --exit-url and --also-at. It remembers them, compares
    the door with them again and again, and raises an alarm where they differ.
    """
    # Here, since the other commands need no web server.
    from causeway.door.server import run_door

    options = DoorOptions(
        offer=offer, texts="" if texts is None else str(texts), exit_url=exit_url, addresses=addresses
    )
    said = DoorTexts(said_of(options))
    config = DoorConfig(
        relay=relay,
        listen=Address.parse(listen),
        onion_listen=None if onion_listen is None else Address.parse(onion_listen),
        root=_fingerprint(root),
        exit_url=said.exit_url,
        addresses=said.said.addresses,
        edition=said.edition,
    )
    click.echo(f"Languages: {' '.join(said.edition.languages)}. Others are offered with --offer.", err=True)
    if config.root is None:
        click.echo("No --root: forms without JavaScript go to whatever centre the relay holds.", err=True)
    run_door(config, announce=lambda address: click.echo(f"The door is open: {address}", err=True))
