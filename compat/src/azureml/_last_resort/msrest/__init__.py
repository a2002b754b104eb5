"""`msrest`, as a last resort: where a real one is installed, this becomes it."""

import os as _os
import sys as _sys
from importlib.machinery import PathFinder as _PathFinder

# A program may see azud in two places: as its own, and through azud run.
_OURS = _os.path.join("_last_resort", "msrest", "__init__.py")


def _installed():
    """Return the spec of a real msrest further on the path, or None."""
    for place in _sys.path:
        found = _PathFinder.find_spec(__name__, [place or _os.curdir])
        if found and found.origin and not _os.path.realpath(found.origin).endswith(_OURS):
            return found
    return None


_real = _installed()
if _real:
    __spec__, __loader__, __file__ = _real, _real.loader, _real.origin
    __path__ = _real.submodule_search_locations
    __loader__.exec_module(_sys.modules[__name__])
