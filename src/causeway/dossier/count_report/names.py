"""What families are called, and how each works, for a reader who is no statistician."""

from __future__ import annotations

from typing import Final

from causeway.count import Family
from causeway.sentences import Sentence, say

__all__ = ["FAMILY_NAMES", "METHODS", "SOURCES"]

FAMILY_NAMES: Final[dict[Family, Sentence]] = {
    "decomposable": say("Decomposable models"),
    "latent_class": say("Latent classes"),
    "log_linear": say("Log-linear models"),
    "chao": say("Chao's lower bound"),
}

METHODS: Final[dict[Family, Sentence]] = {
    "decomposable": say(
        "Decomposable models: lists may depend on each other in many patterns, drawn as graphs. Every such "
        "pattern answers, and the answers are averaged by how well each explains the table. The pattern in "
        "which all lists depend on each other says nothing of the undocumented and is left out."
    ),
    "latent_class": say(
        "Latent classes: the people fall into hidden groups, and within a group lists find them "
        "independently. How many groups there are and who is in them is sampled; several samplers must "
        "agree before the answer stands."
    ),
    "log_linear": say(
        "Log-linear models: of all models with interactions between lists, the one is chosen that explains "
        "the table with fewest terms. Its limits come from drawing the table anew and choosing anew each "
        "time, so that they hold the doubt about the choice."
    ),
    "chao": say(
        "Chao's lower bound: cases found once are compared with cases found twice. Where some people are "
        "harder to find than others, the truth lies above it. It gives neither end of the range."
    ),
}

SOURCES: Final = (
    "Madigan & York (1997), Bayesian methods for estimation of the size of a closed population, "
    "Biometrika 84, 19-31.",
    "Manrique-Vallier (2016), Bayesian population size estimation using Dirichlet process mixtures, "
    "Biometrics 72(4), 1246-1254.",
    "Silverman, Chan & Vincent (2024), Bootstrapping multiple systems estimates to account for model "
    "selection, Statistics and Computing 34.",
    "Chao (1989), Estimating population size for sparse data in capture-recapture experiments, "
    "Biometrics 45, 427-438.",
    "Aleshin-Guendel, Sadinle & Wakefield (2024), The central role of the identifying assumption in "
    "population size estimation, Biometrics 80(1).",
)
