"""The drills of several members: they find nobody, and find out what leaks, lies or goes unnoticed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from causeway.desk.engine.alarms import Alarms
from causeway.desk.engine.reader import Reader
from causeway.desk.views import AlarmKind
from causeway.drills.fork_attacks import ATTACKS, Attack
from causeway.drills.fork_drill import drill_fork
from causeway.drills.member_drill import drill_member
from causeway.drills.removed_drill import drill_removed_member
from causeway.record import readers
from causeway.record.keys import CompartmentKind
from causeway.record.roster import Role
from causeway.sealed.parcel import RelayAccess, sign_parcel


def some(*does: str) -> list[Attack]:
    found = [attack for attack in ATTACKS if any(attack.does.startswith(one) for one in does)]
    assert len(found) == len(does)
    return found


# ---- One member ----


@pytest.mark.slow
def test_each_role_reads_what_it_has_to_and_nothing_else() -> None:
    report = drill_member(people=4)
    assert report.missed == ()
    assert report.found == ()
    assert report.passed
    assert (report.people_before, report.people_exposed) == (4, 0)
    assert {row.whose: (row.people_before, row.people_found) for row in report.rows} == {
        "coordinator": (4, 4),
        "intake": (4, 4),
        "caseworker": (4, 4),
        "logistics": (4, 4),
        "documenter": (4, 4),
        "partner": (1, 1),
        "analyst": (0, 0),
    }
    assert report.canaries > 80
    assert report.searched_bytes > 1_000_000
    told = json.loads(json.dumps(report.as_json()))
    assert told["people_before"] == 4
    assert [row["people_exposed"] for row in told["seized"]] == [0] * 7
    assert len(report.tables()[0].rows) == 7


@pytest.fixture
def leaky_readers(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A desk's table by which the coordinator reads who people are, and documenters what they wrote."""
    table = dict(readers._READERS)
    for kind, role in (
        (CompartmentKind.IDENTITY, Role.COORDINATOR),
        (CompartmentKind.CONVERSATION, Role.DOCUMENTER),
    ):
        monkeypatch.setitem(readers._READERS, kind, table[kind] | {role})
    readers.group_of.cache_clear()
    readers.roles_of_groups.cache_clear()
    yield
    readers.group_of.cache_clear()
    readers.roles_of_groups.cache_clear()


@pytest.mark.slow
def test_a_role_that_reads_too_much_is_found_out(leaky_readers: None) -> None:
    def leak(role: str, vault: Path, people: Any) -> None:
        """As an implementation would that writes an index in the clear."""
        if role == Role.ANALYST:
            (vault / "index").write_bytes(people[2].name.encode("utf-16-le"))

    report = drill_member(people=4, before_taking=leak)
    exposed = {row.whose: row.people_exposed for row in report.rows if row.people_exposed}
    assert exposed == {"coordinator": 4, "documenter": 4, "analyst": 1}
    assert report.people_exposed == 4
    assert not report.passed
    assert any("index" in one.where for one in report.found)


# ---- Removed ----


@pytest.mark.slow
def test_what_came_after_a_removal_opens_for_nobody_who_went() -> None:
    report = drill_removed_member(people=4)
    assert report.missed == ()
    assert report.found == ()
    assert report.passed
    assert (report.people_before, report.people_exposed) == (2, 0)
    assert [(row.whose, row.people_before, row.people_found) for row in report.rows] == [
        ("removed member", 2, 2),
        ("lost laptop", 2, 2),
        ("both together", 2, 2),
    ]
    told = json.loads(json.dumps(report.as_json()))
    assert told["misled_opened"] == 1
    assert told["misled_noticed"] is True
    assert told["misled_taken"] is True
    assert told["misled_days"] == 14
    assert told["cut_seconds"] < 5
    assert told["cut_bytes"] > 0
    assert len(report.tables()) == 2


@pytest.mark.slow
def test_intake_keys_that_stay_are_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("causeway.desk.engine.issuing._fewer_take_messages", lambda before, *, after: False)
    report = drill_removed_member(people=4)
    assert report.missed == ()
    # All who wrote, but for the one of whom there is only an answer.
    assert [row.people_exposed for row in report.rows] == [3, 3, 3]
    assert report.people_exposed == 3
    assert not report.passed


@pytest.mark.slow
def test_an_access_given_to_who_went_and_epochs_that_stay_are_found_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def giving(access: RelayAccess, *, recipients: Any, removed: Any, **settings: Any) -> bytes:
        return sign_parcel(access, recipients=[*recipients, *removed], **settings)

    monkeypatch.setattr("causeway.desk.engine.rotation.sign_parcel", giving)
    monkeypatch.setattr("causeway.desk.engine.ledger.closed_below", lambda *_, **__: 0)
    report = drill_removed_member(people=4)
    assert report.missed == ()
    # The cases that they knew; to those of new people they have no keys.
    assert [row.people_exposed for row in report.rows] == [2, 2, 2]
    assert report.people_exposed == 2
    assert "a capability" in {one.what for one in report.found}
    assert not report.passed


# ---- Forks ----


@pytest.mark.slow
def test_every_attack_is_noticed_and_takes_and_leaves_nothing() -> None:
    report = drill_fork(people=4)
    assert report.missed == ()
    assert report.found == ()
    assert report.passed
    assert report.people_exposed == 0
    assert len(report.attacks) == len(ATTACKS) == 17
    assert {one.by for one in report.attacks} == {"relay", "member", "copy"}
    assert all((one.false_taken, one.lost, one.unnoticed) == (0, 0, ()) for one in report.attacks)
    assert sum(1 for one in report.attacks if not one.noticed) == 2
    told = json.loads(json.dumps(report.as_json()))
    assert len(told["attacks"]) == 17
    assert len(report.tables()[0].rows) == 17


@pytest.mark.slow
def test_a_desk_that_believes_and_keeps_silent_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    raising = Alarms.raise_

    def silent(self: Alarms, kind: AlarmKind, **settings: Any) -> None:
        if kind is not AlarmKind.CHAIN_FORKED:
            raising(self, kind, **settings)

    monkeypatch.setattr(Alarms, "raise_", silent)
    monkeypatch.setattr(Reader, "_check_member", lambda *_, **__: None)
    report = drill_fork(people=4, attacks=some("writes in another member's name", "forks their chain"))
    believed, forked = report.attacks
    assert believed.false_taken == 1
    assert believed.unnoticed
    assert set(forked.unnoticed) == {"chain-forked, at Mira", "chain-forked, at Nur"}
    assert {one.what for one in report.found} == {
        "an attack that was not noticed",
        "something that nobody has said",
    }
    assert not report.passed


@pytest.mark.slow
def test_desks_that_never_ask_for_what_they_lack_are_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("causeway.desk.engine.checkpoints.Checkpoints._lacks", lambda _self: False)
    report = drill_fork(people=4, attacks=some("drops slots"))
    (dropped,) = report.attacks
    assert dropped.unnoticed == ()
    # What was kept from the one desk comes as soon as the relay lists it.
    assert dropped.lost == 1
    assert not report.passed
