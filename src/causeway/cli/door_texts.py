"""Which languages and texts a door has.

The same options for the door, which shows them, and for the desk, which signs them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from causeway.door.pages import LANGUAGES, Edition, edition_of, own_files

__all__ = ["DoorTexts", "every_language", "text_options"]


@dataclass(frozen=True, slots=True)
class DoorTexts:
    """What a door says, and the files that it comes from.

    Attributes:
        edition: The languages that are offered, and the texts.
        own: The centre's own catalogues, by file name.
    """

    edition: Edition
    own: Mapping[str, bytes]

    @classmethod
    def of(cls, offer: str, folder: Path | None) -> DoorTexts:
        """Read what the options name.

        Raises:
            LocalError: A language that is not there or not whole, or a file with a fault.
        """
        own = {} if folder is None else own_files(folder)
        return cls(edition_of([tag.strip() for tag in offer.split(",") if tag.strip()], own), own)


def every_language() -> DoorTexts:
    """Return all languages, checked or not, for a demonstration with nobody in it."""
    return DoorTexts.of(",".join(LANGUAGES), None)


def text_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--offer` and `--texts` to a command, as `offer` and `texts`."""
    folder = click.Path(exists=True, file_okay=False, path_type=Path)
    command = click.option(
        "--texts",
        type=folder,
        metavar="FOLDER",
        envvar="CAUSEWAY_DOOR_TEXTS",
        help="The centre's own texts for the door: files such as ru.po, with what to say in place of ours.",
    )(command)
    return click.option(
        "--offer",
        default="",
        metavar="TAGS",
        envvar="CAUSEWAY_DOOR_OFFER",
        help="Languages of the door that the centre takes responsibility for, such as ru,uk.",
    )(command)
