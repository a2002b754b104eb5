"""From a definition to a plan: validation, order, binding of parameters, action keys.

Pure: no files, no clock, no randomness, so that everything here can be property-tested and replayed.
"""
