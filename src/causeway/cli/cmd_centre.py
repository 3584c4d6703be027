"""`causeway centre`: members and laptops, for a coordinator's desk without a screen."""

from __future__ import annotations

import click

from causeway.cli.centre_coming import answer, invitations, invite, join, words
from causeway.cli.centre_making import make
from causeway.cli.centre_members import end_grant, grant, members, remove, revoke, role, status
from causeway.cli.centre_root import recover, shares

__all__ = ["command"]


@click.group("centre")
def command() -> None:
    """Who is in the centre: invite, let in, change, take off; the shares of its root.

    A desk is open in one place at a time: end `causeway desk` for the same folder first.
    """


for _one in (
    answer,
    end_grant,
    grant,
    invitations,
    invite,
    join,
    make,
    members,
    recover,
    remove,
    revoke,
    role,
    shares,
    status,
    words,
):
    command.add_command(_one)
