"""Encodings must not change from one version to the next: lists encoded by two versions would not meet.

The list was made once by `bench/count/people.py`, with odd rows added by hand, and is kept as a file; the
digests are of what the first version made of it.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from causeway.linkage.encode import Scheme, encode_list, encode_rows
from causeway.linkage.encoded_list import write_encoded_list
from causeway.linkage.key import LinkKey
from causeway.linkage.persons import read_persons

KEY = LinkKey(bytes(range(32)))
RAW = (Path(__file__).parent / "data" / "invented_people.csv").read_bytes()
ROWS = {
    "clk-1024/1 normalised hardened": "4e7072dd8685fa5256e24db46944afd4",
    "clk-1024/1 normalised unhardened": "7e33245cab8cc7959f8e2ea29b42e752",
    "clk-1024/1 raw hardened": "973a9fa121fea707b7a5d4bc1459041b",
    "clk-1024/1 raw unhardened": "a1d8366d5652ee2b1e96caa5a161782e",
}


@pytest.mark.parametrize(
    "scheme", [Scheme(normalised=n, hardened=h) for n in (True, False) for h in (True, False)], ids=str
)
def test_rows(scheme: Scheme) -> None:
    rows = encode_rows(read_persons(RAW, chosen={"full": "full"}), key=KEY, scheme=scheme)
    assert hashlib.sha256(rows.astype("<u8").tobytes()).hexdigest()[:32] == ROWS[str(scheme)]


def test_an_encoded_list() -> None:
    persons = read_persons(RAW, chosen={"full": "full"})
    tickets = np.random.default_rng(1).bytes(16 * len(persons))
    encoding = encode_list(persons, key=KEY, name="north", tickets=tickets)
    digest = hashlib.sha256(write_encoded_list(encoding.encoded) + encoding.lines.astype("<i8").tobytes())
    assert digest.hexdigest()[:32] == "11813cc0c80bf0fd082e8404b270f0c0"
    assert encoding.unread_dates == (293, 294, 295)
    assert encoding.left_out == (288,)
