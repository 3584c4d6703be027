"""How it was done, what it can't say, and how to do it again."""

from __future__ import annotations

from datetime import date

from causeway.count import QUICK, STANDARD, CaptureTable, Check, Estimate
from causeway.dossier.count_report.blocks import Block, Facts, Points, Section, Table, Words
from causeway.dossier.count_report.language import Language
from causeway.dossier.count_report.names import FAMILY_NAMES, METHODS, SOURCES
from causeway.dossier.count_report.overlap import small_counts
from causeway.sentences import say

__all__ = ["checks_section", "limits_section", "method_section", "repeat_section"]

_SURPRISES = 12


def checks_section(estimate: Estimate, language: Language) -> Section:
    """Return whether the models foretell the overlaps that were found."""
    tell, checks = language.tell, estimate.checks
    surprising = [one for one in checks if one.surprising]
    if not checks:
        blocks: tuple[Block, ...] = (
            Words(tell(say("No family fits this table so that it could be checked."))),
        )
    elif not surprising:
        fine = say(
            "Tables drawn from the models look like the one that was found: none of {all} comparisons is a "
            "surprise. That does not make the models right.",
            all=len(checks),
        )
        blocks = (Words(tell(fine)),)
    else:
        told = say(
            "Tables were drawn from the models and compared with the one that was found. Surprising: {count} "
            "of {all} comparisons; there a model misses something.",
            count=len(surprising),
            all=len(checks),
        )
        blocks = (Words(tell(told)), _surprises(surprising, language))
    return Section("checks", tell(say("Do the models foretell the table?")), blocks)


def _surprises(surprising: list[Check], language: Language) -> Table:
    tell, number = language.tell, language.number
    worst = sorted(surprising, key=lambda one: one.chance)[:_SURPRISES]
    rows = tuple(
        (
            " + ".join(one.lists)
            if one.lists
            else tell(say("on exactly this many lists: {number}", number=one.on)),
            tell(FAMILY_NAMES[one.family]),
            number(one.found),
            number(one.expected, digits=1 if one.expected < 10 else 0),
        )
        for one in worst
    )
    heading = (say("cases"), say("family of models"), say("found"), say("foretold"))
    caption = tell(say("The largest surprises"))
    return Table(caption, tuple(map(tell, heading)), rows, (False, False, True, True))


def method_section(estimate: Estimate, language: Language) -> Section:
    """Return the method in plain language, and its sources."""
    tell = language.tell
    about = say(
        "If two lists that know nothing of each other name many of the same people, most people are on a "
        "list; if they share few, many are on none. This is done for all lists at once, by several families "
        "of models that differ in how they let lists depend on each other. No table can show which is right, "
        "so there is no winner: the range is what all of them together leave possible, and where they or the "
        "table can't carry it, there is no estimate."
    )
    families = tuple(tell(METHODS[one.family]) for one in estimate.families)
    return Section(
        "method",
        tell(say("How it was done")),
        (
            Words(tell(about)),
            Points(tell(say("The families")), families),
            Points(tell(say("Sources")), SOURCES),
        ),
    )


def limits_section(estimate: Estimate, language: Language) -> Section:
    """Return what nobody may read out of it."""
    told = [
        say("Who the undocumented are, or where: a count is no list, and this page never saw a name."),
        say("Whether there are people whom none of these lists could ever have reached. They are not in it."),
        say(
            "Anything outside the time and the places that the lists cover, or of cases that they "
            "define otherwise."
        ),
        say(
            "Whether the lists themselves are true. A case that is wrongly on a list is counted with the "
            "others."
        ),
    ]
    if estimate.verdict == "range":
        told += [
            say("One number. No figure inside the range is the answer; its middle is none either."),
            say("A chance. The range spans what several families say; the truth can lie outside it."),
        ]
    else:
        told.append(say("That nobody is missing. No estimate means that it can't be known from these lists."))
    tell = language.tell
    return Section("limits", tell(say("What it can't say")), (Points("", tuple(map(tell, told))),))


def repeat_section(
    estimate: Estimate, table: CaptureTable, language: Language, *, version: str, made: date | None
) -> Section:
    """Return seeds, versions and the table's hash: what it takes to get the same figures again."""
    tell, effort = language.tell, estimate.effort
    patience = (
        say("quick: fewer chains and resamples, the same gates")
        if effort == QUICK
        else say("full")
        if effort == STANDARD
        else say("chosen by hand")
    )
    versions = {"causeway": version, **estimate.versions}
    facts = [
        (tell(say("Seed")), str(estimate.seed)),
        (tell(say("Patience")), tell(patience)),
        (tell(say("Versions")), ", ".join(f"{name} {number}" for name, number in versions.items())),
        (tell(say("SHA-256 of the table")), estimate.table_sha256),
    ]
    if made is not None:
        facts.insert(0, (tell(say("Made on")), language.day(made)))
    blocks: list[Block] = [
        Words(tell(say("The same table, seed and patience give the same figures with these versions."))),
        Facts(tuple(facts)),
    ]
    if small_counts(table):
        guess = say(
            "Whoever knows all but a few small counts can find them by trying them against this hash: where "
            "the table is left out, leave the hash out as well."
        )
        blocks.append(Words(tell(guess), "small"))
    return Section("repeat", tell(say("To do it again")), tuple(blocks))
