from __future__ import annotations

import pytest

from causeway.count.effort import Stages
from causeway.count.watch import Cancelled
from causeway.sentences import say


def test_stages_share_one_progress_out_by_their_weights():
    told: list[tuple[float, str]] = []
    stages = Stages(lambda part, what: told.append((part, str(what))), None, weight=4.0)
    tell = stages.next(say("One."), 1.0)
    tell(0.5)
    tell = stages.next(say("Two."), 3.0)
    tell(1.0)
    assert told == [(0.0, "One."), (0.125, "One."), (0.25, "Two."), (1.0, "Two.")]


def test_a_stage_is_not_begun_once_the_caller_wants_to_stop():
    stop = [False]
    stages = Stages(None, lambda: stop[0], weight=1.0)
    stages.next(say("One."), 0.5)(0.3)
    stop[0] = True
    with pytest.raises(Cancelled):
        stages.next(say("Two."), 0.5)
