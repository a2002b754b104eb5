"""The YAML of v1's files: run configurations and conda specifications.

A user's environment need not have a YAML package. Read are block and flow collections, plain, quoted and block
scalars over several lines, and comments. Anchors, aliases, tags and complex keys, which those files do without, are
refused with their line number, never read wrongly.
"""

from __future__ import annotations

from azud.sdk.yaml.reading import load
from azud.sdk.yaml.scalars import Plain, resolved, texts
from azud.sdk.yaml.writing import dump

__all__ = ["Plain", "dump", "load", "resolved", "texts"]
