"""Packages that v1 brought along and programs name in `except` clauses: for environments that do not have them."""
