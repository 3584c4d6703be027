"""One spelling for the many that a name has: scripts, romanisations, patronymics, variants, dates, places.

Everything here is a pure function of text. Nothing is looked up outside, and no name is kept.
"""
