"""Signals as something to wait for, and the dispositions that a fresh program finds."""

from __future__ import annotations

import os
import select
import signal
from types import FrameType
from typing import Optional

_CAUGHT = (signal.SIGCHLD, signal.SIGTERM)
_LONGEST_WAIT_S = 24 * 3600.0


class SignalWaiter:
    """Turns SIGCHLD and SIGTERM into readiness of a descriptor, so that nothing polls and no wake-up is lost.

    A child made by fork must call `drop_caught_signals`.
    """

    def __init__(self) -> None:
        self.read_end, self._write_end = os.pipe()
        os.set_blocking(self.read_end, False)
        os.set_blocking(self._write_end, False)
        self._poller = select.poll()
        self._poller.register(self.read_end, select.POLLIN)
        # A full pipe already wakes its reader, so that warning would say nothing.
        signal.set_wakeup_fd(self._write_end, warn_on_full_buffer=False)
        for number in _CAUGHT:
            signal.signal(number, _caught)

    def wait(self, timeout_s: Optional[float]) -> None:
        """Return when a signal has come since the last call, or after `timeout_s` seconds, but no more than a day."""
        # Rounded up: a wait that ends just before its deadline would come back at once, and spin.
        # Capped: poll() counts milliseconds in 31 bits, and v1's limit of a script run is thirty days.
        self._poller.poll(None if timeout_s is None else max(0, int(min(timeout_s, _LONGEST_WAIT_S) * 1000) + 1))
        self.drain()

    def drain(self) -> None:
        """Forget the wake-ups so far; call before looking at what the signals tell of."""
        try:
            while len(os.read(self.read_end, 4096)) == 4096:
                pass
        except BlockingIOError:
            pass

    def close(self) -> None:
        """Stop waking; the signals' handlers stay."""
        signal.set_wakeup_fd(-1)
        os.close(self.read_end)
        os.close(self._write_end)


def _caught(_number: int, _frame: Optional[FrameType]) -> None:
    """The wake-up descriptor says all there is to say."""


def reset_signals() -> None:
    """Give this process the dispositions that `python script.py` finds when its parent ignores nothing.

    A fork server does this once for all its children; `nohup` and job managers hand down ignored signals.
    """
    for number in range(1, signal.NSIG):
        try:
            signal.signal(number, signal.SIG_DFL)
        except (OSError, ValueError):
            continue  # SIGKILL, SIGSTOP and those that the C library keeps for itself
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def drop_caught_signals() -> None:
    """In a forked child: undo what a `SignalWaiter` of the parent caught, then let blocked signals in."""
    restore_caught_signals()
    admit_signals()


def restore_caught_signals() -> None:
    """In a forked child: undo what a `SignalWaiter` of the parent caught; what is blocked stays so."""
    signal.set_wakeup_fd(-1)
    for number in _CAUGHT:
        signal.signal(number, signal.SIG_DFL)


def admit_signals() -> None:
    """Let in what was blocked until this process is what its signals are meant for."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _CAUGHT)
