from __future__ import annotations

import os
from pathlib import Path

import pytest

from causeway.sealed.passphrase import CHEAP_FOR_TESTS
from causeway.units import Day
from causeway.vault import Conflict, KeptAside, Outgoing, Secret, Vault, keyslots, search
from tests.vault.material import PASSPHRASE, decrypted

DAY = Day(20_000)
LATER = Day(20_001)


def test_the_outbox_keeps_its_order(vault: Vault) -> None:
    ids = [os.urandom(16) for _ in range(20)]
    for number, item_id in enumerate(ids):
        vault.outbox.queue(item_id, kind="slot", body=bytes([number]), day=DAY)
    assert [item.id for item in vault.outbox.waiting()] == ids
    assert vault.outbox.sent(ids[3]) is True
    assert vault.outbox.sent(ids[3]) is False
    assert [item.id for item in vault.outbox.waiting()] == ids[:3] + ids[4:]


def test_what_is_held_does_not_leave(vault: Vault) -> None:
    vault.outbox.queue(b"a", kind="slot", body=b"1", day=DAY)
    vault.outbox.queue(b"b", kind="answer", body=b"2", day=DAY, held=True)
    held = Outgoing(id=b"b", kind="answer", body=b"2", held=True, created=DAY)
    assert [item.id for item in vault.outbox.waiting()] == [b"a"]
    assert vault.outbox.waiting(with_held=True)[1] == held
    assert vault.outbox.waiting(kind="answer", with_held=True) == [held]
    assert vault.outbox.hold(b"b", held=False) is True
    assert vault.outbox.hold(b"a", held=True) is True
    assert vault.outbox.hold(b"c", held=True) is False
    assert [item.id for item in vault.outbox.waiting()] == [b"b"]


def test_queueing_again_is_the_same_and_another_body_is_not(vault: Vault) -> None:
    vault.outbox.queue(b"a", kind="slot", body=b"1", day=DAY)
    vault.outbox.queue(b"a", kind="slot", body=b"1", day=LATER)
    with pytest.raises(Conflict):
        vault.outbox.queue(b"a", kind="slot", body=b"2", day=DAY)
    assert [item.body for item in vault.outbox.waiting()] == [b"1"]


def test_what_was_refused_is_kept_with_its_reason(vault: Vault) -> None:
    vault.aside.put(b"b", reason="early", day=LATER, content=b"2")
    vault.aside.put(b"a", reason="unknown item", day=DAY, content=b"1")
    vault.aside.put(b"c", reason="early", day=DAY, content=b"3")
    vault.aside.put(b"c", reason="fork", day=DAY, content=b"3")
    assert [(kept.id, kept.reason) for kept in vault.aside.all()] == [
        (b"a", "unknown item"),
        (b"c", "fork"),
        (b"b", "early"),
    ]
    assert vault.aside.all(reason="early") == [KeptAside(id=b"b", reason="early", day=LATER, content=b"2")]
    assert vault.aside.count() == {"early": 1, "fork": 1, "unknown item": 1}
    assert vault.aside.prune(before=LATER) == 2
    assert vault.aside.remove(b"b") is True
    assert vault.aside.remove(b"b") is False


def test_only_what_was_never_taken_is_lacking(vault: Vault) -> None:
    ids = [os.urandom(16) for _ in range(50)]
    vault.seen.add("intake", ids=ids[::2], day=DAY)
    vault.seen.add("intake", ids=ids[:2], day=LATER)
    assert vault.seen.lacking("intake", ids=reversed(ids)) == ids[:1:-1][::2]
    assert vault.seen.lacking("record", ids=ids) == ids
    assert vault.seen.prune("intake", before=LATER) == 25
    assert vault.seen.lacking("intake", ids=ids) == ids[:1] + ids[2:]


def test_settings_are_json(vault: Vault) -> None:
    vault.settings.put("a", value={"list": [1, "два", None, True]})
    assert vault.settings.get("a") == {"list": [1, "два", None, True]}
    vault.settings.put("a", value=2)
    assert vault.settings.get("a") == 2
    vault.settings.remove("a")
    assert vault.settings.get("a", default="none") == "none"


def test_secrets_by_kind_and_day(vault: Vault) -> None:
    late = Secret(kind="intake", id=b"2", value=b"two", from_day=LATER, until_day=Day(20_052))
    early = Secret(kind="intake", id=b"1", value=b"one", from_day=DAY, until_day=Day(20_051))
    lasting = Secret(kind="device", id=b"1", value=b"me", from_day=DAY, until_day=None)
    for secret in (late, early, lasting, early):
        vault.secrets.put(
            secret.kind,
            secret_id=secret.id,
            value=secret.value,
            from_day=secret.from_day,
            until_day=secret.until_day,
        )
    assert vault.secrets.all("intake") == [early, late]
    assert vault.secrets.get("device", secret_id=b"1") == lasting
    assert vault.secrets.destroy_expired(Day(20_051)) == 0
    assert vault.secrets.destroy_expired(Day(20_052)) == 1
    assert vault.secrets.all("intake") == [late]
    assert vault.secrets.destroy("device", secret_id=b"1") is True
    assert vault.secrets.destroy("device", secret_id=b"1") is False
    assert vault.secrets.get("device", secret_id=b"1") is None


def test_a_secret_is_never_replaced_nor_shown(vault: Vault) -> None:
    vault.secrets.put("case", secret_id=b"1", value=b"first", from_day=DAY)
    with pytest.raises(Conflict):
        vault.secrets.put("case", secret_id=b"1", value=b"other", from_day=DAY)
    assert vault.secrets.all("case")[0].value == b"first"
    assert "first" not in repr(vault.secrets.all("case"))


def test_a_destroyed_secret_is_gone_even_for_who_has_the_key(vault: Vault, folder: Path) -> None:
    data_key = keyslots.open_slot(folder, passphrase=PASSPHRASE, profile=CHEAP_FOR_TESTS).data_key
    values = {os.urandom(16): os.urandom(32) for _ in range(600)}
    for secret_id, value in values.items():
        vault.secrets.put("case", secret_id=secret_id, value=value, from_day=DAY)
    everything = decrypted(folder, data_key=data_key)
    assert all(value in everything for value in values.values())

    ids = list(values)
    doomed, kept = ids[::2], ids[1::2]
    with vault.transaction():
        for secret_id in doomed[1:]:
            vault.secrets.destroy("case", secret_id=secret_id)
    vault.secrets.destroy("case", secret_id=doomed[0])
    assert (folder / "store-wal").stat().st_size == 0
    left = decrypted(folder, data_key=data_key)
    assert all(values[secret_id] in left for secret_id in kept)
    assert not any(values[secret_id] in left for secret_id in doomed)


def test_a_destruction_undone_destroys_nothing(vault: Vault) -> None:
    vault.secrets.put("case", secret_id=b"1", value=b"first", from_day=DAY)
    with pytest.raises(KeyError), vault.transaction():  # noqa: PT012
        vault.secrets.destroy("case", secret_id=b"1")
        raise KeyError
    assert vault.secrets.get("case", secret_id=b"1") is not None


def test_a_removed_text_is_gone_even_for_who_has_the_key(vault: Vault, folder: Path) -> None:
    data_key = keyslots.open_slot(folder, passphrase=PASSPHRASE, profile=CHEAP_FOR_TESTS).data_key
    planted = "мельница у переправы"
    for number in range(300):
        text = planted if number == 150 else f"письмо {number} о погоде и о дороге к морю"
        search.index(vault.db, number.to_bytes(2, "big"), text)
    assert planted.encode() in decrypted(folder, data_key=data_key)
    search.remove(vault.db, (150).to_bytes(2, "big"))
    vault.scour()
    assert planted.encode() not in decrypted(folder, data_key=data_key)
    assert "погоде".encode() in decrypted(folder, data_key=data_key)
