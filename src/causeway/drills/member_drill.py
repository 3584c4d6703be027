"""`causeway drill member`: one member's laptop is opened with its passphrase; once for each role."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Final

from causeway.desk.engine import Desk
from causeway.drills.canaries import CANARY, Canaries
from causeway.drills.company import PASSPHRASE, PROFILE, Company, running_company
from causeway.drills.folders import folder_sources
from causeway.drills.loot import Loot
from causeway.drills.members_report import SeizedRow, SeveralReport
from causeway.drills.needles import Finder, Secret, needles_of
from causeway.drills.opened_store import opened_sources
from causeway.drills.people import InventedPerson, invent, secrets_of
from causeway.drills.relay_drill import PEOPLE
from causeway.drills.report import DrillReport
from causeway.drills.search import Find, Search
from causeway.drills.sources import BytesSource, Source
from causeway.record.entry import Operation
from causeway.record.keys import CompartmentKind
from causeway.record.roster import Role
from causeway.units import Day

__all__ = ["drill_member"]

_FIRST: Final = {
    CompartmentKind.IDENTITY: Role.CASEWORKER,
    CompartmentKind.CASEWORK: Role.CASEWORKER,
    CompartmentKind.NETWORK: Role.CASEWORKER,
}
_THEN: Final = {
    CompartmentKind.LEG: Role.LOGISTICS,
    CompartmentKind.STATEMENT: Role.DOCUMENTER,
    CompartmentKind.MONEY: Role.LOGISTICS,
}
"""Who writes these gets the keys of the case with those before; and those, with the conversation."""

_WRITTEN_BY: Final = {**_FIRST, **_THEN}

_KINDS: Final = (CompartmentKind.CONVERSATION, *_WRITTEN_BY)
_READS: Final[dict[Role, frozenset[CompartmentKind]]] = {
    Role.COORDINATOR: frozenset(_KINDS) - {CompartmentKind.IDENTITY, CompartmentKind.STATEMENT},
    Role.INTAKE: frozenset(
        {CompartmentKind.CONVERSATION, CompartmentKind.IDENTITY, CompartmentKind.CASEWORK}
    ),
    Role.CASEWORKER: frozenset(_KINDS) - {CompartmentKind.STATEMENT, CompartmentKind.MONEY},
    Role.LOGISTICS: frozenset(
        {CompartmentKind.CASEWORK, CompartmentKind.LEG, CompartmentKind.MONEY, CompartmentKind.NETWORK}
    ),
    Role.DOCUMENTER: frozenset({CompartmentKind.IDENTITY, CompartmentKind.STATEMENT}),
    Role.PARTNER: frozenset(),
    Role.ANALYST: frozenset(),
}
"""As the design has it, written down a second time: a mistake in the desk's own table must show here."""

_BY_GRANT: Final = frozenset({CompartmentKind.CONVERSATION, CompartmentKind.CASEWORK})
_GRANTED: Final = 0
"""Number of the person whose case the partner was given."""

_GRANT_DAYS: Final = 30
_AWAY: Final = 5_000
"""Between the seed of the people and that of what members write about them."""

_OF_THE_MESSAGE: Final = frozenset({"name", "telephone number", "address", "sentence of the message"})
_PLAIN: Final = _OF_THE_MESSAGE | {"answer"}

_NOT_SEARCHED: Final = (
    "who among a role's people was really opened: every one that the role can open counts",
    "what other members told them, wrote down or sent by other ways",
    "that there is a case, when it was written to and by which laptop: every desk keeps all chains, sealed",
    "names of members, and who read which case when: all but partner and analyst share the read log",
    "memory of the desk's process, the browser, the system (the drills laptop and duress have them)",
    "streams packed other than by gzip, zlib, Zstandard or ZIP",
)


@dataclass(frozen=True, slots=True)
class _Written:
    """What was written of whom, and where: each text stands in one compartment alone."""

    person: str
    kind: CompartmentKind
    secrets: tuple[Secret, ...]


def drill_member(
    *,
    people: int = PEOPLE,
    seed: int = 7,
    with_memory: bool = False,
    before_taking: Callable[[str, Path, Sequence[InventedPerson]], None] = lambda role, vault, people: None,
    on_step: Callable[[str], None] = lambda step: None,
) -> SeveralReport:
    """Have members of all roles work on people's cases, then open the laptop of each.

    Args:
        people: How many have written.
        seed: Of the invented people.
        with_memory: Of no effect: this is about what a laptop holds.
        before_taking: What else happens to a role's vault before it is opened; for tests of the drill itself.
        on_step: Told what goes on.

    Raises:
        LocalError: A part did not run.
    """
    canaries = Canaries()
    cast = invent(people, seed=seed)
    rows: list[SeizedRow] = []
    finds: list[Find] = []
    missed: list[str] = []
    searched_bytes = 0
    before: set[str] = set()
    with (
        tempfile.TemporaryDirectory(prefix="causeway-drill-") as made,
        running_company(Path(made)) as company,
    ):
        for role in Role:
            if role is not Role.COORDINATOR:
                on_step(f"{role} comes in")
                company.join(role.value, role=role)
        on_step("people write, and are worked on")
        written = _work(company, cast, seed=seed)
        company.take_disk()
        signer = company.coordinator._parts.keys.device.public
        finder = Finder(needles_of(secret for one in written for secret in one.secrets))
        canaries.plant_in_folder(Path(made) / "canaries", called="laptops")
        for role in Role:
            name = next(iter(company.desks)) if role is Role.COORDINATOR else role.value
            vault = company.vault(name)
            company.desks[name].close()
            before_taking(role, vault, cast)
            on_step(f"{role}: opened with the passphrase")
            sources: list[Source] = [
                *folder_sources(vault, called=f"laptop of {role}"),
                *opened_sources(
                    vault, passphrases=(PASSPHRASE,), called=f"laptop of {role}", profile=PROFILE
                ),
            ]
            loot = Loot.of([vault], passphrase=PASSPHRASE, profile=PROFILE)
            inside = b"\n".join(loot.open(company.traffic, signers=[signer]))
            sources.append(BytesSource(f"all that opens with the keys of {role}", inside))
            search = Search(finder)
            found = {find.secret: find for find in search.search(sources)}
            searched_bytes += search.searched_bytes
            row, wrong, lacking = _judge(role, cast, written=written, found=found)
            rows.append(row)
            finds += wrong
            missed += lacking
            before |= _may(role, cast, written=written)
        search = Search(Finder(chain(finder.needles, canaries.needles)))
        planted = list(search.search(folder_sources(Path(made) / "canaries", called="canaries")))
    report = DrillReport.of(
        "member",
        people=people,
        finds=[*finds, *(find for find in planted if find.secret.person == CANARY)],
        canaries=canaries,
        missed=missed,
        searched_bytes=searched_bytes + search.searched_bytes,
        searched=(
            "for each role: every file of the desk's folder; rows, pages and journal of its store, opened",
            "every entry, slot and message that its keys open: of its store, the traffic, the relay's disk",
        ),
        not_searched=_NOT_SEARCHED,
    )
    return SeveralReport.on(
        report,
        people_before=len(before),
        rows=tuple(rows),
        title="Each role's laptop, opened with its passphrase",
        columns=("role", "has to read", "people", "found", "exposed beyond"),
    )


# ---- What happens before ----


def _work(company: Company, cast: Sequence[InventedPerson], *, seed: int) -> list[_Written]:
    """Have everybody write and be answered, and something written of them in every compartment."""
    written = []
    for person in cast:
        visitor = company.visitor(person)
        visitor.write(person.message)
        found = tuple(secrets_of(person, entropy=visitor.entropy))
        written.append(_Written(person.label, CompartmentKind.CONVERSATION, found))
    intake = company.desks[Role.INTAKE]
    intake.sync_round()
    answers = {person.message: person for person in cast}
    cases: dict[str, tuple[str, bytes]] = {}
    for row in intake.inbox(limit=len(cast)):
        person = answers[intake.conversation(row.id).messages[0].text]
        intake.answer(row.id, person.answer)
        case = intake._parts.db.row("SELECT case_id FROM conversation WHERE id = ?", (bytes.fromhex(row.id),))
        cases[person.label] = row.id, bytes(case[0]) if case else b""
    company.spread(Role.INTAKE.value)
    conversation, _ = cases[cast[_GRANTED].label]
    coordinator = company.coordinator
    last_day = Day(coordinator._parts.today + _GRANT_DAYS)
    partner = company.member(Role.PARTNER.value)
    coordinator.members.grant(partner.id, conversation=conversation, last_day=last_day)
    company.meet(rounds=1)
    for desk in company.desks.values():
        for row in desk.inbox(limit=len(cast)):
            desk.mark_opened(row.id)
    for stage in (_FIRST, _THEN):
        for kind, role in stage.items():
            about = invent(len(cast), seed=seed + (1 + list(CompartmentKind).index(kind)) * _AWAY)
            for person, other in zip(cast, about, strict=True):
                _note(company.desks[role], cases[person.label][1], kind=kind, about=other)
                found = tuple(
                    Secret(person.label, f"{kind}: {secret.what}", secret.forms)
                    for secret in secrets_of(other)
                    if secret.what in _OF_THE_MESSAGE
                )
                written.append(_Written(person.label, kind, found))
        company.spread(*dict.fromkeys(role.value for role in stage.values()))
    return written


def _note(desk: Desk, case: bytes, *, kind: CompartmentKind, about: InventedPerson) -> None:
    desk._parts.ledger.write(
        case, kind=kind, operation=Operation.ADD, name="note", value={"text": about.message}
    )


# ---- What was found ----


def _has_to_read(role: Role, one: _Written, *, cast: Sequence[InventedPerson]) -> bool:
    granted = role is Role.PARTNER and one.person == cast[_GRANTED].label and one.kind in _BY_GRANT
    return one.kind in _READS[role] or granted


def _may(role: Role, cast: Sequence[InventedPerson], *, written: Iterable[_Written]) -> set[str]:
    return {one.person for one in written if _has_to_read(role, one, cast=cast)}


def _judge(
    role: Role, cast: Sequence[InventedPerson], *, written: Sequence[_Written], found: Mapping[Secret, Find]
) -> tuple[SeizedRow, list[Find], list[str]]:
    """Return a role's row, what was found that it must not open, and what was not that it must."""
    wrong: list[Find] = []
    missed: list[str] = []
    incomplete: set[str] = set()
    for one in written:
        if _has_to_read(role, one, cast=cast):
            # Keys behind the words are the person's alone: what of them a desk needs, it may hold.
            plain = [secret for secret in one.secrets if secret.what in _PLAIN or ": " in secret.what]
            lacking = [secret for secret in plain if secret not in found]
            if lacking:
                incomplete.add(one.person)
                missed.append(f"{one.person}, {one.kind}, on the laptop of {role}")
        else:
            wrong += [found[secret] for secret in one.secrets if secret in found]
    may = _may(role, cast, written=written)
    row = SeizedRow(
        whose=role.value,
        reads=_reads(role),
        people_before=len(may),
        people_found=len(may - incomplete),
        people_exposed=len({find.secret.person for find in wrong}),
    )
    return row, wrong, missed


def _reads(role: Role) -> str:
    if role is Role.PARTNER:
        return "one case: conversation, casework"
    return ", ".join(kind.value for kind in _KINDS if kind in _READS[role]) or "nothing"
