"""The import contracts go red: each is shown a package of the same shape with one forbidden import in it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
LAYERS = re.findall(r"\w+", " ".join(CONTRACTS[0]["layers"]))
FORBIDDEN = [
    ("layers", "sealed/words.py", "import causeway.record"),
    ("layers", "casework/case.py", "import causeway.vault"),
    ("layers", "relay/store.py", "import causeway.door"),
    ("layers", "newcomer.py", ""),
    ("blind", "relay/store.py", "import causeway.sealed"),
    ("blind", "relay/store.py", "from causeway import record"),
    ("blind", "door/pages/form.py", "from cryptography.hazmat.primitives import hashes"),
    ("blind", "door/forward/app.py", "import causeway.door.plain"),
    ("door", "door/app.py", "from causeway.sealed import words"),
    ("door", "door/app.py", "import causeway.record"),
    ("crypto", "desk/app.py", "import cryptography"),
    ("database", "relay/store.py", "import sqlcipher3"),
    ("pure", "record/entry.py", "import sqlite3"),
    ("pure", "casework/case.py", "import socket"),
    ("wire", "wire/slot.py", "import hashlib"),
    ("store", "sync/client.py", "from causeway import vault"),
    ("generic", "vault/store.py", "import causeway.casework"),
]
ALLOWED = [
    ("blind", "relay/store.py", "import hashlib, hmac, sqlite3"),
    ("door", "door/plain/seal.py", "from causeway.sealed import words"),
    ("door", "door/app.py", "import causeway.door.plain"),
    ("crypto", "sealed/words.py", "import cryptography"),
    ("crypto", "desk/app.py", "import causeway.sealed.words"),
    ("database", "vault/store.py", "import sqlcipher3"),
    ("layers", "cli/main.py", "import causeway.wire"),
]


def check(folder: Path, contract: str, module: str, line: str) -> subprocess.CompletedProcess[str]:
    package = folder / "src/causeway"
    for name in [*LAYERS, "door/pages", "door/forward", "door/plain"]:
        (package / name).mkdir(parents=True, exist_ok=True)
        (package / name / "__init__.py").touch()
    (package / "__init__.py").touch()
    (package / "sealed/words.py").write_text("import cryptography\n")
    (package / "record/__init__.py").write_text("import causeway.sealed.words\n")
    with (package / module).open("a") as file:
        file.write(line + "\n")
    shutil.copy(ROOT / "pyproject.toml", folder)
    program = (
        "import sys; sys.path.insert(0, 'src'); from importlinter import cli; cli.lint_imports_command()"
    )
    command = [sys.executable, "-c", program, "--no-cache", "--contract", contract]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize(("contract", "module", "line"), FORBIDDEN)
def test_a_forbidden_import_breaks_its_contract(
    tmp_path: Path, contract: str, module: str, line: str
) -> None:
    done = check(tmp_path, contract, module, line)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "0 kept, 1 broken" in done.stdout, done.stdout + done.stderr


@pytest.mark.parametrize(("contract", "module", "line"), ALLOWED)
def test_an_allowed_import_keeps_it(tmp_path: Path, contract: str, module: str, line: str) -> None:
    done = check(tmp_path, contract, module, line)
    assert "1 kept, 0 broken" in done.stdout, done.stdout + done.stderr


def test_every_contract_was_seen_broken() -> None:
    assert {contract["id"] for contract in CONTRACTS} == {contract for contract, _, _ in FORBIDDEN}
