"""What a hyperparameter's values are drawn from, in v1's JSON: `[kind, parameters]`.

The bounds of the `log…` kinds are logarithms: `loguniform(-6, -1)` gives values from e⁻⁶ to e⁻¹.
"""

from __future__ import annotations

import math
from typing import Any, List

from azud.sdk.hyperdrive.exceptions import HyperDriveConfigException


def choice(*options: Any) -> List[Any]:
    """Return a choice of values: given one by one, as one list, or as a range.

    Raises:
        HyperDriveConfigException: There is nothing to choose from.
    """
    values = list(options[0]) if len(options) == 1 and isinstance(options[0], (list, tuple, range)) else list(options)
    if not values:
        raise HyperDriveConfigException("choice() has nothing to choose from", hint="give values, a list or a range")
    return ["choice", [values]]


def randint(upper: int) -> List[Any]:
    """Return whole numbers from 0 up to, and without, `upper`.

    Raises:
        HyperDriveConfigException: `upper` is no whole number, or less than 1.
    """
    upper = _without_numpy(upper)
    if not isinstance(upper, int) or isinstance(upper, bool) or upper < 1:
        raise HyperDriveConfigException(f"randint(upper={upper!r})", hint="upper is a whole number, 1 or more")
    return ["randint", [upper]]


def uniform(min_value: float, max_value: float) -> List[Any]:
    """Return numbers that are equally likely between two bounds."""
    return ["uniform", _bounds("uniform", min_value, max_value)]


def quniform(min_value: float, max_value: float, q: float) -> List[Any]:
    """Return multiples of `q` that are equally likely between two bounds."""
    return ["quniform", [*_bounds("quniform", min_value, max_value), _step("quniform", q)]]


def loguniform(min_value: float, max_value: float) -> List[Any]:
    """Return numbers whose logarithm is equally likely between two bounds."""
    return ["loguniform", _bounds("loguniform", min_value, max_value)]


def qloguniform(min_value: float, max_value: float, q: float) -> List[Any]:
    """Return multiples of `q` whose logarithm is equally likely between two bounds."""
    return ["qloguniform", [*_bounds("qloguniform", min_value, max_value), _step("qloguniform", q)]]


def normal(mu: float, sigma: float) -> List[Any]:
    """Return normally distributed numbers with this mean and standard deviation."""
    return ["normal", _moments("normal", mu, sigma)]


def qnormal(mu: float, sigma: float, q: float) -> List[Any]:
    """Return multiples of `q` that are normally distributed."""
    return ["qnormal", [*_moments("qnormal", mu, sigma), _step("qnormal", q)]]


def lognormal(mu: float, sigma: float) -> List[Any]:
    """Return numbers whose logarithm is normally distributed."""
    return ["lognormal", _moments("lognormal", mu, sigma)]


def qlognormal(mu: float, sigma: float, q: float) -> List[Any]:
    """Return multiples of `q` whose logarithm is normally distributed."""
    return ["qlognormal", [*_moments("qlognormal", mu, sigma), _step("qlognormal", q)]]


def _bounds(kind: str, low: Any, high: Any) -> List[float]:
    low, high = _number(kind, "min_value", low), _number(kind, "max_value", high)
    if low > high:
        raise HyperDriveConfigException(f"{kind}({low}, {high})", hint="min_value is at most max_value")
    return [low, high]


def _moments(kind: str, mu: Any, sigma: Any) -> List[float]:
    mu, sigma = _number(kind, "mu", mu), _number(kind, "sigma", sigma)
    if sigma <= 0:
        raise HyperDriveConfigException(f"{kind}({mu}, {sigma})", hint="sigma is more than 0")
    return [mu, sigma]


def _step(kind: str, q: Any) -> Any:
    q = _number(kind, "q", q)
    if q <= 0:
        raise HyperDriveConfigException(f"{kind}(q={q})", hint="q is more than 0")
    return q


def _number(kind: str, name: str, value: Any) -> Any:
    value = _without_numpy(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise HyperDriveConfigException(f"{kind}({name}={value!r})", hint=f"{name} is a number")
    return value


def _without_numpy(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value
