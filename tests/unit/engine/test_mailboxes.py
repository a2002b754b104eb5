"""Who is counted as waiting for work, or at work."""

from __future__ import annotations

import concurrent.futures
import threading

from azud.engine.mailboxes import Mailboxes


def test_a_receiver_counts_from_the_message_to_the_end_of_the_work():
    begun, go = threading.Event(), threading.Event()

    def work(_receiver: str, _items: list[str]) -> None:
        begun.set()
        assert go.wait(10)

    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        boxes = Mailboxes(pool, work)
        assert boxes.receivers() == set()
        boxes.post("run", [])
        boxes.post("other", ["message"])
        assert boxes.receivers() == {"run", "other"}  # one at work, one in the queue
        assert begun.wait(10)
        assert boxes.receivers() == {"run", "other"}
        go.set()
    assert boxes.receivers() == set()
