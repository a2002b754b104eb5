"""Lazy re-exports: how the package `azureml` names azud's classes without importing them all."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Tuple


def reexport(module: str, places: Dict[str, str]) -> Tuple[Callable[[str], Any], Callable[[], List[str]]]:
    """Return `__getattr__` and `__dir__` for a module whose names are defined in `azud.sdk`, and set its `__all__`.

    Args:
        module: Its `__name__`.
        places: Public name to the module of `azud.sdk` that defines it, or `module:name` where it has another name
            there.
    """

    def get(name: str) -> Any:
        place = places.get(name)
        if place is None:
            raise AttributeError(f"azud does not have {module}.{name} (yet)")
        source, _, other = place.partition(":")
        value = getattr(__import__(f"azud.sdk.{source}", fromlist=(source,)), other or name)
        setattr(sys.modules[module], name, value)
        return value

    def names() -> List[str]:
        return sorted(places)

    vars(sys.modules[module])["__all__"] = list(places)
    return get, names
