"""What the commands of `causeway centre` share: the passphrase, the open desk, the round after a change."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import IO, Any, Final

import click

from causeway.desk.engine import Desk
from causeway.desk.engine.joining import WaitingDesk
from causeway.desk.member_views import DeviceView, MembersView, MemberView
from causeway.errors import LocalError, RemoteError
from causeway.sealed.passphrase import STANDARD, Profile
from causeway.sealed.words import DIGITS, LANGUAGES

__all__ = [
    "SOCKS",
    "Centre",
    "NotSentYet",
    "find_device",
    "find_member",
    "pass_centre",
    "read_pasted",
    "show_words",
    "words_option",
]

_LINE_BYTES_MAX: Final = 4_096


class NotSentYet(RemoteError):
    """What was asked for is done on this laptop, and the relay has not heard of it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Centre:
    """A desk's folder, and how its passphrase comes."""

    data: Path
    passphrase_fd: int | None
    profile: Profile

    def passphrase(self, *, new: bool = False) -> str:
        """Return the passphrase, from the file descriptor or from whoever sits there; never from an argument.

        Raises:
            LocalError: The descriptor has none.
        """
        if self.passphrase_fd is None:
            return str(click.prompt("Passphrase", hide_input=True, confirmation_prompt=new, err=True))
        try:
            with os.fdopen(self.passphrase_fd, encoding="utf-8") as source:
                line = source.readline(_LINE_BYTES_MAX).rstrip("\r\n")
        except (OSError, UnicodeDecodeError):
            raise LocalError("The file descriptor for the passphrase can't be read.") from None
        if not line:
            raise LocalError("The file descriptor for the passphrase has none.")
        return line

    @contextmanager
    def open(self) -> Iterator[Desk]:
        """Open the desk, and lock it again.

        Raises:
            NotAdmitted: It waits to be let in: `causeway centre join` goes on with it.
        """
        desk = Desk.open(self.data, passphrase=self.passphrase(), profile=self.profile)
        try:
            yield desk
        finally:
            desk.close()

    @contextmanager
    def open_waiting(self) -> Iterator[WaitingDesk | Desk]:
        """Open a desk that waits, or has just been let in."""
        desk = Desk.open_any(self.data, passphrase=self.passphrase(), profile=self.profile)
        try:
            yield desk
        finally:
            desk.close()

    @contextmanager
    def changing(self) -> Iterator[Desk]:
        """Open the desk for a change, and sync when it is done.

        Raises:
            NotSentYet: The change is kept here; the relay has not heard of it.
        """
        with self.open() as desk:
            yield desk
            try:
                desk.sync_round()
            except RemoteError as error:
                raise NotSentYet(f"It is done on this laptop, and waits to be sent. {error.what}") from None


SOCKS: Final = click.option(
    "--socks", metavar="HOST:PORT", help="Where Tor listens; without it the desk connects directly."
)
_DATA: Final = click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    envvar="CAUSEWAY_DESK_DATA",
    help="Folder of this desk's encrypted store.",
)
_PASSPHRASE_FD: Final = click.option(
    "--passphrase-fd",
    type=click.IntRange(0),
    metavar="FD",
    help="Read the passphrase from this file descriptor, one line; else it is asked for.",
)


def pass_centre(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command its `centre`, and the options that belong to it."""

    @wraps(command)
    def wrapped(*, data: Path, passphrase_fd: int | None, **arguments: Any) -> None:
        # Only a call in a test passes a cheaper one: no option can.
        given = click.get_current_context().obj
        profile = given if isinstance(given, Profile) else STANDARD
        command(Centre(data=data, passphrase_fd=passphrase_fd, profile=profile), **arguments)

    return _DATA(_PASSPHRASE_FD(wrapped))


def words_option(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the choice of a list of words."""
    return click.option(
        "--words",
        "language",
        type=click.Choice([*LANGUAGES, DIGITS]),
        default=LANGUAGES[0],
        show_default=True,
        help="List of the words; both sides read from one.",
    )(command)


def show_words(words: dict[str, tuple[str, ...]], *, language: str) -> None:
    """Print words to be read aloud."""
    click.echo(" ".join(words[language]))


def read_pasted(source: IO[str]) -> str:
    """Return a text that was pasted, or lies in a file."""
    if source is sys.stdin and source.isatty():
        click.echo("Paste the text, then press Enter and Ctrl+D.", err=True)
    return source.read()


def find_member(view: MembersView, named: str) -> MemberView:
    """Return a member by name, or by the first digits of the number.

    Raises:
        LocalError: Nobody, or more than one.
    """
    folded = named.casefold().strip()
    found = [one for one in view.members if one.name.casefold() == folded]
    if not found and folded:
        found = [one for one in view.members if one.id.startswith(folded)]
    if len(found) != 1:
        raise LocalError("There is no such member, or more than one. See: causeway centre members")
    return found[0]


def find_device(view: MembersView, named: str) -> tuple[MemberView, DeviceView]:
    """Return a laptop by the first digits of its number, with its member.

    Raises:
        LocalError: None, or more than one.
    """
    folded = named.casefold().strip()
    found = [
        (member, device)
        for member in view.members
        for device in member.devices
        if folded and device.id.startswith(folded)
    ]
    if len(found) != 1:
        raise LocalError("There is no such laptop, or more than one. See: causeway centre members")
    return found[0]
