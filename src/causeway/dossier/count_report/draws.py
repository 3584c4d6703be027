"""Draws of the total by family, for whoever wants to compute with them."""

from __future__ import annotations

import csv
import io

from causeway.count import Estimate

__all__ = ["draws_as_csv"]


def draws_as_csv(estimate: Estimate) -> bytes:
    """Return CSV with the columns `family` and `total`; families without draws are not in it."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("family", "total"))
    for one in estimate.families:
        if one.draws is not None:
            writer.writerows((one.family, int(total)) for total in one.draws)
    return out.getvalue().encode()
