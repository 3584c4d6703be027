"""`causeway drill removed-member`: what a removed member and a lost laptop still open, who hold the relay.

They keep all keys that they ever had, with what was recorded of all traffic before and since, and have the
relay's whole disk. What people wrote and were written before the cut is theirs; nothing since may be.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Final

from causeway.desk.engine import Desk
from causeway.desk.views import AlarmKind
from causeway.drills.between import Asked, PassOn, Said, Traffic
from causeway.drills.canaries import Canaries
from causeway.drills.company import FIRST, PASSPHRASE, PROFILE, Company, running_company
from causeway.drills.folders import copy_folder, folder_sources
from causeway.drills.loot import Loot
from causeway.drills.members_report import SeizedRow, SeveralReport
from causeway.drills.needles import Finder, Secret, needles_of
from causeway.drills.opened_store import opened_sources
from causeway.drills.people import InventedPerson, invent, secrets_of
from causeway.drills.relay_drill import PEOPLE
from causeway.drills.report import DrillReport, Found
from causeway.drills.search import Search
from causeway.drills.sources import BytesSource, Source
from causeway.drills.visitors import ScriptVisitor
from causeway.errors import RemoteError
from causeway.record.entry import Operation
from causeway.record.keys import CompartmentKind
from causeway.record.roster import Role, roster_hash
from causeway.sealed.sheet import verify_sheet
from causeway.sync.client import RelayClient
from causeway.sync.errors import RelayRefused
from causeway.units import Day, day_of

__all__ = ["drill_removed_member"]

_REMOVED: Final = "Jonas"
_STAYS: Final = "Nur"
_LOST: Final = "Nur's second laptop"
_NEW: Final = "Vera"
_AWAY: Final = 5_000
"""Between the seed of the people and that of what they and others write after the cut."""

_DAYS_TRIED: Final = 60
_OK: Final = 200

_NOT_SEARCHED: Final = (
    "new people misled by a replayed door sheet, for 14 days at most and seen by the desks' watch: the line "
    "about it above is one such, and is not counted as exposed",
    "a desk that remains and gives things away; a second person who is removed later",
    "that the same case is written to, when and how much: chains have the ids that were known before",
    "files that came with messages: their keys stand in the messages, which are searched",
    "what they have read, copied and remembered from before",
    "a computer that breaks X25519, ML-KEM or ChaCha20-Poly1305",
)


@dataclass(frozen=True, slots=True)
class _Cut:
    """What happened at the cut: seconds that it took until the relay had the new access, and bytes for it."""

    seconds: float
    bytes: int


@dataclass(frozen=True, slots=True)
class _Thief:
    """Somebody who is gone: what they have, and in what words."""

    whose: str
    reads: str
    laptops: tuple[str, ...]


_THIEVES: Final = (
    _Thief("removed member", "role caseworker", (_REMOVED,)),
    _Thief("lost laptop", "role intake", (_LOST,)),
    _Thief("both together", "caseworker, intake", (_REMOVED, _LOST)),
)


def drill_removed_member(
    *,
    people: int = PEOPLE,
    seed: int = 8,
    with_memory: bool = False,
    before_searching: Callable[[Path, Sequence[Secret]], None] = lambda taken, secrets: None,
    on_step: Callable[[str], None] = lambda step: None,
) -> SeveralReport:
    """Remove a member and revoke a lost laptop, go on working, then try all that they have on all there is.

    Args:
        people: Half of them write before the cut and again after it, half only after it.
        seed: Of the invented people.
        with_memory: Of no effect: what they have was copied before.
        before_searching: What else gets into their folder; for tests of the drill itself.
        on_step: Told what goes on.

    Raises:
        LocalError: A part did not run.
    """
    canaries = Canaries()
    *cast, misled = invent(people + 1, seed=seed)
    known, new = cast[: people // 2], cast[people // 2 :]
    with (
        tempfile.TemporaryDirectory(prefix="causeway-drill-") as made,
        running_company(Path(made)) as company,
    ):
        taken = Path(made) / "taken"
        on_step("members come in")
        company.join(_REMOVED, role=Role.CASEWORKER)
        company.join(_STAYS, role=Role.INTAKE)
        company.second_laptop(_STAYS, name=_LOST)
        on_step("people write, and are answered")
        visitors = [company.visitor(person) for person in known]
        for person, visitor in zip(known, visitors, strict=True):
            visitor.write(person.message)
        _work(company, known, at=FIRST)
        before = [secret for one, who in zip(known, visitors, strict=True) for secret in _all_of(one, who)]
        on_step("their laptops are copied")
        for name in (_REMOVED, _LOST):
            company.lock(name)
            copy_folder(company.vault(name), to=taken / name)
        old_sheet = visitors[0].door.get("/v1/sheet")
        recorded = company.traffic.copy()

        on_step("removed, and revoked")
        again = invent(len(known), seed=seed + _AWAY)
        offline, *others = zip(known, again, visitors, strict=True)
        _write_offline(company.desks[_STAYS], about=offline[0], text=offline[1].answer)
        cut = _cut(company)
        on_step("people write, and are worked on after the cut")
        for _, anew, visitor in others:
            visitor.write(anew.message)
        newcomers = [(person, company.visitor(person)) for person in new]
        for person, newcomer in newcomers:
            newcomer.write(person.message)
        company.meet()
        company.join(_NEW, role=Role.CASEWORKER)
        _work(company, [*(anew for _, anew, _ in others), *new], at=_STAYS)
        after = [
            *_anew(offline[0], offline[1], but=_OF_THE_MESSAGE),
            *(secret for person, anew, _ in others for secret in _anew(person, anew)),
            *(secret for person, newcomer in newcomers for secret in _all_of(person, newcomer)),
        ]
        behind = _behind(company)
        company.take_disk()
        signers = [company.coordinator._parts.keys.device.public]

        on_step("all keys tried on all there is")
        copy_folder(company.centre.relay.data, to=taken / "relay")
        canaries.plant_in_folder(taken / "canaries", called="what they hold")
        before_searching(taken, after)
        finder = Finder(needles_of(chain(before, after)))
        control = _opened([company.vault(_NEW)], company.traffic, signers=signers)
        seen = {find.secret for find in Search(finder).search([control])}
        missed = [
            f"{one.what} of {one.person}, by who remains" for one in after if _plain(one) and one not in seen
        ]
        rows, found_before, let_in = [], set[str](), list[Found]()
        sources: list[Source] = [*folder_sources(taken, called="what they hold")]
        for thief in _THIEVES:
            vaults = [taken / name for name in thief.laptops]
            held = [
                source
                for vault in vaults
                for source in opened_sources(
                    vault, passphrases=(PASSPHRASE,), called=f"{thief.whose}: store", profile=PROFILE
                )
            ]
            early = [*held, _opened(vaults, recorded, signers=signers)]
            had = {find.secret.person for find in Search(finder).search(early)}
            loot = Loot.of(vaults, passphrase=PASSPHRASE, profile=PROFILE)
            inside = b"\n".join(loot.open(company.traffic, signers=signers))
            late = [*held, BytesSource(f"{thief.whose}: all that opens", inside)]
            late_finds = {find.secret for find in Search(finder).search(late)} & set(after)
            let_in += _let_in(company, loot.capabilities, whose=thief.whose)
            sources += late
            found_before |= had
            rows.append(
                SeizedRow(
                    whose=thief.whose,
                    reads=thief.reads,
                    people_before=len(known),
                    people_found=len(had),
                    people_exposed=len({secret.person for secret in late_finds}),
                )
            )
            missed += [
                f"{person.label}, by the {thief.whose}, before the cut"
                for person in known
                if person.label not in had
            ]
        # What they had before is theirs, and was counted: from here on only what came after it is looked for.
        search = Search(Finder(chain(needles_of(after), canaries.needles)))
        finds = list(search.search(sources, on_source=on_step))

        on_step("a replayed door sheet")
        replay = _replay(company, misled, old_sheet=old_sheet, taken=taken)
    if not replay.noticed:
        missed.append("the replayed door sheet, by the desks' watch")
    report = DrillReport.of(
        "removed-member",
        people=people,
        finds=finds,
        canaries=canaries,
        missed=missed,
        also_found=[*let_in, *behind],
        searched_bytes=search.searched_bytes,
        searched=(
            "their stores, opened with their passphrases, and every file of them",
            f"all recorded traffic, before the cut and since: {company.traffic.slots} slots, "
            f"{len(company.traffic.parcels)} times a parcel; whatever opens with all of their keys, and with "
            "keys found in it",
            "the relay's whole disk",
            "whether the relay still lets in any capability that they have",
        ),
        not_searched=_NOT_SEARCHED,
    )
    return SeveralReport.on(
        report,
        people_before=len(found_before),
        rows=tuple(rows),
        title="With all keys that they ever had, the relay's disk and all traffic",
        columns=("who", "had", "people before", "found", "exposed after the cut"),
        also=(
            ("cut_seconds", "seconds from the cut until the relay had the new access, for both", cut.seconds),
            ("cut_bytes", "bytes that left for both: rosters, cut lists, parcels, door sheets", cut.bytes),
            (
                "misled_opened",
                "one new person misled by a replayed door sheet: opened by them",
                replay.opened,
            ),
            ("misled_noticed", "noticed by the desks' watch", replay.noticed),
            ("misled_taken", "taken by the desks as well", replay.taken),
            ("misled_days", "days for which an old sheet can be replayed, at most", replay.days),
        ),
    )


# ---- What happens ----


def _work(company: Company, persons: Sequence[InventedPerson], *, at: str) -> None:
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


def _write_offline(desk: Desk, *, about: InventedPerson, text: str) -> None:
    """Write an answer in the old epoch, at a desk that has not heard of the cut."""
    (row,) = [
        row for row in desk.inbox(limit=1_000) if desk.conversation(row.id).messages[0].text == about.message
    ]
    desk.answer(row.id, text)


def _cut(company: Company) -> _Cut:
    """Remove the one, and revoke the other's lost laptop; return when the relay knows."""
    members = company.coordinator.members
    start = time.perf_counter()
    removed = members.remove_member(company.member(_REMOVED).id)
    lost = max(company.member(_STAYS).devices, key=lambda one: one.id != _device(company.desks[_STAYS]))
    revoked = members.revoke_device(lost.id)
    company.coordinator.sync_round()
    return _Cut(
        seconds=round(time.perf_counter() - start, 2), bytes=removed.bytes_queued + revoked.bytes_queued
    )


def _behind(company: Company) -> list[Found]:
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

_OF_THE_MESSAGE: Final = frozenset({"name", "telephone number", "address", "sentence of the message"})


def _all_of(person: InventedPerson, visitor: ScriptVisitor) -> Iterator[Secret]:
    return secrets_of(person, entropy=visitor.entropy)


def _anew(person: InventedPerson, anew: InventedPerson, *, but: Iterable[str] = ()) -> Iterator[Secret]:
    """Yield what came into being of somebody after the cut; what was there before was known."""
    for secret in secrets_of(anew):
        if secret.what not in but:
            yield Secret(person.label, f"{secret.what}, after the cut", secret.forms)


def _plain(secret: Secret) -> bool:
    """Return whether a desk has to be able to read it: not the keys behind the words."""
    return secret.what.removesuffix(", after the cut") in _OF_THE_MESSAGE | {"answer"}


# ---- What opens ----


def _opened(vaults: Sequence[Path], traffic: Traffic, *, signers: Sequence[bytes]) -> Source:
    loot = Loot.of(vaults, passphrase=PASSPHRASE, profile=PROFILE)
    return BytesSource("all that opens", b"\n".join(loot.open(traffic, signers=signers)))


def _let_in(company: Company, capabilities: Iterable[bytes], *, whose: str) -> Iterator[Found]:
    """Yield a find for each capability that the relay still accepts."""
    for capability in capabilities:
        with RelayClient(company.line(FIRST).url, socks=None, capability=capability) as client:
            try:
                client.status()
            except RelayRefused:
                continue
        yield Found("a capability", f"{whose}: keys", "the relay still accepts it")


@dataclass(frozen=True, slots=True)
class _Replay:
    """What came of a replayed door sheet."""

    opened: int
    noticed: bool
    taken: bool
    days: int


def _replay(company: Company, misled: InventedPerson, *, old_sheet: bytes, taken: Path) -> _Replay:
    """Have the relay serve the sheet from before the cut, to somebody who writes and to a desk."""

    def old(asked: Asked, pass_on: PassOn) -> Said:
        return Said(_OK, old_sheet) if (asked.method, asked.path) == ("GET", "/v1/sheet") else pass_on()

    with company.line(FIRST).doing(old):
        company.visitor(misled).write(misled.message)
        company.coordinator.sync_round(visit=True)
    alarms = {alarm.kind for alarm in company.coordinator.sync_view().alarms}
    finder = Finder(needles_of(secrets_of(misled)))
    opened = _opened([taken / _REMOVED], company.traffic, signers=[])
    coordinator = company.coordinator
    texts = {coordinator.conversation(row.id).messages[0].text for row in coordinator.inbox(limit=1_000)}
    return _Replay(
        opened=len({find.secret.person for find in Search(finder).search([opened])}),
        noticed=AlarmKind.SHEET_ALTERED in alarms,
        taken=misled.message in texts,
        days=_days(company, old_sheet),
    )


def _days(company: Company, sheet: bytes) -> int:
    """Return on how many days from today a visitor still takes a sheet."""
    today = day_of(company.clock())
    for days in range(_DAYS_TRIED):
        try:
            verify_sheet(sheet, fingerprint=company.centre.fingerprint, today=Day(today + days))
        except RemoteError:
            return days
    return _DAYS_TRIED
