"""Programs that seize a thing and search it: what would fall into whose hands, counted in people.

Everything here works on invented people. A drill is only worth its canaries: it plants one of every encoding
in every store, and fails if it does not find them all.
"""
