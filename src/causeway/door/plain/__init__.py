"""Seals for visitors without JavaScript, in a process that ends with the request.

`python -m causeway.door.plain` is the nursery. Nothing here is imported by the web process.
"""
