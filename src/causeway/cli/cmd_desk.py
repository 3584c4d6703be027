"""`causeway desk`: a member's laptop."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

import click

from causeway.cli.door_texts import DoorTexts, given_options, said_of, text_options
from causeway.desk.browser import Window, open_ordinary, open_window, sweep
from causeway.desk.lock import DoorOptions, Handover, Settings, listen
from causeway.desk.serve import WatchedDoor, serve
from causeway.desk.web.language import LANGUAGES
from causeway.desk.web.session import Session
from causeway.desk.web.settings import TOR_SOCKS, SettingRefused, checked_socks

__all__ = ["command", "watched_door"]

_MINUTE: Final = 60
_RESUME: Final = "causeway.cli.desk_resume"


def _socks(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    if value is None:
        return None
    try:
        return checked_socks(value) or ""
    except SettingRefused as error:
        raise click.BadParameter(error.what) from error


@click.command("desk")
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    envvar="CAUSEWAY_DESK_DATA",
    help="Folder of this desk's encrypted store; made where there is none.",
)
@click.option(
    "--port", type=click.IntRange(0, 65_535), default=0, show_default=True, help="0 takes a free one."
)
@click.option("--no-browser", is_flag=True, help="Print the address and open no window.")
@click.option(
    "--socks",
    callback=_socks,
    metavar="HOST:PORT|none",
    help=f"Where Tor listens. A new desk starts with {TOR_SOCKS}; one that exists keeps its own.",
)
@click.option(
    "--lock-after",
    type=click.FloatRange(min=0, min_open=True, max=24 * 60),
    default=10,
    show_default=True,
    metavar="MINUTES",
    help="Lock when nobody has touched the desk for so long.",
)
@click.option(
    "--language",
    type=click.Choice(sorted(LANGUAGES)),
    envvar="CAUSEWAY_LANGUAGE",
    help="Language of the pages; else the browser's.",
)
@text_options
@click.pass_context
def command(
    context: click.Context,
    *,
    data: Path,
    port: int,
    no_browser: bool,
    socks: str | None,
    lock_after: float,
    language: str | None,
    offer: str,
    texts: Path | None,
    exit_url: str,
    addresses: tuple[str, ...],
) -> None:
    """Open a member's desk: a page on this laptop, for its user alone.

    Closing its window ends it. --offer, --texts, --exit-url and --also-at are those that the door runs with:
    a desk that signs the door sheet signs them too, and compares what visitors are served with them. It
    remembers them; naming one of them replaces all.
    """
    options = given_options(context, offer=offer, texts=texts, exit_url=exit_url, addresses=addresses)
    door = watched_door(options)
    session, token = Session.start()
    listener = listen(port)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/open?token={token}"
    click.echo(url)
    sweep()
    window = None if no_browser else _show(url)
    hashed, cookie = session.kept
    handover = Handover(
        settings=Settings(
            directory=str(data.absolute()),
            socks=TOR_SOCKS if socks is None else socks,
            socks_given=socks is not None,
            lock_after_seconds=lock_after * _MINUTE,
            language=language or "",
            resume=_RESUME,
            door=options,
        ),
        listener=listener.fileno(),
        token=hashed,
        cookie=cookie,
        browser=None if window is None else (window.pid, str(window.profile)),
    )
    if no_browser:
        click.echo("This address opens the desk once. Ctrl+C ends the desk.", err=True)
    sys.exit(serve(handover, door=door))


def watched_door(options: DoorOptions | None) -> WatchedDoor:
    """Return the door that a desk signs and watches.

    Raises:
        LocalError: The options name something that is not there, or has a fault.
    """
    said = None if options is None else said_of(options)
    if said is not None:
        DoorTexts(said)  # a fault shows now, and not when the desk is unlocked
    return WatchedDoor(make=DoorTexts, said=said)


def _show(url: str) -> Window | None:
    if sys.platform == "darwin" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        window = open_window(url)
        if window is not None:
            click.echo(
                "The desk is open in a window of its own. Closing that window ends the desk.", err=True
            )
            return window
        if open_ordinary(url):
            click.echo(
                "No browser here can have a profile of its own, so the desk is in your everyday one: its "
                "address stays in that browser's history, and its extensions can read what is on the page.",
                err=True,
            )
            return None
    click.echo(
        "No window could be opened. Open the address above in a private window; it works once.", err=True
    )
    return None
