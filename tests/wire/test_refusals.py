from __future__ import annotations

import json
import traceback
from collections.abc import Callable

import pytest

from causeway.wire.answer import parse_answers
from causeway.wire.base64url import b64decode
from causeway.wire.errors import FormatError
from causeway.wire.intake import parse_intake
from causeway.wire.sheet import parse_sheet

REFUSED = "Mira waits at the ferry"


def _with(field: str) -> bytes:
    return json.dumps({"v": 1, field: REFUSED}).encode()


@pytest.mark.parametrize(
    "parse",
    [
        lambda: parse_intake(_with("path")),
        lambda: parse_intake(_with(REFUSED)),
        lambda: parse_answers(_with(REFUSED)),
        lambda: parse_sheet(_with(REFUSED)),
        lambda: b64decode("Мира ждёт", size=16),
    ],
)
def test_what_was_refused_stands_in_no_traceback(parse: Callable[[], object]) -> None:
    with pytest.raises(FormatError) as raised:
        parse()
    # A parser's own words quote what it refused: they must not follow as the cause.
    assert raised.value.__cause__ is None
    assert REFUSED not in "".join(traceback.format_exception(raised.value))
