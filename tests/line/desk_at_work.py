"""A desk that answers everybody once, until it is killed. Says on stdout what it does."""

from __future__ import annotations

import sys
from pathlib import Path

from causeway.desk.engine import Desk
from causeway.desk.views import ConversationState
from causeway.sealed.passphrase import CHEAP_FOR_TESTS
from tests.line.place import PASSPHRASE


def work(folder: Path) -> None:
    desk = Desk.open(folder, passphrase=PASSPHRASE, profile=CHEAP_FOR_TESTS)
    print("open", flush=True)
    desk.start_sync(0.05)
    while True:
        desk.sync_now()
        for row in desk.inbox(state=ConversationState.WAITING, limit=20):
            if desk.conversation(row.id).answers:
                continue
            print("read", flush=True)
            desk.mark_opened(row.id)
            desk.answer(row.id, f"We have read you, {row.code_name}.")
            print("answered", flush=True)
        print("looked", flush=True)


if __name__ == "__main__":
    work(Path(sys.argv[1]))
