"""How often and how soon a step is tried again."""

from __future__ import annotations

import dataclasses
import datetime

from azud.core.clock import from_text, to_text


@dataclasses.dataclass(frozen=True)
class RetryRule:
    """What is done after an attempt that did not succeed.

    The user's failures (outcome `failed` or `timed_out`) and the infrastructure's (`lost`) are counted separately:
    neither uses up the retries of the other.

    Args:
        retries: How many failed attempts are followed by another.
        infrastructure_retries: How many lost attempts are followed by another.
        delay_s: Seconds between the first failure and the next attempt; each further failure of its kind doubles them.
        delay_max_s: The longest wait, in seconds.
    """

    retries: int = 0
    infrastructure_retries: int = 2
    delay_s: float = 2.0
    delay_max_s: float = 300.0

    def wait_s(self, count: int) -> float:
        """Return the seconds to wait after the `count`-th failure of a kind: `delay_s` × 2^(count-1), with a cap."""
        doublings = min(count - 1, 64)  # beyond that every cap is reached, and a float could be left
        return min(self.delay_s * 2.0**doublings, self.delay_max_s)


NO_RULE = RetryRule()
"""What holds for runs that were stored before there were rules."""


def later(moment: str, seconds: float) -> str:
    """Return the moment some seconds after another, both in `azud.core.clock`'s text form."""
    return to_text(from_text(moment) + datetime.timedelta(seconds=seconds))


def seconds_until(moment: str, now: str) -> float:
    """Return the seconds from `now` to a moment; negative once it has passed."""
    return (from_text(moment) - from_text(now)).total_seconds()
