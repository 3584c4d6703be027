"""Syncing a desk with its relay: a pure core, one thin client, one runner. The store is passed in."""
