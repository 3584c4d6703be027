"""All attacks, each with what has to be noticed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from causeway.drills.company import FIRST
from causeway.drills.fork_members import (
    after_removal,
    chosen,
    copied,
    left_out,
    old_roster,
    others_device,
    others_name,
    own_roster,
    resigned,
    same_id,
    taken_off,
    two_branches,
    two_rosters,
)
from causeway.drills.fork_relay import (
    altered,
    dropped,
    old_parcel,
    old_sheet,
    reordered,
    replayed,
    weeks_pass,
)
from causeway.drills.fork_scene import SIX_WORDS, WITNESS, Scene

__all__ = ["ATTACKS", "Attack"]

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


_BOTH: Final = (FIRST, WITNESS)

ATTACKS: Final = (
    Attack(
        does="alters slots that one desk fetches",
        who="relay",
        run=altered,
        noticed=_by(WITNESS, see=(_REFUSED, "aside: does-not-open")),
        then=weeks_pass,
        note="what was altered comes again once a checkpoint names it",
    ),
    Attack(
        does="drops slots, and shows two desks two histories",
        who="relay",
        run=dropped,
        noticed=_by(WITNESS, see=(SIX_WORDS,)),
        then=weeks_pass,
        note="not noticed by itself until the week's checkpoint; at once by two people who compare six words",
    ),
    Attack(
        does="replays slots, under their ids and under others",
        who="relay",
        run=replayed,
        noticed=_by(WITNESS, see=(_REFUSED, "aside: does-not-open")),
    ),
    Attack(
        does="gives slots in another order",
        who="relay",
        run=reordered,
        note="nothing to notice: the order of slots says nothing",
    ),
    Attack(
        does="serves the door sheet of earlier",
        who="relay",
        run=old_sheet,
        noticed=_by(FIRST, see=("sheet-altered",)),
    ),
    Attack(
        does="refuses a desk, and gives it the parcel of an earlier access",
        who="relay",
        run=old_parcel,
        noticed=_by(WITNESS, see=("capability-refused",)),
    ),
    Attack(
        does="writes in another member's name",
        who="member",
        run=others_name,
        noticed=_by(*_BOTH, see=(_REFUSED, "aside: broken")),
    ),
    Attack(
        does="writes as another member's laptop",
        who="member",
        run=others_device,
        noticed=_by(*_BOTH, see=(_REFUSED,)),
    ),
    Attack(
        does="signs somebody's entry again, with other words",
        who="member",
        run=resigned,
        noticed=_by(*_BOTH, see=(_REFUSED, "aside: re-signed")),
    ),
    Attack(
        does="takes the id of what somebody has set, for something else",
        who="member",
        run=same_id,
        noticed=_by(*_BOTH, see=("conflict",)),
        note="both values are shown, each with who set it",
    ),
    Attack(
        does="signs a roster that makes them coordinator",
        who="member",
        run=own_roster,
        noticed=_by(*_BOTH, see=(_REFUSED,)),
    ),
    Attack(
        does="sends all earlier rosters again",
        who="member",
        run=old_roster,
        note="nothing to notice: they are known, and the newest stays in force",
    ),
    Attack(
        does="leaves out a place of their chain",
        who="member",
        run=left_out,
        noticed=_by(*_BOTH, see=("aside: out-of-sequence",)),
    ),
    Attack(
        does="forks their chain, one branch for each desk",
        who="member",
        run=two_branches,
        noticed=_by(*_BOTH, see=("chain-forked", "aside: forked")),
    ),
    Attack(
        does="works on a laptop and on a copy of its disk",
        who="copy",
        run=copied,
        noticed=_by(*_BOTH, see=("chain-forked", "aside: forked")),
        then=taken_off,
        note="once the laptop is taken off, the branch counts that came first",
    ),
    Attack(
        does="goes on writing after it was taken off, with a transport key that somebody gives away",
        who="copy",
        run=after_removal,
        noticed=_by(*_BOTH, see=("aside: beyond-cut",)),
    ),
    Attack(
        does="signs another roster of the same version, on a copy of the coordinator's laptop",
        who="copy",
        run=two_rosters,
        noticed=_by(*_BOTH, see=("roster-forked",)),
        then=chosen,
        note="nobody comes or goes until the root has chosen",
    ),
)
