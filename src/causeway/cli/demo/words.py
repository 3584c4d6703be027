"""What the demonstration says to a newcomer."""

from __future__ import annotations

from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from causeway.cli.demo.run import Demo

__all__ = ["say_what_to_look_at"]


def say_what_to_look_at(demo: Demo, *, console: Console, passphrase: str, centre: str, member: str) -> None:
    """Print what there is to see once everything runs."""
    intro = (
        f"{centre} is an invented centre, and the {demo.told.conversations} people who have written to it "
        "are invented too. The programs are the real ones. Write nothing here that matters: it all runs on "
        "this machine without protection, and everything is removed at the end."
    )
    console.print(Panel(Text(intro), title="Causeway, a demonstration"))
    _step(
        console,
        "1. Be somebody who writes",
        "Open the door, write a message, and keep the eight words. What follows the # is the fingerprint of "
        "the centre's root: with it the page checks that it speaks to this centre and to no other.",
        demo.door_link,
    )
    _step(
        console,
        "2. Sit at the desk",
        f"You are {member}. Your message is in the inbox after about two seconds: answer it. The link opens "
        f"the desk once. Should you lock it, this demonstration's passphrase is: {passphrase}",
        demo.desk_link,
    )
    _step(
        console,
        "3. Come back",
        "At the door, say that you have been here before, with your own words; or with these, for which an "
        "answer is waiting:",
        " ".join(demo.told.words),
    )
    console.print("\nCtrl+C ends it all.")
    console.file.flush()  # a pipe or a file would get it at the end only


def _step(console: Console, title: str, text: str, thing: str) -> None:
    console.print(Text(f"\n{title}", style="bold"))
    console.print(Text(text))
    # In one line, however narrow the window: a link that is broken into two can't be opened.
    console.print(Text(thing, style="bold cyan"), soft_wrap=True)
