"""Where a desk goes on after it has locked: `python -m causeway.desk.resume FD`. Not for hands."""

from __future__ import annotations

import sys

from causeway.desk.lock import take_over
from causeway.desk.serve import serve

__all__: list[str] = []

if __name__ == "__main__":
    sys.exit(serve(take_over(int(sys.argv[1]))))
