"""The watch on the door: what it should say, when it was last looked at, and what differed then."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, Final, final

import msgspec

from causeway.desk.engine.parts import Parts
from causeway.desk.engine.publishing import Publishing
from causeway.desk.views import AlarmKind, DoorWatchView
from causeway.errors import Error, LocalError
from causeway.sealed.sheet import verify_sheet
from causeway.sync.client import RelayClient
from causeway.sync.said import DoorSaid
from causeway.sync.watch import Difference, ExpectedDoor, Look, Signed, look_at_door

__all__ = ["Watching"]

_LOOK_MINUTES: Final = range(10, 110)
_RETRY_SECONDS: Final = 300.0
_UNFORESEEN: Final = "Something went wrong while this desk was comparing the door. It will try again."
_NOT_TOLD: Final = (
    "The sheet that the coordinator signed names other pages and texts than this desk was told of, so it "
    "can't compare. Start it once with the same --offer, --texts, --exit-url and --also-at as the door."
)
_KEPT_MAX: Final = 40
"""Differences that are kept to be shown; one altered template differs on every page."""


@final
class Watching:
    """Compares the door with what this desk signs."""

    def __init__(self, parts: Parts, *, publishing: Publishing) -> None:
        self._parts = parts
        self._publishing = publishing
        self._one_at_a_time = threading.Lock()
        self._door: ExpectedDoor | None = None
        self.problem = ""

    def begin(self, make: Callable[[DoorSaid], ExpectedDoor], *, said: DoorSaid | None) -> None:
        """Sign and watch a door from now on; see `Desk.watch_door`."""
        settings = self._parts.settings
        told = settings.door_said if said is None else said
        try:
            door = make(told)
        except LocalError as error:
            # What was remembered does not fit this version. The desk must open all the same, and say so.
            self._door, self.problem = None, error.what
            return
        with self._parts.vault.transaction():
            if said is not None and said != settings.door_said:
                settings.door_said = said
            if settings.door_hashes != (door.bundle, door.texts):
                settings.door_hashes = (door.bundle, door.texts)
                settings.sheet = None
                settings.next_look = 0.0
        self._door, self.problem = door, ""

    def view(self) -> DoorWatchView:
        """Return what the pages show of it."""
        settings = self._parts.settings
        said = settings.door_said
        door = self._door
        return DoorWatchView(
            watched=door is not None,
            languages=() if door is None else tuple(door.languages),
            own_texts=tuple(sorted(said.own)),
            exit_url="" if door is None else door.exit_url,
            addresses=said.addresses,
            last_look=settings.last_look,
            answers=settings.look_answers,
            problem=self.problem,
            differences=self._differences(),
        )

    def _differences(self) -> tuple[Difference, ...]:
        return msgspec.convert(self._parts.settings.differences, type=tuple[Difference, ...])

    @property
    def is_due(self) -> bool:
        """Whether it is time to look: there is a door, a sheet that it has, and the time has come."""
        settings = self._parts.settings
        if self._door is None or not settings.door.url:
            return False
        sheet = settings.sheet
        if self._signs and (sheet is None or not sheet.sent):
            return False  # the door has not heard yet what this desk signs
        return self._parts.clock() >= settings.next_look

    @property
    def _signs(self) -> bool:
        return self._parts.is_coordinator

    def look(self) -> None:
        """Look now, in this thread; see `look_at_door`. Raises the alarms itself."""
        with self._one_at_a_time:
            door, settings = self._door, self._parts.settings
            if door is None or not settings.door.url:
                return
            self.problem, problem = "", _UNFORESEEN
            # Should this look not come to its end, the next one waits a little.
            settings.next_look = self._parts.clock() + _RETRY_SECONDS
            try:
                if not self._signs and not self._was_told(door):
                    problem = _NOT_TOLD
                    return
                look = look_at_door(
                    door,
                    visitor=self._visitor,
                    signed=self._signed,
                    clock=self._parts.clock,
                    pick=secrets.randbelow,
                )
                self._note(look)
                problem = ""
            except Error as error:
                problem = error.what
                raise
            finally:
                self.problem = problem

    def _was_told(self, door: ExpectedDoor) -> bool:
        """Return whether the sheet that another desk signed names what this one was told."""
        with self._visitor() as visitor:
            served = visitor.sheet()
        sheet = verify_sheet(served, fingerprint=self._parts.roster.fingerprint(), today=self._parts.today)
        return (sheet.bundle, sheet.texts) == (door.bundle, door.texts)

    def _visitor(self) -> RelayClient:
        door = self._parts.settings.door
        return RelayClient(door.url, socks=door.socks or None, capability=None)

    def _signed(self) -> Signed:
        return Signed(sheet=self._publishing.published().sheet, boards=self._parts.settings.boards)

    def _note(self, look: Look) -> None:
        parts, settings = self._parts, self._parts.settings
        minutes = _LOOK_MINUTES[secrets.randbelow(len(_LOOK_MINUTES))]
        kept: list[dict[str, Any]] = [asdict(one) for one in look.differences[:_KEPT_MAX]]
        with parts.vault.transaction():
            settings.last_look = parts.clock()
            settings.next_look = parts.clock() + 60 * minutes
            settings.look_answers = look.answers
            settings.differences = kept
            if look.differences:
                parts.alarms.raise_(AlarmKind.DOOR_ALTERED)
            for finding in sorted(look.findings):
                self._publishing.found(finding)
