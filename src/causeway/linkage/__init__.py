"""Linking lists without names: each organisation encodes its own, and only encodings meet.

`persons` reads a list, `normalise` brings spellings of several scripts together, `encode` makes keyed filters
of them, `compare` and `link` find who stands on which lists, `review` asks the organisations about doubtful
pairs, `overlap` makes the table of counts. `dedupe` is for one list that may lawfully be read in plain.
Import what you need from its module.
"""
