"""Where the front end's npm packages lie, for tests against another implementation."""

from __future__ import annotations

import os
from pathlib import Path

_IN_REPOSITORY = Path(__file__).parents[2] / "web" / "node_modules"


def package_directory(name: str) -> Path:
    """Return the directory of an installed npm package; a missing one is a failure, not a skip."""
    root = Path(os.environ.get("CAUSEWAY_NODE_MODULES") or _IN_REPOSITORY)
    package = root / name
    if not (package / "package.json").is_file():
        raise FileNotFoundError(f"{name} is not installed: run `npm ci` in web/ or set CAUSEWAY_NODE_MODULES")
    return package
