"""Joining: a new desk that was invited, until the centre lets it in.

Its vault holds keys of its own and nothing of the centre's. Once the words are the same it looks at the door,
as any visitor could, for a parcel that the inviter's device signed and that has a wrap for this one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, final

import msgspec

from causeway.desk.engine.checkpoints import ask
from causeway.desk.engine.errors import NotMade
from causeway.desk.engine.keyring import Keyring
from causeway.desk.engine.roster import RosterBook
from causeway.desk.engine.settings import DeskSettings, DoorAddress
from causeway.desk.engine.tables import make_tables
from causeway.desk.member_views import JoiningStep, JoiningView
from causeway.errors import Error, LocalError, RemoteError
from causeway.record.entry import device_id
from causeway.record.errors import Incomplete
from causeway.record.invitation import (
    NONCE_BYTES,
    Invitation,
    Opening,
    Pasted,
    joining_words,
    open_opening,
    read_invitation,
    read_text,
    sign_answer,
    write_text,
)
from causeway.record.parts import join_parts, read_part
from causeway.record.root import pq_hash
from causeway.record.roster import Roster, verify_roster
from causeway.record.wrapping import sign_wrapping_key
from causeway.sealed.parcel import GivenAccess, RelayAccess, TakenOff
from causeway.sealed.passphrase import Profile
from causeway.sealed.signing import SigningKey
from causeway.sync.background import Background
from causeway.sync.client import RelayClient
from causeway.sync.coming import look_for_access, take_first_items
from causeway.units import Day, day_of
from causeway.vault import Vault
from causeway.wire.items import Item, ItemType
from causeway.wire.sizes import BOARD_SLOTS

__all__ = ["WaitingDesk", "fill_waiting", "is_waiting", "make_waiting"]

_LONG_AGO: Final = Day(0)
_JOINING: Final = "joining"
_ANNOUNCED: Final = "announced"
_UNFORESEEN: Final = "Something went wrong while this desk was looking at the door. It will try again."
_VAULT_FILES: Final = ("keyslots", "keyslots.new", "store", "store-wal", "store-shm", "lock")


class _Joining(msgspec.Struct, frozen=True, kw_only=True):
    """What the vault of a desk that waits holds beside its keys."""

    invitation: bytes
    answer: bytes
    opening: bytes = b""
    confirmed: bool = False


def is_waiting(vault: Vault) -> bool:
    """Say whether the desk in this vault has not been admitted yet."""
    return vault.settings.get(_JOINING) is not None


def make_waiting(
    directory: Path,
    *,
    invitation: str,
    passphrase: str,
    socks: str | None,
    profile: Profile,
    today: Day,
    random: Callable[[int], bytes],
) -> Vault:
    """Make a vault with a new desk's keys and its answer to an invitation; return it open.

    Raises:
        TextRefused: The text is no invitation, or has run out.
        UnfitPassphrase, VaultExists, VaultFull: As `making.make_centre`.
    """
    # Before anything is made: a text that is none leaves no folder behind.
    _invited(read_text(invitation, kind=Pasted.INVITATION), today=today)
    vault = Vault.create(directory, passphrase=passphrase, profile=profile)
    try:
        with vault.transaction():
            fill_waiting(vault, invitation=invitation, socks=socks, today=today, random=random)
    except BaseException:
        vault.close()
        raise
    return vault


def fill_waiting(
    vault: Vault, *, invitation: str, socks: str | None, today: Day, random: Callable[[int], bytes]
) -> None:
    """Give a vault the keys of a new desk and its answer to an invitation; call it in a transaction.

    Raises:
        TextRefused: The text is no invitation, or has run out.
    """
    content = read_text(invitation, kind=Pasted.INVITATION)
    invited = _invited(content, today=today)
    make_tables(vault.db)
    Keyring.begin_device(vault, today=today, random=random)
    keys = Keyring(vault, random=random)
    wrapping = keys.turn_wrapping(today=today)
    if wrapping is None:
        raise NotMade
    answer = sign_answer(
        commitment=invited.commitment,
        nonce=random(NONCE_BYTES),
        device=keys.device.classical,
        pq_hash=pq_hash(keys.device.pq_public),
        board_key=keys.board.public,
        named=sign_wrapping_key(wrapping.public, day=today, device=keys.device.classical),
    )
    _keep(vault, _Joining(invitation=content, answer=answer))
    DeskSettings(vault).door = DoorAddress.checked(invited.door_url, socks=socks)


def _invited(content: bytes, *, today: Day = _LONG_AGO) -> Invitation:
    """Return an invitation; without a day, also one that has run out since it was answered."""
    return read_invitation(content, today=today)


def _keep(vault: Vault, joining: _Joining) -> None:
    vault.settings.put(_JOINING, value=msgspec.to_builtins(joining))


@final
class WaitingDesk:
    """A desk that waits to be admitted; every method may be called from any thread."""

    def __init__(
        self,
        vault: Vault,
        *,
        directory: Path,
        clock: Callable[[], float] = time.time,
        random: Callable[[int], bytes],
        undo_seconds: float = 0.0,
    ) -> None:
        """Take an open vault that `is_waiting`."""
        self.vault = vault
        self.clock = clock
        self.random = random
        self.undo_seconds = undo_seconds
        self._directory = directory
        self._keys = Keyring(vault, random=random)
        self._settings = DeskSettings(vault)
        self._background: Background | None = None
        self._problem = ""

    # ---- The texts ----

    def view(self) -> JoiningView:
        """Return where it stands, and what to send or to compare."""
        if not is_waiting(self.vault):
            return self._view(JoiningStep.ADMITTED)
        joining = self._joining()
        step = JoiningStep.ANSWERED
        if joining.opening:
            step = JoiningStep.WAITING if joining.confirmed else JoiningStep.COMPARING
        return self._view(step, joining=joining)

    def _view(self, step: JoiningStep, *, joining: _Joining | None = None) -> JoiningView:
        opening = None if joining is None or not joining.opening else _decoded(joining)
        comparing = joining is not None and step is JoiningStep.COMPARING
        return JoiningView(
            step=step,
            door_url=self._settings.door.url,
            answer=write_text(Pasted.ANSWER, joining.answer) if joining and not joining.opening else "",
            words=_words(joining) if comparing and joining is not None else {},
            centre="" if opening is None else opening.centre,
            inviter="" if opening is None else opening.inviter,
            member="" if opening is None else opening.name,
            role="" if opening is None else opening.role,
            problem=self._problem,
        )

    def take_opening(self, text: str) -> JoiningView:
        """Take the third text; the view has the six words.

        Raises:
            TextRefused: It is none, or not what the invitation committed to.
        """
        content = read_text(text, kind=Pasted.OPENING)
        joining = self._joining()
        if joining.opening:
            # A second one is never read: it could be made to fit words that were heard.
            return self.view()
        ((_, wrapping), *_) = self._keys.wrapping()
        commitment = _invited(joining.invitation).commitment
        _, encoded = open_opening(content, commitment=commitment, wrapping=wrapping)
        with self.vault.transaction():
            _keep(self.vault, msgspec.structs.replace(joining, opening=encoded))
        return self.view()

    def words_same(self) -> JoiningView:
        """Note that the same six words were read on both sides; from now on the door is looked at."""
        joining = self._joining()
        if not joining.opening:
            raise LocalError("The text from the centre is missing: there are no words to compare yet.")
        with self.vault.transaction():
            _keep(self.vault, msgspec.structs.replace(joining, confirmed=True))
        return self.view()

    def words_differ(self) -> None:
        """Throw all of it away after other words were read: somebody sits in between."""
        self.close()
        for name in _VAULT_FILES:
            path = self._directory / name
            if name.startswith("keyslots") and path.is_file():
                # Without the slots the store is noise, whatever the disk keeps of it.
                with path.open("r+b") as file:
                    file.write(self.random(path.stat().st_size))
                    file.flush()
            path.unlink(missing_ok=True)

    def _joining(self) -> _Joining:
        value: Any = self.vault.settings.get(_JOINING)
        if value is None:
            raise LocalError("This desk has been let in already.")
        return msgspec.convert(value, type=_Joining)

    # ---- Being let in ----

    def look(self) -> bool:
        """Look once at the door, as a visitor; return whether this desk has been let in.

        Raises:
            RelayUnreachable, RelayRefused: The door or the relay gave no answer.
            LocalError: The words have not been compared.
        """
        if not is_waiting(self.vault):
            return True
        joining = self._joining()
        if not joining.confirmed:
            raise LocalError("Compare the six words first.")
        problem = _UNFORESEEN
        try:
            admitted = self._look(joining)
            problem = ""
        except Error as error:
            problem = error.what
            raise
        finally:
            self._problem = problem
        return admitted

    def _look(self, joining: _Joining) -> bool:
        opening = _decoded(joining)
        secrets = [secret for _, secret in self._keys.wrapping()]
        with self._client(None) as visitor:
            given = look_for_access(visitor, device_key=opening.device, secrets=secrets)
        match given:
            case TakenOff():
                raise LocalError("The centre has taken this laptop off again.")
            case None:
                return False
        with self._client(given.access) as relay:
            items = take_first_items(relay, transport_key=given.access.transport_key)
        signed = self._roster(items, fingerprint=_invited(joining.invitation).fingerprint)
        if signed is None:
            return False  # the parcel goes first; the roster follows it
        self._admit(opening, given=given, signed=signed[0], roster=signed[1])
        return True

    def _client(self, access: RelayAccess | None) -> RelayClient:
        door = self._settings.door
        capability = None if access is None else access.capability
        return RelayClient(door.url, socks=door.socks or None, capability=capability)

    def _roster(self, items: Sequence[Item], *, fingerprint: bytes) -> tuple[bytes, Roster] | None:
        """Return the newest roster of this centre that names this device."""
        parts = [read_part(item.content) for item in items if item.type == ItemType.PART]
        wholes = [item for item in items if item.type == ItemType.ROSTER]
        for part_id in dict.fromkeys(part.id for part in parts):
            with suppress(Incomplete):
                wholes.append(join_parts(part for part in parts if part.id == part_id))
        found: list[tuple[bytes, Roster]] = []
        for whole in wholes:
            with suppress(RemoteError):
                roster = verify_roster(whole.content, fingerprint=fingerprint, today=day_of(self.clock()))
                if roster.device(self._keys.device_id) is not None:
                    found.append((whole.content, roster))
        return max(found, key=lambda one: one[1].version, default=None)

    def _admit(self, opening: Opening, *, given: GivenAccess, signed: bytes, roster: Roster) -> None:
        """Turn the vault into a desk of the centre; the next opening finds nothing that waits."""
        today = day_of(self.clock())
        if roster.signer.id != device_id(opening.device):
            raise LocalError(
                "Another laptop signs for the centre now than the one that invited. Be invited anew."
            )
        device = roster.device(self._keys.device_id)
        if device is None or device.member != opening.member:
            raise LocalError("The centre has put this laptop under another name. Be invited anew.")
        vault = self.vault
        with vault.transaction():
            RosterBook.begin(
                vault, signed=signed, root=roster.root, root_pq_hash=pq_hash(roster.root_pq), today=today
            )
            book = RosterBook(vault)
            for made, wrapping in reversed(self._keys.wrapping()):
                named = sign_wrapping_key(wrapping.public, day=made, device=self._keys.device.classical)
                book.take_wrapping_key(named, today=today)
            self._keys.add_access(given.number, access=given.access, today=today)
            self._keys.add_transport_keys(given.earlier, today=today)
            settings = self._settings
            settings.member = opening.member
            settings.admitted = today
            settings.boards = tuple(
                SigningKey.generate(random=self.random).public for _ in range(BOARD_SLOTS)
            )
            # Its wrapping key went round with the roster that names it.
            vault.settings.put(_ANNOUNCED, value=True)
            vault.settings.remove(_JOINING)
            ask(vault)

    # ---- In the background ----

    def start(self, interval_seconds: float) -> None:
        """Look at the door in the background, every so often, until this desk is let in."""
        if self._background is None:
            self._background = Background(self._quietly, interval_seconds=interval_seconds)

    def _quietly(self) -> bool:
        try:
            if is_waiting(self.vault) and self._joining().confirmed:
                self.look()
        except Exception:  # whatever it was, `problem` says so, and the thread must go on trying
            return False
        return True

    def release(self) -> Vault:
        """Stop looking, and hand out the vault: this object is spent.

        Raises:
            LocalError: The centre has not let this desk in yet.
        """
        if is_waiting(self.vault):
            raise LocalError("The centre has not let this desk in yet.")
        self._stop()
        return self.vault

    def _stop(self) -> None:
        background, self._background = self._background, None
        if background is not None:
            background.stop()

    def close(self) -> None:
        """Lock."""
        self._stop()
        self.vault.close()


def _decoded(joining: _Joining) -> Opening:
    return msgspec.msgpack.decode(joining.opening, type=Opening)


def _words(joining: _Joining) -> dict[str, tuple[str, ...]]:
    return joining_words(invitation=joining.invitation, answer=joining.answer, opening=joining.opening)
