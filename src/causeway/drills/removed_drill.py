"""`causeway drill removed-member`: what a removed member and a lost laptop still open, who hold the relay.

They keep all keys that they ever had, with what was recorded of all traffic before and since, and have the
relay's whole disk. What people wrote and were written before the cut is theirs; nothing since may be.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Final

from causeway.drills.canaries import Canaries
from causeway.drills.company import FIRST, PASSPHRASE, PROFILE, running_company
from causeway.drills.folders import copy_folder, folder_sources
from causeway.drills.loot import Loot
from causeway.drills.members_report import SeizedRow, SeveralReport
from causeway.drills.needles import Finder, Secret, needles_of
from causeway.drills.opened_store import opened_sources
from causeway.drills.people import invent
from causeway.drills.relay_drill import PEOPLE
from causeway.drills.removed_steps import (
    LOST,
    OF_THE_MESSAGE,
    REMOVED,
    STAYS,
    all_of,
    anew,
    behind,
    cut,
    let_in,
    opened,
    plain,
    replay,
    work,
    write_offline,
)
from causeway.drills.report import DrillReport, Found
from causeway.drills.search import Search
from causeway.drills.sources import BytesSource, Source
from causeway.record.roster import Role

__all__ = ["drill_removed_member"]

_NEW: Final = "Vera"
_AWAY: Final = 5_000
"""Between the seed of the people and that of what they and others write after the cut."""


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
class _Thief:
    """Somebody who is gone: what they have, and in what words."""

    whose: str
    reads: str
    laptops: tuple[str, ...]


_THIEVES: Final = (
    _Thief("removed member", "role caseworker", (REMOVED,)),
    _Thief("lost laptop", "role intake", (LOST,)),
    _Thief("both together", "caseworker, intake", (REMOVED, LOST)),
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
        company.join(REMOVED, role=Role.CASEWORKER)
        company.join(STAYS, role=Role.INTAKE)
        company.second_laptop(STAYS, name=LOST)
        on_step("people write, and are answered")
        visitors = [company.visitor(person) for person in known]
        for person, visitor in zip(known, visitors, strict=True):
            visitor.write(person.message)
        work(company, known, at=FIRST)
        before = [secret for one, who in zip(known, visitors, strict=True) for secret in all_of(one, who)]
        on_step("their laptops are copied")
        for name in (REMOVED, LOST):
            company.lock(name)
            copy_folder(company.vault(name), to=taken / name)
        old_sheet = visitors[0].door.get("/v1/sheet")
        recorded = company.traffic.copy()

        on_step("removed, and revoked")
        again = invent(len(known), seed=seed + _AWAY)
        offline, *others = zip(known, again, visitors, strict=True)
        write_offline(company.desks[STAYS], about=offline[0], text=offline[1].answer)
        done = cut(company)
        on_step("people write, and are worked on after the cut")
        for _, then, visitor in others:
            visitor.write(then.message)
        newcomers = [(person, company.visitor(person)) for person in new]
        for person, newcomer in newcomers:
            newcomer.write(person.message)
        company.meet()
        late = behind(company)
        company.join(_NEW, role=Role.CASEWORKER)
        work(company, [*(then for _, then, _ in others), *new], at=STAYS)
        after = [
            *anew(offline[0], offline[1], but=OF_THE_MESSAGE),
            *(secret for person, then, _ in others for secret in anew(person, then)),
            *(secret for person, newcomer in newcomers for secret in all_of(person, newcomer)),
        ]
        company.take_disk()
        signers = [company.coordinator._parts.keys.device.public]

        on_step("all keys tried on all there is")
        copy_folder(company.centre.relay.data, to=taken / "relay")
        canaries.plant_in_folder(taken / "canaries", called="what they hold")
        before_searching(taken, after)
        finder = Finder(needles_of(chain(before, after)))
        control = opened([company.vault(_NEW)], company.traffic, signers=signers)
        seen = {find.secret for find in Search(finder).search([control])}
        missed = [
            f"{one.what} of {one.person}, by who remains" for one in after if plain(one) and one not in seen
        ]
        rows, found_before, accepted = [], set[str](), list[Found]()
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
            early = [*held, opened(vaults, recorded, signers=signers)]
            had = {find.secret.person for find in Search(finder).search(early)}
            loot = Loot.of(vaults, passphrase=PASSPHRASE, profile=PROFILE)
            inside = b"\n".join(loot.open(company.traffic, signers=signers))
            since = [*held, BytesSource(f"{thief.whose}: all that opens", inside)]
            late_finds = {find.secret for find in Search(finder).search(since)} & set(after)
            accepted += let_in(company, loot.capabilities, whose=thief.whose)
            sources += since
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
        replayed = replay(company, misled, old_sheet=old_sheet, taken=taken)
    if not replayed.noticed:
        missed.append("the replayed door sheet, by the desks' watch")
    report = DrillReport.of(
        "removed-member",
        people=people,
        finds=finds,
        canaries=canaries,
        missed=missed,
        also_found=[*accepted, *late],
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
            (
                "cut_seconds",
                "seconds until the relay had the new access, for both",
                done.seconds,
            ),
            ("cut_bytes", "bytes that left for both: rosters, cut lists, parcels, door sheets", done.bytes),
            (
                "misled_opened",
                "one new person misled by a replayed door sheet: opened by them",
                replayed.opened,
            ),
            ("misled_noticed", "noticed by the desks' watch", replayed.noticed),
            ("misled_taken", "taken by the desks as well", replayed.taken),
            ("misled_days", "days for which an old sheet can be replayed, at most", replayed.days),
        ),
    )
