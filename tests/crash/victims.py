"""Which processes of a workspace live, and what each of them is."""

from __future__ import annotations

import dataclasses
import os
import random
from pathlib import Path

from tests.crash.arena import Arena, command_of

WEIGHTS = {"server": 3, "fork server": 2, "runner": 2, "monitor": 2, "job": 2}


@dataclasses.dataclass(frozen=True)
class Victim:
    """A process that may be killed; `attempt` is that of a job."""

    pid: int
    kind: str
    attempt: str | None = None


def choose(chance: random.Random, arena: Arena) -> Victim | None:
    """Choose a kind, then one of it; None if nothing lives."""
    found = victims(arena)
    if not found:
        return None
    kinds = sorted({victim.kind for victim in found})
    [kind] = chance.choices(kinds, [WEIGHTS[kind] for kind in kinds])
    return chance.choice([victim for victim in found if victim.kind == kind])


def victims(arena: Arena) -> list[Victim]:
    """Return all processes of the workspace that do something."""
    attempts = Path(arena.home.path) / "attempts"
    commands = {pid: command_of(pid) for pid in arena.processes()}
    found = []
    for pid, command in commands.items():
        parent, folder = _parent(pid), _folder(pid)
        if b"azud.server" in command:
            found.append(Victim(pid, "server"))
        elif folder is not None and attempts in folder.parents:
            found.append(Victim(pid, "job", folder.relative_to(attempts).parts[0]))
        elif parent not in commands or b"azud.server" in commands[parent]:
            found.append(Victim(pid, "fork server"))
        else:
            found.append(Victim(pid, "runner" if b"azud.runner" in command else "monitor"))
    return found


def _parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def _folder(pid: int) -> Path | None:
    try:
        return Path(os.readlink(f"/proc/{pid}/cwd"))
    except OSError:
        return None
