"""Bringing v1's programs to azud: what of the SDK v1 works here, and what a code base uses of it.

The facts of v1 are `surface.json`; what azud has is looked up in its own classes, so that nothing here says that
something works because a table says so. The one thing that is written by hand is `notes`: in what way something that
works differs.
"""
