from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from causeway.routes.programme_reading import read_plan, read_programme
from causeway.routes.reading import BrokenFile
from tests.routes.small_programmes import small_programme


def good():
    return {
        "format": "causeway-programme/1",
        "starts": "2027-03-01",
        "houses": [{"id": "h", "beds": 2, "nights": {"2027-03-03": 0}}],
        "helpers": [{"id": "k", "seats": 3}],
        "people": [
            {
                "id": "p",
                "tier": 1,
                "itineraries": [
                    {
                        "id": "1",
                        "leaves": "2027-03-02",
                        "arrives": "2027-03-03",
                        "risk": 10,
                        "nights": [{"house": "h", "on": "2027-03-02"}],
                        "rides": [
                            {"on": "2027-03-02", "leg": "l", "helper": "k"},
                            {"on": "2027-03-03", "leg": "m"},
                        ],
                    }
                ],
            },
            {"id": "q", "tier": 2},
        ],
        "must_not_meet": [["p", "q"]],
    }


def problems(changed):
    text = json.dumps(changed, indent=1)
    with pytest.raises(BrokenFile) as broken:
        read_programme(text.encode())
    return text.splitlines(), broken.value


def test_a_good_programme_is_read():
    read = read_programme(json.dumps(good()).encode())
    assert read.people[0].itineraries[0].nights[0].house == "h"


@pytest.mark.parametrize("seed", range(5))
def test_what_is_written_is_read_back(seed):
    programme = small_programme(seed)
    assert read_programme(msgspec.json.encode(programme)) == programme


def _way(changed):
    return changed["people"][0]["itineraries"][0]


@pytest.mark.parametrize(
    ("spoil", "line_holds", "expected"),
    [
        (lambda f: f["houses"].append({"id": "h", "beds": 1}), '"id": "h"', "id of its own"),
        (lambda f: f["people"].append({"id": "p", "tier": 1}), '"id": "p"', "id of its own"),
        (lambda f: f["people"][1].update(tier=9), '"tier": 9', "Expected"),
        (lambda f: _way(f).update(risk="high"), '"risk": "high"', "Expected"),
        (lambda f: _way(f).update(leaves="2027-02-30"), '"leaves"', "Expected"),
        (lambda f: _way(f).update(arrives="2027-03-01"), '"arrives"', "not before"),
        (lambda f: _way(f)["nights"][0].update(house="x"), '"house": "x"', "one of the houses"),
        (lambda f: _way(f)["nights"][0].update(on="2027-03-09"), '"2027-03-09"', "between setting out"),
        (lambda f: _way(f)["rides"][0].update(helper="x"), '"helper": "x"', "one of the helpers"),
        (lambda f: _way(f)["rides"][0].update(vehicle="x"), '"vehicle": "x"', "one of the vehicles"),
        (lambda f: _way(f)["rides"].reverse(), '"rides"', "order of their days"),
        (lambda f: f["must_not_meet"].append(["p", "x"]), '"x"', "one of the people"),
        (lambda f: f["must_not_meet"].append(["q", "q"]), "[", "two different"),
        (lambda f: f["houses"][0].update(must_not_meet=[["p", "x"]]), '"x"', "one of the people"),
        (lambda f: f["houses"][0].update(must_not_meet=[["q", "q"]]), "[", "two different"),
        (lambda f: f["helpers"][0].update(stages=["first", "last"]), '"stages"', "both ends"),
        (lambda f: f["helpers"][0].update(stages=[]), '"stages"', "Expected"),
        (
            lambda f: _way(f).update(rests=[{"rule": "r", "date": "x", "source": "s"}]),
            '"date": "x"',
            "Expected",
        ),
        (lambda f: f.update(colour="red"), '"colour"', "no such field"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(spoil, line_holds, expected):
    changed = good()
    spoil(changed)
    lines, broken = problems(changed)
    said = broken.problems[0]
    assert expected in str(said.what)
    assert said.line is not None
    assert line_holds in lines[said.line - 1]
    assert "high" not in broken.diagnostics()
    assert "red" not in broken.diagnostics()


def test_a_plan_is_read_and_its_unknown_names_refused():
    programme = read_programme(json.dumps(good()).encode())
    chosen = read_plan(
        b'{"objective": 3, "chosen": [{"person": "p", "itinerary": "1"}]}', programme=programme
    )
    assert [(one.person, one.itinerary) for one in chosen] == [("p", "1")]
    for person, itinerary, what in (("x", "1", "one of the people"), ("p", "9", "this person's itineraries")):
        text = json.dumps({"gap": 0.1, "chosen": [{"person": person, "itinerary": itinerary}]}, indent=1)
        with pytest.raises(BrokenFile) as broken:
            read_plan(text.encode(), programme=programme)
        assert what in str(broken.value.problems[0].what)
        assert len(broken.value.problems) == 1
        assert broken.value.problems[0].line is not None


@given(st.binary(max_size=200))
def test_arbitrary_bytes_raise_only_our_error(data):
    with pytest.raises(BrokenFile):
        read_programme(data)
