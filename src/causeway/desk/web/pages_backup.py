"""Making a backup, and bringing one to a new laptop."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from starlette.responses import Response

from causeway.desk.web.page import Page
from causeway.sealed.passphrase import MINIMUM_LENGTH

__all__ = ["ask_backup", "make", "show", "show_found", "take_backup"]

_PATH: Final = "/centre/backup"
_FIRST: Final = "/first/backup"
_WHERE_DISKS_ARE: Final = ("/media/{user}", "/run/media/{user}", "/Volumes")


def show(page: Page) -> Response:
    """What goes along, what does not, and where to."""
    places = list(_disks())
    fields = {"folder": str(places[0]) if len(places) == 1 else ""} | page.kept()
    return page.show_desk(
        "centre_backup.html",
        size=page.desk.backups.size(),
        places=places,
        fields=fields,
        minimum=MINIMUM_LENGTH,
    )


def make(page: Page) -> Response:
    """Make a backup; takes from a few seconds to minutes."""
    form = page.form
    page.keep(_PATH, {"folder": form.line("folder")})
    if form.text("passphrase") != form.text("again"):
        page.warn(page.sentence("The two are not the same. Please type both again."))
        return page.go(_PATH)
    folder = _path(form.line("folder"))
    made = page.desk.backups.make(
        folder, passphrase=form.text("passphrase"), with_files=bool(form.text("files"))
    )
    page.keep(_PATH, {})
    page.say(
        page.sentence(
            "The backup is whole, in the folder %(folder)s. Take the stick out as your system asks you to.",
            folder=made.folder,
        )
    )
    return page.go(_PATH)


def ask_backup(page: Page) -> Response:
    """First run: where the backup is, and what opens it."""
    places = list(_backups())
    fields = {"folder": str(places[0]) if len(places) == 1 else ""} | page.kept()
    return page.show("first_backup.html", fields=fields, places=places)


def take_backup(page: Page) -> Response:
    """Look whether it opens; what is in it is brought over when this laptop is let in."""
    folder = page.form.line("folder")
    page.keep(_FIRST, {"folder": folder})
    page.keeper.take_backup(_path(folder), passphrase=page.form.text("passphrase"))
    return page.go(f"{_FIRST}/found")


def show_found(page: Page) -> Response:
    """What the backup says of itself, and how this laptop comes into the centre."""
    found = page.keeper.first.backup
    if found is None:
        return page.go(_FIRST)
    return page.show("first_backup_found.html", found=found.view)


def _path(typed: str) -> Path:
    return Path(typed).expanduser() if typed else Path("/nowhere")


def _disks() -> Iterator[Path]:
    """Yield the sticks and disks that this user's system has plugged in."""
    for place in _WHERE_DISKS_ARE:
        folder = Path(place.format(user=_user()))
        try:
            yield from sorted(one for one in folder.iterdir() if one.is_dir())
        except OSError:
            continue


def _backups() -> Iterator[Path]:
    for disk in _disks():
        yield from sorted(disk.glob("causeway-backup-*"))


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # this user has no name on this system
        return ""
