"""How much computing an estimate may take: the gates are the same, only patience differs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from causeway.count.watch import Cancelled
from causeway.sentences import Sentence

__all__ = ["QUICK", "STANDARD", "Cancel", "Effort", "Progress", "Stages"]

Progress = Callable[[float, Sentence], None]
"""Told the part done, from 0 to 1, and what is at work."""

Cancel = Callable[[], bool]


@dataclass(frozen=True)
class Effort:
    """Numbers of chains, rounds and resamples.

    Args:
        chains: Of the latent class sampler.
        most_sweeps: Rounds of each chain, after which it is given up.
        other_classes: Numbers of hidden classes that are tried beside the first.
        replicates: Resamples for log-linear models; None for their own default.
        draws: Kept of each posterior.
        sensitivity: The same for each table of those without a list or with two made one; None leaves
            these out.
        linkage: The same for each plausible linkage; None for this same effort.
        linkages: At most so many plausible linkages are estimated from.
    """

    chains: int
    most_sweeps: int
    other_classes: tuple[int, ...]
    replicates: int | None
    draws: int
    sensitivity: Effort | None = None
    linkage: Effort | None = None
    linkages: int = 20


_SMALL = Effort(chains=2, most_sweeps=25_000, other_classes=(), replicates=100, draws=1_000)

STANDARD = Effort(
    chains=4,
    most_sweeps=100_000,
    other_classes=(2, 5, 20),
    replicates=None,
    draws=4_000,
    sensitivity=_SMALL,
    linkage=_SMALL,
)

QUICK = Effort(
    chains=2,
    most_sweeps=25_000,
    other_classes=(),
    replicates=200,
    draws=1_000,
    linkage=_SMALL,
    linkages=8,
)


class Stages:
    """Shares one progress out among stages, each with a weight, done one after the other.

    Args:
        progress: The caller's.
        cancel: The caller's; asked before each stage.
        weight: Of all stages together.
    """

    def __init__(self, progress: Progress | None, cancel: Cancel | None, *, weight: float) -> None:
        self.cancel = cancel
        self._progress = progress
        self._whole = weight
        self._done = 0.0

    def next(self, what: Sentence, weight: float) -> Callable[[float], None]:
        """Begin a stage; what comes back takes the part of it that is done.

        Raises:
            Cancelled: The caller wants to stop.
        """
        self.look()
        start, report, whole = self._done, self._progress, self._whole
        self._done += weight

        def tell(part: float) -> None:
            if report is not None:
                report(min((start + weight * part) / whole, 1.0), what)

        tell(0.0)
        return tell

    def look(self) -> None:
        """Stop if that is wanted: families give up quietly, and what they leave is no answer.

        Raises:
            Cancelled: The caller wants to stop.
        """
        if self.cancel is not None and self.cancel():
            raise Cancelled
