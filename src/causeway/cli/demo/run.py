"""The demonstration's processes, from the first to the last."""

from __future__ import annotations

import contextlib
import re
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from causeway.cli.demo.desk_process import DemoDesk
from causeway.cli.demo.story import Clock, Told, read_story, tell
from causeway.cli.door_texts import DoorTexts, every_language
from causeway.drills.centre import running_centre
from causeway.drills.children import Child, wait_until
from causeway.errors import LocalError

__all__ = ["Demo", "running_demo"]

_DESK_AT: Final = re.compile(r"(http://127\.0\.0\.1:[0-9]+/open\?token=\S+)")
_A_YEAR: Final = 366 * 86_400.0


@dataclass(frozen=True, slots=True)
class Demo:
    """A demonstration that runs.

    Attributes:
        door_link: The door's address with the fingerprint of the root.
        desk_link: Opens the desk, once.
        fingerprint_words: The fingerprint as eleven words.
        told: What the newcomer is told.
        children: All processes.
    """

    door_link: str
    desk_link: str
    fingerprint_words: tuple[str, ...]
    told: Told
    children: Sequence[Child]

    def wait(self) -> None:
        """Wait for ever, or until a process ends by itself.

        Raises:
            LocalError: One did.
        """
        wait_until(
            lambda: not all(child.running for child in self.children),
            what="the demonstration ended",
            seconds=_A_YEAR,
            look_seconds=0.5,
        )
        ended = next(child for child in self.children if not child.running)
        raise LocalError(f"The {ended.name} ended by itself.", last_words=ended.last_words())


@contextlib.contextmanager
def running_demo(
    folder: Path, *, passphrase: str, centre: str, member: str, on_step: Callable[[str], None]
) -> Iterator[Demo]:
    """Run the demonstration until the block ends.

    Args:
        folder: An empty folder; the caller removes it.
        passphrase: Of the desk.
        centre: Name of the centre.
        member: Name of the one at the desk.
        on_step: Told what goes on.

    Raises:
        LocalError: Something did not start.
    """
    story = read_story()
    clock = Clock()
    clock.set_back(story[0].hours)
    on_step("Starting relay and door, making a centre …")
    with running_centre(folder, passphrase=passphrase, name=centre, member=member, clock=clock) as running:
        running.desk.watch_door(DoorTexts, said=every_language().said)
        running.desk.look_no_sooner(time.time())  # until then it lives in the hours of the story
        told = tell(
            running,
            story,
            clock=clock,
            on_step=lambda done: on_step(f"{done} of {len(story)} invented people have written …"),
        )
        view = running.desk.centre()
        on_step("Opening the desk …")
        running.desk.close()
        with _desk(folder, vault=running.vault, passphrase=passphrase) as desk:
            found = _DESK_AT.search(desk.said())
            yield Demo(
                door_link=view.door_link,
                desk_link=found[1] if found else "",
                fingerprint_words=view.fingerprint_words["en"],
                told=told,
                children=(running.relay.child, running.door.child, desk),
            )


@contextlib.contextmanager
def _desk(folder: Path, *, vault: Path, passphrase: str) -> Iterator[Child]:
    told = msgspec.json.encode(DemoDesk(str(vault), passphrase))
    command = [sys.executable, "-P", "-m", "causeway.cli.demo.desk_process"]
    with Child("desk", command, log=folder / "desk.log", stdin=told) as child:
        wait_until(lambda: _DESK_AT.search(child.said()) is not None, what="the desk was open", child=child)
        yield child
