from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from causeway.vault import Vault
from tests.vault.material import new_vault


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "vault"


@pytest.fixture
def vault(folder: Path) -> Iterator[Vault]:
    with new_vault(folder) as opened:
        yield opened
