"""Events that somebody asked for, who waits until they are written."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from concurrent.futures import Future

from azud.core.errors import AzudError, BackendError
from azud.engine import events as ev


@dataclasses.dataclass(frozen=True)
class Asked:
    """An event that somebody asked for, who waits until it is written."""

    event: ev.Event
    written: Future[None]


def ending() -> BackendError:
    """Return what somebody hears who asks a server that ends."""
    return BackendError("the server is ending", hint="ask again, which starts the next", retryable=True)


def answer(messages: Iterable[object], error: AzudError | None) -> None:
    """Tell those who asked that it is written, or why not."""
    for message in messages:
        if isinstance(message, Asked):
            if error is None:
                message.written.set_result(None)
            else:
                message.written.set_exception(error)
