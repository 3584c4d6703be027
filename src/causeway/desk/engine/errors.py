"""What a desk can't do, with the sentence that its user needs."""

from __future__ import annotations

from causeway.errors import LocalError
from causeway.vault import VaultDamaged

__all__ = ["NotAdmitted", "NotMade", "UnknownConversation", "UnknownFile"]


class NotMade(VaultDamaged):
    """A vault without a desk in it."""

    def __init__(self) -> None:
        super().__init__("This desk was cut off while it was made. Remove its folder, and make it anew.")


class NotAdmitted(LocalError):
    """A desk that was invited and waits: `open_desk` opens it."""

    def __init__(self) -> None:
        super().__init__("This desk has not been let in by its centre yet.")


class UnknownConversation(LocalError):
    """There is no conversation, or no answer, of this id here."""


class UnknownFile(LocalError):
    """There is no such file in this conversation."""

    def __init__(self) -> None:
        super().__init__("There is no such file here.")
