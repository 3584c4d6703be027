"""Ways out of an invented network, explained, and what would open one where there is none."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from causeway.routes.find import NoWayOut, Routes, find
from causeway.routes.rules import RuleTable
from tests.routes.inputs import NOW, case_dict, case_of, network_dict, network_of


def answer(
    network: dict[str, Any], case: dict[str, Any], *, now: dt.date = NOW, **options: Any
) -> Routes | NoWayOut:
    made = network_of(network)
    return find(made, RuleTable.of(made.rules), case_of(case), now=now, **options)


def ways(network: dict[str, Any], case: dict[str, Any], **options: Any) -> Routes:
    found = answer(network, case, **options)
    assert isinstance(found, Routes)
    return found


def no_way(network: dict[str, Any], case: dict[str, Any], **options: Any) -> NoWayOut:
    found = answer(network, case, **options)
    assert isinstance(found, NoWayOut)
    return found


def texts(found: NoWayOut) -> list[str]:
    return [" ".join(str(one) for one in near.remedy) for near in found.nearest]


def test_a_route_is_explained_leg_by_leg_with_its_rules():
    (route,) = ways(network_dict(), case_dict()).routes
    assert [leg.leg.id for leg in route.legs] == ["ab", "bc"]
    first, border = route.legs
    assert (first.waits, first.departs, first.arrives) == (480, 480, 540)
    assert border.waits == 180
    assert border.departs_at == dt.datetime(2027, 3, 1, 12, 0)
    assert [str(rest.said) for rest in border.rests] == ["BBB asks for no visa for 3 days (passport of AAA)."]
    said = [str(sentence) for sentence in border.said]
    assert said[0] == "Wait in B for 3 h 0 min."
    assert "Cross from AAA into BBB at bridge." in said
    assert route.costs.arrival == 750
    # A chance of 0.9, an official who goes by the rule at 0.8, and an eighth of a day at 0.01 a day.
    assert route.chance == pytest.approx(0.9 * 0.8 * 0.99 ** (180 / 1440), abs=1e-6)
    assert route.costs.money == 88
    assert sum(leg.risk for leg in route.legs) == pytest.approx(route.costs.risk, abs=2)
    assert [str(rest.said) for rest in route.ground] == ["One can ask for asylum in BBB."]
    assert route.notes == ()


def test_a_route_that_rests_on_an_old_rule_says_so_every_time():
    found = ways(network_dict(), case_dict(), now=dt.date(2027, 4, 1))
    for route in found.routes:
        (note,) = route.notes
        assert "2027-02-20, 40 days ago" in str(note)


def test_clocks_are_those_of_the_place():
    network = network_dict()
    network["places"][2]["clock_ahead"] = 60
    (route,) = ways(network, case_dict()).routes
    assert route.arrives_at == dt.datetime(2027, 3, 1, 13, 30)
    assert route.legs[1].departs_at == dt.datetime(2027, 3, 1, 12, 0)


def test_a_missing_visa_is_the_nearest_thing():
    network = network_dict()
    network["rules"]["entry"][0] |= {"requirement": "visa_required"}
    del network["rules"]["entry"][0]["days"]
    found = no_way(network, case_dict())
    assert texts(found) == ["Ilo gets a visa for BBB."]
    (near,) = found.nearest
    assert [one.kind for one in near.obstacles] == ["document"]
    assert near.legs == ("ab", "bc")
    assert near.arrives_at == dt.datetime(2027, 3, 1, 12, 30)
    assert [str(one) for one in found.because] == ["Ilo has no visa for BBB."]
    assert "leads from A to an end" in str(found.reason)


def test_two_things_are_needed_together_and_neither_alone_is_offered():
    network, case = network_dict(), case_dict()
    network["rules"]["entry"][0] |= {"requirement": "visa_required"}
    del network["rules"]["entry"][0]["days"]
    case["blocked_legs"] = ["ab"]
    found = no_way(network, case)
    assert len(found.nearest) == 1
    assert {one.kind for one in found.nearest[0].obstacles} == {"document", "blocked_leg"}


def test_what_is_not_needed_is_left_out_of_a_set():
    network, case = network_dict(), case_dict()
    network["rules"]["entry"][0] |= {"requirement": "visa_required"}
    del network["rules"]["entry"][0]["days"]
    case["blocked_legs"] = ["ab", "cd"]
    found = no_way(network, case)
    assert {one.subject for one in found.nearest[0].obstacles} == {("Ilo", "visa", "BBB"), ("ab",)}


def test_a_document_that_comes_too_late_is_named():
    case = case_dict()
    case["travellers"][0]["documents"][0]["available_from"] = "2027-03-20"
    found = no_way(network_dict(), case)
    assert [one.kind for one in found.nearest[0].obstacles] == ["document_date"]
    assert "only from 2027-03-20 on" in str(found.because[0])


def test_a_document_that_arrives_on_a_date_moves_the_departure():
    case = case_dict()
    case["travellers"][0]["documents"][0]["available_from"] = "2027-03-03"
    (route,) = ways(network_dict(), case).routes
    assert route.arrives_at == dt.datetime(2027, 3, 3, 12, 30)


def test_more_time_would_open_a_way():
    case = case_dict()
    case["latest"] = "2027-03-01T11:00:00"
    found = no_way(network_dict(), case)
    assert texts(found) == ["More time: the group may arrive later than the case says."]


def test_an_earlier_start_would_open_a_way():
    case = case_dict()
    case["earliest"] = "2027-03-07T12:00:00"
    found = no_way(network_dict(), case)
    assert texts(found) == ["An earlier start than the case says."]
    assert found.nearest[0].arrives == 750


def test_a_longer_stay_would_open_a_way():
    network = network_dict()
    network["places"][1]["max_stay_hours"] = 2
    found = no_way(network, case_dict())
    assert texts(found) == ["A stay of 3 hours in B; 2 are allowed."]


def test_a_bed_would_open_a_way():
    network = network_dict()
    network["legs"][0]["at"] = ["20:00"]
    network["legs"][1]["dates"] = ["2027-03-04"]
    network["places"][1]["wait_risk"] = 0.02
    network["houses"] = [{"id": "barn", "name": "Barn", "place": "b", "beds": 1, "taken": {"2027-03-03": 1}}]
    found = no_way(network, case_dict())
    assert texts(found) == ["A house in B with beds for all on the night of 2027-03-03 (1 travel)."]
    assert found.nearest[0].arrives < 4 * 1_440
    network["houses"][0]["taken"] = {}
    assert ways(network, case_dict()).routes


def test_a_later_last_day_in_the_country_would_open_a_way():
    network, case = network_dict(), case_dict()
    case |= {"leave_by": "2027-03-02"}
    network["legs"][1]["dates"] = ["2027-03-04"]
    network["places"][0]["wait_risk"] = 0.02
    found = no_way(network, case)
    assert texts(found) == ["A stay of 84 hours in AAA; 48 are allowed."]


def test_nobody_helps_at_both_ends_or_outside_their_stages():
    network = network_dict()
    network["helpers"] = [{"id": "heron", "name": "Heron", "seats": 4, "stages": ["middle"]}]
    network["legs"][0]["helper"] = "heron"
    found = no_way(network, case_dict())
    assert texts(found) == ["Somebody else than “heron” for “ab”, who may serve that part of the way."]
    network["helpers"][0]["stages"] = ["first"]
    assert len(ways(network, case_dict()).routes[0].legs) == 2
    # The last leg too: whoever may serve the first part may not serve this one.
    network["legs"][1]["helper"] = "heron"
    assert "for “bc”" in texts(no_way(network, case_dict()))[0]
    network["helpers"].append({"id": "plover", "name": "Plover", "seats": 4, "stages": ["last"]})
    network["legs"][1]["helper"] = "plover"
    (route,) = ways(network, case_dict()).routes
    assert [leg.origin.id for leg in route.legs] == ["a", "b"]


def test_no_ground_anywhere():
    network = network_dict()
    network["rules"]["ground"] = []
    found = no_way(network, case_dict())
    assert found.nearest == ()
    assert "asylum" in str(found.reason)


def test_someone_who_is_there_already():
    case = case_dict()
    case["goals"] = ["a"]
    (route,) = ways(network_dict(), case).routes
    assert route.legs == ()
    assert route.chance == 1


def test_the_case_may_bring_a_seed_and_the_caller_another():
    case = case_dict()
    case["seed"] = 4
    assert not ways(network_dict(), case).exact
    assert ways(network_dict(), case, seed=0).exact


def test_what_would_open_a_way_says_which_of_its_rules_are_old():
    found = no_way(network_dict(), case_dict() | {"blocked_legs": ["ab"]}, now=dt.date(2027, 4, 1))
    (near,) = found.nearest
    assert any("40 days ago" in str(note) for note in near.notes)
    found = no_way(network_dict(), case_dict() | {"blocked_legs": ["ab"]})
    assert found.nearest[0].notes == ()


def late_end() -> dict[str, Any]:
    """The journey's end lies four days into a country that lets people in for three days."""
    network = network_dict()
    network["rules"]["ground"] = [{"place": "d", "source": "s"}]
    network["legs"][2]["dates"] = ["2027-03-05"]
    network["legs"][1]["dates"] = ["2027-03-01", "2027-03-02"]
    return network


def test_a_visa_lets_stay_longer_where_none_is_needed():
    network, case = late_end(), case_dict()
    no_way(network, case)
    visa = {"kind": "visa", "issuer": "BBB", "days": 30, "valid_from": "2027-03-02"}
    case["travellers"][0]["documents"].append(visa)
    # Who enters on the day before is not yet let stay as long.
    (route,) = ways(network, case).routes
    assert route.legs[1].departs // 1_440 == 1
    assert [leg.leg.id for leg in route.legs] == ["ab", "bc", "cd"]
    # In a group, whoever may stay shortest says how long.
    case["travellers"].append(case_dict()["travellers"][0] | {"name": "Ana"})
    no_way(network, case)


def test_days_of_a_rule_bind_an_authorisation_that_names_none():
    network, case = late_end(), case_dict()
    network["rules"]["entry"][0]["requirement"] = "eta"
    case["travellers"][0]["documents"].append({"kind": "eta", "issuer": "BBB"})
    no_way(network, case)
    network["rules"]["entry"][0]["days"] = 30
    assert ways(network, case).routes


def test_a_stay_already_begun_is_asked_for():
    network, case = network_dict(), case_dict()
    case["origin"] = "c"
    case["goals"] = ["d"]
    said = [str(note) for note in ways(network, case).notes]
    assert said == [
        "The case does not say until when the group may be in BBB; 2 days from its start were reckoned with."
    ]
    assert not ways(network, case | {"leave_by": "2027-03-05"}).notes
    assert not ways(network, case_dict()).notes
