"""A centre of several: real desks before a real relay, let in as people do it, with somebody in between."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, final

from causeway.desk.engine import Desk
from causeway.desk.member_views import InvitationView, MemberView
from causeway.drills.between import Between, Traffic, between
from causeway.drills.centre import Centre, running_centre
from causeway.drills.people import InventedPerson
from causeway.drills.visitors import ScriptVisitor
from causeway.errors import LocalError
from causeway.sealed.passphrase import CHEAP_FOR_TESTS
from causeway.sync.client import RelayClient
from causeway.sync.core import parse_days, parse_ids, parse_slots
from causeway.units import DAY_SECONDS, day_of
from causeway.wire.sizes import TAKE_IDS_MAX

__all__ = ["FIRST", "PASSPHRASE", "PROFILE", "Company", "running_company"]

PASSPHRASE: Final = "lantern copper seven harbour"  # noqa: S105 (of invented desks)
PROFILE: Final = CHEAP_FOR_TESTS
"""What a passphrase costs is not what these drills are about; `laptop` and `duress` have the real one."""

FIRST: Final = "Mira"
"""The coordinator."""

_MORNING_SECONDS: Final = 6 * 3_600
_SECONDS_APART: Final = 60
"""Between two steps, so that nobody's order is settled by chance."""


@dataclass(slots=True)
class _Clock:
    """The desks' and visitors' clock: the machine's, and what has passed in the drill."""

    ahead: float = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


@final
@dataclass(slots=True, repr=False)
class Company:
    """What runs.

    Attributes:
        desks: By the name of their laptop: a member's first one has the member's.
        lines: Who stands between each of them and the door.
        traffic: All that went through any of these.
    """

    centre: Centre
    folder: Path
    traffic: Traffic
    clock: _Clock
    stack: contextlib.ExitStack
    desks: dict[str, Desk] = field(default_factory=dict)
    lines: dict[str, Between] = field(default_factory=dict)

    @property
    def coordinator(self) -> Desk:
        """The first desk."""
        return self.desks[FIRST]

    def line(self, name: str) -> Between:
        """Return who stands between somebody and the door."""
        if name not in self.lines:
            made = between(self.centre.door.url, traffic=self.traffic)
            self.lines[name] = self.stack.enter_context(made)
        return self.lines[name]

    def pass_days(self, days: float) -> None:
        """Have time pass for all desks and visitors; the relay's clock stays the machine's."""
        self.clock.ahead += days * DAY_SECONDS

    # ---- Members ----

    def member(self, name: str) -> MemberView:
        """Return a member as the coordinator's desk shows them."""
        return next(one for one in self.coordinator.members.view().members if one.name == name)

    def join(self, name: str, *, role: str) -> Desk:
        """Have a new member come in with a laptop; `name` is both's."""
        return self._let_in(self.coordinator.members.invite(name, role=role), name=name)

    def second_laptop(self, of: str, *, name: str) -> Desk:
        """Have a member's second laptop come in."""
        return self._let_in(self.coordinator.members.invite_device(self.member(of).id), name=name)

    def _let_in(self, invited: InvitationView, *, name: str) -> Desk:
        waiting = Desk.join(
            self.vault(name),
            invitation=invited.text,
            passphrase=PASSPHRASE,
            socks=None,
            profile=PROFILE,
            clock=self.clock,
        )
        members = self.coordinator.members
        view = members.take_answer(waiting.view().answer)
        waiting.take_opening(view.text)
        if waiting.view().words != view.words:
            raise LocalError("The six words differ, though nobody sits in between.")
        waiting.words_same()
        members.words_same(view.id)
        self.coordinator.sync_round()
        if not waiting.look():
            raise LocalError("A new desk was not let in.")
        desk = Desk.admitted(waiting)
        self.desks[name] = desk
        self.stack.callback(desk.close)
        desk.set_door(self.line(name).url, socks=None)
        desk.sync_round()
        return desk

    def vault(self, name: str) -> Path:
        """Return the folder of a desk's store."""
        return self.centre.vault if name == FIRST else self.folder / "laptops" / name

    def open(self, name: str, *, vault: Path | None = None) -> Desk:
        """Unlock a desk, or a copy of its folder under this name."""
        folder = self.vault(name) if vault is None else vault
        desk = Desk.open(folder, passphrase=PASSPHRASE, profile=PROFILE, clock=self.clock)
        self.desks[name] = desk
        self.stack.callback(desk.close)
        desk.set_door(self.line(name).url, socks=None)
        return desk

    def lock(self, name: str) -> None:
        """Lock a desk."""
        self.desks.pop(name).close()

    def meet(self, *names: str, rounds: int = 2) -> None:
        """Have desks sync until each has what the others wrote; all of them where none is named."""
        for _ in range(rounds):
            for name in names or tuple(self.desks):
                self.desks[name].sync_round()
                self.clock.ahead += _SECONDS_APART

    def spread(self, *writers: str) -> None:
        """Have what some desks have written reach all."""
        self.meet(*writers, rounds=1)
        self.meet(rounds=1)

    # ---- People ----

    def visitor(self, person: InventedPerson, *, line: str = FIRST) -> ScriptVisitor:
        """Return somebody at the door."""
        return ScriptVisitor(
            self.line(line).url,
            fingerprint=self.centre.fingerprint,
            today=day_of(self.clock()),
            language=person.page_language,
        )

    # ---- What the relay holds ----

    def take_disk(self) -> None:
        """Add to the traffic whatever the relay holds now and nobody was seen to send or fetch."""
        access = self.coordinator._store.access()
        with RelayClient(self.line(FIRST).url, socks=None, capability=access.capability) as client:
            for kind in ("record", "intake"):
                shelf = self.traffic.record if kind == "record" else self.traffic.intake
                for day in parse_days(client.days(kind)):
                    ids = [one for one in parse_ids(client.ids(kind, day=day)) if one not in shelf]
                    for at in range(0, len(ids), TAKE_IDS_MAX):
                        asked = ids[at : at + TAKE_IDS_MAX]
                        shelf |= dict(parse_slots(client.slots(kind, ids=asked), asked=asked))


@contextlib.contextmanager
def running_company(folder: Path, *, days_ago: int = 0) -> Iterator[Company]:
    """Run relay, door and the coordinator's desk until the block ends; the others come in with `join`.

    Args:
        folder: An empty one.
        days_ago: How many days the desks' clocks are behind the relay's at the beginning.

    Raises:
        LocalError: Something did not start.
    """
    now = time.time()
    # In the morning, whenever it is: a drill of an hour by the desks' clocks stays within one day.
    clock = _Clock(_MORNING_SECONDS - now % DAY_SECONDS - days_ago * DAY_SECONDS)
    server = folder / "server"
    server.mkdir()
    (folder / "laptops").mkdir()
    with (
        running_centre(server, passphrase=PASSPHRASE, member=FIRST, profile=PROFILE, clock=clock) as centre,
        contextlib.ExitStack() as stack,
    ):
        # From here on rounds are done in the drill's order.
        centre.desk.stop_sync()
        company = Company(centre, folder, Traffic(), clock, stack)
        company.desks[FIRST] = centre.desk
        centre.desk.set_door(company.line(FIRST).url, socks=None)
        centre.desk.sync_round()
        yield company
