"""Strangers' files, shown: decoded in a process that can reach nothing, and only pixels come back."""
