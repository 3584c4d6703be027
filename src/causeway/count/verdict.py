"""The verdict: the range that the families span and what it assumes, or no estimate and why.

The families differ in what they assume, no table can say which is right, and each has met tables on which it
was wrong with confidence: where two kinds of people are found unlike easily, decomposable models covered the
truth in none of thirty simulated tables, while every check of theirs passed. So there is never a winner.

1. Where the table itself can't carry an estimate, there is none.
2. At least two families must have an interval that their own gates let stand. Chao's is a lower bound and
   gives neither end.
3. The range reaches from the least lower limit to the largest upper one, over all humps. An upper limit of
   more than twice its own median is left out where two other families bound the total: few overlaps make
   resamples that reach anywhere.
4. It is widened to where two assumptions lead that the families do not make, if they bound the total and
   the table does not speak very strongly against them; where they do not bound it, a note says so.

5. A range that reaches from one to ten times is no estimate.

The rule was chosen on tables simulated with one set of seeds and measured on another (bench/count.py).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from causeway.count.families import Families, Widening
from causeway.count.identifiability import findings
from causeway.count.results import FamilyEstimate, Interval
from causeway.count.table import CaptureTable
from causeway.sentences import Sentence, say

__all__ = [
    "LEAST_FAMILIES",
    "MOST_STRETCH_OF_LIMIT",
    "MOST_STRETCH_OF_WIDENING",
    "MOST_WIDTH",
    "Verdict",
    "decide",
]

LEAST_FAMILIES = 2
"""One family alone has nothing to be checked against."""

MOST_STRETCH_OF_LIMIT = 2.0
"""An upper limit of more times its own median is not used where others bound the total."""

MOST_STRETCH_OF_WIDENING = 3.0
"""An assumption whose upper limit is more times its median says nothing of where the total ends."""

MOST_WIDTH = 10.0
"""A range whose upper end is more times the lower one is no estimate."""

# A range that wide says little more than that many are missing.
_WIDE = 3.0


@dataclass(frozen=True)
class Verdict:
    """What can be said of the total.

    Args:
        verdict: `range`, or `none` where there is no estimate.
        reason: Why, in a sentence.
        low: Least total that is not ruled out, in cases, documented ones included; None without estimate.
        high: Largest.
        assumptions: What the range rests on; none without one.
        notes: What else a reader must know.
        widened_by: Assumptions that moved an end of the range.
    """

    verdict: Literal["range", "none"]
    reason: Sentence
    low: int | None
    high: int | None
    assumptions: tuple[Sentence, ...] = ()
    notes: tuple[Sentence, ...] = ()
    widened_by: tuple[Sentence, ...] = ()


def decide(table: CaptureTable, families: Families) -> Verdict:
    """Join the families' answers to one table into a verdict."""
    blocking = [finding.sentence for finding in findings(table) if finding.blocks]
    if blocking:
        return Verdict("none", blocking[0], None, None, notes=tuple(blocking[1:]))
    return combine(families.estimates, families.widenings, documented=table.documented)


def combine(
    estimates: Sequence[FamilyEstimate], widenings: Sequence[Widening], *, documented: int
) -> Verdict:
    """Join families' answers, whatever they were made of: one table, strata, or plausible linkages."""
    chao = next(one for one in estimates if one.family == "chao")
    usable = {one: one.interval for one in estimates if one.usable and one.interval and one.family != "chao"}
    if len(usable) < LEAST_FAMILIES:
        return Verdict("none", _too_few(len(usable)), None, None, notes=_at_least(chao))
    low, high = _span(usable)
    widened = []
    boundless = False
    for widening in widenings:
        if widening.contradicted:
            continue
        interval = widening.interval
        # Unequal ease can only hide people: where it says fewer, lists avoid each other.
        wider = (low if widening.kind == "unequal" else min(low, interval.low), max(high, interval.high))
        if interval.high > MOST_STRETCH_OF_WIDENING * interval.median or wider[1] > MOST_WIDTH * wider[0]:
            boundless |= widening.kind == "unequal" and interval.high > high
            continue
        if wider != (low, high):
            widened.append(widening.assumption)
        low, high = wider
    least, most = max(math.floor(low), documented), math.ceil(high)
    if most > MOST_WIDTH * least:
        reason = say(
            "No estimate: the families of models reach from {low} to {high} cases in all; overlaps hardly "
            "bound the total.",
            low=least,
            high=most,
        )
        return Verdict("none", reason, None, None, notes=_at_least(chao))
    reason = say(
        "Between {low} and {high} cases in all; {documented} of them are documented. So far do {families} "
        "families of models reach, which differ in what they assume.",
        low=least,
        high=most,
        documented=documented,
        families=len(usable),
    )
    notes = _notes(usable, chao, low, high)
    if boundless:
        notes += (
            say(
                "If cases differ in how easily any list finds them there may be more than this: the table "
                "does not tell how many."
            ),
        )
    return Verdict("range", reason, least, most, _ASSUMPTIONS, notes, tuple(widened))


def _span(usable: dict[FamilyEstimate, Interval]) -> tuple[float, float]:
    low = min(interval.low for interval in usable.values())
    bounded = [one.high for one in usable.values() if one.high <= MOST_STRETCH_OF_LIMIT * one.median]
    high = max(bounded if len(bounded) >= LEAST_FAMILIES else (one.high for one in usable.values()))
    humps = [hump.median for one in usable for hump in one.humps]
    return min([low, *humps]), max([high, *humps])


def _too_few(count: int) -> Sentence:
    if count == 0:
        return say(
            "No estimate: no family of models has an interval that its own checks let stand; the notes of "
            "each say why."
        )
    return say(
        "No estimate: only one family of models has an interval that its own checks let stand. There is "
        "nothing to check it against, and each family can be wrong with confidence."
    )


def _at_least(chao: FamilyEstimate) -> tuple[Sentence, ...]:
    if not chao.usable or chao.interval is None:
        return ()
    return (
        say(
            "If lists do not avoid each other's cases there are at least about {low} (Chao's lower bound).",
            low=round(chao.interval.low),
        ),
    )


def _notes(
    usable: dict[FamilyEstimate, Interval], chao: FamilyEstimate, low: float, high: float
) -> tuple[Sentence, ...]:
    out = []
    if any(len(one.humps) > 1 for one in usable):
        out.append(
            say(
                "A family of models has more than one answer: its humps, listed with it. The range spans "
                "them; the middle between them is no answer."
            )
        )
    if _apart(usable):
        out.append(say("The families disagree by more than their own intervals admit."))
    if high > _WIDE * low:
        out.append(
            say("The range is wide: the upper end is {times} times the lower.", times=round(high / low, 1))
        )
    if chao.usable and chao.interval is not None:
        if chao.interval.low > high:
            out.append(
                say(
                    "Chao's lower bound, {low} at least, lies above the range: either some lists avoid each "
                    "other's cases, or the range is too low.",
                    low=round(chao.interval.low),
                )
            )
        elif chao.interval.low > low:
            out.append(
                say(
                    "If lists do not avoid each other's cases, the lower part of the range falls away: there "
                    "are then at least about {low} (Chao's lower bound).",
                    low=round(chao.interval.low),
                )
            )
    return tuple(out)


def _apart(usable: dict[FamilyEstimate, Interval]) -> bool:
    return max(one.low for one in usable.values()) > min(one.high for one in usable.values())


_ASSUMPTIONS = (
    say("Nobody joined or left the population in the time that the lists cover."),
    say("Cases on several lists were recognised as the same, and different ones were not."),
    say("Everybody could have come onto a list: who could come onto none is not in the range."),
    say(
        "All lists together do not depend on each other in a way that no smaller group of them shows. No "
        "table can show whether that holds; how the range moves without it is shown beside it."
    ),
)
