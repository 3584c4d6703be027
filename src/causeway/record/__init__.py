"""The record: signed, chained entries in compartments, and merging that loses no value.

Pure: bytes and values in, values out. Storage and network are others' business.
"""
