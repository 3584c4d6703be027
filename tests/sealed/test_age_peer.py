"""age files both ways with npm's age-encryption, which is what browsers run. Needs node."""

from __future__ import annotations

import json
import random
import subprocess
from base64 import b64decode, b64encode
from dataclasses import dataclass
from pathlib import Path

import pytest

from causeway.sealed.age import open_age, seal, sealed_size
from causeway.sealed.hybrid import HybridPublic, HybridSecret
from tests.sealed.node_packages import package_directory

KIB = 1024
SIZES = (0, 1, 64 * KIB - 1, 64 * KIB, 64 * KIB + 1, 300_000)
SECRET = HybridSecret.from_seed(bytes(range(32)))
PLAINTEXTS = {size: random.Random(size).randbytes(size) for size in SIZES}  # noqa: S311 - test data


@dataclass(frozen=True)
class Peer:
    recipient: str
    own_identity: str
    own_recipient: str
    opened: dict[int, bytes]
    sealed: dict[int, bytes]


@pytest.fixture(scope="module")
def peer() -> Peer:
    """Ask node once for everything, since starting it takes longer than all the rest."""
    ours = [seal(PLAINTEXTS[size], recipient=SECRET.public) for size in SIZES]
    request = {
        "identity": SECRET.to_identity(),
        "recipient": SECRET.public.to_recipient(),
        "plaintexts": [b64encode(PLAINTEXTS[size]).decode() for size in SIZES],
        "sealed": [b64encode(file).decode() for file in ours],
    }
    script = Path(__file__).with_name("age_peer.mjs")
    done = subprocess.run(
        ["node", script, package_directory("age-encryption")],
        input=json.dumps(request).encode(),
        stdout=subprocess.PIPE,
        check=True,
        timeout=120,
    )
    answer = json.loads(done.stdout)
    return Peer(
        recipient=answer["recipient"],
        own_identity=answer["ownIdentity"],
        own_recipient=answer["ownRecipient"],
        opened=dict(zip(SIZES, map(b64decode, answer["opened"]), strict=True)),
        sealed=dict(zip(SIZES, map(b64decode, answer["sealed"]), strict=True)),
    )


@pytest.mark.parametrize("size", SIZES)
def test_the_peer_opens_what_we_seal(peer: Peer, size: int) -> None:
    assert peer.opened[size] == PLAINTEXTS[size]


@pytest.mark.parametrize("size", SIZES)
def test_we_open_what_the_peer_seals(peer: Peer, size: int) -> None:
    assert open_age(peer.sealed[size], secrets=[SECRET]) == PLAINTEXTS[size]


@pytest.mark.parametrize("size", SIZES)
def test_the_peers_files_have_our_sizes(peer: Peer, size: int) -> None:
    assert len(peer.sealed[size]) == sealed_size(size)


def test_both_expand_a_seed_to_one_public_key(peer: Peer) -> None:
    assert peer.recipient == SECRET.public.to_recipient()


def test_the_peers_keys_read_and_write_back(peer: Peer) -> None:
    secret = HybridSecret.from_identity(peer.own_identity)
    assert secret.to_identity() == peer.own_identity
    assert secret.public == HybridPublic.from_recipient(peer.own_recipient)
