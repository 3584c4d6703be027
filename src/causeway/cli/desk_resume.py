"""Where a desk goes on after it has locked: `python -m causeway.cli.desk_resume FD`. Not for hands."""

from __future__ import annotations

import sys

from causeway.cli.cmd_desk import watched_door
from causeway.desk.lock import take_over
from causeway.desk.serve import serve

__all__: list[str] = []

if __name__ == "__main__":
    handover = take_over(int(sys.argv[1]))
    sys.exit(serve(handover, door=watched_door(handover.settings.door)))
