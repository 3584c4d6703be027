"""Causeway: an emergency centre in software."""
