"""What a door was told to say: languages, texts, the exit, other addresses.

The same options for the door, which shows them, and for the desk, which signs them and watches.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, final

import click

from causeway.cli.door_hashes import bundle_hash, texts_hash
from causeway.desk.lock import DoorOptions
from causeway.door.config import exit_address, exit_label
from causeway.door.headers import always
from causeway.door.pages import (
    LANGUAGES,
    Attendance,
    Edition,
    attendance_on,
    edition_of,
    own_files,
    render,
    static_files,
)
from causeway.sync.said import DoorSaid
from causeway.units import Day

__all__ = ["DoorTexts", "every_language", "given_options", "said_of", "text_options"]

_EXIT_URL: Final = "https://www.wikipedia.org/"
_PAGES_KEPT: Final = 64
_OPTIONS: Final = ("offer", "texts", "exit_url", "addresses")


@final
class DoorTexts:
    """A door that says this, in the version that is installed here: `sync.watch.ExpectedDoor`.

    Attributes:
        said: What it was told.
        edition: The languages that are offered, and the texts.
    """

    def __init__(self, said: DoorSaid) -> None:
        """Read the catalogues.

        Raises:
            LocalError: A language that is not there or not whole, a file with a fault, or no web address.
        """
        self.said = said
        self.edition: Edition = edition_of(said.offer, said.own)
        self._exit_url = exit_address(said.exit_url or _EXIT_URL)
        self._files = static_files()
        self._page = lru_cache(_PAGES_KEPT)(self._rendered)

    @property
    def languages(self) -> tuple[str, ...]:
        """Tags of what is offered, English first."""
        return self.edition.languages

    @property
    def exit_url(self) -> str:
        """Where the exit leads."""
        return self._exit_url

    @property
    def bundle(self) -> bytes:
        """Hash of the static files."""
        return bundle_hash()

    @property
    def texts(self) -> bytes:
        """Hash of all else."""
        return texts_hash(
            offered=self.languages,
            own=self.said.own,
            exit_url=self.exit_url,
            addresses=self.said.addresses,
        )

    @property
    def headers(self) -> Mapping[str, str]:
        """What every answer carries."""
        return dict(always())

    @property
    def files(self) -> Mapping[str, tuple[str, bytes]]:
        """Content type and bytes of the static files, by name."""
        return self._files

    def page(self, view: str, *, language: str, newest: Day | None, known: bool, today: Day) -> bytes:
        """Return a page as a door serves it on a day."""
        state = attendance_on(newest, today=today, language=language) if known else Attendance("unknown")
        return self._page(view, language, state)

    def _rendered(self, view: str, language: str, state: Attendance) -> bytes:
        return render(
            view,
            language=language,
            edition=self.edition,
            document=True,
            attendance=state,
            exit_label=exit_label(self.exit_url),
            addresses=self.said.addresses,
        )


def every_language() -> DoorTexts:
    """Return all languages, checked or not, for a demonstration with nobody in it."""
    return DoorTexts(DoorSaid(offer=LANGUAGES))


def said_of(options: DoorOptions) -> DoorSaid:
    """Read what the options name.

    Raises:
        LocalError: The folder of texts can't be read, or the exit is no web address.
    """
    own = {} if not options.texts else own_files(Path(options.texts))
    return DoorSaid(
        offer=tuple(tag.strip() for tag in options.offer.split(",") if tag.strip()),
        own=own,
        exit_url=exit_address(options.exit_url or _EXIT_URL),
        addresses=tuple(options.addresses),
    )


def given_options(
    context: click.Context, *, offer: str, texts: Path | None, exit_url: str, addresses: Sequence[str]
) -> DoorOptions | None:
    """Return the options as a whole; `None` where none of them was named, here or by the environment."""
    default = click.core.ParameterSource.DEFAULT
    if all(context.get_parameter_source(name) is default for name in _OPTIONS):
        return None
    return DoorOptions(
        offer=offer,
        texts="" if texts is None else str(texts.absolute()),
        exit_url=exit_url,
        addresses=tuple(addresses),
    )


def text_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--offer`, `--texts`, `--exit-url` and `--also-at` to a command."""
    for option in (
        click.option(
            "--also-at",
            "addresses",
            multiple=True,
            help="Another address of the centre, shown when nobody has read for days. May be given often.",
        ),
        click.option(
            "--exit-url",
            default=_EXIT_URL,
            show_default=True,
            envvar="CAUSEWAY_DOOR_EXIT_URL",
            help="Where the door's exit button leads: some page that nobody minds.",
        ),
        click.option(
            "--texts",
            type=click.Path(exists=True, file_okay=False, path_type=Path),
            metavar="FOLDER",
            envvar="CAUSEWAY_DOOR_TEXTS",
            help="The centre's own texts for the door: files such as ru.po, with what to say in ours' place.",
        ),
        click.option(
            "--offer",
            default="",
            metavar="TAGS",
            envvar="CAUSEWAY_DOOR_OFFER",
            help="Languages of the door that the centre takes responsibility for, such as ru,uk.",
        ),
    ):
        command = option(command)
    return command
