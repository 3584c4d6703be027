"""The sampler against sums over every split of a tiny table, and against its own prior."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.integrate import quad
from scipy.special import betaln, gammaln, logsumexp
from scipy.stats import gamma

from causeway.count.latent_class_kernel import advance

Floats = NDArray[np.float64]

ALPHA = np.array([0.25, 0.25])


class Chain:
    """One chain with its state, started from the prior."""

    def __init__(self, lists: int, classes: int, *, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.histories = (np.arange(1, 2**lists)[:, None] >> np.arange(lists) & 1).astype(bool)
        self.log_pi = np.log(self.rng.dirichlet(np.ones(classes)))
        self.on = self.rng.uniform(size=(classes, lists))
        self.off = 1 - self.on
        self.scalars = np.ones(1)

    def run(self, counts: Floats, kept: int, *, steps: int = 4, thin: int = 1) -> Floats:
        totals, heights = np.empty(kept), np.empty(kept)
        classes, lists = self.on.shape
        state = (self.log_pi, self.on, self.off, self.scalars)
        snapshots = (np.empty((0, classes)), np.empty((0, classes, lists)))
        advance(self.rng, self.histories, counts, *state, ALPHA, steps, thin, totals, heights, *snapshots)
        return totals


def error_of_mean(draws: Floats, batches: int = 40) -> float:
    """Return the standard error of a chain's mean, from means of batches longer than its memory."""
    means = draws[: draws.size // batches * batches].reshape(batches, -1).mean(axis=1)
    return float(means.std(ddof=1) / np.sqrt(batches))


def log_weights_of_sizes(members: tuple[int, ...]) -> float:
    """Return the log prior chance of one assignment of cases to classes, α integrated numerically."""
    rest = [sum(members[k + 1 :]) for k in range(len(members))]

    # with α = exp(x), for the gamma density has a pole at 0
    def density(x: float) -> float:
        alpha = np.exp(x)
        logs = [
            np.log(alpha) + betaln(1 + m, alpha + r) for m, r in zip(members[:-1], rest[:-1], strict=True)
        ]
        return float(np.exp(sum(logs) + gamma.logpdf(alpha, ALPHA[0], scale=1 / ALPHA[1]) + x))

    return float(np.log(quad(density, -40, 6, limit=200)[0]))


def exact_totals(counts: tuple[int, ...], lists: int, classes: int, most: int) -> Floats:
    """Return p(N) for N from the documented up to `most`, by summing over every split into classes."""
    documented = sum(counts)
    histories = np.arange(1, 2**lists)[:, None] >> np.arange(lists) & 1
    sizes: dict[tuple[int, ...], float] = {}

    def splits(cases: int) -> list[tuple[int, ...]]:
        every = itertools.product(range(cases + 1), repeat=classes - 1)
        return [(*parts, cases - sum(parts)) for parts in every if sum(parts) <= cases]

    seen: dict[tuple[tuple[int, ...], tuple[int, ...]], list[float]] = {}
    for split in itertools.product(*(splits(n) for n in counts)):
        table = np.array(split)
        ways = float(gammaln(table.sum(1) + 1).sum() - gammaln(table + 1).sum())
        named = tuple(int(x) for x in (histories.T @ table).ravel())
        seen.setdefault((tuple(int(x) for x in table.sum(0)), named), []).append(ways)
    result = []
    for total in range(documented, most + 1):
        unseen = total - documented
        terms = []
        for hidden in splits(unseen):
            ways = float(gammaln(unseen + 1) - sum(gammaln(h + 1) for h in hidden))
            for (members, named), logs in seen.items():
                sizes_now = tuple(m + h for m, h in zip(members, hidden, strict=True))
                if sizes_now not in sizes:
                    sizes[sizes_now] = log_weights_of_sizes(sizes_now)
                on = np.array(named).reshape(lists, classes)
                fit = betaln(1 + on, 1 + np.array(sizes_now) - on).sum()
                terms.append(float(logsumexp(logs)) + ways + fit + sizes[sizes_now])
        result.append(float(gammaln(total) - gammaln(unseen + 1)) + float(logsumexp(terms)))
    return np.exp(np.array(result) - logsumexp(result))


@pytest.mark.parametrize(
    ("counts", "classes", "most"), [((3, 4, 2), 1, 60), ((3, 2, 1), 2, 22), ((2, 1, 1), 3, 10)]
)
def test_totals_of_a_tiny_table_are_distributed_as_the_sum_over_every_split_says(
    counts: tuple[int, ...], classes: int, most: int
) -> None:
    exact = exact_totals(counts, 2, classes, most)
    chain = Chain(2, classes, seed=classes)
    totals = chain.run(np.array(counts, dtype=np.float64), 40_000)
    documented = sum(counts)
    # Given N ≤ most the posterior needs no normalising over its long tail.
    within = totals[totals <= most]
    for limit in range(documented, most, 3):
        below = (within <= limit).astype(float)
        share = exact[: limit - documented + 1].sum()
        assert abs(below.mean() - share) < 4 * error_of_mean(below) + 1e-9


def test_parameters_return_to_their_prior_when_tables_are_drawn_from_them() -> None:
    """Geweke (2004), "Getting it right", JASA 99: transitions and fresh tables in turn leave the prior."""
    lists, classes, documented = 3, 3, 12
    chain = Chain(lists, classes, seed=5)
    statistics: dict[str, Callable[[Floats, Floats, float], float]] = {
        "alpha": lambda pi, on, alpha: np.log1p(alpha),
        "first weight": lambda pi, on, alpha: pi[0],
        "last weight": lambda pi, on, alpha: pi[-1],
        "largest": lambda pi, on, alpha: pi.max(),
        "a chance": lambda pi, on, alpha: on[1, 0],
        "how extreme": lambda pi, on, alpha: float(np.mean((2 * on - 1) ** 2)),
        "how small": lambda pi, on, alpha: float(np.log(on[0]).mean()),
        "unseen": lambda pi, on, alpha: float(pi @ (1 - on).prod(1)),
        "two lists": lambda pi, on, alpha: float(pi @ (on[:, 0] * on[:, 1])),
    }

    rng = np.random.default_rng(6)
    kept: dict[str, list[float]] = {name: [] for name in statistics}
    for _ in range(15_000):
        pi = np.exp(chain.log_pi)
        cells = np.array([pi @ np.where(h, chain.on, chain.off).prod(1) for h in chain.histories])
        counts = rng.multinomial(documented, cells / cells.sum()).astype(np.float64)
        chain.run(counts, 1, steps=3)
        for name, of in statistics.items():
            kept[name].append(of(np.exp(chain.log_pi), chain.on, float(chain.scalars[0])))

    prior: dict[str, list[float]] = {name: [] for name in statistics}
    for _ in range(30_000):
        alpha = rng.gamma(ALPHA[0], 1 / ALPHA[1])
        v = np.append(rng.beta(1, max(alpha, 1e-9), classes - 1), 1)
        pi = v * np.cumprod(np.append(1, 1 - v[:-1]))
        on = rng.uniform(size=(classes, lists))
        for name, of in statistics.items():
            prior[name].append(of(pi, on, alpha))
    for name in statistics:
        chained, drawn = np.array(kept[name]), np.array(prior[name])
        error = np.hypot(error_of_mean(chained), drawn.std() / np.sqrt(drawn.size))
        assert abs(chained.mean() - drawn.mean()) < 4 * error, name
