"""A laptop is lost: a new one with its backup is invited, let in, and has everything again."""

from __future__ import annotations

from pathlib import Path

import pytest

from causeway.desk.engine import Desk
from causeway.desk.engine.joining import WaitingDesk
from causeway.desk.engine.restoring import FromBackup
from causeway.errors import LocalError
from causeway.sealed.passphrase import CHEAP_FOR_TESTS
from causeway.vault import WrongPassphrase
from tests.desk_engine.centre import compare, join, member
from tests.desk_engine.town import PASSPHRASE, Person, Town

OTHER = "five yellow wagtails"


def begin(place: Town, invitation: str, backup: FromBackup, name: str = "new") -> WaitingDesk:
    return Desk.join(
        place.folder / name,
        invitation=invitation,
        passphrase=PASSPHRASE,
        socks=None,
        profile=CHEAP_FOR_TESTS,
        clock=place.clock,
        backup=backup,
    )


def test_a_lost_laptop_comes_back_from_its_backup(place: Town, desk: Desk, tmp_path: Path) -> None:
    person = Person(place)
    person.send("The mill, at seven", language="en")
    caseworker = join(place, desk, "Jonas", role="caseworker")
    caseworker.sync_round()
    caseworker.answer(person.id, "We have read it.")
    caseworker.sync_round()
    caseworker.set_labels(person.id, ["only here"])  # never sent: the laptop is lost before
    (tmp_path / "stick").mkdir()
    made = caseworker.backups.make(tmp_path / "stick", passphrase=OTHER)
    before = caseworker.conversation(person.id)
    (lost,) = member(desk, "Jonas").devices
    caseworker.close()

    desk.sync_round()
    invited = desk.members.invite_device(member(desk, "Jonas").id)
    waiting = begin(place, invited.text, FromBackup(folder=made.folder, passphrase=OTHER))
    view = compare(desk, waiting)
    waiting.words_same()
    desk.members.words_same(view.id)
    desk.sync_round()
    assert waiting.look()
    new = Desk.admitted(waiting)
    for _ in range(3):
        new.sync_round()
        desk.sync_round()
    after = new.conversation(person.id)
    assert after.messages == before.messages
    assert [one.text for one in after.answers] == ["We have read it."]
    assert after.row.labels == ("only here",)
    # What had not left the lost laptop has reached the others by way of the new one.
    assert desk.conversation(person.id).row.labels == ("only here",)
    desk.members.revoke_device(lost.id)
    for _ in range(2):
        desk.sync_round()
        new.sync_round()
    assert new.conversation(person.id).messages == before.messages
    new.answer(person.id, "Still here.")
    new.close()


def test_a_backup_of_another_centre_or_a_wrong_passphrase_leaves_nothing(
    place: Town, desk: Desk, tmp_path: Path
) -> None:
    other = place.new_desk("other", setup_code="")
    made = other.backups.make(tmp_path, passphrase=OTHER)
    other.close()
    invited = desk.members.invite("Jonas", role="caseworker")
    with pytest.raises(LocalError, match="another centre"):
        begin(place, invited.text, FromBackup(folder=made.folder, passphrase=OTHER))
    with pytest.raises(WrongPassphrase):
        begin(place, invited.text, FromBackup(folder=made.folder, passphrase="not the right one"))
    assert not (place.folder / "new").exists()
