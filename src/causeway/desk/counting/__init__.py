"""An estimate for a page: computed in a child, kept in memory alone, gone with the desk's lock."""

from __future__ import annotations

from causeway.desk.counting.counting import Counting, Done, Idle, Refused, Running

__all__ = ["Counting", "Done", "Idle", "Refused", "Running"]
