"""Backends that start, find, watch and stop attempts."""
