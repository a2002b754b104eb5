"""Canonical JSON: one byte sequence for one value, so that digests of values mean something.

Keys are sorted, there is no white space, text is UTF-8 without escapes, and floats use Python's
shortest form. NaN and infinities are refused, because JSON has none. `0`, `False`, `""` and `None`
are four different byte sequences.
"""

from __future__ import annotations

import json
from typing import Any

_encode = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"), check_circular=False
).encode


def canonical_json(value: Any) -> bytes:
    """Return the canonical UTF-8 encoding of a JSON-able value.

    Raises:
        TypeError: The value holds something that JSON has no form for.
        ValueError: The value holds NaN or an infinity.
    """
    return _encode(value).encode("utf-8", "surrogatepass")
