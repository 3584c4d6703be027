"""The answer, and what it assumes."""

from __future__ import annotations

from causeway.count import Estimate, Verdict
from causeway.dossier.count_report.blocks import Block, Facts, Points, Section, Words
from causeway.dossier.count_report.language import Language
from causeway.sentences import Sentence, say

__all__ = ["answer_section", "answer_sentence", "range_words", "sentences", "title"]


def title(estimate: Estimate) -> Sentence:
    """Return what stands on top."""
    if estimate.verdict == "none":
        return say("No estimate")
    return say("How many there are, including those nobody documented")


def answer_sentence(estimate: Estimate) -> Sentence:
    """Return the answer: a range that can be quoted as it stands, or the reason why there is none."""
    if estimate.low is None or estimate.high is None:
        return estimate.reason
    return say(
        "Between {low} and {high} cases in all, of which {documented} are documented.",
        low=estimate.low,
        high=estimate.high,
        documented=estimate.documented,
    )


def range_words(verdict: Verdict, language: Language) -> str:
    """Return a range for a table's cell."""
    if verdict.low is None or verdict.high is None:
        return language.tell(say("no estimate"))
    return language.span(verdict.low, verdict.high)


def sentences(told: tuple[Sentence, ...], language: Language) -> tuple[str, ...]:
    """Return sentences in the reader's language, each once."""
    return tuple(dict.fromkeys(language.tell(one) for one in told))


def answer_section(estimate: Estimate, language: Language) -> Section:
    """Return the documented count, the range and what it assumes; without an estimate, what can be said."""
    outcome, tell = estimate.outcome, language.tell
    facts = [
        (tell(say("Documented on at least one list")), language.number(estimate.documented)),
        (tell(say("Lists")), f"{len(estimate.lists)}: {language.joined(estimate.lists)}"),
    ]
    blocks: list[Block] = []
    if estimate.verdict == "range":
        facts.insert(1, (tell(say("In all, documented or not")), range_words(outcome, language)))
        blocks = [Facts(tuple(facts)), Words(tell(outcome.reason))]
    else:
        quote = say(
            "To quote: {documented} cases are documented. How many there are in all can't be told from these "
            "lists.",
            documented=estimate.documented,
        )
        blocks = [Words(tell(quote)), Facts(tuple(facts))]
    for heading, told in (
        (say("What this assumes"), outcome.assumptions),
        (say("The range is widened in case that"), outcome.widened_by),
        (say("To know beside it"), outcome.notes),
    ):
        if told:
            blocks.append(Points(tell(heading), sentences(told, language)))
    return Section("answer", tell(say("The answer")), tuple(blocks))
