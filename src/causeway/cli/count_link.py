"""`causeway count link`: from encoded lists to the table of counts."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from causeway.cli.count_files import read_file, write_private
from causeway.errors import LocalError

if TYPE_CHECKING:
    from causeway.linkage.link import Linkage

__all__ = ["command"]

_PATH: Final = click.Path(dir_okay=False, path_type=Path)
_WRITE_BYTES: Final = 1 << 20


@click.command("link")
@click.argument("paths", metavar="A B …", nargs=-1, required=True, type=_PATH)
@click.option("--out", type=_PATH, required=True, help="Where the table of counts goes.")
@click.option(
    "--details",
    type=_PATH,
    help="Where quality and plausible tables go, for the estimate. [default: OUT with .linkage.json]",
)
@click.option("--uncertain", type=_PATH, help="Write the pairs that the organisations should look at here.")
@click.option(
    "--review",
    "reviews",
    multiple=True,
    type=_PATH,
    help="Such a file with answers filled in. May be given often.",
)
@click.option(
    "--draws", type=click.IntRange(20, 2000), default=200, show_default=True, help="Plausible tables."
)
@click.option("--seed", type=click.IntRange(0, 2**31), default=1, show_default=True)
@click.option("--threads", type=click.IntRange(1, 256), default=os.cpu_count() or 2, help="[default: all]")
@click.option("--keep", is_flag=True, help="Do not delete the encodings afterwards.")
@click.option("--json", "as_json", is_flag=True, help="Print the details as JSON.")
def command(
    paths: tuple[Path, ...],
    out: Path,
    details: Path | None,
    uncertain: Path | None,
    reviews: tuple[Path, ...],
    draws: int,
    seed: int,
    threads: int,
    keep: bool,
    as_json: bool,
) -> None:
    """Link encoded lists, each made by `causeway count encode`, and write the table of counts.

    Every record meets every record of the other lists; a person has at most one record on each. What a
    likeness is worth is learned from the lists themselves. The encodings are overwritten and deleted at the
    end, unless there are uncertain pairs to wait for or --keep is given. An SSD, a backup or a journal may
    keep remnants: only a disk that was encrypted from the start, whose key is destroyed, forgets.
    """
    details = details or out.with_name(f"{out.stem}.linkage.json")
    for path in (out, details, *([uncertain] if uncertain else ())):
        if path.exists():
            raise LocalError("There is a file of that name already; nothing was linked.", file=path.name)
    linkage = _link(paths, reviews, draws=draws, seed=seed, threads=threads)
    told = json.dumps(linkage.as_json(), ensure_ascii=False)
    write_private(out, linkage.table.encode())
    write_private(details, told.encode())
    waiting = uncertain is not None and bool(linkage.uncertain)
    if uncertain is not None:
        from causeway.linkage.review import write_uncertain

        write_private(uncertain, write_uncertain(linkage.uncertain).encode())
    if not keep and not waiting:
        for path in paths:
            _delete(path)
    if as_json:
        click.echo(told)
    _say(linkage, waiting=waiting, kept=keep, uncertain=uncertain)


def _link(
    paths: tuple[Path, ...], reviews: tuple[Path, ...], *, draws: int, seed: int, threads: int
) -> Linkage:
    # Here, since help and refusals need none of this.
    from rich.console import Console
    from rich.progress import Progress

    from causeway.linkage.encoded_list import parse_encoded_list
    from causeway.linkage.link import link_lists
    from causeway.linkage.review import parse_answers

    lists = [parse_encoded_list(read_file(path)) for path in paths]
    answers = [answer for path in reviews for answer in parse_answers(read_file(path))]
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("Comparing and linking", total=1.0)
        return link_lists(
            lists,
            seed=seed,
            draws=draws,
            answers=answers,
            threads=threads,
            on_progress=lambda share: progress.update(task, completed=share),
        )


def _delete(path: Path) -> None:
    """Overwrite a file with random bytes and remove it; what a medium keeps elsewhere it can't reach.

    Raises:
        LocalError: It could not be overwritten or removed, and may still be there.
    """
    try:
        with path.open("r+b") as file:
            left = path.stat().st_size
            while left:
                size = min(left, _WRITE_BYTES)
                file.write(secrets.token_bytes(size))
                left -= size
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
    except OSError as error:
        raise LocalError(
            "The table is written, but encodings could not be deleted. Delete them yourself.",
            file=path.name,
            why=error.strerror or "",
        ) from None


def _say(linkage: Linkage, *, waiting: bool, kept: bool, uncertain: Path | None) -> None:
    quality = linkage.quality
    lines = [
        f"{int(linkage.counts.sum()):,} people, from {sum(linkage.sizes):,} records on all lists.",
        f"Estimated precision {quality.precision.median:.1%} ({quality.precision.low:.1%} to "
        f"{quality.precision.high:.1%}), recall {quality.recall.median:.1%} ({quality.recall.low:.1%} to "
        f"{quality.recall.high:.1%}), as far as encodings can show.",
        *map(str, linkage.notes),
    ]
    if linkage.uncertain and uncertain is None:
        lines.append(
            f"{len(linkage.uncertain)} pairs are uncertain; --uncertain writes them for the organisations."
        )
    if waiting:
        lines.append(
            f"{len(linkage.uncertain)} pairs are uncertain: have the organisations fill in the answers, then "
            "link again with --review. The encodings were kept for that: delete them if you do not."
        )
    elif kept:
        lines.append("The encodings were kept. They are not anonymous: delete them after the count.")
    else:
        lines.append("The encodings were overwritten and deleted; an SSD or a backup may keep remnants.")
    for line in lines:
        click.echo(line, err=True)
