"""Puts the parts of a workspace server together: the only place where an adapter is chosen."""
