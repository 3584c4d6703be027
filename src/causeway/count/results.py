"""What an estimate is: per family, with its humps, its draws and its doubts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from causeway.sentences import Sentence

__all__ = ["MOST_STRETCH", "Family", "FamilyEstimate", "Hump", "Interval", "NoPosterior"]

Family = Literal["decomposable", "latent_class", "log_linear", "chao"]

MOST_STRETCH = 10.0
"""An upper limit so many times the median is the prior's, not the table's."""


@dataclass(frozen=True)
class Interval:
    """A total in cases, documented ones included, with its 95 % limits."""

    median: float
    low: float
    high: float


@dataclass(frozen=True)
class Hump:
    """One mode of a posterior: the total within it, and the share of the posterior's mass it holds."""

    median: float
    low: float
    high: float
    mass: float


@dataclass(frozen=True, eq=False)
class FamilyEstimate:
    """One family's answer.

    Args:
        family: Which family of models.
        interval: Its total, or None where it can't be computed at all; `notes` says why.
        usable: False where the family's own gates refuse the interval, even if it could be computed.
        notes: What a reader must know, in sentences; the reason first where it is not usable.
        humps: Modes of the posterior, the heaviest first; one is the usual case, none for families
            without a posterior.
        draws: int64 draws of the total, or its support weighted and resampled; None where there are none.
    """

    family: Family
    interval: Interval | None
    usable: bool
    notes: tuple[Sentence, ...] = ()
    humps: tuple[Hump, ...] = ()
    draws: NDArray[np.int64] | None = None


@dataclass(frozen=True)
class NoPosterior:
    """Why a family has no posterior at all."""

    reasons: tuple[Sentence, ...]
