from __future__ import annotations

import datetime as dt
from typing import Any, Final

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from causeway.routes.read_gtfs import GTFS_FILES, FeedChoice, FeedLegs, read_gtfs
from causeway.routes.read_json import check_again
from causeway.routes.reading import BrokenFile
from tests.routes.inputs import network_dict, network_of, raises_only_ours

# An invented line: Alder, Birch (two platforms), Cedar over the border, and a ferry nobody asks for.
FEED: Final = {
    "stops": (
        "stop_id,stop_name,parent_station\n"
        "alder,Alder,\nbirch,Birch,\nbirch-1,Birch platform 1,birch\nmid,Midway,\ncedar,Cedar,\n"
    ),
    "routes": "route_id,route_type\nR,2\nF,4\nX,702\n",
    "trips": "route_id,service_id,trip_id\nR,week,t1\nR,week,t2\nR,once,night\nF,week,ferry\nX,week,freq\n",
    "stop_times": (
        "trip_id,arrival_time,departure_time,stop_id,stop_sequence,pickup_type,drop_off_type\n"
        "t1,08:00:00,08:00:30,alder,1,,\n"
        "t1,08:20:00,08:21:00,mid,2,,\n"
        "t1,08:44:10,08:46:00,birch-1,3,,\n"
        "t1,09:30:00,09:30:00,cedar,4,,\n"
        "t2,12:00:00,12:00:00,alder,10,,\n"
        "t2,12:45:00,12:46:00,birch,20,1,\n"
        "t2,13:30:00,13:30:00,cedar,30,,\n"
        "night,24:10:00,24:10:00,alder,2,,\n"
        "night,25:05:00,25:05:00,birch,9,,\n"
        "ferry,08:00:00,08:00:00,alder,1,,\n"
        "ferry,09:00:00,09:00:00,birch,2,,\n"
        "freq,08:00:00,08:00:00,alder,1,,\n"
        "freq,09:00:00,09:00:00,birch,2,,\n"
    ),
    "calendar": (
        "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\n"
        "week,1,1,0,0,0,0,0,20270101,20270302\n"
    ),
    "calendar_dates": (
        "service_id,date,exception_type\nonce,20270228,1\nonce,20270304,1\nweek,20270302,2\nweek,20270307,1\n"
    ),
    "frequencies": "trip_id,start_time,end_time,headway_secs\nfreq,08:00:00,10:00:00,600\n",
}
CHOICE: Final = {
    "prefix": "rail",
    "starts": "2027-03-01",
    "days": 7,
    "stops": [
        {"stop": "alder", "place": "a", "country": "AAA"},
        {"stop": "birch", "place": "b", "country": "AAA"},
        {"stop": "cedar", "place": "c", "country": "BBB"},
    ],
    "crossings": [{"from": "AAA", "to": "BBB", "crossing": "Cedar station"}],
    "chance": 0.97,
    "named_ticket": True,
}


def read(choice: dict[str, Any] | None = None, /, **changed: str | None) -> FeedLegs:
    files = {name: text.encode() for name, text in {**FEED, **changed}.items() if text is not None}
    return read_gtfs(files, msgspec.convert({**CHOICE, **(choice or {})}, FeedChoice))


def test_rides_between_chosen_stops_become_legs() -> None:
    found = read()
    legs = {(leg.origin, leg.target, leg.at): leg for leg in found.legs}
    march = [dt.date(2027, 3, day) for day in (1, 7)]
    assert {key: (leg.takes, list(leg.dates)) for key, leg in legs.items()} == {
        # Seconds: leaving is rounded down, arriving up. Rides of equal length on equal days are one leg.
        ("a", "b", ("08:00", "12:00")): (45, march),
        ("a", "c", ("08:00", "12:00")): (90, march),
        # At noon nobody gets in at Birch.
        ("b", "c", ("08:46",)): (44, march),
        # Ten past midnight on the first day belongs to the last of February.
        ("a", "b", ("24:10",)): (55, [dt.date(2027, 2, 28), dt.date(2027, 3, 4)]),
    }
    assert {leg.mode for leg in found.legs} == {"train"}
    assert all(leg.named_ticket and leg.chance == 0.97 for leg in found.legs)
    crossing = legs["a", "c", ("08:00", "12:00")].border
    assert crossing is not None
    assert (crossing.from_country, crossing.to_country, crossing.crossing) == ("AAA", "BBB", "Cedar station")
    assert [place.name for place in found.places] == ["Alder", "Birch", "Cedar"]
    assert [str(note) for note in found.notes] == [
        "Trips that run by a frequency, without exact times, were left out: 1."
    ]


def test_what_a_feed_gives_fits_into_a_network() -> None:
    network = network_of(network_dict())
    more = msgspec.structs.replace(network, legs=(*network.legs, *read().legs))
    assert len(check_again(more).legs) == 7


def test_rides_over_a_border_without_a_crossing_point_are_left_out() -> None:
    found = read({"crossings": []})
    assert {(leg.origin, leg.target) for leg in found.legs} == {("a", "b")}
    assert "no crossing point was named for them: 3." in str(found.notes[-1])


@pytest.mark.parametrize(
    ("changed", "file", "line", "column"),
    [
        ({"stop_times": None}, "stop_times.txt", None, None),
        ({"stops": FEED["stops"].replace("cedar,Cedar", "other,Cedar")}, "stops.txt", None, None),
        ({"stop_times": FEED["stop_times"].replace("08:44:10", "8.44")}, "stop_times.txt", 4, 2),
        ({"stop_times": FEED["stop_times"].replace("24:10:00", "48:10:00")}, "stop_times.txt", 9, 2),
        ({"stop_times": FEED["stop_times"].replace("cedar,4", "cedar,four")}, "stop_times.txt", 5, 5),
        ({"routes": "route_id,route_type\nR,\n"}, "routes.txt", 2, 2),
        ({"calendar": FEED["calendar"].replace("20270302", "20270230")}, "calendar.txt", 2, 10),
        ({"calendar": FEED["calendar"].replace("monday", "moonday")}, "calendar.txt", 1, None),
        ({"trips": "route_id,service_id,trip_id\nR,,t1\n"}, "trips.txt", 2, 2),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_broken_feed_names_file_and_line(
    changed: dict[str, str | None], file: str, line: int | None, column: int | None
) -> None:
    with pytest.raises(BrokenFile) as caught:
        read(**changed)
    (problem,) = caught.value.problems
    assert (problem.file, problem.line, problem.column) == (file, line, column)


@given(st.dictionaries(st.sampled_from(GTFS_FILES), st.binary(max_size=120)))
def test_arbitrary_files_raise_only_our_error(changed: dict[str, bytes]) -> None:
    files = {name: text.encode() for name, text in FEED.items()} | changed
    raises_only_ours(lambda: read_gtfs(files, msgspec.convert(CHOICE, FeedChoice)))


@given(st.sampled_from(sorted(FEED)), st.data())
def test_a_changed_character_raises_only_our_error(name: str, data: st.DataObject) -> None:
    text = FEED[name]
    at = data.draw(st.integers(0, len(text) - 1))
    changed = text[:at] + data.draw(st.sampled_from([*',;"\n\r\0-: é٣9', ""])) + text[at + 1 :]
    raises_only_ours(lambda: read(**{name: changed}))
