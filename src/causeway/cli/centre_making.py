"""`causeway centre make`."""

from __future__ import annotations

import click

from causeway.cli.centre_desk import Centre, pass_centre
from causeway.desk.engine import Desk

__all__ = ["make"]


@click.command("make")
@pass_centre
@click.option("--centre", "name", required=True, help="Name of the centre.")
@click.option("--member", required=True, help="Name of its first member, the coordinator.")
@click.option("--door", required=True, help="Address of the door.")
@click.option(
    "--socks", metavar="HOST:PORT", help="Where Tor listens; without it the desk connects directly."
)
def make(centre: Centre, *, name: str, member: str, door: str, socks: str | None) -> None:
    """Make a centre with one member, and its first desk in this folder.

    The relay's setup code is asked for: it claims the relay at the first round.
    """
    passphrase = centre.passphrase(new=True)
    code = click.prompt("The relay's setup code", hide_input=True, err=True)
    desk = Desk.create(
        centre.data,
        passphrase=passphrase,
        centre=name,
        member=member,
        door_url=door,
        setup_code=code,
        socks=socks,
        profile=centre.profile,
    )
    try:
        desk.sync_round()
        click.echo(desk.centre().door_link)
    finally:
        desk.close()
