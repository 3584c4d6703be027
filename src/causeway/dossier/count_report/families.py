"""What each family of models says, and why some are not used."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal

from causeway.count import Estimate, FamilyEstimate, Widening
from causeway.dossier.count_report.blocks import Block, Picture, Points, Section, Table, Words
from causeway.dossier.count_report.language import Language
from causeway.dossier.count_report.names import FAMILY_NAMES
from causeway.dossier.count_report.totals_picture import Row, draw_totals
from causeway.sentences import Sentence, say

__all__ = ["families_section"]

_WIDENINGS: Final[dict[Literal["unequal", "richer"], Sentence]] = {
    "unequal": say("If cases differ in how easily they are found"),
    "richer": say("Log-linear models with more terms"),
}


def families_section(estimate: Estimate, language: Language) -> Section:
    """Return the families' posteriors and limits; without an estimate, only which of them stand and why."""
    tell = language.tell
    if estimate.low is None or estimate.high is None:
        blocks = _refused(estimate, language)
    else:
        blocks = _answers(estimate, estimate.low, estimate.high, language)
    return Section("families", tell(say("What each family of models says")), tuple(blocks))


def _answers(estimate: Estimate, low: int, high: int, language: Language) -> list[Block]:
    tell = language.tell
    rows = [
        Row(
            _label(FAMILY_NAMES[one.family], one.usable, language),
            one.interval,
            None if one.draws is None else one.draws.astype(float),
            one.usable,
            bound=one.family == "chao",
        )
        for one in estimate.families
        if one.interval is not None
    ]
    rows += [
        Row(
            _label(_WIDENINGS[one.kind], _widens(estimate, one), language),
            one.interval,
            one.totals,
            _widens(estimate, one),
        )
        for one in estimate.widenings
    ]
    described = say(
        "Each row is one family: the hill is how its answers spread, the line its 95 % limits, the dot its "
        "middle. What is dashed and hollow is not used. The shaded band is the range, from {low} to {high}. "
        "The table says the same.",
        low=low,
        high=high,
    )
    drawing = draw_totals(
        rows,
        documented=estimate.documented,
        low=low,
        high=high,
        documented_label=tell(say("documented")),
        language=language,
    )
    title = tell(say("The total, by family of models"))
    blocks: list[Block] = [Picture(title, tell(described), drawing, _table(estimate, language))]
    humps = _humps(estimate.families, language)
    if humps is not None:
        blocks.append(humps)
    lacks = (one.sentence for one in estimate.findings)
    known = {tell(one) for one in (estimate.reason, *estimate.outcome.notes, *lacks)}
    notes = [(one, one.notes) for one in estimate.families]
    return blocks + _notes(notes, known, language)


def _refused(estimate: Estimate, language: Language) -> list[Block]:
    tell = language.tell
    heading = (tell(say("family of models")), tell(say("does its interval stand?")))
    rows = tuple(
        (
            tell(FAMILY_NAMES[one.family]),
            tell(say("by its own checks")) if one.usable else tell(say("no")),
        )
        for one in estimate.families
    )
    without = say(
        "Without an estimate no figures of single families are printed: one of them alone would be taken for "
        "the answer. They are in the JSON output, with the reasons for which they don't count."
    )
    # Of a family that is refused the first note says why; the others are of figures.
    notes = [(one, one.notes[:1]) for one in estimate.families if not one.usable]
    known = {tell(one) for one in (estimate.reason, *(one.sentence for one in estimate.findings))}
    return [
        Words(tell(without)),
        Table(tell(say("Which families stand")), heading, rows, (False, False)),
        *_notes(notes, known, language),
    ]


def _label(name: Sentence, used: bool, language: Language) -> str:
    if used:
        return language.tell(name)
    return language.tell(say("{name} (not used)", name=language.tell(name)))


def _widens(estimate: Estimate, widening: Widening) -> bool:
    return widening.assumption in estimate.outcome.widened_by


def _table(estimate: Estimate, language: Language) -> Table:
    tell, number = language.tell, language.number
    heading = (say("family of models"), say("middle"), say("95 % limits"), say("for the range"))
    rows = [
        (
            tell(FAMILY_NAMES[one.family]),
            number(None if one.interval is None else one.interval.median),
            _limits(one, language),
            tell(_use(one)),
        )
        for one in estimate.families
    ]
    rows += [
        (
            tell(_WIDENINGS[one.kind]),
            number(one.interval.median),
            language.span(one.interval.low, one.interval.high),
            tell(_widening_use(estimate, one)),
        )
        for one in estimate.widenings
    ]
    caption = tell(say("Totals with 95 % limits, documented cases included"))
    return Table(caption, tuple(map(tell, heading)), tuple(rows), (False, True, True, False))


def _limits(one: FamilyEstimate, language: Language) -> str:
    if one.interval is None:
        return language.number(None)
    return language.span(one.interval.low, one.interval.high)


def _use(one: FamilyEstimate) -> Sentence:
    if not one.usable:
        return say("not used")
    return say("as a lower bound") if one.family == "chao" else say("used")


def _widening_use(estimate: Estimate, one: Widening) -> Sentence:
    if _widens(estimate, one):
        return say("widens it")
    return say("no: the table speaks against it") if one.contradicted else say("does not widen it")


def _humps(families: Iterable[FamilyEstimate], language: Language) -> Table | None:
    tell, number = language.tell, language.number
    rows = tuple(
        (
            tell(FAMILY_NAMES[one.family]),
            f"{number(100 * hump.mass)} %",
            number(hump.median),
            language.span(hump.low, hump.high),
        )
        for one in families
        if one.usable and len(one.humps) > 1
        for hump in one.humps
    )
    if not rows:
        return None
    heading = (say("family of models"), say("share"), say("middle of the hump"), say("from – to"))
    caption = tell(say("More than one hump: groups of models that fit about as well disagree"))
    return Table(caption, tuple(map(tell, heading)), rows, (False, True, True, True))


def _notes(
    noted: list[tuple[FamilyEstimate, tuple[Sentence, ...]]], known: set[str], language: Language
) -> list[Block]:
    """Say each note once, under all the families that it is about."""
    by_note: dict[str, list[str]] = {}
    for one, notes in noted:
        name = language.tell(FAMILY_NAMES[one.family])
        for note in dict.fromkeys(map(language.tell, notes)):
            if note not in known:
                by_note.setdefault(note, []).append(name)
    by_names: dict[tuple[str, ...], list[str]] = {}
    for note, names in by_note.items():
        by_names.setdefault(tuple(names), []).append(note)
    return [Points(language.joined(names), tuple(notes)) for names, notes in by_names.items()]
