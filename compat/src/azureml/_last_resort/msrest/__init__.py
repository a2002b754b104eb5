"""`msrest`, as a last resort: where a real one is installed, this becomes it."""

from __future__ import annotations

import os as _os
import sys as _sys
from importlib.machinery import PathFinder as _PathFinder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec as _ModuleSpec
    from typing import Optional as _Optional

# A program may see azud in two places: as its own, and through azud run.
_OURS = _os.path.join("_last_resort", "msrest", "__init__.py")


def _installed() -> _Optional[_ModuleSpec]:
    """Return the spec of a real msrest further on the path, or None."""
    for place in _sys.path:
        found = _PathFinder.find_spec(__name__, [place or _os.curdir])
        if found and found.origin and not _os.path.realpath(found.origin).endswith(_OURS):
            return found
    return None


_real = _installed()
if _real:
    __spec__, __loader__, __file__ = _real, _real.loader, _real.origin  # type: ignore[assignment]
    __path__ = _real.submodule_search_locations  # type: ignore[assignment]
    __loader__.exec_module(_sys.modules[__name__])  # type: ignore[union-attr]
