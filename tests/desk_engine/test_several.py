"""Several desks that write at once: what they show in the end, who reads what, and what is kept aside."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from causeway.desk.engine.conflicts import Conflicts
from causeway.desk.engine.forgetting import forget_case
from causeway.desk.engine.kept_aside import KeptAside
from causeway.desk.engine.projector import load_conversation
from causeway.desk.engine.read_log import ReadLog
from causeway.desk.engine.upkeep import keep_up
from causeway.desk.views import AlarmKind
from causeway.errors import LocalError
from causeway.record.entry import Operation
from causeway.record.keys import CompartmentKind
from causeway.record.readers import group_of, in_roles, roles_reading
from causeway.record.root import RosterChoice, choose_roster
from causeway.record.roster import Grant, Roster, roster_hash
from causeway.units import DAY_SECONDS, Day
from tests.desk_engine.several import DAY, One, Several, message, person


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Several]:
    made = Several(tmp_path)
    made.begin("mira")
    made.join("jonas", role="intake")
    made.join("vera", role="caseworker")
    made.meet()
    yield made
    made.close()


def texts(one: One, number: int) -> list[str]:
    folded = load_conversation(one.parts.db, person(number).conversation)
    return [answer.fact.text for answer in folded.answers]


def begin(centre: Several, one: One, number: int, text: str = "hello") -> bytes:
    one.store.take_message(message(number, text), slot=b"", day=Day(DAY))
    return person(number).conversation


def alarms(one: One) -> set[AlarmKind]:
    told = {AlarmKind.JOINED, AlarmKind.REMOVED, AlarmKind.ROOT_USED}
    return {alarm.kind for alarm in one.parts.alarms.all()} - told


def same(*desks: One) -> None:
    first, *others = desks
    for other in others:
        assert other.shown() == first.shown()


# ---- Writing at once ----


def test_all_desks_show_the_same_after_they_wrote_apart(centre: Several) -> None:
    mira, jonas, vera = centre.desks.values()
    about = begin(centre, mira, 1)
    centre.meet()
    for one in (mira, jonas, vera):
        one.working.answer(about, f"from {one.name}")
    centre.meet()
    same(mira, jonas, vera)
    assert sorted(texts(jonas, 1)) == ["from jonas", "from mira", "from vera"]
    assert [one.aside() for one in centre.desks.values()] == [{}, {}, {}]
    assert not alarms(mira) | alarms(jonas) | alarms(vera)


def test_one_conversation_begun_at_two_desks_is_one_and_a_message_counts_once(centre: Several) -> None:
    mira, jonas, vera = centre.desks.values()
    first, later = message(1, "hello"), message(1, "again")
    for one in (mira, jonas):
        for each in (first, later):
            one.store.take_message(each, slot=b"", day=Day(DAY))
    about = first.conversation
    mira.working.set_labels(about, ["north"])
    jonas.working.set_labels(about, ["south"])
    centre.meet()
    same(mira, jonas, vera)
    folded = load_conversation(vera.parts.db, about)
    assert [one.fact.text for one in folded.messages] == ["hello", "again"]
    assert len(vera.parts.db.rows("SELECT case_id FROM case_of WHERE conversation = ?", (about,))) == 2
    # All go on in one of the two.
    (case,) = vera.parts.db.row("SELECT case_id FROM conversation WHERE id = ?", (about,)) or (b"",)
    assert case == min(vera.parts.db.rows("SELECT case_id FROM case_of"))[0]
    jonas.working.answer(about, "here")
    centre.meet()
    (row,) = mira.parts.db.rows("SELECT case_id FROM fact WHERE instr(body, ?)", (b"here",))
    assert row[0] == case


def test_what_was_set_apart_is_shown_by_all_until_somebody_settles_it(centre: Several) -> None:
    mira, jonas, vera = centre.desks.values()
    for one in (mira, jonas):
        one.store.take_message(message(1, "hello", message=b"m" * 16), slot=b"", day=Day(DAY))
    about = person(1).conversation
    mira.working.set_labels(about, ["north"])
    jonas.working.set_labels(about, ["south"])
    centre.meet()
    for one in (mira, jonas, vera):
        (name, view) = sorted(Conflicts(one.parts).all(), key=lambda view: view.name)
        assert (name.name, view.name) == ("code-name", "labels")
        assert sorted(value.text for value in view.values) == ["north", "south"]
        assert {value.member for value in view.values} == {"mira", "jonas"}
    (_, labels) = sorted(Conflicts(vera.parts).all(), key=lambda view: view.name)
    chosen = next(value for value in labels.values if value.text == "south")
    Conflicts(vera.parts).settle(about, register="labels", entry=bytes.fromhex(chosen.entry))
    # In both cases: heads never cross compartments.
    centre.meet()
    same(mira, jonas, vera)
    for one in (mira, jonas, vera):
        assert [view.name for view in Conflicts(one.parts).all()] == ["code-name"]
        assert load_conversation(one.parts.db, about).labels == ("south",)
    with pytest.raises(LocalError):
        Conflicts(jonas.parts).settle(about, register="labels", entry=bytes.fromhex(chosen.entry))


# ---- Who reads ----


def test_each_role_reads_its_kinds_and_keys_go_to_nobody_else(centre: Several) -> None:
    mira, jonas, vera = centre.desks.values()
    about = begin(centre, mira, 1)
    for name, role in (("doc", "documenter"), ("log", "logistics"), ("part", "partner")):
        centre.join(name, role=role)
    centre.meet()
    jonas.working.answer(about, "for three")
    vera.working.mark_opened(about)
    centre.meet()
    same(mira, jonas, vera)
    for name in ("doc", "log", "part"):
        other = centre.desks[name]
        assert other.conversations == []
        assert other.chains() == mira.chains()  # signed entries have their places all the same
        assert not other.parts.keys.intake()
        assert {epoch.group for epoch in other.parts.keys.epochs().values()} <= readable(other)
    assert centre.desks["doc"].parts.db.rows("SELECT kind FROM desk_compartment") == [("readlog",)]
    assert centre.desks["part"].parts.keys.cases() == []


def readable(one: One) -> set[bytes]:
    roster = one.parts.roster.current()
    role = next(found.role for found in roster.members if found.id == one.parts.settings.member)
    fingerprint = one.parts.roster.fingerprint()
    return {
        group_of(kind, fingerprint=fingerprint)
        for kind in CompartmentKind
        if in_roles(role, roles_reading(kind))
    }


def grant(centre: Several, name: str, case: bytes, last_day: int | None) -> None:
    member = centre.desks[name].parts.settings.member
    kept = [
        one
        for one in centre.coordinator.parts.roster.current().grants
        if (one.member, one.case) != (member, case)
    ]

    def given(roster: Roster) -> Roster:
        return msgspec.structs.replace(roster, grants=(*kept, Grant(member, case, last_day)))

    centre.change(given)
    centre.coordinator.parts.ledger.queue_keys(centre.desks[name].id)


def test_a_grant_reads_one_case_until_its_day_and_nothing_written_after(centre: Several) -> None:
    mira, jonas, _ = centre.desks.values()
    part = centre.join("part", role="partner")
    centre.meet()
    about, other = begin(centre, mira, 1), begin(centre, mira, 2)
    centre.meet()
    (case,) = mira.parts.db.row("SELECT case_id FROM conversation WHERE id = ?", (about,)) or (b"",)
    grant(centre, "part", bytes(case), DAY + 3)
    centre.meet()
    assert part.conversations == [about]
    jonas.working.answer(about, "while it holds")
    centre.meet()
    assert texts(part, 1) == ["while it holds"]
    part.working.answer(about, "from the partner")
    centre.meet()
    assert "from the partner" in texts(jonas, 1)
    centre.seconds += 4 * DAY_SECONDS
    # Before the coordinator's desk has said so: by its own clock alone.
    jonas.working.answer(about, "after")
    centre.send(jonas)
    centre.take(part)
    assert "after" not in texts(part, 1)
    centre.meet()
    assert mira.parts.roster.current().grants == ()
    jonas.working.answer(about, "later")
    jonas.working.answer(other, "elsewhere")
    centre.meet()
    assert not {"after", "later"} & set(texts(part, 1))
    assert {"after", "later"} <= set(texts(mira, 1))
    assert part.conversations == [about]


def test_who_keeps_another_grant_reads_no_more_of_the_case_that_was_taken_away(centre: Several) -> None:
    mira, jonas, _ = centre.desks.values()
    part = centre.join("part", role="partner")
    centre.meet()
    cases = []
    for number in (1, 2):
        about = begin(centre, mira, number)
        cases.append(
            bytes((mira.parts.db.row("SELECT case_id FROM conversation WHERE id = ?", (about,)) or (b"",))[0])
        )
    for case in cases:
        grant(centre, "part", case, None)
    centre.meet()
    member = part.parts.settings.member

    def ended(roster: Roster) -> Roster:
        return msgspec.structs.replace(roster, grants=(Grant(member, cases[1], None),))

    centre.change(ended)
    centre.meet()
    for number in (1, 2):
        jonas.working.answer(person(number).conversation, f"about {number}")
    centre.meet()
    assert texts(part, 1) == []
    assert texts(part, 2) == ["about 2"]


# ---- Going ----


def test_nothing_written_after_a_removal_opens_with_the_removed_ones_keys(centre: Several) -> None:
    mira, jonas, vera = centre.desks.values()
    about = begin(centre, mira, 1)
    centre.meet()
    assert vera.conversations == [about]
    centre.remove("vera")
    centre.meet("mira", "jonas")
    mira.working.answer(about, "new epoch")
    jonas.working.answer(about, "new too")
    centre.meet("mira", "jonas")
    centre.take(vera)  # all that the relay has, and the transport key as well
    assert texts(vera, 1) == []
    same(mira, jonas)
    assert sorted(texts(mira, 1)) == ["new epoch", "new too"]
    # Begun apart: both count, and no third one is begun.
    version = mira.parts.roster.current().version
    begun = [one for one in mira.parts.keys.epochs().values() if one.roster_version == version]
    assert {one.device for one in begun} == {mira.id, jonas.id}
    assert not {one.id for one in begun} & set(vera.parts.keys.epochs())
    mira.working.answer(about, "and more")
    assert len(mira.parts.keys.epochs()) == len(jonas.parts.keys.epochs())
    with pytest.raises(LocalError):
        vera.working.answer(about, "late")


def test_what_a_removed_laptop_wrote_beyond_the_cut_lies_aside_wherever_it_was_known(centre: Several) -> None:
    mira, jonas, vera = centre.desks.values()
    about = begin(centre, mira, 1)
    centre.meet()
    vera.working.answer(about, "before")
    centre.meet()
    vera.working.answer(about, "not seen by mira")
    centre.send(vera)
    centre.take(jonas)
    assert texts(jonas, 1) == ["before", "not seen by mira"]
    centre.remove("vera")
    centre.meet("mira", "jonas")
    same(mira, jonas)
    assert texts(jonas, 1) == ["before"]
    assert mira.aside() == jonas.aside() == {"beyond-cut": 1}
    (view,) = KeptAside(mira.parts).all()
    assert (view.reason, view.member, view.count, view.can_take_in) == ("beyond-cut", "vera", 1, True)
    assert "taken off" in str(view.sentence)
    assert not KeptAside(jonas.parts).all()[0].can_take_in
    assert KeptAside(mira.parts).take_in(view.id) == 1
    centre.meet("mira", "jonas")
    same(mira, jonas)
    assert texts(jonas, 1) == ["before", "not seen by mira"]
    folded = load_conversation(jonas.parts.db, about)
    assert folded.answers[1].member == vera.parts.settings.member
    assert KeptAside(mira.parts).all() == KeptAside(jonas.parts).all() == ()


def test_a_members_other_laptop_issues_again_what_it_had_taken(centre: Several) -> None:
    mira, jonas, vera = centre.desks.values()
    about = begin(centre, mira, 1)
    second = centre.join("vera-2", role="caseworker", member_of="vera")
    centre.meet()
    vera.working.answer(about, "known to the other laptop")
    centre.send(vera)
    centre.take(second)
    centre.remove("vera")
    centre.meet("mira", "jonas", "vera-2")
    same(mira, jonas, second)
    assert texts(mira, 1) == ["known to the other laptop"]
    assert mira.aside() == {"beyond-cut": 1}
    assert KeptAside(mira.parts).all() == ()


def test_what_comes_from_a_laptop_after_it_was_taken_off_waits_for_somebody_to_look(centre: Several) -> None:
    mira, jonas, vera = centre.desks.values()
    about = begin(centre, mira, 1)
    second = centre.join("vera-2", role="caseworker", member_of="vera")
    centre.meet()
    centre.remove("vera")
    centre.meet("mira", "jonas", "vera-2")
    vera.working.answer(about, "by whoever has it")  # it does not know yet, or does not care
    centre.send(vera)
    centre.meet("mira", "jonas", "vera-2")
    same(mira, jonas, second)
    assert texts(mira, 1) == []
    (view,) = KeptAside(second.parts).all()
    assert view.can_take_in
    assert KeptAside(second.parts).take_in(view.id) == 1
    centre.meet("mira", "jonas", "vera-2")
    same(mira, jonas, second)
    assert texts(mira, 1) == ["by whoever has it"]


def test_the_end_does_not_depend_on_the_order_of_roster_cuts_keys_and_entries(centre: Several) -> None:
    mira, jonas, vera = centre.desks.values()
    about = begin(centre, mira, 1)
    centre.meet()
    before = set(centre.slots)
    vera.working.answer(about, "one")
    centre.send(vera)
    centre.take(mira)
    vera.working.answer(about, "two")
    centre.send(vera)
    centre.remove("vera")
    centre.send(mira)
    mira.working.answer(about, "three")
    centre.send(mira)
    for slot_id in sorted(set(centre.slots) - before):
        centre.take(jonas, [slot_id])
    centre.meet("mira", "jonas")
    same(mira, jonas)
    assert texts(jonas, 1) == ["one", "three"]


# ---- Forks ----


def test_a_laptop_whose_disk_was_copied_is_frozen_everywhere_and_removing_it_restores_what_was_first(
    centre: Several,
) -> None:
    mira, jonas, vera = centre.desks.values()
    about = begin(centre, mira, 1)
    centre.meet()
    vera.working.answer(about, "sure")
    centre.meet()
    twin = centre.copy("vera")
    vera = centre.desks["vera"]
    vera.working.answer(about, "from the laptop")
    twin.working.answer(about, "from the copy")
    centre.send(vera)
    centre.take(mira)
    assert texts(mira, 1) == ["sure", "from the laptop"]
    centre.send(twin)
    centre.meet("mira", "jonas", "vera")
    same(mira, jonas, vera)
    assert texts(jonas, 1) == ["sure"]
    assert mira.aside() == jonas.aside() == {"forked": 2}
    assert AlarmKind.CHAIN_FORKED in alarms(mira) & alarms(jonas)
    with pytest.raises(LocalError, match="used twice"):
        vera.working.answer(about, "more")
    centre.remove("vera")
    centre.meet("mira", "jonas")
    same(mira, jonas)
    assert texts(jonas, 1) == ["sure", "from the laptop"]
    assert mira.aside() == jonas.aside() == {"beyond-cut": 1}


def test_two_rosters_for_one_version_freeze_all_until_the_root_chooses(centre: Several) -> None:
    mira, jonas, vera = centre.desks.values()
    about = begin(centre, mira, 1)
    centre.meet()
    twin = centre.copy("mira")
    mira = centre.desks["mira"]
    centre.remove("vera", by=mira)
    centre.remove("jonas", by=twin)
    hashes = {one: roster_hash(desk.parts.roster.signed()) for one, desk in (("mira", mira), ("twin", twin))}
    centre.send(mira)
    centre.send(twin)
    for one in (mira, jonas, vera):
        centre.take(one)
        fork = one.parts.roster.fork()
        assert fork is not None
        assert {version.hash for version in fork.successors} == set(hashes.values())
        assert one.parts.roster.current().version == fork.version - 1
        assert one.parts.roster.taken_off_beyond() == {jonas.id, vera.id}
    assert AlarmKind.ROSTER_FORKED in alarms(jonas)
    # What is written now is for nobody whom one of the two removed.
    mira.working.answer(about, "doubtful")
    centre.send(mira)
    centre.take(vera)
    assert texts(vera, 1) == []
    root = mira.parts.keys.root()
    assert root is not None
    choice = RosterChoice(version=jonas.parts.roster.current().version + 1, hash=hashes["mira"])
    mira.parts.ledger.issue_choice(choose_roster(choice, root=root))
    centre.meet("mira", "jonas")
    assert jonas.parts.roster.fork() is None
    assert roster_hash(jonas.parts.roster.signed()) == hashes["mira"]
    jonas.working.answer(about, "settled")
    centre.meet("mira", "jonas")
    same_but_keys = [one.shown()["chains"] for one in (mira, jonas)]
    assert same_but_keys[0] == same_but_keys[1]


# ---- Far behind ----


def test_a_desk_that_asks_gets_what_the_relay_no_longer_has(centre: Several) -> None:
    mira, jonas, vera = centre.desks.values()
    about = begin(centre, mira, 1)
    centre.meet()
    jonas.working.answer(about, "long gone")
    begin(centre, jonas, 2, "and this")
    centre.meet("mira", "jonas")
    centre.slots.clear()  # as after ninety days
    centre.ask("vera")
    centre.meet()
    same(mira, jonas, vera)
    assert texts(vera, 1) == ["long gone"]


def test_a_new_desk_gets_all_as_it_was_signed_even_what_its_inviter_can_not_read(centre: Several) -> None:
    mira, jonas, vera = centre.desks.values()
    begin(centre, mira, 1)
    centre.meet()
    (case,) = jonas.parts.db.row("SELECT case_id FROM conversation") or (b"",)
    jonas.parts.ledger.write(
        bytes(case), kind=CompartmentKind.IDENTITY, operation=Operation.ADD, name="name", value="Invented"
    )
    centre.meet()
    centre.slots.clear()
    doc = centre.join("doc", role="documenter")
    centre.ask("doc")
    centre.meet()
    assert doc.chains() == mira.chains()
    kinds = {row[0] for row in doc.parts.db.rows("SELECT kind FROM desk_compartment")}
    assert CompartmentKind.IDENTITY in kinds
    assert CompartmentKind.CONVERSATION not in kinds
    assert CompartmentKind.IDENTITY not in {
        row[0] for row in mira.parts.db.rows("SELECT kind FROM desk_compartment")
    }
    new = centre.join("new", role="caseworker")
    centre.ask("new")
    centre.meet()
    same(vera, new)


def test_what_is_held_back_is_missed_asked_for_and_comes(centre: Several) -> None:
    mira, jonas, vera = centre.desks.values()
    about = begin(centre, mira, 1)
    centre.meet()
    jonas.working.answer(about, "held back")
    jonas.store.slots_to_send()
    for slot_id, _ in jonas.store.slots_to_send():
        jonas.store.slot_sent(slot_id)  # a relay that says yes and forgets
    centre.seconds += 8 * DAY_SECONDS
    centre.meet()
    assert texts(vera, 1) == []
    for _ in range(3):
        centre.seconds += 3 * DAY_SECONDS
        centre.meet()
    same(mira, jonas, vera)
    assert texts(vera, 1) == ["held back"]


# ---- Reading, forgetting ----


def test_who_read_what_is_told_once_a_day_and_gone_after_half_a_year(centre: Several) -> None:
    mira, jonas, vera = centre.desks.values()
    about = begin(centre, mira, 1)
    centre.meet()
    for _ in range(2):
        vera.working.mark_opened(about)
    centre.meet()
    (read,) = ReadLog(mira.parts).all()
    assert (read.member, read.day, read.conversation) == ("vera", DAY, about.hex())
    assert ReadLog(mira.parts).all(conversation=os.urandom(16)) == ()
    assert len(ReadLog(mira.parts).all(member=vera.parts.settings.member)) == 1
    centre.seconds += 40 * DAY_SECONDS
    jonas.working.mark_opened(about)
    centre.meet()
    assert [one.member for one in ReadLog(vera.parts).all()] == ["jonas", "vera"]
    centre.seconds += 145 * DAY_SECONDS
    for one in centre.desks.values():
        keep_up(one.parts)
        assert [found.member for found in ReadLog(one.parts).all()] == ["jonas"]
    centre.seconds += 60 * DAY_SECONDS
    for one in centre.desks.values():
        keep_up(one.parts)
        assert ReadLog(one.parts).all() == ()
        assert one.conversations == [about]


def test_a_forgotten_case_stays_forgotten_and_its_files_go(centre: Several) -> None:
    mira, jonas, vera = centre.desks.values()
    about, other = begin(centre, mira, 1), begin(centre, mira, 2)
    centre.meet()
    vera.working.mark_opened(about)
    centre.meet()
    (case,) = mira.parts.db.row("SELECT case_id FROM conversation WHERE id = ?", (about,)) or (b"",)
    mira.parts.vault.pieces.put(b"f" * 16, number=0, content=b"a film")
    for one in (mira, jonas):
        forget_case(one.parts, bytes(case))
        assert one.conversations == [other]
        assert one.parts.db.rows("SELECT * FROM case_read") == []
    assert mira.parts.vault.pieces.files() == []
    centre.meet()
    vera.parts.ledger.queue_snapshot(mira.id)
    centre.meet()
    assert mira.conversations == [other]
    assert vera.conversations == sorted([about, other])  # destroying is somebody's act at each desk
    confirmed = vera.parts.db.rows("SELECT device FROM desk_confirmed")
    assert {bytes(row[0]) for row in confirmed} == {mira.id, jonas.id}


# ---- Late, and after a restart ----


def test_what_waits_for_something_before_it_is_taken_after_a_restart(centre: Several) -> None:
    mira, jonas, _ = centre.desks.values()
    about = begin(centre, mira, 1)
    centre.meet()
    sent: list[list[bytes]] = []
    for text in ("one", "two", "three"):
        before = set(centre.slots)
        mira.working.answer(about, text)
        centre.send(mira)
        sent.append(sorted(set(centre.slots) - before))
    for ids in sent[1:]:
        centre.take(jonas, ids)
    assert jonas.aside() == {"out-of-sequence": 2}
    assert texts(jonas, 1) == []
    jonas.restart()
    centre.take(jonas, sent[0])
    assert jonas.aside() == {}
    assert texts(jonas, 1) == ["one", "two", "three"]


def test_keys_of_what_counts_are_taken_from_a_laptop_that_was_taken_off_meanwhile(centre: Several) -> None:
    mira, jonas, vera = centre.desks.values()
    begin(centre, vera, 1, "begun before she left")
    centre.send(vera)
    centre.take(mira)
    assert len(mira.conversations) == 1
    centre.remove("vera")
    centre.send(mira)
    # Her parcel comes to jonas after the roster that takes her off.
    newest = sorted(set(centre.slots), key=list(centre.slots).index, reverse=True)
    for slot_id in newest:
        centre.take(jonas, [slot_id])
    centre.meet("mira", "jonas")
    same(mira, jonas)
    assert len(jonas.conversations) == 1
    mira.working.answer(jonas.conversations[0], "goes on")
    jonas.working.answer(jonas.conversations[0], "so does this")
    centre.meet("mira", "jonas")
    centre.take(vera)
    assert texts(vera, 1) == []
    assert sorted(texts(jonas, 1)) == ["goes on", "so does this"]


def test_what_was_begun_apart_while_somebody_came_in_is_given_them_by_who_began_it(
    centre: Several,
) -> None:
    mira, jonas, _ = centre.desks.values()
    about = begin(centre, mira, 1)
    centre.meet()
    begin(centre, jonas, 2, "taken before he heard of her")
    jonas.working.answer(about, "in an epoch of his own")
    new = centre.join("new", role="caseworker")
    centre.meet()
    same(mira, jonas, new)
    assert len(new.conversations) == 2


def test_an_own_key_of_a_kind_is_in_no_parcel_to_whom_it_is_not_for(centre: Several) -> None:
    mira, *_ = centre.desks.values()
    log = centre.join("log", role="logistics")
    begin(centre, mira, 1)
    (case,) = mira.parts.db.row("SELECT case_id FROM conversation") or (b"",)
    for kind in (CompartmentKind.LEG, CompartmentKind.CASEWORK):
        mira.parts.ledger.write(bytes(case), kind=kind, operation=Operation.ADD, name="note", value=kind)
    centre.meet()
    kinds = {row[0] for row in log.parts.db.rows("SELECT kind FROM desk_compartment")}
    assert kinds == {CompartmentKind.LEG, CompartmentKind.CASEWORK}
    assert log.conversations == []
