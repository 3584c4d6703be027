"""Which borders open: every kind of rule and document, dates, bans, changing planes, and what would help."""

from __future__ import annotations

from typing import Any

import pytest

from causeway.routes.timetable import NO_LIMIT
from tests.routes.inputs import case_dict, closing, compiled, departures_of, network_dict

DAY = 1440
NOON = 720


def with_documents(*documents: dict[str, Any]) -> dict[str, Any]:
    case = case_dict()
    case["travellers"][0]["documents"] = list(documents)
    return case


def with_rule(**rule: Any) -> dict[str, Any]:
    network = network_dict()
    network["rules"]["entry"][0] |= rule
    return network


PASSPORT = {"kind": "passport", "issuer": "AAA"}
INTERNAL = {"kind": "internal_passport", "issuer": "AAA"}
VISA = {"kind": "visa", "issuer": "BBB"}
ALL_DAYS = [day * DAY + NOON for day in range(7)]


@pytest.mark.parametrize(
    ("requirement", "documents", "opens"),
    [
        ("visa_free", [PASSPORT], True),
        ("visa_on_arrival", [PASSPORT], True),
        ("own", [PASSPORT], True),
        ("eta", [PASSPORT], False),
        ("eta", [PASSPORT, {"kind": "eta", "issuer": "BBB"}], True),
        ("eta", [PASSPORT, VISA], True),
        ("e_visa", [PASSPORT, {"kind": "eta", "issuer": "BBB"}], False),
        ("e_visa", [PASSPORT, VISA], True),
        ("visa_required", [PASSPORT], False),
        ("visa_required", [PASSPORT, VISA], True),
        ("visa_required", [PASSPORT, {"kind": "visa", "issuer": "CCC"}], False),
        ("visa_required", [PASSPORT, {"kind": "visa", "issuer": "CCC", "opens": ["CCC", "BBB"]}], True),
        ("visa_required", [PASSPORT, {"kind": "residence_permit", "issuer": "BBB"}], True),
        ("visa_required", [VISA], False),
        ("no_admission", [PASSPORT, VISA], False),
        ("visa_free", [INTERNAL], False),
        ("visa_free", [{"kind": "id_card", "issuer": "BBB"}], True),
        ("visa_free", [{"kind": "passport", "issuer": "CCC"}], False),
        ("visa_free", [{"kind": "passport", "issuer": "CCC"}, VISA], True),
        ("visa_free", [], False),
    ],
    ids=str,
)
def test_what_opens_a_border(requirement: str, documents: list[dict[str, Any]], opens: bool) -> None:
    found = compiled(with_rule(requirement=requirement), with_documents(*documents))
    assert departures_of(found, "bc") == (ALL_DAYS if opens else [])
    assert bool(closing(found, "bc")) != opens
    # Legs inside a country ask for nothing.
    assert len(departures_of(found, "ab")) == 14


def test_internal_and_foreign_passports_are_told_apart() -> None:
    network = with_rule(document="internal_passport")
    assert departures_of(compiled(network, with_documents(INTERNAL)), "bc") == ALL_DAYS
    assert closing(compiled(network, with_documents(PASSPORT)), "bc") == [
        ("rule", "No rule is known of how to enter BBB (passport of AAA).")
    ]


def test_a_rule_of_one_crossing_point_goes_before_the_countrys() -> None:
    network = network_dict()
    general = network["rules"]["entry"][0]
    network["rules"]["entry"].append(general | {"crossing": "bridge", "requirement": "no_admission"})
    assert [kind for kind, _ in closing(compiled(network, case_dict()), "bc")] == ["document"]
    network["rules"]["entry"][1]["crossing"] = "another"
    assert departures_of(compiled(network, case_dict()), "bc") == ALL_DAYS


def test_a_document_that_arrives_on_a_date_opens_from_then_on() -> None:
    found = compiled(network_dict(), with_documents(PASSPORT | {"available_from": "2027-03-03"}))
    assert departures_of(found, "bc") == ALL_DAYS[2:]
    (obstacle,) = found.narrowed[1]
    assert str(obstacle.reason) == "Ilo can use a document only from 2027-03-03 on (passport of AAA)."
    found = compiled(network_dict(), with_documents(PASSPORT | {"available_from": "2027-04-01"}))
    assert [kind for kind, _ in closing(found, "bc")] == ["document_date"]
    assert 1 not in found.rests
    again = compiled(
        network_dict(),
        with_documents(PASSPORT | {"available_from": "2027-04-01"}),
        without=frozenset(found.obstacles()),
    )
    assert departures_of(again, "bc") == ALL_DAYS


def test_a_document_has_to_be_valid_as_long_as_the_rule_asks() -> None:
    case = with_documents(PASSPORT | {"valid_until": "2027-03-05"})
    # On its last day it still counts; after that, nobody with it may be in the country either.
    assert departures_of(compiled(network_dict(), case), "bc") == ALL_DAYS[:5]
    assert departures_of(compiled(network_dict(), case), "cd") == [day * DAY + 840 for day in range(5)]
    assert departures_of(compiled(with_rule(validity_days=3), case), "bc") == ALL_DAYS[:2]
    assert len(departures_of(compiled(network_dict(), case), "ab")) == 14


def test_the_surest_way_is_taken_and_the_shortest_stay_counts() -> None:
    network = with_rule(days=5)
    entry = network["rules"]["entry"]
    entry.append(entry[0] | {"document": "internal_passport", "days": 2, "confidence": 0.5})
    case = with_documents(INTERNAL, PASSPORT | {"available_from": "2027-03-03"})
    found = compiled(network, case)
    table = found.timetable
    assert table.through[table.leg == 1].round(3).tolist() == [0.45] * 2 + [0.72] * 5
    assert table.region_stay[1] == DAY
    assert len(found.rests[1]) == 2
    # Without days in which only the internal passport is there, its shorter stay is not met.
    found = compiled(network, case | {"earliest": "2027-03-03T00:00:00"})
    assert found.timetable.region_stay[1] == 4 * DAY
    assert len(found.rests[1]) == 1


def test_groups_pass_only_where_everybody_does() -> None:
    case = with_documents(PASSPORT | {"available_from": "2027-03-02"})
    late = PASSPORT | {"valid_until": "2027-03-04"}
    case["travellers"].append({"name": "Uma", "citizenship": ["AAA"], "documents": [late]})
    found = compiled(network_dict(), case)
    assert departures_of(found, "bc") == ALL_DAYS[1:4]
    assert {one.subject[0] for one in found.narrowed[1]} == {"Ilo", "Uma"}
    case["travellers"][1]["documents"] = []
    assert [reason for _, reason in closing(compiled(network_dict(), case), "bc")] == [
        "Uma has no document that BBB lets in at its border."
    ]


@pytest.mark.parametrize(
    ("ban", "left"),
    [
        ({}, []),
        ({"since": "2027-03-03"}, ALL_DAYS[:2]),
        ({"until": "2027-03-03"}, ALL_DAYS[3:]),
        ({"country": "BBB"}, ALL_DAYS),
    ],
    ids=str,
)
def test_bans_on_leaving(ban: dict[str, str], left: list[int]) -> None:
    case = case_dict()
    case["travellers"][0]["exit_bans"] = [{"country": "AAA"} | ban]
    found = compiled(network_dict(), case)
    assert departures_of(found, "bc") == left
    if not left:
        assert closing(found, "bc") == [("exit_ban", "AAA does not let Ilo leave.")]
        again = compiled(network_dict(), case, without=frozenset(found.closed[1]))
        assert departures_of(again, "bc") == ALL_DAYS


def test_a_leg_may_ask_for_documents_inside_a_country() -> None:
    network = network_dict()
    network["legs"][0]["asks"] = ["id_card", "internal_passport"]
    assert closing(compiled(network, case_dict()), "ab") == [
        ("asked", "Ilo has none of what is asked for: identity card, internal passport.")
    ]
    found = compiled(network, with_documents(PASSPORT, INTERNAL | {"available_from": "2027-03-07"}))
    assert departures_of(found, "ab") == [6 * DAY + 480, 6 * DAY + 1200]


# ---- Changing planes ----


def transit_network() -> dict[str, Any]:
    network = network_dict()
    network["places"].append({"id": "hall", "name": "Hall", "country": "CCC", "airside": True})
    network["legs"] += [
        {
            "id": "to-hall",
            "mode": "flight",
            "from": "b",
            "to": "hall",
            "takes": 60,
            "at": ["09:00"],
            "border": {"from": "AAA", "to": "CCC", "crossing": "airport"},
        },
        {
            "id": "from-hall",
            "mode": "flight",
            "from": "hall",
            "to": "d",
            "takes": 60,
            "at": ["16:00"],
            "border": {"from": "CCC", "to": "BBB", "crossing": "airport"},
        },
    ]
    return network


def test_changing_planes_needs_a_rule_and_has_its_hours() -> None:
    network = transit_network()
    found = compiled(network, case_dict())
    assert [kind for kind, _ in closing(found, "to-hall")] == ["transit"]
    assert departures_of(compiled(network, case_dict(), without=frozenset(found.obstacles())), "to-hall")
    transit = {"document": "passport", "issuer": "AAA", "country": "CCC", "hours": 8, "source": "s"}
    network["rules"]["transit"] = [transit]
    found = compiled(network, case_dict())
    assert len(departures_of(found, "to-hall")) == 7
    assert len(departures_of(found, "from-hall")) == 7
    t = found.timetable
    assert t.region_stay[t.region[4]] == 8 * 60
    assert found.regions == ("AAA", "BBB", "CCC airside hall")
    network["rules"]["transit"] = [transit | {"hours": 0}]
    assert [kind for kind, _ in closing(compiled(network, case_dict()), "to-hall")] == ["transit"]


def test_who_may_enter_may_also_stay_outside() -> None:
    network = transit_network()
    network["rules"]["entry"].append(network["rules"]["entry"][0] | {"country": "CCC"})
    found = compiled(network, case_dict())
    assert len(departures_of(found, "to-hall")) == 7
    t = found.timetable
    assert t.region_stay[t.region[4]] == NO_LIMIT


def test_a_transit_hall_is_ground_only_by_its_own_name() -> None:
    network = transit_network()
    network["rules"]["ground"] = [{"country": "CCC", "source": "s"}]
    assert not compiled(network, case_dict()).timetable.ends.size
    network["rules"]["ground"] = [{"place": "hall", "source": "s"}]
    assert compiled(network, case_dict()).timetable.ends.tolist() == [4]


# ---- What would open a border ----


@pytest.mark.parametrize(
    ("rule", "documents", "steps"),
    [
        ({"requirement": "visa_required"}, [PASSPORT], [("document", "visa")]),
        ({"requirement": "eta"}, [PASSPORT], [("document", "eta")]),
        ({"requirement": "visa_free"}, [INTERNAL], [("document", "passport")]),
        ({"requirement": "e_visa"}, [], [("document", "passport"), ("document", "visa")]),
        ({"requirement": "no_admission"}, [PASSPORT], [("document", "other than passport of AAA")]),
        ({"issuer": "CCC"}, [PASSPORT], [("rule", "AAA")]),
    ],
    ids=str,
)
def test_thinking_obstacles_away_opens_the_leg_in_the_end(
    rule: dict[str, str], documents: list[dict[str, Any]], steps: list[tuple[str, str]]
) -> None:
    """A passport that one thinks of is held to the rules for such a passport: a visa may still be missing."""
    network, case = with_rule(**rule), with_documents(*documents)
    away: frozenset[Any] = frozenset()
    met = []
    found = compiled(network, case)
    while 1 in found.closed:
        (obstacle,) = found.closed[1]
        met.append((obstacle.kind, obstacle.subject[1]))
        away |= {obstacle}
        found = compiled(network, case, without=away)
    assert met == steps
    assert departures_of(found, "bc") == ALL_DAYS


def test_without_a_citizenship_any_passport_will_do() -> None:
    case = with_documents()
    del case["travellers"][0]["citizenship"]
    found = compiled(network_dict(), case)
    assert (
        departures_of(compiled(network_dict(), case, without=frozenset(found.obstacles())), "bc") == ALL_DAYS
    )


def test_one_missing_visa_is_one_obstacle() -> None:
    network = with_rule(requirement="visa_required")
    network["legs"].append(network["legs"][1] | {"id": "bc2", "at": ["15:00"]})
    network["legs"].append(
        network["legs"][1] | {"id": "bc3", "border": {"from": "AAA", "to": "BBB", "crossing": "ferry"}}
    )
    found = compiled(network, case_dict())
    assert len(found.closed) == 3
    assert len(found.obstacles()) == 1
