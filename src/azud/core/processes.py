"""Processes of this machine: who they are, whether they live, and what runs below them.

A pid alone names nobody for long, because numbers come again; together with the kernel's start time and
boot id it does. Everything here reads `/proc`; where there is none (macOS), marks hold the pid only.
"""

from __future__ import annotations

import dataclasses
import os
import select
import signal
from typing import List, Optional, Tuple

_boot_id: Optional[str] = None


@dataclasses.dataclass(frozen=True)
class ProcessMark:
    """A process that cannot be mistaken for another: pid numbers come again, start times do not.

    Args:
        pid: Process id on this machine.
        started: The kernel's start time of the process in clock ticks since boot, as text; "" unknown.
        boot: The kernel's boot id; "" unknown.
    """

    pid: int
    started: str = ""
    boot: str = ""


def boot_id() -> str:
    """Return the kernel's id of this boot, or "" where there is none."""
    global _boot_id  # noqa: PLW0603 - it cannot change while this process lives
    if _boot_id is None:
        try:
            with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as stream:
                _boot_id = stream.read().strip()
        except OSError:
            _boot_id = ""
    return _boot_id


def _stat(pid: int) -> Optional[Tuple[str, int, str]]:
    """Return `(state letter, parent's pid, start ticks)` of a process, or None if there is none."""
    try:
        with open(f"/proc/{pid}/stat", "rb", buffering=0) as stream:
            # The second field is the program's name in parentheses and may itself hold any character.
            fields = stream.read(4096).rpartition(b")")[2].split()
    except (FileNotFoundError, ProcessLookupError, NotADirectoryError):
        return None
    if len(fields) < 20:
        return None
    return fields[0].decode(), int(fields[1]), fields[19].decode()


def mark_of(pid: int) -> ProcessMark:
    """Return the mark of a living process; `started` is "" if it is gone or there is no `/proc`."""
    found = _stat(pid)
    return ProcessMark(pid, found[2] if found else "", boot_id())


def own_mark() -> ProcessMark:
    """Return the mark of the calling process."""
    return mark_of(os.getpid())


def is_alive(mark: ProcessMark) -> bool:
    """Return whether exactly this process runs. A zombie is dead; so is all that ran before a reboot."""
    if mark.pid <= 0 or mark.boot != boot_id():
        return False
    if not mark.started:
        return not mark.boot and _answers(mark.pid)
    found = _stat(mark.pid)
    return found is not None and found[2] == mark.started and found[0] not in "ZXx"


def _answers(pid: int) -> bool:
    """Return whether a pid is in use, for systems without `/proc`."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _children_from_proc(pid: int) -> Optional[List[int]]:
    """Return the children that the kernel lists, or None if it was built without that list."""
    found: List[int] = []
    try:
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/children", "rb", buffering=0) as stream:
                found.extend(int(child) for child in stream.read().split())
    except FileNotFoundError:
        return [] if not os.path.exists(f"/proc/{pid}") else None
    except ProcessLookupError:
        return []
    return found


def _children_by_scan(pid: int) -> List[int]:
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            stat = _stat(int(name))
            if stat is not None and stat[1] == pid:
                found.append(int(name))
    return found


def children(pid: int) -> List[int]:
    """Return the pids of a process's children, zombies included; none where there is no `/proc`."""
    if not os.path.isdir("/proc/self"):
        return []
    found = _children_from_proc(pid)
    return _children_by_scan(pid) if found is None else found


def descendants(pid: int) -> List[int]:
    """Return the pids of everything below a process, parents before children, zombies included."""
    found: List[int] = []
    level = children(pid)
    while level:
        found.extend(level)
        level = [child for parent in level for child in children(parent)]
    return found


def send_signal(mark: ProcessMark, number: int) -> bool:
    """Send a signal to exactly this process; returns False if it no longer runs.

    Raises:
        PermissionError: The process belongs to somebody else.
    """
    descriptor = pidfd(mark.pid)
    try:
        # The descriptor was opened first, so the check that follows holds for the process it names.
        if not is_alive(mark):
            return False
        if descriptor is None:
            os.kill(mark.pid, number)
        else:
            signal.pidfd_send_signal(descriptor, number)
    except ProcessLookupError:
        return False
    finally:
        if descriptor is not None:
            os.close(descriptor)
    return True


def pidfd(pid: int) -> Optional[int]:
    """Return a descriptor that becomes readable when the process ends, or None if there is no such thing."""
    opener = getattr(os, "pidfd_open", None)
    if opener is None:
        return None
    try:
        descriptor: int = opener(pid)
    except OSError:
        return None  # no such process, or a kernel without pidfds: the caller looks at the mark
    return descriptor


def wait_gone(mark: ProcessMark, timeout_s: Optional[float] = None) -> bool:
    """Wait until exactly this process no longer runs; it need not be a child.

    Returns:
        True once it is gone, False after `timeout_s` seconds.
    """
    descriptor = pidfd(mark.pid)
    if descriptor is None:
        return _poll_gone(mark, timeout_s)
    try:
        if not is_alive(mark):
            return True
        poller = select.poll()
        poller.register(descriptor, select.POLLIN)
        return bool(poller.poll(None if timeout_s is None else max(0, round(timeout_s * 1000))))
    finally:
        os.close(descriptor)


def _poll_gone(mark: ProcessMark, timeout_s: Optional[float]) -> bool:
    import time

    deadline = None if timeout_s is None else time.monotonic() + timeout_s
    while is_alive(mark):
        if deadline is not None and time.monotonic() >= deadline:
            return False
        time.sleep(0.02)  # only on systems without pidfds
    return True


def session_members(leader: ProcessMark) -> List[ProcessMark]:
    """Return the living processes of the session that this process founded, itself among them.

    Nothing if the number of the session belongs to another process by now.
    """
    found = _stat(leader.pid)
    if leader.boot != boot_id() or (found is not None and found[2] != leader.started):
        return []
    members = []
    for name in os.listdir("/proc") if leader.boot else ():
        if not name.isdigit():
            continue
        try:
            same = os.getsid(int(name)) == leader.pid
        except OSError:
            continue  # it has ended since the listing
        mark = mark_of(int(name))
        if same and mark.started and int(mark.started) >= int(leader.started):
            members.append(mark)
    return members
