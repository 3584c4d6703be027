"""What a hostile relay, a hostile member and a copied laptop do; each with what has to be noticed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qs, urlsplit

import msgspec

from causeway.casework.facts import LABELS
from causeway.desk.member_views import RecoveryPurpose
from causeway.drills.between import Asked, PassOn, Said
from causeway.drills.company import FIRST
from causeway.drills.folders import copy_folder
from causeway.drills.fork_scene import HOSTILE, SIX_WORDS, WITNESS, Scene, false_words
from causeway.record.entry import Operation
from causeway.record.roster import Role, roster_hash, sign_roster
from causeway.record.roster_changes import change_role, next_version
from causeway.wire.items import Item, ItemType
from causeway.wire.sizes import ID_BYTES, SLOT_BYTES

__all__ = ["ATTACKS", "COPIED", "Attack"]

COPIED: Final = "Jonas"
_COPY: Final = "Jonas's laptop, a copy"
_TWIN: Final = "Mira's laptop, a copy"
_OK: Final = 200
_UNAUTHORISED: Final = 401

_PLAIN: Final = 0
_SKIPPED: Final = 1
_FORKED: Final = 2
_TWICE: Final = 3
"""Numbers of the people in whose conversations things happen: what a fork freezes is no matter elsewhere."""

_REFUSED: Final = "slot-refused"


@dataclass(frozen=True, kw_only=True, slots=True)
class Attack:
    """One of them.

    Attributes:
        does: In words.
        who: `relay`, `member` or `copy`.
        run: Does it; the number is that of the words that nobody has said.
        noticed: What each of these desks has to notice, by name; nothing where there is nothing to notice.
        then: What people do about it, before it is counted what was lost.
        note: What else there is to say.
    """

    does: str
    who: str
    run: Callable[[Scene, int], None]
    noticed: Mapping[str, frozenset[str]] = field(default_factory=dict)
    then: Callable[[Scene], None] = lambda scene: None
    note: str = ""


def _by(*names: str, see: tuple[str, ...]) -> dict[str, frozenset[str]]:
    return dict.fromkeys(names, frozenset(see))


# ---- A hostile relay ----


def _altered(scene: Scene, number: int) -> None:
    def flip(asked: Asked, pass_on: PassOn) -> Said:
        said = pass_on()
        if not asked.path.startswith("/v1/slots/record"):
            return said
        step = ID_BYTES + SLOT_BYTES
        slots = [said.body[at : at + step] for at in range(0, len(said.body), step)]
        body = b"".join(one[:-1] + bytes([one[-1] ^ 1]) for one in slots)
        return Said(said.status, body, said.headers)

    scene.answer(FIRST, _PLAIN, "written while slots were altered")
    scene.meet(FIRST)
    with scene.company.line(WITNESS).doing(flip):
        scene.meet(WITNESS)


def _dropped(scene: Scene, number: int) -> None:
    """Keep from one desk what another one has sent, and take what that one sends without keeping it."""
    held = set(scene.company.traffic.record)

    def forget(asked: Asked, pass_on: PassOn) -> Said:
        if asked.method == "PUT" and asked.path.startswith("/v1/record/"):
            return Said(201, b"")
        said = pass_on()
        if not asked.path.startswith("/v1/ids/record/"):
            return said
        ids = [said.body[at : at + ID_BYTES] for at in range(0, len(said.body), ID_BYTES)]
        return Said(said.status, b"".join(one for one in ids if one in held), said.headers)

    with scene.company.line(WITNESS).doing(forget):
        scene.answer(FIRST, _PLAIN, "kept from one desk")
        scene.answer(WITNESS, _SKIPPED, "taken from one desk, and forgotten")
        scene.meet()


def _weeks_pass(scene: Scene) -> None:
    """Let desks tell each other how far they are, once a week, and ask for what they lack."""
    for days in (8, 3):
        scene.company.pass_days(days)
        scene.meet(rounds=3)


def _replayed(scene: Scene, number: int) -> None:
    fakes: dict[bytes, bytes] = {}

    def replay(asked: Asked, pass_on: PassOn) -> Said:
        if asked.path.startswith("/v1/ids/record/"):
            said = pass_on()
            for at in range(0, min(len(said.body), 4 * ID_BYTES), ID_BYTES):
                real = said.body[at : at + ID_BYTES]
                fakes[bytes([real[0] ^ 1]) + real[1:]] = scene.company.traffic.record.get(
                    real, bytes(SLOT_BYTES)
                )
            # And every genuine one twice.
            return Said(said.status, b"".join([*fakes, said.body, said.body]), said.headers)
        if asked.path.startswith("/v1/slots/record"):
            ids = [bytes.fromhex(one) for one in parse_qs(urlsplit(asked.path).query)["ids"][0].split(",")]
            if set(ids) <= set(fakes):
                return Said(_OK, b"".join(one + fakes[one] for one in ids))
        return pass_on()

    with scene.company.line(WITNESS).doing(replay):
        scene.meet(WITNESS)


def _reordered(scene: Scene, number: int) -> None:
    def backwards(asked: Asked, pass_on: PassOn) -> Said:
        said = pass_on()
        step = {"/v1/ids/record": ID_BYTES, "/v1/slots/record": ID_BYTES + SLOT_BYTES}.get(asked.path[:14])
        step = step or {"/v1/slots/record": ID_BYTES + SLOT_BYTES}.get(asked.path[:16])
        if step is None:
            return said
        parts = [said.body[at : at + step] for at in range(0, len(said.body), step)]
        return Said(said.status, b"".join(reversed(parts)), said.headers)

    for text in ("first of three", "second of three", "third of three"):
        scene.answer(FIRST, _PLAIN, text)
        scene.meet(FIRST, rounds=1)
    with scene.company.line(WITNESS).doing(backwards):
        scene.meet(WITNESS)


def _old_sheet(scene: Scene, number: int) -> None:
    sheet = scene.company.traffic.sheets[0]

    def old(asked: Asked, pass_on: PassOn) -> Said:
        return Said(_OK, sheet) if (asked.method, asked.path) == ("GET", "/v1/sheet") else pass_on()

    with scene.company.line(FIRST).doing(old):
        scene.desk(FIRST).sync_round(visit=True)


def _old_parcel(scene: Scene, number: int) -> None:
    """Tell a desk that it is not let in, and give it the parcel of an access that was replaced."""
    before = scene.desk(WITNESS)._store.access()

    def refuse(asked: Asked, pass_on: PassOn) -> Said:
        if asked.path == "/v1/parcel":
            return Said(_OK, scene.company.traffic.parcels[0])
        return Said(_UNAUTHORISED, b"") if asked.by_desk else pass_on()

    with scene.company.line(WITNESS).doing(refuse):
        scene.meet(WITNESS)
    if scene.desk(WITNESS)._store.access() != before:
        scene.changed.append("an earlier access was taken")


# ---- A hostile member ----


def _others_name(scene: Scene, number: int) -> None:
    hostile, mira = scene.desk(HOSTILE), scene.desk(FIRST)
    body = scene.body(hostile, _PLAIN, text=false_words(number), member=mira._parts.settings.member)
    scene.put(scene.seal(hostile, body))


def _others_device(scene: Scene, number: int) -> None:
    hostile, mira = scene.desk(HOSTILE), scene.desk(FIRST)
    body = scene.body(hostile, _PLAIN, text=false_words(number), member=mira._parts.settings.member)
    entry = scene.seal(hostile, body)
    scene.put(msgspec.structs.replace(entry, device=mira._parts.keys.device_id, sequence=entry.sequence + 50))


def _resigned(scene: Scene, number: int) -> None:
    hostile, mira = scene.desk(HOSTILE), scene.desk(FIRST)
    *_, (entry, digest) = scene.entries_of(FIRST, _PLAIN)
    opened = mira._parts.ledger.reader.original(entry)
    if opened is not None:
        said = opened.body
        body = scene.body(
            hostile,
            _PLAIN,
            text=false_words(number),
            entry_id=said.entry_id,
            clock=said.clock,
            member=said.member,
            origin=digest,
        )
        scene.put(scene.seal(hostile, body))


def _same_id(scene: Scene, number: int) -> None:
    """Take the id of what somebody has set, for something else."""
    hostile, mira = scene.desk(HOSTILE), scene.desk(FIRST)
    about = scene.conversations[_PLAIN]
    mira.set_labels(about, ["set by Mira"])
    scene.genuine.append((about, "set by Mira"))
    scene.meet(FIRST, HOSTILE)
    *_, (entry, _) = scene.entries_of(FIRST, _PLAIN)
    opened = mira._parts.ledger.reader.original(entry)
    if opened is not None:
        body = scene.body(
            hostile,
            _PLAIN,
            text="",
            operation=Operation.SET,
            name=LABELS,
            value=["set by somebody else"],
            entry_id=opened.body.entry_id,
            heads=(),
        )
        scene.put(scene.seal(hostile, body))


def _own_roster(scene: Scene, number: int) -> None:
    parts = scene.desk(HOSTILE)._parts
    current = parts.roster.current()
    following = next_version(current, signed=parts.roster.signed(), day=parts.today)
    mine = change_role(following, member=parts.settings.member, role=Role.COORDINATOR)
    scene.put(Item(type=ItemType.ROSTER, content=sign_roster(mine, device=parts.keys.device)))


def _old_roster(scene: Scene, number: int) -> None:
    before = roster_hash(scene.desk(WITNESS)._parts.roster.signed())
    for signed in scene.desk(HOSTILE)._parts.roster.every_signed()[:-1]:
        scene.put(Item(type=ItemType.ROSTER, content=signed))
    scene.meet()
    if roster_hash(scene.desk(WITNESS)._parts.roster.signed()) != before:
        scene.changed.append("an earlier roster came back into force")


def _left_out(scene: Scene, number: int) -> None:
    hostile = scene.desk(HOSTILE)
    scene.put(scene.seal(hostile, scene.body(hostile, _SKIPPED, text=false_words(number)), ahead=1))


def _two_branches(scene: Scene, number: int) -> None:
    """Tell one desk this, the other one that, at one place of a chain."""
    hostile = scene.desk(HOSTILE)
    bodies = [scene.body(hostile, _FORKED, text=false_words(number)) for _ in range(2)]
    for name, body in zip(scene.honest, bodies, strict=True):
        scene.put(scene.seal(hostile, body))
        scene.meet(name, rounds=1)


# ---- Copied laptops ----


def _copied(scene: Scene, number: int) -> None:
    """Work on a laptop and on a copy of its disk."""
    company = scene.company
    company.lock(COPIED)
    image = company.folder / "image"
    copy_folder(company.vault(COPIED), to=image)
    company.open(COPIED)
    copy = company.open(_COPY, vault=image)
    scene.answer(COPIED, _TWICE, "written on the laptop itself")
    scene.meet(COPIED, FIRST, rounds=1)
    copy.answer(scene.conversations[_TWICE], false_words(number))
    scene.meet(_COPY)


def _taken_off(scene: Scene) -> None:
    members = scene.desk(FIRST).members
    (device,) = scene.company.member(COPIED).devices
    members.revoke_device(device.id)
    scene.company.lock(COPIED)
    scene.meet()


def _after_removal(scene: Scene, number: int) -> None:
    """Go on writing after the cut, with the new transport key of somebody who gives it away."""
    copy = scene.desk(_COPY)
    scene.put(scene.seal(copy, scene.body(copy, _PLAIN, text=false_words(number))))


def _two_rosters(scene: Scene, number: int) -> None:
    company = scene.company
    company.lock(FIRST)
    image = company.folder / "twin"
    copy_folder(company.vault(FIRST), to=image)
    company.open(FIRST)
    twin = company.open(_TWIN, vault=image)
    hostile = company.member(HOSTILE).id
    scene.desk(FIRST).members.change_role(hostile, Role.LOGISTICS)
    scene.chosen = roster_hash(scene.desk(FIRST)._parts.roster.signed())
    twin.members.change_role(hostile, Role.COORDINATOR)
    scene.meet(FIRST, _TWIN, rounds=1)
    company.lock(_TWIN)


def _chosen(scene: Scene) -> None:
    """Have the root choose the roster that Mira signed."""
    scene.desk(FIRST).members.recover(RecoveryPurpose.CHOOSE, choose=scene.chosen.hex())
    scene.meet(rounds=3)
    rosters = [scene.desk(name)._parts.roster for name in scene.honest]
    if any(one.fork() is not None or roster_hash(one.signed()) != scene.chosen for one in rosters):
        scene.changed.append("another roster than the root chose is in force")


_BOTH: Final = (FIRST, WITNESS)

ATTACKS: Final = (
    Attack(
        does="alters slots that one desk fetches",
        who="relay",
        run=_altered,
        noticed=_by(WITNESS, see=(_REFUSED, "aside: does-not-open")),
        then=_weeks_pass,
        note="what was altered comes again once a checkpoint names it",
    ),
    Attack(
        does="drops slots, and shows two desks two histories",
        who="relay",
        run=_dropped,
        noticed=_by(WITNESS, see=(SIX_WORDS,)),
        then=_weeks_pass,
        note="not noticed by itself until the week's checkpoint; at once by two people who compare six words",
    ),
    Attack(
        does="replays slots, under their ids and under others",
        who="relay",
        run=_replayed,
        noticed=_by(WITNESS, see=(_REFUSED, "aside: does-not-open")),
    ),
    Attack(
        does="gives slots in another order",
        who="relay",
        run=_reordered,
        note="nothing to notice: the order of slots says nothing",
    ),
    Attack(
        does="serves the door sheet of earlier",
        who="relay",
        run=_old_sheet,
        noticed=_by(FIRST, see=("sheet-altered",)),
    ),
    Attack(
        does="refuses a desk, and gives it the parcel of an earlier access",
        who="relay",
        run=_old_parcel,
        noticed=_by(WITNESS, see=("capability-refused",)),
    ),
    Attack(
        does="writes in another member's name",
        who="member",
        run=_others_name,
        noticed=_by(*_BOTH, see=(_REFUSED, "aside: broken")),
    ),
    Attack(
        does="writes as another member's laptop",
        who="member",
        run=_others_device,
        noticed=_by(*_BOTH, see=(_REFUSED,)),
    ),
    Attack(
        does="signs somebody's entry again, with other words",
        who="member",
        run=_resigned,
        noticed=_by(*_BOTH, see=(_REFUSED, "aside: re-signed")),
    ),
    Attack(
        does="takes the id of what somebody has set, for something else",
        who="member",
        run=_same_id,
        noticed=_by(*_BOTH, see=("conflict",)),
        note="both values are shown, each with who set it",
    ),
    Attack(
        does="signs a roster that makes them coordinator",
        who="member",
        run=_own_roster,
        noticed=_by(*_BOTH, see=(_REFUSED,)),
    ),
    Attack(
        does="sends all earlier rosters again",
        who="member",
        run=_old_roster,
        note="nothing to notice: they are known, and the newest stays in force",
    ),
    Attack(
        does="leaves out a place of their chain",
        who="member",
        run=_left_out,
        noticed=_by(*_BOTH, see=("aside: out-of-sequence",)),
    ),
    Attack(
        does="forks their chain, one branch for each desk",
        who="member",
        run=_two_branches,
        noticed=_by(*_BOTH, see=("chain-forked", "aside: forked")),
    ),
    Attack(
        does="works on a laptop and on a copy of its disk",
        who="copy",
        run=_copied,
        noticed=_by(*_BOTH, see=("chain-forked", "aside: forked")),
        then=_taken_off,
        note="once the laptop is taken off, the branch counts that came first",
    ),
    Attack(
        does="goes on writing after it was taken off, with a transport key that somebody gives away",
        who="copy",
        run=_after_removal,
        noticed=_by(*_BOTH, see=("aside: beyond-cut",)),
    ),
    Attack(
        does="signs another roster of the same version, on a copy of the coordinator's laptop",
        who="copy",
        run=_two_rosters,
        noticed=_by(*_BOTH, see=("roster-forked",)),
        then=_chosen,
        note="nobody comes or goes until the root has chosen",
    ),
)
