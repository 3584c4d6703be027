"""Hashes of what the door serves (docs/FORMAT.md, section 12), from the package that is installed here.

Desks sign them into the door sheet: a door that runs the same version, with the same languages and texts of
the centre's own, serves exactly this.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Final

__all__ = ["bundle_hash", "hash_of_files", "texts_hash"]

_TEXTS: Final = (".html", ".css", ".po", ".json")


def hash_of_files(files: Mapping[str, bytes]) -> bytes:
    """Return one hash over files by name: SHA-256 of `SHA-256(name) ‖ SHA-256(bytes)`, in order of names."""
    whole = hashlib.sha256()
    for name, content in sorted(files.items()):
        whole.update(hashlib.sha256(name.encode()).digest() + hashlib.sha256(content).digest())
    return whole.digest()


def _files_below(folder: Traversable, prefix: str = "") -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for entry in folder.iterdir():
        if entry.is_dir():
            found |= _files_below(entry, f"{prefix}{entry.name}/")
        else:
            found[prefix + entry.name] = entry.read_bytes()
    return found


def bundle_hash() -> bytes:
    """Return the hash over the door's static files."""
    return hash_of_files(_files_below(resources.files("causeway.door") / "static"))


def texts_hash(
    *, offered: Sequence[str], own: Mapping[str, bytes], exit_url: str, addresses: Sequence[str]
) -> bytes:
    """Return the hash over the door's templates, style and catalogues, and what the centre adds to them.

    Args:
        offered: Tags of the languages that the door offers, in any order.
        own: The centre's own catalogues by file name; they count as `own/<tag>.po`.
        exit_url: Where the exit leads; counts as `exit`.
        addresses: The centre's other addresses in their order; they count as `addresses`, a line each.
    """
    files = _files_below(resources.files("causeway.door") / "pages")
    texts = {name: content for name, content in files.items() if name.endswith(_TEXTS)}
    texts |= {f"own/{name}": content for name, content in own.items()}
    texts["exit"] = exit_url.encode()
    texts["addresses"] = "\n".join(addresses).encode()
    texts["offered"] = " ".join(sorted(offered)).encode()
    return hash_of_files(texts)
