"""`causeway routes import`: a network from tables, or legs from a public timetable feed."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Final

import click
import msgspec

from causeway.cli.routes_files import write_whole
from causeway.errors import LocalError
from causeway.routes.network import Network
from causeway.routes.read_csv import CSV_TABLES, read_csv_network
from causeway.routes.read_gtfs import GTFS_FILES, FeedChoice, read_gtfs
from causeway.routes.read_json import check_again, read_file, read_network

__all__ = ["command"]

# A feed of a whole country has some hundred megabytes of times; more is a trap or a slip.
_LARGEST: Final = 1_000_000_000
_IN: Final = click.Path(exists=True, path_type=Path)
_FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("import")
@click.argument("what", type=_IN)
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="Where to write.")
@click.option("--choice", type=_FILE, help="For a feed: which stops, where they lie, what a ride risks.")
@click.option("--network", "base", type=_FILE, help="For a feed: the network that its legs are added to.")
def command(what: Path, out: Path, choice: Path | None, base: Path | None) -> None:
    """Make NETWORK.json of a folder of CSV tables, or add a GTFS feed (a zip or its folder) to one."""
    if choice is None and base is None:
        network = read_csv_network(_folder(what, CSV_TABLES, ".csv"))
    elif choice is None or base is None:
        raise click.UsageError("A feed needs both --choice and --network.")
    else:
        network = _with_feed(what, choice, base)
    write_whole(out, msgspec.json.format(msgspec.json.encode(network), indent=1) + b"\n")
    click.echo(f"{len(network.places)} places and {len(network.legs)} legs written.", err=True)


def _with_feed(what: Path, choice: Path, base: Path) -> Network:
    files = _folder(what, GTFS_FILES, ".txt") if what.is_dir() else _zipped(what)
    feed = read_gtfs(files, read_file(choice.read_bytes(), FeedChoice))
    for note in feed.notes:
        click.echo(str(note), err=True)
    network = read_network(base.read_bytes())
    known = {place.id for place in network.places}
    # A place that the centre has described already keeps its description.
    places = (*network.places, *(place for place in feed.places if place.id not in known))
    return check_again(msgspec.structs.replace(network, places=places, legs=(*network.legs, *feed.legs)))


def _folder(folder: Path, names: tuple[str, ...], ending: str) -> dict[str, bytes]:
    files = {name: folder / f"{name}{ending}" for name in names}
    return {name: path.read_bytes() for name, path in files.items() if path.is_file()}


def _zipped(path: Path) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(path) as archive:
            for name in GTFS_FILES:
                try:
                    entry = archive.getinfo(f"{name}.txt")
                except KeyError:
                    continue
                if entry.file_size > _LARGEST:
                    raise LocalError("A file of the feed is too large.", limit=_LARGEST)
                files[name] = archive.read(entry)
    except zipfile.BadZipFile:
        raise LocalError("The feed is neither a folder nor a zip file.") from None
    return files
