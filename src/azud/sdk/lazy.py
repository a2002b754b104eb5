"""Lazy re-exports: how the package `azureml` names azud's classes without importing them all."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional, Tuple


def reexport(
    module: str, places: Dict[str, str], absent: Optional[Dict[str, str]] = None
) -> Tuple[Callable[[str], Any], Callable[[], List[str]]]:
    """Return `__getattr__` and `__dir__` for a module whose names are defined in `azud.sdk`, and set its `__all__`.

    Args:
        module: Its `__name__`.
        places: Public name to the module of `azud.sdk` that defines it, or `module:name` where it has another name
            there.
        absent: Names that azud does not have yet, with the family of each (`azud.sdk.absent.FAMILIES`): they import,
            and raise `NotYetError` when they are used. A line goes when its name gets a place.
    """
    missing = absent or {}

    def get(name: str) -> Any:
        place = places.get(name)
        if place is not None:
            source, _, other = place.partition(":")
            value = getattr(__import__(f"azud.sdk.{source}", fromlist=(source,)), other or name)
        elif name in missing:
            from azud.sdk.absent import absent as stand_in

            value = stand_in(module, name, missing[name])
        else:
            raise AttributeError(f"azud does not have {module}.{name} (yet)")
        setattr(sys.modules[module], name, value)
        return value

    def names() -> List[str]:
        return sorted({*places, *missing})

    vars(sys.modules[module])["__all__"] = [*places, *(name for name in missing if name not in places)]
    return get, names
