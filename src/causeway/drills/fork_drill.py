"""`causeway drill fork`: a hostile relay, a hostile member, copied laptops; and what honest desks notice."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Final

from causeway.drills.canaries import Canaries
from causeway.drills.company import FIRST, Company, running_company
from causeway.drills.folders import copy_folder, folder_sources
from causeway.drills.fork_attacks import ATTACKS, Attack
from causeway.drills.fork_scene import COPIED, HOSTILE, SIX_WORDS, WITNESS, Scene
from causeway.drills.needles import Finder, Secret, needles_of
from causeway.drills.people import invent, secrets_of
from causeway.drills.relay_drill import PEOPLE
from causeway.drills.report import DrillReport, Found, TextTable
from causeway.drills.search import Search
from causeway.drills.sources import BytesSource
from causeway.record.roster import Role

__all__ = ["AttackResult", "ForkReport", "drill_fork"]

_APART: Final = Found(
    "other chains on one desk than on the other", "honest desks", "six words differ in the end"
)
_NOT_SEARCHED: Final = (
    "dropping is not noticed by itself until a checkpoint comes, once a week; a relay that drops all "
    "checkpoints too is found out only by two people who compare six words",
    "a relay that keeps a new roster from a desk: until something comes under it, that desk does not know",
    "what came to the relay on days before a desk came in, and does not open there: it raises no "
    "alarm there: the next checkpoint names what is lacking",
    "that the relay is away, slow or full: it looks like any other fault",
    "a member who writes false things in their own name: that is what is read there, with their name",
    "two who work together, of whom one signs for the centre and holds the root",
    "timing: who syncs when, and how much",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class AttackResult:
    """What came of an attack.

    Attributes:
        attack: What was done.
        by: Whose doing: `relay`, `member` or `copy`.
        noticed: What each honest desk noticed that had to notice something, or did anyway.
        unnoticed: What had to be noticed and was not.
        false_taken: Conversations in which an honest desk shows what nobody has said.
        lost: Conversations of which an honest desk lacks something in the end.
        changed: What the attack has brought about that none may.
        note: In words.
    """

    attack: str
    by: str
    noticed: dict[str, tuple[str, ...]]
    unnoticed: tuple[str, ...]
    false_taken: int
    lost: int
    changed: tuple[str, ...]
    note: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ForkReport(DrillReport):
    """The end of the drill: one result for each attack."""

    attacks: tuple[AttackResult, ...]

    def tables(self) -> tuple[TextTable, ...]:
        """Return what was done, and what honest desks noticed."""
        return (
            TextTable(
                "Attacks",
                ("by", "what", "noticed by honest desks", "false", "lost"),
                tuple(
                    (one.by, one.attack, _in_words(one), str(one.false_taken), str(one.lost))
                    for one in self.attacks
                ),
            ),
        )

    def as_json(self) -> dict[str, Any]:
        """Return it for `--json`."""
        return {
            **DrillReport.as_json(self),
            "attacks": [dataclasses.asdict(one) for one in self.attacks],
        }


def _in_words(result: AttackResult) -> str:
    lines = [", ".join(sorted({what for seen in result.noticed.values() for what in seen}))]
    lines += [f"NOT: {one}" for one in result.unnoticed]
    lines += [result.note]
    return "\n".join(line for line in lines if line)


def drill_fork(
    *,
    people: int = PEOPLE,
    seed: int = 9,
    with_memory: bool = False,
    attacks: Sequence[Attack] = ATTACKS,
    on_step: Callable[[str], None] = lambda step: None,
) -> ForkReport:
    """Attack a centre in all these ways, one after the other, and look at its honest desks.

    Args:
        people: Whose cases they are; at least four.
        seed: Of the invented people.
        with_memory: Of no effect.
        attacks: Some of them, for tests of the drill itself.
        on_step: Told what goes on.

    Raises:
        LocalError: A part did not run.
    """
    canaries = Canaries()
    with (
        tempfile.TemporaryDirectory(prefix="causeway-drill-") as made,
        running_company(Path(made), days_ago=1) as company,
    ):
        on_step("members come in, people write")
        company.join(WITNESS, role=Role.INTAKE)
        company.join(HOSTILE, role=Role.CASEWORKER)
        company.join(COPIED, role=Role.CASEWORKER)
        scene, secrets = _begin(company, people=people, seed=seed)
        # What does not open and is of a day before a desk came in raises no alarm there.
        company.pass_days(1)
        results = []
        for number, attack in enumerate(attacks):
            on_step(f"{attack.who}: {attack.does}")
            results.append(_attacked(scene, attack, number=number))
        scene.meet()
        apart = scene.words_differ(*scene.honest)
        on_step("what the relay holds")
        company.take_disk()
        held = Path(made) / "held"
        copy_folder(company.centre.relay.data, to=held)
        canaries.plant_in_folder(held / "canaries", called="what the relay holds")
        traffic = company.traffic
        passed = BytesSource(
            "all that passed", b"".join(chain(traffic.record.values(), traffic.intake.values()))
        )
        search = Search(Finder(chain(needles_of(secrets), canaries.needles)))
        finds = list(search.search([*folder_sources(held, called="what the relay holds"), passed]))
    report = DrillReport.of(
        "fork",
        people=people,
        finds=finds,
        canaries=canaries,
        also_found=[
            *(one for result in results for one in _wrong(result)),
            *([_APART] if apart else ()),
        ],
        searched_bytes=search.searched_bytes,
        searched=(
            "alarms, what was kept aside and conflicts, on two honest desks, after each attack",
            "every text that these desks show, for what nobody said and for what is missing",
            "the relay's disk, and all that passed, for what tells of people",
        ),
        not_searched=_NOT_SEARCHED,
    )
    return ForkReport(
        **{one.name: getattr(report, one.name) for one in dataclasses.fields(report)}, attacks=tuple(results)
    )


def _begin(company: Company, *, people: int, seed: int) -> tuple[Scene, list[Secret]]:
    """Have people write, and each be answered by every member once."""
    secrets: list[Secret] = []
    cast = invent(people, seed=seed)
    for person in cast:
        visitor = company.visitor(person)
        visitor.write(person.message)
        secrets += secrets_of(person, entropy=visitor.entropy)
    company.meet()
    first = company.coordinator
    found = {first.conversation(row.id).messages[0].text: row.id for row in first.inbox(limit=people)}
    scene = Scene(company, [found[person.message] for person in cast])
    for about, person in zip(scene.conversations, cast, strict=True):
        scene.genuine.append((about, person.message))
    for number, person in enumerate(cast):
        scene.answer(FIRST, number, person.answer)
        scene.desk(HOSTILE).answer(scene.conversations[number], f"from {HOSTILE}")
        scene.answer(COPIED, number, f"from {COPIED}")
    company.meet()
    return scene, secrets


def _attacked(scene: Scene, attack: Attack, *, number: int) -> AttackResult:
    before = scene.quiet()
    scene.changed.clear()
    attack.run(scene, number)
    scene.meet(rounds=1)
    noticed = {name: scene.noticed(name, before=before[name]) for name in scene.honest}
    if scene.words_differ(*scene.honest):
        noticed[scene.honest[1]].add(SIX_WORDS)
    attack.then(scene)
    scene.meet(*(name for name in (HOSTILE, *scene.honest) if name in scene.company.desks), rounds=1)
    unnoticed = [
        f"{what}, at {name}"
        for name, wanted in attack.noticed.items()
        for what in sorted(wanted - noticed[name])
    ]
    return AttackResult(
        attack=attack.does,
        by=attack.who,
        noticed={name: tuple(sorted(seen)) for name, seen in noticed.items() if seen},
        unnoticed=tuple(unnoticed),
        false_taken=len(scene.false(number)),
        lost=len(scene.lost()),
        changed=tuple(scene.changed),
        note=attack.note,
    )


def _wrong(result: AttackResult) -> list[Found]:
    found = [
        Found("an attack that was not noticed", f"an honest desk: {one}", result.attack)
        for one in result.unnoticed
    ]
    found += [Found(one, "an honest desk", result.attack) for one in result.changed]
    if result.false_taken:
        found.append(Found("something that nobody has said", "an honest desk", result.attack))
    if result.lost:
        found.append(Found("something that was written, and is lost", "an honest desk", result.attack))
    return found
