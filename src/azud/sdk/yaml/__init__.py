"""The YAML of v1's files: run configurations and conda specifications.

A user's environment need not have a YAML package. Read are block and flow collections, plain, quoted and block
scalars over several lines, and comments. Anchors, aliases, tags and complex keys, which those files do without, are
refused with their line number, never read wrongly.
"""

from __future__ import annotations

from typing import Any

from azud.sdk.yaml.scalars import Plain, resolved, texts

__all__ = ["Plain", "dump", "load", "resolved", "texts"]


def load(text: str) -> Any:
    """Return the value of a document; see `azud.sdk.yaml.reading.load`."""
    from azud.sdk.yaml import reading  # its patterns cost every import of the SDK 7 ms

    return reading.load(text)


def dump(value: Any) -> str:
    """Return the document of a value; see `azud.sdk.yaml.writing.dump`."""
    from azud.sdk.yaml import writing

    return writing.dump(value)
