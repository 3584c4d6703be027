"""What happens in the drill of a removed member, and what opens of it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from causeway.desk.engine import Desk
from causeway.desk.views import AlarmKind
from causeway.drills.between import Asked, PassOn, Said, Traffic
from causeway.drills.company import FIRST, PASSPHRASE, PROFILE, Company
from causeway.drills.loot import Loot
from causeway.drills.needles import Finder, Secret, needles_of
from causeway.drills.people import InventedPerson, secrets_of
from causeway.drills.report import Found
from causeway.drills.search import Search
from causeway.drills.sources import BytesSource, Source
from causeway.drills.visitors import ScriptVisitor
from causeway.errors import RemoteError
from causeway.record.entry import Operation
from causeway.record.keys import CompartmentKind
from causeway.record.roster import roster_hash
from causeway.sealed.sheet import verify_sheet
from causeway.sync.client import RelayClient
from causeway.sync.errors import RelayRefused
from causeway.units import Day, day_of

__all__ = [
    "LOST",
    "OF_THE_MESSAGE",
    "REMOVED",
    "STAYS",
    "all_of",
    "anew",
    "behind",
    "cut",
    "let_in",
    "opened",
    "plain",
    "replay",
    "work",
    "write_offline",
]

REMOVED: Final = "Jonas"
STAYS: Final = "Nur"
LOST: Final = "Nur's second laptop"
_DAYS_TRIED: Final = 60
_OK: Final = 200


@dataclass(frozen=True, slots=True)
class Cut:
    """What happened at the cut: seconds that it took until the relay had the new access, and bytes for it."""

    seconds: float
    bytes: int


# ---- What happens ----


def work(company: Company, persons: Sequence[InventedPerson], *, at: str) -> None:
    """Have what people wrote reach all, and one desk answer each and note something on the case."""
    company.meet()
    desk = company.desks[at]
    by_message = {person.message: person for person in persons}
    for row in desk.inbox(limit=1_000):
        person = by_message.get(desk.conversation(row.id).messages[-1].text)
        if person is not None:
            desk.mark_opened(row.id)
            desk.answer(row.id, person.answer)
            _note(desk, row.id, text=person.address)
    company.meet()


def _note(desk: Desk, conversation: str, *, text: str) -> None:
    row = desk._parts.db.row("SELECT case_id FROM conversation WHERE id = ?", (bytes.fromhex(conversation),))
    desk._parts.ledger.write(
        bytes(row[0]) if row else b"",
        kind=CompartmentKind.CASEWORK,
        operation=Operation.ADD,
        name="note",
        value={"text": text},
    )


def write_offline(desk: Desk, *, about: InventedPerson, text: str) -> None:
    """Write an answer in the old epoch, at a desk that has not heard of the cut."""
    (row,) = [
        row for row in desk.inbox(limit=1_000) if desk.conversation(row.id).messages[0].text == about.message
    ]
    desk.answer(row.id, text)


def cut(company: Company) -> Cut:
    """Remove the one, and revoke the other's lost laptop; return when the relay knows."""
    members = company.coordinator.members
    start = time.perf_counter()
    removed = members.remove_member(company.member(REMOVED).id)
    lost = max(company.member(STAYS).devices, key=lambda one: one.id != _device(company.desks[STAYS]))
    revoked = members.revoke_device(lost.id)
    company.coordinator.sync_round()
    return Cut(
        seconds=round(time.perf_counter() - start, 2), bytes=removed.bytes_queued + revoked.bytes_queued
    )


def behind(company: Company) -> list[Found]:
    """Return a find for each desk that remains and still takes those who went for members.

    What it writes is for them as well: the transport key alone would keep it from them.
    """
    newest = roster_hash(company.coordinator._parts.roster.signed())
    return [
        Found("a desk that has not taken the cut", name, "another list of members is in force there")
        for name, desk in company.desks.items()
        if roster_hash(desk._parts.roster.signed()) != newest
    ]


def _device(desk: Desk) -> str:
    return desk._parts.keys.device_id.hex()


# ---- What tells of people ----

OF_THE_MESSAGE: Final = frozenset({"name", "telephone number", "address", "sentence of the message"})


def all_of(person: InventedPerson, visitor: ScriptVisitor) -> Iterator[Secret]:
    """Yield all that tells of somebody who came only once."""
    return secrets_of(person, entropy=visitor.entropy)


def anew(person: InventedPerson, then: InventedPerson, *, but: Iterable[str] = ()) -> Iterator[Secret]:
    """Yield what came into being of somebody after the cut; what was there before was known."""
    for secret in secrets_of(then):
        if secret.what not in but:
            yield Secret(person.label, f"{secret.what}, after the cut", secret.forms)


def plain(secret: Secret) -> bool:
    """Return whether a desk has to be able to read it: not the keys behind the words."""
    return secret.what.removesuffix(", after the cut") in OF_THE_MESSAGE | {"answer"}


# ---- What opens ----


def opened(vaults: Sequence[Path], traffic: Traffic, *, signers: Sequence[bytes]) -> Source:
    """Return the inside of all that opens with what lies in these vaults."""
    loot = Loot.of(vaults, passphrase=PASSPHRASE, profile=PROFILE)
    return BytesSource("all that opens", b"\n".join(loot.open(traffic, signers=signers)))


def let_in(company: Company, capabilities: Iterable[bytes], *, whose: str) -> Iterator[Found]:
    """Yield a find for each capability that the relay still accepts."""
    for capability in capabilities:
        with RelayClient(company.line(FIRST).url, socks=None, capability=capability) as client:
            try:
                client.status()
            except RelayRefused:
                continue
        yield Found("a capability", f"{whose}: keys", "the relay still accepts it")


@dataclass(frozen=True, slots=True)
class Replay:
    """What came of a replayed door sheet."""

    opened: int
    noticed: bool
    taken: bool
    days: int


def replay(company: Company, misled: InventedPerson, *, old_sheet: bytes, taken: Path) -> Replay:
    """Have the relay serve the sheet from before the cut, to somebody who writes and to a desk."""

    def old(asked: Asked, pass_on: PassOn) -> Said:
        return Said(_OK, old_sheet) if (asked.method, asked.path) == ("GET", "/v1/sheet") else pass_on()

    with company.line(FIRST).doing(old):
        company.visitor(misled).write(misled.message)
        company.coordinator.sync_round(visit=True)
    alarms = {alarm.kind for alarm in company.coordinator.sync_view().alarms}
    finder = Finder(needles_of(secrets_of(misled)))
    inside = opened([taken / REMOVED], company.traffic, signers=[])
    coordinator = company.coordinator
    texts = {coordinator.conversation(row.id).messages[0].text for row in coordinator.inbox(limit=1_000)}
    return Replay(
        opened=len({find.secret.person for find in Search(finder).search([inside])}),
        noticed=AlarmKind.SHEET_ALTERED in alarms,
        taken=misled.message in texts,
        days=_days(company, old_sheet),
    )


def _days(company: Company, sheet: bytes) -> int:
    """Return on how many days after the one on which it was signed a visitor still takes a sheet."""
    today = day_of(company.clock())
    signed = verify_sheet(sheet, fingerprint=company.centre.fingerprint, today=today).day
    for days in range(_DAYS_TRIED):
        try:
            verify_sheet(sheet, fingerprint=company.centre.fingerprint, today=Day(signed + days))
        except RemoteError:
            return days - 1
    return _DAYS_TRIED
