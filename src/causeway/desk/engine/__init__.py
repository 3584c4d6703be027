"""The engine of a desk: everything that its pages show and do, without a page."""

from causeway.desk.engine.desk import Desk

__all__ = ["Desk"]
