"""What somebody who goes has had open, in plain words: the part that no key can take back."""

from __future__ import annotations

from enum import Enum
from typing import Final

from causeway.desk.engine.parts import Parts
from causeway.desk.engine.read_log import ReadLog
from causeway.desk.member_views import RemovalView
from causeway.record.keys import CompartmentKind
from causeway.record.readers import may_read, roles_reading
from causeway.record.roster import Roster
from causeway.sentences import Sentence, say

__all__ = ["Going", "removal"]

_LEG_KINDS: Final = (CompartmentKind.LEG, CompartmentKind.NETWORK)


class Going(Enum):
    """What somebody loses: all, one laptop, or a role."""

    MEMBER = "member"
    LAPTOP = "laptop"
    ROLE = "role"


def removal(
    parts: Parts, before: Roster, *, member: bytes, why: Going, devices: int, bytes_queued: int
) -> RemovalView:
    """Return what a member had open until now; see `RemovalView`.

    Args:
        before: The roster in which they still stand.
        why: What happens to them.
        devices: Laptops that are taken off.
        bytes_queued: 0 where nothing has been done yet.
    """
    found = before.member(member)
    name = "" if found is None else found.name
    people = _open_to(parts, before, member=member)
    opened = {view.conversation for view in ReadLog(parts).all(member=member)} & set(people)
    role = "" if found is None else found.role
    return RemovalView(
        name=name,
        said=tuple(_sentences(before, name=name, role=role, people=len(people), opened=len(opened), why=why)),
        could_read=len(people),
        opened=len(opened),
        people=people,
        devices=devices,
        bytes_queued=bytes_queued,
    )


def _open_to(parts: Parts, roster: Roster, *, member: bytes) -> tuple[str, ...]:
    # A conversation that two desks began apart has two cases.
    rows = parts.db.rows("SELECT conversation, case_id FROM case_of ORDER BY conversation")
    found = (
        bytes(about).hex()
        for about, case in rows
        if may_read(roster, member, kind=CompartmentKind.CONVERSATION, case=bytes(case), today=parts.today)
    )
    return tuple(dict.fromkeys(found))


def _sentences(
    roster: Roster, *, name: str, role: str, people: int, opened: int, why: Going
) -> list[Sentence]:
    if why is Going.LAPTOP:
        first = say(
            "Whoever has this laptop open can read what lay on it: {count} conversations of {name}. What was "
            "read can't be taken back.",
            name=name,
            count=people,
        )
    else:
        first = say(
            "{name} could read {count} conversations. What they have read can't be taken back.",
            name=name,
            count=people,
        )
    said = [first]
    if people:
        said.append(
            say("The read log names {count} of them that were opened in the last 180 days.", count=opened)
        )
    if role in roles_reading(CompartmentKind.IDENTITY):
        said.append(say("Among it is who the people are: names and papers. Think of whom to warn."))
    if any(role in roles_reading(kind) for kind in _LEG_KINDS):
        said.append(say("Among it are houses, helpers and ways out. Treat them as known."))
    if why is Going.ROLE:
        said.append(say("What lies on their laptop stays there. What is written from now on is not for it."))
        return said
    said += [
        say(
            "They know the {count} members of this centre by the names in this list.",
            count=len(roster.members),
        ),
        say(
            "What is written from now on opens with none of these keys, once this desk has reached the "
            "relay; until they have heard of it, other desks write in the old ones."
        ),
        say(
            "Should the door go on handing out its old sheet, new writers seal to keys that are on this "
            "laptop, for 14 days at most. The desks' watch on the door sees that."
        ),
    ]
    return said
