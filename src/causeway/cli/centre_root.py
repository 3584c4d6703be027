"""`causeway centre shares` and `recover`: the root on paper, and back."""

from __future__ import annotations

from collections.abc import Callable

import click

from causeway.cli.centre_desk import Centre, pass_centre
from causeway.desk.member_views import RecoveryPurpose, RecoveryView, ShareView
from causeway.errors import LocalError

__all__ = ["recover", "shares"]

_PER_LINE = 6


@click.command("shares")
@pass_centre
@click.argument("k", type=int)
@click.argument("n", type=int)
def shares(centre: Centre, *, k: int, n: int) -> None:
    """Hand out the root in N shares, of which any K make it again; then it leaves this laptop for good.

    Each share is shown once, to be written down by whoever is to keep it. One is asked back at the end.
    """
    with centre.open() as desk:
        share: ShareView | None = desk.members.begin_shares(k=k, n=n)
        while share is not None:
            click.clear()
            _show(share)
            click.prompt("Written down? Press Enter", default="", show_default=False, err=True)
            share = desk.members.next_share()
        click.clear()
        number = desk.members.view().shares.ask_back
        while True:
            typed = click.prompt(f"Type share {number} from its paper", err=True)
            try:
                desk.members.check_share(typed)
                break
            except LocalError as error:
                click.echo(error.what, err=True)
    click.echo(f"The root has left this laptop. Any {k} of {n} shares make it again.", err=True)


def _show(share: ShareView) -> None:
    click.echo(f"Share {share.number} of {share.n}; it takes {share.k}.")
    for at in range(0, len(share.words), _PER_LINE):
        line = share.words[at : at + _PER_LINE]
        click.echo("  ".join(f"{at + place:>2} {word:<10}" for place, word in enumerate(line, start=1)))


@click.command("recover")
@pass_centre
@click.argument("purpose", type=click.Choice([one.value for one in RecoveryPurpose]))
@click.option("--choose", default="", metavar="HASH", help="With `choose`: the list of members that counts.")
def recover(centre: Centre, *, purpose: str, choose: str) -> None:
    """Rebuild the root from shares and use it once; every desk says so.

    `appoint` makes this laptop the coordinator's, `renew` renews its appointment, `choose` settles which of
    two lists of members counts. Shares are asked for, where the root is not on this laptop.
    """
    with centre.changing() as desk:
        for fork in desk.members.view().forks:
            click.echo(
                f"{fork.hash}  version {fork.version}, signed on the laptop of {fork.signer}", err=True
            )
            for sentence in fork.difference:
                click.echo(f"    {sentence}", err=True)
        if not desk.members.view().shares.root_here:
            _ask_for_shares(desk.members.add_share)
        desk.members.recover(RecoveryPurpose(purpose), choose=choose)
    click.echo("Done. Every desk will say that the root was used.", err=True)


def _ask_for_shares(add: Callable[[str], RecoveryView]) -> None:
    while True:
        try:
            view = add(click.prompt("A share", hide_input=True, err=True))
        except LocalError as error:
            click.echo(error.what, err=True)
            continue
        click.echo(f"{view.typed} of {view.needed}", err=True)
        if view.typed >= view.needed:
            return
