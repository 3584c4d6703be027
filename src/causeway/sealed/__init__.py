"""Envelopes, signatures, words and padding: the only importer of crypto libraries.

One module per thing that is sealed or signed; import the module that names it.
"""
