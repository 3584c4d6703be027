"""Words that people type where they know nothing: a name that is “unknown” must not meet another's."""

from __future__ import annotations

from typing import Final

__all__ = ["UNKNOWN"]

_SAID: Final = (
    "неизвестно|неизвестен|неизвестна|неизвестный|неизвестная|неизвестное|не известно|не известен"
    "|не известна|неизв|неизв.|не установлено|не установлен|не установлена|неустановленный|неустановленная"
    "|неопознанный|неопознанная|не опознан|не опознана|аноним|анонимно|без имени|имя неизвестно"
    "|фио неизвестно|неизвестный мужчина|неизвестная женщина|нет данных|нет|н/д|невідомо|невідомий|невідома"
    "|unknown|unnamed|unidentified|not known|name unknown|no name|anonymous|unknown man|unknown woman"
    "|unknown male|unknown female|n/a|n.a.|unbekannt|inconnu|inconnue"
)
# What programs write into empty cells, in their own letters only: there are people called Null.
_WRITTEN: Final = ("nan", "NaN", "NA", "none", "None", "null", "NULL", "#N/A")

UNKNOWN: Final = frozenset(
    form
    for said in _SAID.split("|")
    for form in (said, said.upper(), said.capitalize(), said.title(), f"({said})", f"[{said}]")
).union(_WRITTEN)
"""What such a cell holds, in the letters in which it is usually typed."""
