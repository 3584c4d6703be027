"""A member's laptop: the engine, and the local pages in front of it."""
