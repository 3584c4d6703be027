"""Comparing what two desks know, by voice: six words over the heads of all chains, under two words of salt.

A relay that hides entries from one desk, or shows two desks different ones, can't be seen by either alone.
The salt is drawn when the call begins and read aloud first, so that nobody can have searched for heads whose
words match.
"""

from __future__ import annotations

from causeway.desk.engine.parts import Parts
from causeway.desk.member_views import HeadsView
from causeway.sealed.compare import compare_words, new_salt, read_salt, spell_salt

__all__ = ["compare_heads"]

_SEQUENCE_BYTES = 8


def compare_heads(parts: Parts, *, salt: str) -> HeadsView:
    """Return the six words; see `Members.compare_heads`.

    Both desks have to have finished a round, with nothing written since: what has not left one is not known
    to the other.
    """
    drawn = read_salt(salt) if salt.strip() else new_salt(random=parts.random)
    heads = parts.vault.entries.heads()
    said = b"".join(
        head.device + head.compartment + head.next_sequence.to_bytes(_SEQUENCE_BYTES, "big") + head.previous
        for head in sorted(heads, key=lambda one: (one.device, one.compartment))
    )
    roster = parts.roster.signed()
    words = compare_words(b"causeway/heads-words/1", compared=(drawn, roster, said))
    return HeadsView(salt=spell_salt(drawn), words=words, chains=len(heads))
