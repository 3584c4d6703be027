"""`causeway centre invite`, `answer`, `words`, `invitations` and `join`: three texts, then six words."""

from __future__ import annotations

import time
from typing import IO, Final

import click

from causeway.cli.centre_desk import (
    Centre,
    find_member,
    pass_centre,
    read_pasted,
    show_words,
    words_option,
)
from causeway.desk.engine import Desk
from causeway.desk.engine.joining import WaitingDesk
from causeway.desk.member_views import InvitationView, JoiningStep
from causeway.errors import LocalError, RemoteError
from causeway.record.roster import Role
from causeway.units import day_to_date

__all__ = ["answer", "invitations", "invite", "join", "words"]

_EVERY_SECONDS: Final = 5.0
_READ_ALOUD: Final = (
    "Read these words to each other over a call in which you know the voice. All six are the same on both "
    "sides, or somebody sits in between."
)


_NOBODY: Final = "Nobody was let in. Somebody sits in between: invite anew, over another messenger."


@click.command("invite")
@pass_centre
@click.argument("name")
@click.option("--role", type=click.Choice([role.value for role in Role]), help="What they will do.")
@click.option("--second-laptop", is_flag=True, help="NAME is a member; invite another laptop of theirs.")
def invite(centre: Centre, *, name: str, role: str | None, second_laptop: bool) -> None:
    """Begin to invite NAME; what is printed is to be sent to them."""
    if second_laptop == (role is not None):
        raise click.UsageError("Give --role for somebody new, or --second-laptop for a member.")
    with centre.open() as desk:
        if second_laptop:
            invited = desk.members.invite_device(find_member(desk.members.view(), name).id)
        else:
            invited = desk.members.invite(name, role=role or "")
    click.echo(f"Send this to {invited.name}. It can be answered until {_date(invited)}.", err=True)
    click.echo(invited.text)


def _date(invitation: InvitationView) -> str:
    return day_to_date(invitation.last_day).isoformat()


@click.command("answer")
@pass_centre
@click.argument("text", type=click.File("r", encoding="utf-8"), default="-")
@words_option
def answer(centre: Centre, *, text: IO[str], language: str) -> None:
    """Take the answer to an invitation: prints what to send back, then the six words.

    TEXT is a file; without it the answer is read from standard input.
    """
    with centre.open() as desk:
        view = desk.members.take_answer(read_pasted(text))
    click.echo(f"Send this back to {view.name}:", err=True)
    click.echo(view.text)
    click.echo(_READ_ALOUD, err=True)
    show_words(view.words, language=language)
    click.echo(f"Then: causeway centre words {view.id[:8]} --same (or --differ)", err=True)


@click.command("words")
@pass_centre
@click.argument("invitation")
@click.option("--same/--differ", "same", required=True, help="What you both heard.")
def words(centre: Centre, *, invitation: str, same: bool) -> None:
    """Say whether the six words were the same: lets the new laptop in, or throws the invitation away."""
    if not same:
        with centre.open() as desk:
            view = _find(desk, invitation)
            desk.members.words_differ(view.id)
        click.echo(_NOBODY, err=True)
        return
    with centre.changing() as desk:
        view = _find(desk, invitation)
        desk.members.words_same(view.id)
    click.echo(f"{view.name} is let in. Their laptop finds out by itself.", err=True)


def _find(desk: Desk, named: str) -> InvitationView:
    views = desk.members.view().invitations
    found = [one for one in views if named and one.id.startswith(named.casefold())]
    if len(found) != 1:
        raise LocalError("There is no such invitation, or more than one. See: causeway centre invitations")
    return found[0]


@click.command("invitations")
@pass_centre
@click.option("--forget", metavar="ID", help="Take one back.")
def invitations(centre: Centre, *, forget: str | None) -> None:
    """List the invitations under way."""
    with centre.open() as desk:
        if forget is not None:
            desk.members.forget_invitation(_find(desk, forget).id)
        for one in desk.members.view().invitations:
            click.echo(f"{one.id[:8]}  {one.step:<10} {_date(one)}  {one.role:<12} {one.name}")


@click.command("join")
@pass_centre
@click.option("--invitation", type=click.File("r", encoding="utf-8"), help="The first text, in a file or - .")
@click.option("--opening", type=click.File("r", encoding="utf-8"), help="The third text, in a file or - .")
@click.option("--same/--differ", "same", default=None, help="What you both heard.")
@click.option(
    "--socks", metavar="HOST:PORT", help="Where Tor listens; without it the desk connects directly."
)
@click.option("--wait", type=click.FloatRange(0), default=600, show_default=True, metavar="SECONDS")
@words_option
def join(
    centre: Centre,
    *,
    invitation: IO[str] | None,
    opening: IO[str] | None,
    same: bool | None,
    socks: str | None,
    wait: float,
    language: str,
) -> None:
    """Make this laptop a desk of the centre that invited it, in three steps.

    First --invitation: prints the answer to send back. Then --opening: prints the six words. Then --same, or
    --differ, which destroys what was made here. With --same it looks at the door until it is let in.
    """
    if invitation is not None:
        passphrase = centre.passphrase(new=True)
        waiting = Desk.join(
            centre.data,
            invitation=read_pasted(invitation),
            passphrase=passphrase,
            socks=socks,
            profile=centre.profile,
        )
        click.echo("Send this back to whoever invited you:", err=True)
        click.echo(waiting.view().answer)
        waiting.close()
        return
    with centre.open_waiting() as desk:
        if isinstance(desk, Desk):
            raise LocalError("This desk has been let in already.")
        if opening is not None:
            view = desk.take_opening(read_pasted(opening))
            click.echo(f"{view.centre} invites {view.member} ({view.role}). {_READ_ALOUD}", err=True)
            show_words(view.words, language=language)
        elif same is False:
            desk.words_differ()
            click.echo("Destroyed. Tell whoever invited you, over another messenger.", err=True)
        else:
            _come_in(desk, same=same, wait=wait)


def _come_in(waiting: WaitingDesk, *, same: bool | None, wait: float) -> None:
    if waiting.view().step is JoiningStep.COMPARING:
        if same is None:
            raise LocalError("Compare the six words first, then give --same or --differ.")
        waiting.words_same()
    until = time.monotonic() + wait
    while not _looked(waiting):
        if time.monotonic() >= until:
            raise LocalError("The centre has not let this laptop in yet. Try again later with: join --same")
        time.sleep(_EVERY_SECONDS)
    desk = Desk.admitted(waiting)
    desk.sync_round()
    click.echo(f"This is a desk of {desk.centre().name} now.", err=True)


def _looked(waiting: WaitingDesk) -> bool:
    try:
        return waiting.look()
    except RemoteError as error:
        click.echo(error.what, err=True)
        return False
