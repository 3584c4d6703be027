"""What becomes of the range when something is changed: lists, strata, linkages, what no table can show."""

from __future__ import annotations

import numpy as np

from causeway.count import Changed, Estimate, HighestInteraction, Refused
from causeway.dossier.count_report.answer import range_words
from causeway.dossier.count_report.blocks import Block, Points, Section, Table, Words
from causeway.dossier.count_report.language import Language
from causeway.sentences import Sentence, say

__all__ = ["change_sections"]


def change_sections(estimate: Estimate, language: Language) -> list[Section]:
    """Return the sections on strata, linkage, changed lists and the highest interaction."""
    tell = language.tell
    found = []
    if estimate.strata:
        found.append(Section("strata", tell(say("By stratum")), _strata(estimate, language)))
    if estimate.linkage is not None:
        found.append(Section("linkage", tell(say("How sure the linkage is")), _linkage(estimate, language)))
    if estimate.verdict == "none":
        # Of changed tables some may answer: chosen because they do, they would be no answer.
        return found
    without = _changed(
        estimate.without,
        say("Range without one list"),
        say("without"),
        say("Without {lists}: {reason}"),
        language,
    )
    about = say("An answer that hangs on a single list shows here: without it the range goes elsewhere.")
    found.append(Section("without", tell(say("Without one list")), (Words(tell(about)), *without)))
    merged = _changed(
        estimate.merged,
        say("Range with two lists as one"),
        say("as one"),
        say("With {lists} as one: {reason}"),
        language,
    )
    about = say(
        "Lists that copy from each other show here: made one, they no longer look like two witnesses."
    )
    found.append(Section("merged", tell(say("Two lists as one")), (Words(tell(about)), *merged)))
    if estimate.highest is not None:
        blocks = _highest(estimate.highest, estimate.documented, language)
        found.append(Section("highest", tell(say("What no table can show")), blocks))
    return found


def _changed(
    tables: tuple[Changed, ...] | Refused | None,
    caption: Sentence,
    column: Sentence,
    refused: Sentence,
    language: Language,
) -> tuple[Block, ...]:
    tell = language.tell
    if tables is None:
        return (Words(tell(say("A quick estimate leaves this out. A full one has it."))),)
    if isinstance(tables, Refused):
        return (Words(tell(tables.reason)),)
    rows = tuple(
        (
            " + ".join(one.lists),
            language.number(one.documented),
            range_words(one.verdict, language),
        )
        for one in tables
    )
    heading = (tell(column), tell(say("documented")), tell(say("range")))
    table = Table(tell(caption), heading, rows, (False, True, True))
    by_reason: dict[str, list[str]] = {}
    for one in tables:
        if one.verdict.verdict == "none":
            by_reason.setdefault(tell(one.verdict.reason), []).append(" + ".join(one.lists))
    reasons = tuple(
        tell(Sentence(refused.text, {"lists": "; ".join(names), "reason": reason}))
        for reason, names in by_reason.items()
    )
    return (table, Points(tell(say("Why there is none")), reasons)) if reasons else (table,)


def _highest(highest: HighestInteraction, documented: int, language: Language) -> tuple[Block, ...]:
    tell = language.tell
    about = say(
        "That all lists together do not depend on each other can't be seen in any table. If they do, there "
        "are fewer or more undocumented cases than the models say, and the range moves as follows."
    )
    nought = int(np.argmin(np.abs(highest.coefficients)))
    order = np.argsort(highest.high, kind="stable")
    # Every other one of nine: a quarter, half, as it is, twice, four times.
    shown = [int(place) for place in order if (int(place) - nought) % 2 == 0]
    rows = []
    for place in shown:
        base = highest.high[nought] - documented
        times = (highest.high[place] - documented) / base if base else 1.0
        rows.append(
            (
                tell(say("as the models say"))
                if place == nought
                else tell(say("{times} times as many", times=round(float(times), 2))),
                language.span(float(highest.low[place]), float(highest.high[place])),
            )
        )
    heading = (tell(say("undocumented cases")), tell(say("range")))
    caption = tell(say("How the range moves with the interaction of all lists"))
    return Words(tell(about)), Table(caption, heading, tuple(rows), (False, True))


def _strata(estimate: Estimate, language: Language) -> tuple[Block, ...]:
    tell = language.tell
    rows = tuple(
        (one.name, language.number(one.documented), range_words(one.verdict, language))
        for one in estimate.strata
    )
    heading = (tell(say("stratum")), tell(say("documented")), tell(say("range")))
    blocks: list[Block] = [Table(tell(say("Each stratum by itself")), heading, rows, (False, True, True))]
    reasons = tuple(
        f"{one.name}: {tell(one.verdict.reason)}" for one in estimate.strata if one.verdict.verdict == "none"
    )
    if reasons:
        blocks.append(Points(tell(say("Why there is none")), reasons))
    if estimate.without_strata is not None and estimate.verdict == "range":
        whole = say("All strata as one table: {range}.", range=range_words(estimate.without_strata, language))
        blocks.append(Words(tell(whole)))
    return tuple(blocks)


def _linkage(estimate: Estimate, language: Language) -> tuple[Block, ...]:
    spread = estimate.linkage
    if spread is None:
        return ()
    told = say(
        "Who is the same person on two lists is itself uncertain. {used} of {tables} plausible linkages were "
        "estimated from; they document from {low} to {high} cases. What they disagree on is in the range.",
        used=spread.used,
        tables=spread.tables,
        low=spread.documented_low,
        high=spread.documented_high,
    )
    return (Words(language.tell(told)),)
