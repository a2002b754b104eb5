"""Revisions in the order of their numbers. A revision that was released never changes; a new layout is a new file."""
