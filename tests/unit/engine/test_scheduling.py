"""Who may start: cores, nodes of the target, memory, GPUs."""

from __future__ import annotations

from azud.engine.ports import Capacity
from azud.engine.scheduling import NodeLimits, SlotRequest, SlotScheduler


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


def scheduler(cores=2, free=1000, gpus=()):
    clock = Clock()
    return SlotScheduler(Capacity(cores, 1000, tuple(gpus)), lambda: free, clock), clock


def ask(attempt, **changes):
    return SlotRequest(**{"attempt": attempt, "run_id": "r", "target": "local", **changes})


def started(scheduler):
    return [grant.request.attempt for grant in scheduler.take()]


def test_attempts_start_in_order_while_cores_are_free():
    slots, _ = scheduler(cores=2)
    for name in "abc":
        slots.enqueue(ask(name))
    assert started(slots) == ["a", "b"]
    assert started(slots) == []
    slots.release("a")
    assert started(slots) == ["c"]
    assert slots.counts() == (2, 0)


def test_a_released_slot_counts_once():
    slots, _ = scheduler(cores=1)
    slots.enqueue(ask("a"))
    assert started(slots) == ["a"]
    slots.release("a")
    slots.release("a")
    slots.enqueue(ask("b"))
    slots.enqueue(ask("c"))
    assert started(slots) == ["b"]


def test_max_nodes_holds_a_target_back_and_lets_others_go():
    slots, _ = scheduler(cores=3)
    slots.configure("small", NodeLimits(max_nodes=1))
    for name in ("a", "b"):
        slots.enqueue(ask(name, target="small"))
    slots.enqueue(ask("c"))
    assert sorted(started(slots)) == ["a", "c"]


def test_a_step_waits_for_the_memory_that_it_used_last_time_unless_nothing_else_runs():
    slots, _ = scheduler(cores=2, free=100)
    slots.enqueue(ask("large", memory_bytes=500))
    slots.enqueue(ask("second", memory_bytes=500))
    assert started(slots) == ["large"]
    slots.release("large")
    assert started(slots) == ["second"]


def test_every_gpu_goes_to_one_step():
    slots, _ = scheduler(cores=4, gpus=["0", "1"])
    for name in "abc":
        slots.enqueue(ask(name, wants_gpu=True))
    grants = slots.take()
    assert [(grant.request.attempt, grant.gpu) for grant in grants] == [("a", "0"), ("b", "1")]
    slots.release("a")
    assert [(grant.request.attempt, grant.gpu) for grant in slots.take()] == [("c", "0")]


def test_a_withdrawn_request_never_starts():
    slots, _ = scheduler(cores=1)
    slots.enqueue(ask("a"))
    slots.enqueue(ask("b"))
    assert started(slots) == ["a"]
    assert slots.withdraw("b") is True
    assert slots.withdraw("a") is False
    slots.release("a")
    assert started(slots) == []


def test_an_adopted_attempt_takes_a_slot_even_beyond_the_limit():
    slots, _ = scheduler(cores=1)
    slots.adopt(ask("x"))
    slots.adopt(ask("y"))
    slots.enqueue(ask("a"))
    assert started(slots) == []
    slots.release("x")
    slots.release("y")
    assert started(slots) == ["a"]


def test_nodes_follow_the_work_and_fall_back_to_min_nodes_when_idle():
    slots, clock = scheduler(cores=4)
    slots.configure("cluster", NodeLimits(min_nodes=1, max_nodes=4, idle_seconds=60))
    assert slots.status("cluster").current_node_count == 1
    for name in "abc":
        slots.enqueue(ask(name, target="cluster"))
    slots.take()
    assert (slots.status("cluster").current_node_count, slots.status("cluster").running_node_count) == (3, 3)
    for name in "abc":
        slots.release(name)
    status = slots.status("cluster")
    assert (status.current_node_count, status.idle_node_count, status.running_node_count) == (3, 3, 0)
    clock.now = 61
    assert slots.status("cluster").current_node_count == 1


def test_whoever_came_first_starts_first_whatever_the_target():
    slots, _ = scheduler(cores=1)
    slots.configure("cluster", NodeLimits(max_nodes=4))
    slots.enqueue(ask("a"))
    slots.enqueue(ask("b", target="cluster"))
    slots.enqueue(ask("c"))
    order = []
    for _ in range(3):
        (name,) = started(slots)
        order.append(name)
        slots.release(name)
    assert order == ["a", "b", "c"]


def test_an_attempt_is_queued_once():
    slots, _ = scheduler(cores=2)
    slots.enqueue(ask("a"))
    slots.enqueue(ask("a"))
    assert started(slots) == ["a"]
    slots.enqueue(ask("a"))
    assert slots.counts() == (1, 0)
