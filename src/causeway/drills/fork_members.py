"""What a hostile member does, and whoever works on a copy of a laptop; and what people do about it."""

from __future__ import annotations

from typing import Final

import msgspec

from causeway.casework.facts import LABELS
from causeway.desk.member_views import RecoveryPurpose
from causeway.drills.company import FIRST
from causeway.drills.folders import copy_folder
from causeway.drills.fork_scene import (
    COPIED,
    FORKED,
    HOSTILE,
    PLAIN,
    SKIPPED,
    TWICE,
    WITNESS,
    Scene,
    false_words,
)
from causeway.record.entry import Operation
from causeway.record.roster import Role, roster_hash, sign_roster
from causeway.record.roster_changes import change_role, next_version
from causeway.wire.items import Item, ItemType

__all__ = [
    "after_removal",
    "chosen",
    "copied",
    "left_out",
    "old_roster",
    "others_device",
    "others_name",
    "own_roster",
    "resigned",
    "same_id",
    "taken_off",
    "two_branches",
    "two_rosters",
]

_COPY: Final = "Jonas's laptop, a copy"
_TWIN: Final = "Mira's laptop, a copy"


def others_name(scene: Scene, number: int) -> None:
    """Write in another member's name, in a chain of one's own."""
    hostile, mira = scene.desk(HOSTILE), scene.desk(FIRST)
    body = scene.body(hostile, PLAIN, text=false_words(number), member=mira._parts.settings.member)
    scene.put(scene.seal(hostile, body))


def others_device(scene: Scene, number: int) -> None:
    """Write as another member's laptop, whose key nobody else has."""
    hostile, mira = scene.desk(HOSTILE), scene.desk(FIRST)
    body = scene.body(hostile, PLAIN, text=false_words(number), member=mira._parts.settings.member)
    entry = scene.seal(hostile, body)
    scene.put(msgspec.structs.replace(entry, device=mira._parts.keys.device_id, sequence=entry.sequence + 50))


def resigned(scene: Scene, number: int) -> None:
    """Issue somebody's entry again, with other words in it."""
    hostile, mira = scene.desk(HOSTILE), scene.desk(FIRST)
    *_, (entry, digest) = scene.entries_of(FIRST, PLAIN)
    opened = mira._parts.ledger.reader.original(entry)
    if opened is not None:
        said = opened.body
        body = scene.body(
            hostile,
            PLAIN,
            text=false_words(number),
            entry_id=said.entry_id,
            clock=said.clock,
            member=said.member,
            origin=digest,
        )
        scene.put(scene.seal(hostile, body))


def same_id(scene: Scene, number: int) -> None:
    """Take the id of what somebody has set, for something else."""
    hostile, mira = scene.desk(HOSTILE), scene.desk(FIRST)
    about = scene.conversations[PLAIN]
    mira.set_labels(about, ["set by Mira"])
    scene.genuine.append((about, "set by Mira"))
    scene.meet(FIRST, HOSTILE)
    *_, (entry, _) = scene.entries_of(FIRST, PLAIN)
    opened = mira._parts.ledger.reader.original(entry)
    if opened is not None:
        body = scene.body(
            hostile,
            PLAIN,
            text="",
            operation=Operation.SET,
            name=LABELS,
            value=["set by somebody else"],
            entry_id=opened.body.entry_id,
            heads=(),
        )
        scene.put(scene.seal(hostile, body))


def own_roster(scene: Scene, number: int) -> None:
    """Sign the next version of the roster, though another device signs for the centre."""
    parts = scene.desk(HOSTILE)._parts
    current = parts.roster.current()
    following = next_version(current, signed=parts.roster.signed(), day=parts.today)
    mine = change_role(following, member=parts.settings.member, role=Role.COORDINATOR)
    scene.put(Item(type=ItemType.ROSTER, content=sign_roster(mine, device=parts.keys.device)))


def old_roster(scene: Scene, number: int) -> None:
    """Send all earlier versions of the roster again."""
    before = roster_hash(scene.desk(WITNESS)._parts.roster.signed())
    for signed in scene.desk(HOSTILE)._parts.roster.every_signed()[:-1]:
        scene.put(Item(type=ItemType.ROSTER, content=signed))
    scene.meet()
    if roster_hash(scene.desk(WITNESS)._parts.roster.signed()) != before:
        scene.changed.append("an earlier roster came back into force")


def left_out(scene: Scene, number: int) -> None:
    """Leave out a place of one's chain."""
    hostile = scene.desk(HOSTILE)
    scene.put(scene.seal(hostile, scene.body(hostile, SKIPPED, text=false_words(number)), ahead=1))


def two_branches(scene: Scene, number: int) -> None:
    """Tell one desk this, the other one that, at one place of a chain."""
    hostile = scene.desk(HOSTILE)
    bodies = [scene.body(hostile, FORKED, text=false_words(number)) for _ in range(2)]
    for name, body in zip(scene.honest, bodies, strict=True):
        scene.put(scene.seal(hostile, body))
        scene.meet(name, rounds=1)


# ---- Copied laptops ----


def copied(scene: Scene, number: int) -> None:
    """Work on a laptop and on a copy of its disk."""
    company = scene.company
    company.lock(COPIED)
    image = company.folder / "image"
    copy_folder(company.vault(COPIED), to=image)
    company.open(COPIED)
    copy = company.open(_COPY, vault=image)
    scene.answer(COPIED, TWICE, "written on the laptop itself")
    scene.meet(COPIED, FIRST, rounds=1)
    copy.answer(scene.conversations[TWICE], false_words(number))
    scene.meet(_COPY)


def taken_off(scene: Scene) -> None:
    """Take off the laptop whose key is in two hands."""
    members = scene.desk(FIRST).members
    (device,) = scene.company.member(COPIED).devices
    members.revoke_device(device.id)
    scene.company.lock(COPIED)
    scene.meet()


def after_removal(scene: Scene, number: int) -> None:
    """Go on writing after the cut, with the new transport key of somebody who gives it away."""
    copy = scene.desk(_COPY)
    scene.put(scene.seal(copy, scene.body(copy, PLAIN, text=false_words(number))))


def two_rosters(scene: Scene, number: int) -> None:
    """Sign two versions of one number, each on one of two coordinator's laptops."""
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


def chosen(scene: Scene) -> None:
    """Have the root choose the roster that Mira signed."""
    scene.desk(FIRST).members.recover(RecoveryPurpose.CHOOSE, choose=scene.chosen.hex())
    scene.meet(rounds=3)
    rosters = [scene.desk(name)._parts.roster for name in scene.honest]
    if any(one.fork() is not None or roster_hash(one.signed()) != scene.chosen for one in rosters):
        scene.changed.append("another roster than the root chose is in force")
