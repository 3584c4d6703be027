from __future__ import annotations

import datetime as dt
import math
import random
import time

import msgspec
import numpy as np
import pytest
from scipy.stats import beta

from causeway.routes.columns import Columns
from causeway.routes.compiling import CaseError, Compiled, compile_case
from causeway.routes.departures import MAX_DEPARTURES, TooManyDepartures, expand
from causeway.routes.find import journeys_of
from causeway.routes.network import Network
from causeway.routes.rules import RuleTable
from causeway.routes.timetable import NO_LIMIT, Timetable
from tests.routes.inputs import (
    NOW,
    case_dict,
    case_of,
    closing,
    compiled,
    departures_of,
    network_dict,
    network_of,
)

DAY = 1440


def micro(chance: float) -> int:
    return round(-1e6 * math.log(chance))


def row(timetable: Timetable, number: int) -> int:
    return int(np.flatnonzero(timetable.leg == number)[0])


def test_the_arrays_say_what_the_network_says() -> None:
    found = compiled(network_dict(), case_dict())
    table = found.timetable
    assert [place.id for place in found.places] == ["a", "b", "c", "d"]
    assert table.departs[:4].tolist() == [480, 720, 840, 1200]
    assert table.arrives[:4].tolist() == [540, 750, 885, 1260]
    assert table.departs.size == 4 * 7
    assert (np.diff(table.departs) >= 0).all()
    assert table.origin[:3].tolist() == [0, 1, 2]
    assert table.target[:3].tolist() == [1, 2, 3]
    # The rule's confidence, 0.8, is a chance too: who is not let in is turned back.
    assert table.risk[:3].tolist() == [0, micro(0.9 * 0.8), 0]
    assert table.through[1] == pytest.approx(0.72)
    assert table.lost[1] == pytest.approx(0.1 * 0.25)
    assert table.back_after[:2].tolist() == [120, 60]
    assert table.wait_risk.tolist() == [0, micro(0.99), 0, 0]
    assert table.wait_money.tolist() == [0, 700, 0, 0]
    assert table.ends.tolist() == [2, 3]
    assert found.regions == ("AAA", "BBB")
    assert table.region.tolist() == [0, 0, 1, 1]
    # Three days, of which the first may have begun long ago.
    assert table.region_stay.tolist() == [NO_LIMIT, 2 * DAY]
    assert (found.earliest, found.latest, found.people, found.origin) == (0, 7 * DAY, 1, 0)
    assert [str(rest.said) for rest in found.rests[1]] == [
        "BBB asks for no visa for 3 days (passport of AAA)."
    ]
    assert set(found.ground) == {2, 3}
    assert not found.closed
    assert not found.narrowed


def test_every_array_has_the_type_that_searches_are_compiled_for() -> None:
    table = compiled(network_dict(), case_dict()).timetable
    wide = {"risk", "money", "wait_risk", "wait_money"}
    for name, kind in Timetable.__annotations__.items():
        array = getattr(table, name)
        expected = np.float64 if name in ("through", "lost") else np.int64 if name in wide else np.int32
        assert array.dtype == expected, (name, kind)


def test_money_and_risk_of_a_group() -> None:
    network, case = network_dict(), case_dict()
    network["legs"][1] |= {"money_cents": 300, "money_once_cents": 1000, "helper": "h"}
    network["helpers"] = [{"id": "h", "name": "H", "seats": 3}]
    network["rules"]["entry"][0]["fee_cents"] = 50
    other = dict(case["travellers"][0], name="Uma", wanted={"document_check": 4.0, "cameras": 9.0})
    case["travellers"].append(other)
    table = compiled(network, case).timetable
    at = row(table, 1)
    assert table.money[at] == 2 * 300 + 1000 + 2 * 50
    assert table.handovers[at] == 1
    # A border is a document check; no camera is said to look. The group's risk is that of the one looked for.
    assert table.risk[at] == micro(0.9**4 * 0.8)
    assert table.through[at] == pytest.approx(0.9**4 * 0.8)
    assert table.lost[at] == pytest.approx((1 - 0.9**4) * 0.25)
    assert table.wait_money[1] == 1400
    assert table.wait_risk[1] == micro(0.99)


def test_being_looked_for_counts_only_where_somebody_looks() -> None:
    network, case = network_dict(), case_dict()
    for leg, seen in ((0, "named_ticket"), (2, "cameras")):
        network["legs"][leg] |= {seen: True, "chance": 0.9}
    case["travellers"][0]["wanted"] = {"named_ticket": 3.0, "cameras": 5.0}
    table = compiled(network, case).timetable
    assert [table.risk[row(table, leg)] for leg in (0, 2)] == [micro(0.9**3), micro(0.9**5)]
    case["travellers"][0]["wanted"]["countries"] = ["AAA"]
    table = compiled(network, case).timetable
    assert [table.risk[row(table, leg)] for leg in (0, 2)] == [micro(0.9**3), micro(0.9)]


def test_a_shared_cause_counts_into_the_risk_and_not_into_the_chance() -> None:
    network = network_dict()
    network["causes"] = [{"id": "x", "name": "X", "chance": 0.5}, {"id": "y", "name": "Y", "chance": 0.2}]
    network["legs"][1]["cause"] = "y"
    found = compiled(network, case_dict())
    table, at = found.timetable, row(found.timetable, 1)
    assert found.causes[table.cause[at]].id == "y"
    assert table.cause[row(table, 0)] == -1
    assert table.risk[at] == micro(0.9 * 0.8 * 0.8)
    assert table.through[at] == pytest.approx(0.72)


def test_caution_takes_a_low_quantile_of_the_chance() -> None:
    network, case = network_dict(), case_dict() | {"cautious": 0.1}
    network["legs"][0] |= {"chance": 0.95, "tries": 40}
    network["legs"][2] |= {"chance": 0.95, "tries": 4000}
    table = compiled(network, case).timetable
    unsure, sure = (float(table.through[row(table, leg)]) for leg in (0, 2))
    assert unsure == pytest.approx(beta(38.5, 2.5).ppf(0.1))
    assert unsure < sure < 0.95
    # Nothing is ever better for caution.
    network["legs"][0] |= {"chance": 0.01, "tries": 0}
    table = compiled(network, case).timetable
    assert table.through[row(table, 0)] <= 0.01 + 1e-12


def test_times_asked_for_cut_the_departures() -> None:
    case = case_dict() | {"earliest": "2027-03-02T08:00:30", "latest": "2027-03-03T21:00:00"}
    found = compiled(network_dict(), case)
    assert found.earliest == DAY + 481
    assert departures_of(found, "ab") == [DAY + 1200, 2 * DAY + 480, 2 * DAY + 1200]
    # A minute less, and the last bus would come too late.
    case["latest"] = "2027-03-03T20:59:00"
    assert departures_of(compiled(network_dict(), case), "ab")[-1] == 2 * DAY + 480
    with pytest.raises(CaseError, match="times"):
        compiled(network_dict(), case_dict() | {"latest": "2027-02-01T00:00:00"})


def test_a_leg_without_a_departure_says_so() -> None:
    network = network_dict()
    network["legs"][0]["dates"] = ["2027-05-01"]
    found = compiled(network, case_dict())
    assert closing(found, "ab") == [("times", "“ab” does not set out in the time asked for.")]
    assert not found.obstacles()[0].removable


def test_weekdays_dates_windows_and_clocks() -> None:
    network = network_dict()
    network["places"][1]["clock_ahead"] = 90
    network["legs"][0] = {
        "id": "ab",
        "mode": "car",
        "from": "a",
        "to": "b",
        "takes": 10,
        "windows": [{"from": "10:00", "until": "11:00"}, {"from": "10:40", "until": "11:15"}],
        "weekdays": ["mo", "we"],
        "not_on": ["2027-03-03"],
    }
    network["legs"].append(
        {
            "id": "ba",
            "mode": "bus",
            "from": "b",
            "to": "a",
            "takes": 10,
            "at": ["25:00"],
            "dates": ["2027-02-28", "2027-03-02"],
        }
    )
    found = compiled(network, case_dict())
    assert departures_of(found, "ab") == [600, 630, 640, 660, 670]
    # One o'clock at night after the day before the first, by a clock that is an hour and a half ahead.
    assert departures_of(found, "ba") == [2 * DAY + 60 - 90 + 0]
    network["places"][1]["clock_ahead"] = 0
    assert departures_of(compiled(network, case_dict()), "ba") == [60, 2 * DAY + 60]


def test_a_helpers_days_are_the_legs_days() -> None:
    network = network_dict()
    network["helpers"] = [{"id": "h", "name": "H", "seats": 3, "weekdays": ["tu"]}]
    network["legs"][0]["helper"] = "h"
    assert departures_of(compiled(network, case_dict()), "ab") == [DAY + 480, DAY + 1200]


def test_blocked_legs_and_places() -> None:
    found = compiled(network_dict(), case_dict() | {"blocked_legs": ["ab"], "blocked_places": ["c"]})
    assert [kind for kind, _ in closing(found, "ab")] == ["blocked_leg"]
    assert [kind for kind, _ in closing(found, "bc")] == ["blocked_place"]
    assert [kind for kind, _ in closing(found, "cd")] == ["blocked_place"]
    # A place that is blocked can still be left by whoever is there.
    assert departures_of(compiled(network_dict(), case_dict() | {"blocked_places": ["a"]}), "ab")


def test_room_and_helpers() -> None:
    network, case = network_dict(), case_dict()
    network["helpers"] = [
        {"id": "h", "name": "H", "seats": 1},
        {"id": "f", "name": "F", "seats": 9, "frozen": True},
    ]
    network["legs"][0]["helper"] = "h"
    network["legs"][1]["seats"] = 1
    network["legs"][2]["helper"] = "f"
    assert [kind for kind, _ in closing(compiled(network, case), "cd")] == ["helper"]
    assert departures_of(compiled(network, case), "ab")
    case["travellers"].append(dict(case["travellers"][0], name="Uma"))
    found = compiled(network, case)
    assert closing(found, "ab") == [("seats", "“ab” has room for 1, and 2 travel together.")]
    assert [kind for kind, _ in closing(found, "bc")] == ["seats"]


def test_houses_without_beds_shorten_a_stay() -> None:
    network, case = network_dict(), case_dict()
    network["places"][1] |= {"max_stay_hours": 48, "no_house_hours": 5}
    network["houses"] = [{"id": "h", "name": "H", "place": "b", "beds": 1}]
    assert compiled(network, case).timetable.max_stay.tolist() == [NO_LIMIT, 48 * 60, NO_LIMIT, NO_LIMIT]
    case["travellers"].append(dict(case["travellers"][0], name="Uma"))
    assert compiled(network, case).timetable.max_stay[1] == 5 * 60
    network["houses"][0]["nights"] = {"2027-03-02": 2}
    assert compiled(network, case).timetable.max_stay[1] == 48 * 60
    network["houses"][0]["frozen"] = True
    assert compiled(network, case).timetable.max_stay[1] == 5 * 60


def test_the_last_day_in_the_first_country() -> None:
    case = case_dict() | {"leave_by": "2027-03-02", "earliest": "2027-03-01T06:00:00"}
    assert compiled(network_dict(), case).timetable.region_stay[0] == 2 * DAY - 360


def test_goals_replace_asylum_ground() -> None:
    found = compiled(network_dict(), case_dict() | {"goals": ["b"]})
    assert found.timetable.ends.tolist() == [1]
    assert not found.ground


def first_day(found: Compiled) -> int:
    """The day on which a journey can first end, which has to be one of ground."""
    journeys = journeys_of(found)
    assert journeys[0].costs.arrival == min(one.costs.arrival for one in journeys)
    end = int(found.timetable.target[journeys[0].departures[-1]])
    assert found.ground[end]
    return journeys[0].costs.arrival // 1_440


def test_ground_counts_from_its_day_and_not_for_its_own_people() -> None:
    network, case = network_dict(), case_dict()
    network["rules"]["ground"][0]["since"] = "2027-03-02"
    assert first_day(compiled(network, case)) == 1
    assert compiled(network, case | {"earliest": "2027-03-02T00:00:00"}).timetable.ends.tolist() == [2, 3]
    network["rules"]["ground"] = [{"place": "c", "source": "s", "until": "2027-03-07"}]
    assert compiled(network, case | {"latest": "2027-03-07T23:59:00"}).timetable.ends.tolist() == [2]
    assert first_day(compiled(network, case)) == 0
    network["rules"]["ground"][0] |= {"since": "2027-03-04", "until": "2027-03-06"}
    assert first_day(compiled(network, case)) == 3
    network["rules"]["ground"][0] |= {"since": "2027-03-09", "until": "2027-03-12"}
    found = compiled(network, case)
    assert not found.timetable.ends.size
    assert "No place" in str(found.notes[0])
    network["rules"]["ground"] = [{"country": "AAA", "source": "s"}]
    assert not compiled(network, case).timetable.ends.size


def test_old_ground_is_noted_every_time() -> None:
    network = network_dict()
    network["rules"]["sources"][0]["date"] = "2027-01-25"  # 31 days before
    found = compiled(network, case_dict())
    assert ["31 days ago" in str(note) for note in found.notes] == [True]
    assert "31 days ago" in str(found.rests[1][0].stale)
    network["rules"]["sources"][0]["date"] = "2027-01-26"
    found = compiled(network, case_dict())
    assert not found.notes
    assert found.rests[1][0].stale is None


@pytest.mark.parametrize(
    "wrong",
    [{"origin": "x"}, {"goals": ["x"]}, {"blocked_places": ["x"]}, {"blocked_legs": ["x"]}],
    ids=str,
)
def test_a_case_that_does_not_fit_is_refused_without_repeating_it(wrong: dict[str, object]) -> None:
    with pytest.raises(CaseError) as caught:
        compiled(network_dict(), case_dict() | wrong)
    assert " x" not in caught.value.diagnostics()


def test_two_travellers_of_one_name_are_refused() -> None:
    case = case_dict()
    case["travellers"] *= 2
    with pytest.raises(CaseError, match="same name"):
        compiled(network_dict(), case)


def test_columns_made_once_change_nothing() -> None:
    network = network_of(network_dict())
    table, case = RuleTable.of(network.rules), case_of(case_dict())
    one = compile_case(network, table, case, now=NOW)
    other = compile_case(network, table, case, now=NOW, columns=Columns.of(network))
    for name in Timetable.__annotations__:
        assert np.array_equal(getattr(one.timetable, name), getattr(other.timetable, name))


def test_a_network_that_sets_out_too_often_is_refused() -> None:
    network = network_dict() | {"days": 366}
    leg = {"mode": "car", "from": "a", "to": "b", "takes": 9, "every": 1}
    leg |= {"windows": [{"from": "00:00", "until": "23:59"}]}
    network["legs"] = [leg | {"id": f"l{number}"} for number in range(MAX_DEPARTURES // (370 * 1440) + 1)]
    with pytest.raises(TooManyDepartures):
        expand(network_of(network))


@pytest.mark.slow
def test_two_hundred_thousand_departures_in_about_a_second() -> None:
    rng = random.Random(5)  # noqa: S311 (a drawing, no secret)
    network = network_dict()
    network["places"] = [
        {"id": f"p{n}", "name": "P", "country": "AAA" if n % 2 else "BBB"} for n in range(1000)
    ]
    network["legs"] = []
    for number in range(3000):
        a, b = rng.sample(range(1000), 2)
        leg = {"id": f"l{number}", "mode": "bus", "from": f"p{a}", "to": f"p{b}", "takes": 20, "chance": 0.99}
        leg["at"] = [f"{hour:02}:{rng.randrange(60):02}" for hour in range(4, 14)]
        if a % 2 != b % 2:
            ends = ("AAA", "BBB") if a % 2 else ("BBB", "AAA")
            leg["border"] = {"from": ends[0], "to": ends[1], "crossing": f"x{a % 40}"}
        network["legs"].append(leg)
    made = msgspec.convert(network, Network)
    case = case_of(case_dict() | {"origin": "p0"})
    started = time.process_time()
    found = compile_case(made, RuleTable.of(made.rules), case, now=dt.date(2027, 3, 1))
    # Four times what it took, for machines that do much else.
    assert time.process_time() - started < 2.0
    assert found.timetable.departs.size > 200_000
