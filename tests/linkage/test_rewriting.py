from __future__ import annotations

import re

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from causeway.linkage.normalise.rewriting import letter_table, pair_table, rewrite_lines

PAIRS = {"tsch": "č", "sch": "š", "sh": "š", "šh": "š", "ts": "c", "ia": "a", "kh": "h", "zz": "z", "ck": "k"}
lines = st.lists(st.text("tschšiakehzu\0д中", max_size=14), min_size=1, max_size=6)


@given(lines)
@example(["ehk", "eha", "eh", "ehehk", "uehk", "ssshhh", "kkh", "tsschia"])
@settings(max_examples=500)
def test_the_rules_as_regular_expressions(words: list[str]) -> None:
    longer_first = sorted(PAIRS, key=len, reverse=True)
    expected = []
    for word in words:
        after = word.replace("u", "").replace("\0", "").replace("д", "d")
        before = None
        while before != after:
            before = after
            after = re.sub(r"(.)\1+", r"\1", after)
            after = re.sub("|".join(longer_first), lambda found: PAIRS[found[0]], after)
            after = re.sub(r"^eh(?=[^aeiou])", "e", after)
        expected.append(after)
    text = np.array(list(map(ord, "\n".join(words))), dtype=np.uint32)
    after_text = np.empty_like(text)
    table = letter_table({ord("u"): "", ord("д"): "d"})
    size = rewrite_lines(text, table, pair_table(PAIRS), after_text)
    assert "".join(map(chr, after_text[:size])).split("\n") == expected
