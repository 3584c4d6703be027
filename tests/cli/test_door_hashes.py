from __future__ import annotations

import hashlib

from causeway.cli.door_hashes import bundle_hash, hash_of_files, texts_hash


def test_every_name_and_every_byte_counts_and_order_does_not() -> None:
    files = {"a.js": b"one", "b.js": b"two"}
    assert hash_of_files(files) == hash_of_files(dict(reversed(files.items())))
    others = [{"a.js": b"one"}, {"a.js": b"one", "c.js": b"two"}, {"a.js": b"two", "b.js": b"one"}]
    assert len({hash_of_files(some) for some in [files, *others]}) == 4


def test_the_documented_form() -> None:
    name, content = hashlib.sha256(b"x").digest(), hashlib.sha256(b"y").digest()
    assert hash_of_files({"x": b"y"}) == hashlib.sha256(name + content).digest()


def test_the_installed_door_has_both() -> None:
    empty = hashlib.sha256().digest()
    assert len({bundle_hash(), texts_hash(offered=["en"], own={}), empty}) == 3


def test_the_languages_and_the_centres_own_texts_count() -> None:
    own = {"ru.po": b"one"}
    some = {
        texts_hash(offered=["en"], own={}),
        texts_hash(offered=["en", "ru"], own={}),
        texts_hash(offered=["en", "ru"], own=own),
        texts_hash(offered=["en", "ru"], own={"ru.po": b"two"}),
        texts_hash(offered=["en", "ru", "uk"], own={"uk.po": b"one"}),
    }
    assert len(some) == 5
    assert texts_hash(offered=["ru", "en"], own=own) == texts_hash(offered=["en", "ru"], own=own)
