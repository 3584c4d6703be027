from __future__ import annotations

from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from causeway.routes.network import Network
from causeway.routes.read_csv import CSV_TABLES, read_csv_network
from causeway.routes.reading import BrokenFile
from tests.routes.inputs import network_dict, network_of, raises_only_ours

TABLES: Final = {
    "network": "name,starts,days\nInvented,2027-03-01,7\n",
    "places": (
        "id,name,country,wait_risk,wait_money_cents\na,A,AAA,,\nb,B,AAA,0.01,700\n\nc,C,BBB,,\nd,D,BBB,,\n"
    ),
    "legs": (
        "id,mode,from,to,takes,at,chance,lost,border_from,border_to,border_crossing\n"
        "ab,bus,a,b,60,08:00|20:00,,,,,\n"
        "bc,border,b,c,30,12:00,0.9,0.25,AAA,BBB,bridge\n"
        "cd,train,c,d,45,14:00,,,,,\n"
    ),
    "sources": "id,name,date,confidence\ns,Invented,2027-02-20,0.8\n",
    "entry": "document,issuer,country,requirement,days,source\npassport,AAA,BBB,visa_free,3,s\n",
    "ground": "country,source\nBBB,s\n",
}


def read(**changed: str | None) -> Network:
    tables = {**TABLES, **changed}
    return read_csv_network({name: text.encode() for name, text in tables.items() if text is not None})


def problems_of(**changed: str | None) -> list[tuple[str, int | None, int | None, str]]:
    with pytest.raises(BrokenFile) as caught:
        read(**changed)
    return [(one.file, one.line, one.column, str(one.what)) for one in caught.value.problems]


def test_tables_and_json_say_the_same() -> None:
    assert read() == network_of(network_dict())


def test_every_kind_of_cell() -> None:
    network = read(
        houses="id,name,place,beds,nights,frozen,taken,guests,must_not_meet\n"
        "h,H,b,4,2027-03-02=0|2027-03-03=2,yes,2027-03-04=1,2027-03-04=Wren & Teal|2027-03-05=Teal,"
        "Wren&Finch|Teal&Finch\n",
        helpers='id,name,seats,stages,areas\nk,"K, the tall",3,first|middle,AAA|c\n',
        causes="id,name,chance\nx,X,0.25\n",
        legs=TABLES["legs"].replace("crossing\n", "crossing,windows,every,cause,cameras,helper\n")
        + "ba,car,b,a,20,,,,,,,06:00-09:30|20:00-22:00,15,x,1,k\n",
    )
    assert network.houses[0].frozen
    assert sorted(network.houses[0].nights.values()) == [0, 2]
    assert list(network.houses[0].guests.values()) == [("Wren", "Teal"), ("Teal",)]
    assert list(network.houses[0].taken.values()) == [1]
    assert network.houses[0].must_not_meet == (("Wren", "Finch"), ("Teal", "Finch"))
    assert network.helpers[0].name == "K, the tall"
    assert network.helpers[0].areas == ("AAA", "c")
    leg = network.legs[-1]
    assert [(window.start, window.end) for window in leg.windows] == [("06:00", "09:30"), ("20:00", "22:00")]
    assert (leg.every, leg.cause, leg.cameras, leg.helper) == (15, "x", True, "k")


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_other_delimiters_and_marks_of_order(delimiter: str) -> None:
    changed = {name: "\ufeff" + text.replace(",", delimiter) for name, text in TABLES.items()}
    assert read(**changed) == read()


def test_without_rules_there_are_none() -> None:
    assert read(sources=None, entry=None, ground=None).rules is None


def test_wrong_cells_are_named_with_file_line_and_column() -> None:
    places = TABLES["places"].replace("0.01", "often").replace("c,C,BBB", "c,,BBB")
    legs = TABLES["legs"].replace("12:00", "noon").replace("BBB,bridge", ",bridge")
    assert problems_of(places=places, legs=legs) == [
        ("places.csv", 3, 4, "Expected a number from 0 below 1."),
        ("places.csv", 5, 2, "This cell has to hold something."),
        ("legs.csv", 3, 10, "This cell has to hold something."),
        ("legs.csv", 3, 6, "Expected a time such as 08:15."),
    ]


def test_cells_over_several_lines_do_not_shift_the_lines_below() -> None:
    places = TABLES["places"].replace("a,A,", 'a,"A\nby the\nriver",').replace("0.01", "often")
    assert [one[:3] for one in problems_of(places=places)] == [("places.csv", 5, 4)]


def test_what_tables_may_not_say_together_has_its_line_too() -> None:
    legs = TABLES["legs"].replace("ab,bus,a,b", "ab,bus,a,c").replace("AAA,BBB,bridge", "CCC,BBB,bridge")
    assert [(file, line, column) for file, line, column, _ in problems_of(legs=legs)] == [
        ("legs.csv", 2, None),
        ("legs.csv", 3, 9),
    ]
    assert problems_of(entry=TABLES["entry"].replace(",s\n", ",z\n")) == [
        ("entry.csv", 2, 6, "Expected the id of one of the sources.")
    ]


@pytest.mark.parametrize(
    ("changed", "file", "line"),
    [
        ({"legs": None}, "legs.csv", None),
        ({"legs": ""}, "legs.csv", 1),
        ({"legs": "id,mode\n"}, "legs.csv", 1),
        ({"places": "id,name,country,id\na,A,AAA,a\n"}, "places.csv", 1),
        ({"places": "id,name,country,colour\na,A,AAA,red\n"}, "places.csv", 1),
        ({"places": "id,name,country\na,A,AAA,AAA\n"}, "places.csv", 2),
        ({"places": 'id,name,country\na,"A,AAA\n'}, "places.csv", 2),
        ({"places": 'id,name,country\na,"A\nA" b,AAA\n'}, "places.csv", 3),
        ({"network": "name,starts,days\n"}, "network.csv", None),
        ({"network": "name,starts,days\nx,soon,7\n"}, "network.csv", 2),
        ({"network": "name,starts,days\nx,2027-03-01,\n"}, "network.csv", 2),
    ],
    ids=str,
)
def test_tables_that_are_none(changed: dict[str, str | None], file: str, line: int | None) -> None:
    assert problems_of(**changed)[0][:2] == (file, line)


def test_a_refused_value_is_never_repeated() -> None:
    legs = TABLES["legs"].replace("ab,bus,a,b,60", "ab,Zosia,Zosia,b b,Zosia")
    with pytest.raises(BrokenFile) as caught:
        read(legs=legs)
    assert "Zosia" not in caught.value.diagnostics()


@given(st.dictionaries(st.sampled_from(CSV_TABLES), st.binary(max_size=120)))
def test_arbitrary_tables_raise_only_our_error(changed: dict[str, bytes]) -> None:
    files = {name: text.encode() for name, text in TABLES.items()} | changed
    raises_only_ours(lambda: read_csv_network(files))


@given(st.sampled_from(sorted(TABLES)), st.data())
def test_a_changed_character_raises_only_our_error(name: str, data: st.DataObject) -> None:
    text = TABLES[name]
    at = data.draw(st.integers(0, len(text) - 1))
    changed = text[:at] + data.draw(st.sampled_from([*',;|"\n\r\0=-: é٣', ""])) + text[at + 1 :]
    raises_only_ours(lambda: read(**{name: changed}))
