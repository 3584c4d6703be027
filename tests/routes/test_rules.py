from __future__ import annotations

import datetime as dt

import msgspec
import pytest

from causeway.routes.rules import (
    STALE_DAYS,
    EntryRule,
    Ground,
    RuleBook,
    RuleTable,
    Source,
    TransitRule,
    rests_on,
)

NOW = dt.date(2027, 3, 1)


def source(days: int, *, name: str = "s") -> Source:
    return Source(id=name, name=f"Source {name}", date=NOW - dt.timedelta(days=days), confidence=0.9)


def rule(**changes: object) -> EntryRule:
    values = {
        "document": "passport",
        "issuer": "AAA",
        "country": "BBB",
        "requirement": "visa_free",
        "source": "s",
    }
    return msgspec.convert(values | changes, EntryRule)


@pytest.mark.parametrize(("days", "stale"), [(0, False), (STALE_DAYS, False), (STALE_DAYS + 1, True)])
def test_a_rule_older_than_thirty_days_says_so(days: int, stale: bool) -> None:
    found = rests_on(rule(), source(days), now=NOW)
    assert (found.stale is not None) == stale
    if found.stale is not None:
        assert str(found.stale) == (
            "What this rests on was last known to be true on 2027-01-29, 31 days ago, from Source s. Ask "
            "again before anybody leaves."
        )


def test_a_rule_looked_at_again_has_its_own_date_and_confidence() -> None:
    found = rests_on(rule(date="2027-02-27", confidence=0.5), source(400), now=NOW)
    assert (found.date, found.confidence, found.stale) == (dt.date(2027, 2, 27), 0.5, None)


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (rule(), "BBB asks for no visa (passport of AAA)."),
        (rule(days=30), "BBB asks for no visa for 30 days (passport of AAA)."),
        (
            rule(requirement="visa_on_arrival", days=9),
            "BBB gives a visa on arrival for 9 days (passport of AAA).",
        ),
        (rule(requirement="e_visa", days=9), "BBB asks for an electronic visa (passport of AAA)."),
        (rule(requirement="no_admission", document="id_card"), "BBB lets nobody in (identity card of AAA)."),
        (rule(requirement="own", country="AAA"), "AAA lets its own people in (passport)."),
        (Ground(source="s", country="BBB"), "One can ask for asylum in BBB."),
        (Ground(source="s", place="b"), "One can ask for asylum in b."),
        (
            TransitRule(document="passport", issuer="AAA", country="BBB", hours=12, source="s"),
            "BBB lets people change planes for up to 12 hours (passport of AAA).",
        ),
    ],
    ids=str,
)
def test_rules_in_words(one: EntryRule | TransitRule | Ground, said: str) -> None:
    assert str(rests_on(one, source(1), now=NOW).said) == said


def test_later_books_lie_over_earlier_ones() -> None:
    public = RuleBook(
        format="causeway-rules/1",
        sources=(source(90),),
        entry=(rule(requirement="visa_required"), rule(country="CCC")),
        ground=(Ground(source="s", country="BBB"),),
    )
    # The same id in another book is another source.
    own = RuleBook(
        format="causeway-rules/1",
        sources=(source(2),),
        entry=(rule(),),
        ground=(Ground(source="s", country="BBB"), Ground(source="s", country="DDD")),
    )
    table = RuleTable.of(None, public, own)
    found = table.entering("passport", "AAA", "BBB", "x")
    assert found is not None
    assert (found[0].requirement, found[1].date) == ("visa_free", NOW - dt.timedelta(days=2))
    older = table.entering("passport", "AAA", "CCC", "x")
    assert older is not None
    assert older[1].date == NOW - dt.timedelta(days=90)
    assert [(one.country, origin.date) for one, origin in table.ground] == [
        ("BBB", NOW - dt.timedelta(days=2)),
        ("DDD", NOW - dt.timedelta(days=2)),
    ]
    assert table.entering("id_card", "AAA", "BBB", "x") is None
