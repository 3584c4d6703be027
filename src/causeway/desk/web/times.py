"""Spans, moments and sizes in words, as somebody says them: "4 h waiting", "yesterday, 14:05", "2.3 MB"."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import Final

from babel.dates import format_date, format_time
from babel.units import format_unit

from causeway.desk.web.language import Language
from causeway.units import DAY_SECONDS, Day, day_to_date

__all__ = ["ago", "day_words", "moment", "size", "span", "waiting"]

_MINUTE: Final = 60
_HOUR: Final = 3_600
_DAY_AND_MONTH: Final = "d MMMM"
_HOURS_SHOWN: Final = 48
"""Up to two days a wait is told in hours: the difference between 25 and 40 matters to who waits."""


def waiting(seconds: float, *, language: Language) -> str:
    """Return how long somebody has waited, short: "12 min waiting"."""
    texts = language.texts
    if seconds < _MINUTE:
        return texts.gettext("just came")
    if seconds < _HOUR:
        return texts.gettext("%(count)s min waiting") % {"count": int(seconds // _MINUTE)}
    if seconds < _HOURS_SHOWN * _HOUR:
        return texts.gettext("%(count)s h waiting") % {"count": int(seconds // _HOUR)}
    days = int(seconds // DAY_SECONDS)
    return texts.ngettext("%(count)s day waiting", "%(count)s days waiting", days) % {"count": days}


def ago(seconds: float, *, language: Language) -> str:
    """Return how long ago something was: "2 minutes ago"."""
    texts = language.texts
    if seconds < _MINUTE:
        return texts.gettext("just now")
    if seconds < _HOUR:
        minutes = int(seconds // _MINUTE)
        form = texts.ngettext("%(count)s minute ago", "%(count)s minutes ago", minutes)
        return form % {"count": minutes}
    if seconds < _HOURS_SHOWN * _HOUR:
        hours = int(seconds // _HOUR)
        return texts.ngettext("%(count)s hour ago", "%(count)s hours ago", hours) % {"count": hours}
    days = int(seconds // DAY_SECONDS)
    return texts.ngettext("%(count)s day ago", "%(count)s days ago", days) % {"count": days}


def moment(unix_seconds: float, *, now: float, language: Language, zone: tzinfo | None = None) -> str:
    """Return a moment in this laptop's time: "today, 14:05", "3 November, 14:05"."""
    when = datetime.fromtimestamp(unix_seconds, zone)
    today = datetime.fromtimestamp(now, zone)
    clock = format_time(when, "short", locale=language.locale)
    days = (today.date() - when.date()).days
    if days == 0:
        date = language.texts.gettext("today")
    elif days == 1:
        date = language.texts.gettext("yesterday")
    elif when.year == today.year:
        date = format_date(when, _DAY_AND_MONTH, locale=language.locale)
    else:
        date = format_date(when, "long", locale=language.locale)
    return language.texts.gettext("%(date)s, %(clock)s") % {"date": date, "clock": clock}


def day_words(day: Day, *, language: Language) -> str:
    """Return a UTC day as a date."""
    return format_date(day_to_date(day), "long", locale=language.locale)


def span(seconds: float) -> str:
    """Return how long a sound is, as a player shows it: "2:07"."""
    whole = round(seconds)
    return f"{whole // _MINUTE}:{whole % _MINUTE:02}"


def size(count: int, *, language: Language) -> str:
    """Return how large a file is: "340 kB", "2.3 MB"."""
    for unit, each in (("gigabyte", 1e9), ("megabyte", 1e6), ("kilobyte", 1e3)):
        if count >= each:
            shown = round(count / each, 1 if count < 10 * each else 0)
            return format_unit(shown, f"digital-{unit}", length="short", locale=language.locale)
    return format_unit(count, "digital-byte", length="long", locale=language.locale)
