"""`causeway demo`: a centre on this machine, with invented people in it, to try everything on."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
import webbrowser
from contextlib import ExitStack
from pathlib import Path
from types import FrameType
from typing import Final

import click

__all__ = ["command"]

_PASSPHRASE: Final = "harbour lantern copper seven"  # noqa: S105 (printed for everybody)
_CENTRE: Final = "Harbour Desk"
_MEMBER: Final = "Mira"
_EXIT: Final = "CAUSEWAY_DEMO_EXIT"
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class _Stopped(Exception):
    """Somebody ended the demonstration."""


def _stop(_number: int, _frame: FrameType | None) -> None:
    # Once is enough: a second one must not come between us and what is still to be removed.
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    raise _Stopped


@click.command("demo")
@click.option("--no-open", is_flag=True, help="Open no browser.")
def command(no_open: bool) -> None:
    """Run a whole centre on this machine, with invented people. Nothing of it stays when it ends.

    Everything in it is real but the people: relay, door and desk run as they would anywhere, on 127.0.0.1.
    """
    before = {number: signal.signal(number, _stop) for number in _SIGNALS}
    try:
        _run(open_browser=not no_open)
    except _Stopped:
        click.echo("The demonstration has ended; everything of it is removed.", err=True)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _run(*, open_browser: bool) -> None:
    # Here, since other commands need none of this.
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn

    from causeway.cli.demo.run import running_demo
    from causeway.cli.demo.words import say_what_to_look_at

    talk = Console(stderr=True)
    folder = Path(tempfile.mkdtemp(prefix="causeway-demo-"))
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        with Progress(
            SpinnerColumn(), TextColumn("{task.description}"), console=talk, transient=True
        ) as progress:
            task = progress.add_task("Starting …", total=None)
            demo = stack.enter_context(
                running_demo(
                    folder,
                    passphrase=_PASSPHRASE,
                    centre=_CENTRE,
                    member=_MEMBER,
                    on_step=lambda step: progress.update(task, description=step),
                )
            )
        say_what_to_look_at(demo, console=Console(), passphrase=_PASSPHRASE, centre=_CENTRE, member=_MEMBER)
        if os.environ.get(_EXIT) == "1":
            return
        if open_browser and (
            os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") or sys.platform == "darwin"
        ):
            webbrowser.open(demo.door_link)
            webbrowser.open(demo.desk_link)
        demo.wait()
