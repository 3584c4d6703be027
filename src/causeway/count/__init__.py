"""The count: how many there are, including those nobody documented.

Several lists each name some of the cases. `read_table` takes a table of which cases are on which lists;
`estimate` runs several families of models on it and returns a range with what it assumes, or no estimate and
why. Each family can be called by itself; nothing here reads a file, and every seed is an argument.
"""

from __future__ import annotations

from causeway.count.chao import PairEstimate, estimate_chao, estimate_pairs
from causeway.count.checks import Check, predictive_checks
from causeway.count.decomposable import decomposable_posterior, estimate_decomposable
from causeway.count.decomposable_results import DecomposablePosterior
from causeway.count.effort import QUICK, STANDARD, Effort
from causeway.count.estimate import Estimate, Stopped, estimate
from causeway.count.estimate_json import estimate_as_json
from causeway.count.families import Widening
from causeway.count.highest_interaction import HighestInteraction, highest_interaction
from causeway.count.identifiability import Finding, existence, findings
from causeway.count.latent_class import (
    LatentClassPosterior,
    estimate_latent_class,
    latent_class_posterior,
)
from causeway.count.linkage_error import LinkageSpread, read_linkage_tables
from causeway.count.log_linear import estimate_log_linear, log_linear_fit
from causeway.count.log_linear_results import LogLinearFit, NoFit
from causeway.count.read_table import read_table, write_table
from causeway.count.results import Family, FamilyEstimate, Hump, Interval, NoPosterior
from causeway.count.sensitivity import Changed, Refused
from causeway.count.strata import Stratum, added_up, read_strata
from causeway.count.table import CaptureTable, TableError
from causeway.count.unequal import UnequalFit, unequal_fit
from causeway.count.verdict import Verdict

__all__ = [
    "QUICK",
    "STANDARD",
    "CaptureTable",
    "Changed",
    "Check",
    "DecomposablePosterior",
    "Effort",
    "Estimate",
    "Family",
    "FamilyEstimate",
    "Finding",
    "HighestInteraction",
    "Hump",
    "Interval",
    "LatentClassPosterior",
    "LinkageSpread",
    "LogLinearFit",
    "NoFit",
    "NoPosterior",
    "PairEstimate",
    "Refused",
    "Stopped",
    "Stratum",
    "TableError",
    "UnequalFit",
    "Verdict",
    "Widening",
    "added_up",
    "decomposable_posterior",
    "estimate",
    "estimate_as_json",
    "estimate_chao",
    "estimate_decomposable",
    "estimate_latent_class",
    "estimate_log_linear",
    "estimate_pairs",
    "existence",
    "findings",
    "highest_interaction",
    "latent_class_posterior",
    "log_linear_fit",
    "predictive_checks",
    "read_linkage_tables",
    "read_strata",
    "read_table",
    "unequal_fit",
    "write_table",
]
