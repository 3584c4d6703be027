from __future__ import annotations

import json
from functools import partial
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from causeway.routes.read_json import check_again, read_case, read_network, read_rules, write_rules
from causeway.routes.reading import MAX_PROBLEMS, BrokenFile
from tests.routes.inputs import STARTER, case_dict, encoded, network_dict, network_of, raises_only_ours

READERS = (read_network, read_case, read_rules)


def problems_of(data: bytes, read: Any = read_network) -> list[tuple[int | None, str, str]]:
    with pytest.raises(BrokenFile) as caught:
        read(data)
    return [(one.line, one.field, str(one.what)) for one in caught.value.problems]


def line_of(data: bytes, text: str) -> int:
    return data.decode().split(text)[0].count("\n") + 1


def test_the_starter_files_are_read() -> None:
    network = read_network((STARTER / "example-network.json").read_bytes())
    assert {leg.mode for leg in network.legs} == {"car", "bus", "train", "border", "flight"}
    assert len(read_case((STARTER / "example-case.json").read_bytes()).travellers) == 2
    rules = read_rules((STARTER / "rules-2026-02.json").read_bytes())
    assert rules.sources[0].name == "Passport Index dataset, February 2026"
    assert write_rules(rules) == (STARTER / "rules-2026-02.json").read_bytes()
    assert not rules.ground


def test_a_file_with_a_byte_order_mark_is_read() -> None:
    assert read_network(b"\xef\xbb\xbf" + encoded(network_dict())) == network_of(network_dict())


@pytest.mark.parametrize(
    ("change", "field", "what"),
    [
        (("places", 2, "country", "  "), "places[2].country", "a country's code of 2 to 20 letters"),
        (("legs", 1, "at", ["12:00", "8 am"]), "legs[1].at[1]", "a time such as 08:15"),
        (("legs", 1, "chance", 0), "legs[1].chance", "a number above 0 to 1"),
        (("legs", 1, "chance", "often"), "legs[1].chance", "a number above 0 to 1"),
        (("legs", 1, "takes", 10.5), "legs[1].takes", "a whole number from 1 to 20,000"),
        (("legs", 1, "mode", "boat"), "legs[1].mode", "one of: border, bus, car, flight, train, walk"),
        (("legs", 1, "dates", ["2027-02-30"]), "legs[1].dates[0]", "a date such as 2027-03-01"),
        (("legs", 1, "border", "bridge"), "legs[1].border", "an object"),
        (("legs", 1, "cameras", "no"), "legs[1].cameras", "true or false"),
        (("legs", 1, "tags", 3), "legs[1].tags", "a list"),
        (("legs", 1, "border", {"from": "AAA", "to": "BBB"}), "legs[1].border", "“crossing” is missing"),
        (("starts", "soon"), "starts", "a date such as 2027-03-01"),
        (("days", 400), "days", "a whole number from 1 to 366"),
        (("name", ""), "name", "a name of 1 to 200 characters"),
        (("format", "causeway-network/9"), "format", "one of: causeway-network/1"),
        (("rules", "entry", 0, "requirement", "maybe"), "rules.entry[0].requirement", "one of: e_visa, eta"),
    ],
    ids=str,
)
def test_one_wrong_field_is_named_with_its_line(change: tuple[Any, ...], field: str, what: str) -> None:
    whole = network_dict()
    part: Any = whole
    for step in change[:-2]:
        part = part[step]
    part[change[-2]] = change[-1]
    data = encoded(whole)
    ((line, named, said),) = problems_of(data)
    assert named == field
    assert what in said
    lines = data.decode().splitlines()
    assert line is not None
    last = field.rsplit(".", 1)[-1].split("[")[0]
    assert f'"{last}"' in lines[line - 1] or json.dumps(change[-1][-1]) in lines[line - 1]


def test_a_field_nobody_knows_is_found_and_not_repeated() -> None:
    data = encoded(network_dict()).replace(b'"takes": 30', b'"takes": 30, "smuggler": 1')
    ((line, field, what),) = problems_of(data)
    assert (line, field) == (line_of(data, '"smuggler"'), "legs[1]")
    assert "smuggler" not in what


def test_several_errors_come_at_once() -> None:
    whole = network_dict()
    whole["legs"][0]["chance"] = 7
    whole["legs"][0]["takes"] = 0
    del whole["places"][3]["name"]
    whole["days"] = 0
    assert [field for _, field, _ in problems_of(encoded(whole))] == [
        "days",
        "places[3]",
        "legs[0].takes",
        "legs[0].chance",
    ]
    whole["places"] = [{"id": "x"}] * 50
    assert len(problems_of(encoded(whole))) == MAX_PROBLEMS


def test_a_refused_value_is_never_repeated() -> None:
    case = case_dict()
    case["travellers"][0] |= {"name": "", "documents": [{"kind": "Zosia", "issuer": "Zosia 1984-05-06"}]}
    case["Zosia"] = "Zosia"
    with pytest.raises(BrokenFile) as caught:
        read_case(encoded(case))
    assert len(caught.value.problems) == 4
    assert "Zosia" not in caught.value.diagnostics()
    assert "1984" not in caught.value.diagnostics()
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("data", "line", "what"),
    [
        (b"", 1, "breaks off"),
        (b'{"format":\n', 2, "breaks off"),
        (b'{\n "format" 3}', 2, "expected ':'"),
        (b'{\n\n "a": "\xff"}', 3, "UTF-8"),
        (b"[]", 1, "an object"),
        (b"[" * 100_000, None, "deeper"),
        (b'{"a": 1e999}', 1, "no number as large"),
    ],
    ids=repr,
)
def test_no_json_at_all(data: bytes, line: int | None, what: str) -> None:
    ((found, _, said),) = problems_of(data)
    assert found == line
    assert what in said


def wrong(**parts: Any) -> dict[str, Any]:
    whole = network_dict()
    for name, value in parts.items():
        if name in ("leg", "border_leg"):
            whole["legs"][0 if name == "leg" else 1] |= value
        else:
            whole[name] = value
    return whole


HELPER = {"id": "h", "name": "H", "seats": 2}


@pytest.mark.parametrize(
    ("whole", "field", "what"),
    [
        (wrong(leg={"to": "c"}), "legs[0]", "from one country into another"),
        (wrong(leg={"mode": "border"}), "legs[0]", "needs a crossing point"),
        (
            wrong(leg={"border": {"from": "AAA", "to": "AAA", "crossing": "x"}}),
            "legs[0].border",
            "no border",
        ),
        (
            wrong(border_leg={"border": {"from": "CCC", "to": "BBB", "crossing": "x"}}),
            "legs[1].border.from",
            "sets out from",
        ),
        (
            wrong(border_leg={"border": {"from": "AAA", "to": "CCC", "crossing": "x"}}),
            "legs[1].border.to",
            "leads into",
        ),
        (wrong(leg={"to": "a"}), "legs[0].to", "other than"),
        (wrong(leg={"to": "z"}), "legs[0].to", "one of the places"),
        (wrong(leg={"from": "z"}), "legs[0].from", "one of the places"),
        (wrong(leg={"helper": "z"}), "legs[0].helper", "one of the helpers"),
        (wrong(leg={"cause": "z"}), "legs[0].cause", "one of the causes"),
        (wrong(leg={"at": []}), "legs[0]", "either times"),
        (wrong(leg={"windows": [{"from": "08:00", "until": "09:00"}]}), "legs[0]", "either times"),
        (
            wrong(leg={"at": [], "windows": [{"from": "08:00", "until": "07:00"}]}),
            "legs[0].windows[0]",
            "an end after",
        ),
        (wrong(leg={"id": "cd"}), "legs[2].id", "an id of its own"),
        (wrong(places=[]), "places", "one place"),
        (wrong(houses=[{"id": "h", "name": "H", "place": "z", "beds": 1}]), "houses[0].place", "places"),
        (wrong(helpers=[HELPER | {"areas": ["AAA", "z"]}]), "helpers[0].areas[1]", "places or countries"),
        (wrong(helpers=[HELPER | {"stages": ["last", "first"]}]), "helpers[0].stages", "both ends"),
        (
            wrong(helpers=[HELPER | {"areas": ["BBB"]}], leg={"helper": "h"}),
            "legs[0].helper",
            "hold both ends",
        ),
        (wrong(countries=[{"id": "AAA", "name": "A"}]), "places[2].country", "one of the countries"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_the_parts_may_not_say_together(whole: dict[str, Any], field: str, what: str) -> None:
    data = encoded(whole)
    problems = problems_of(data)
    assert field in [named for _, named, _ in problems]
    line, _, said = next(one for one in problems if one[1] == field)
    assert what in said
    assert line is not None
    if field != "places":
        assert line > 1


def test_a_place_behind_the_border_control_is_reached_only_past_it() -> None:
    whole = network_dict()
    whole["places"][1]["airside"] = True
    assert ("legs[0]", True) in [
        (field, "crossing point" in what) for _, field, what in problems_of(encoded(whole))
    ]
    whole["legs"][0]["border"] = {"from": "AAA", "to": "AAA", "crossing": "airport"}
    assert network_of(whole).places[1].airside


def test_rules_name_sources_that_are_there() -> None:
    whole = network_dict()
    whole["rules"]["entry"][0]["source"] = "z"
    whole["rules"]["ground"] = [
        {"source": "s"},
        {"source": "s", "country": "BBB", "place": "c"},
        {"source": "s", "place": "z"},
    ]
    assert [(field, what) for _, field, what in problems_of(encoded(whole))] == [
        ("rules.entry[0].source", "Expected the id of one of the sources."),
        ("rules.ground[0]", "Expected either a country or a place, and not both."),
        ("rules.ground[1]", "Expected either a country or a place, and not both."),
        ("rules.ground[2].place", "Expected the id of one of the places."),
    ]


def test_lines_are_found_however_a_file_is_laid_out() -> None:
    whole = network_dict()
    whole["places"][0]["name"] = 'A "quoted" \\ name, with [brackets] and {more}: yes'
    whole["legs"][2]["chance"] = 2
    plain = encoded(whole)
    ((line, *_),) = problems_of(plain)
    assert line == line_of(plain, '"chance": 2')
    assert problems_of(msgspec.json.encode(whole))[0][0] == 1
    spread = json.dumps(whole, indent=3, separators=("\n,", "\n:\n")).encode()
    ((line, *_),) = problems_of(spread)
    assert line == spread.decode().rsplit('"chance"', 1)[0].count("\n") + 3


def test_a_network_put_together_is_checked_again() -> None:
    network = network_of(network_dict())
    assert check_again(network) is network
    with pytest.raises(BrokenFile, match="format asks"):
        check_again(msgspec.structs.replace(network, places=network.places[1:]))


# ---- Anything at all ----


@given(st.binary(max_size=200))
def test_arbitrary_bytes_raise_only_our_error(data: bytes) -> None:
    for read in READERS:
        with pytest.raises(BrokenFile):
            read(data)


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


@given(st.data())
def test_any_json_in_any_field_raises_only_our_error(data: st.DataObject) -> None:
    whole = data.draw(st.sampled_from([network_dict(), case_dict(), network_dict()["rules"]]))
    part: Any = whole
    while True:
        key = data.draw(st.sampled_from(sorted(part) if isinstance(part, dict) else range(len(part))))
        if isinstance(part[key], (dict, list)) and part[key] and data.draw(st.booleans()):
            part = part[key]
            continue
        part[key] = data.draw(_JSON)
        break
    text = json.dumps(whole, indent=data.draw(st.sampled_from([None, 2])), ensure_ascii=False)
    for read in READERS:
        raises_only_ours(partial(read, text.encode(errors="surrogatepass")))


@given(st.data())
def test_any_cut_or_changed_byte_raises_only_our_error(data: st.DataObject) -> None:
    whole = bytearray(encoded(network_dict()))
    for _ in range(data.draw(st.integers(1, 3))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    del whole[data.draw(st.integers(0, len(whole))) :]
    raises_only_ours(lambda: read_network(bytes(whole)))
