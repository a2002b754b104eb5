"""The environment variables that every process of azud's below the server starts from."""

from __future__ import annotations

import os
from typing import Dict, Mapping, Optional

NAMES = (
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "TZ",
    "TMPDIR",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
)
"""What is taken over from the server's environment; nothing else is."""

_READ_AT_START = ("PYTHON", "LD_", "LC_", "MALLOC_", "GLIBC_", "LANG", "HOME")
"""Beginnings of names that an interpreter or the C library looks at only while it starts."""


def baseline_environment(library_path: Optional[str], environ: Optional[Mapping[str, str]] = None) -> Dict[str, str]:
    """Return the variables with which an interpreter of azud's starts.

    Those of `NAMES` come from `environ` (this process's by default); PYTHONPATH is `library_path`, if given.
    Without any locale it is `C.UTF-8`, which is what Python would make of it, minus the variable it sets.
    """
    source = os.environ if environ is None else environ
    result = {name: source[name] for name in NAMES if name in source}
    if not any(result.get(name) for name in ("LANG", "LC_ALL", "LC_CTYPE")):
        result["LANG"] = "C.UTF-8"
    if library_path:
        result["PYTHONPATH"] = library_path
    return result


def needs_fresh_interpreter(environment: Mapping[str, str], baseline: Mapping[str, str]) -> bool:
    """Return whether a job's variables differ where only a starting interpreter would notice."""
    return any(
        environment.get(name) != baseline.get(name)
        for name in environment.keys() | baseline.keys()
        if name.startswith(_READ_AT_START)
    )
