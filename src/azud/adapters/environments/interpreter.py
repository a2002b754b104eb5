"""Interpreters that the user manages: what they hold, asked once and again only when something in them has changed."""

from __future__ import annotations

import dataclasses
import os
import threading
from typing import Any

from azud.core.errors import BackendError, EnvironmentBuildError
from azud.engine.ports import ResolvedEnvironment
from azud.job.fingerprint import identity, site_token, state_token
from azud.job.lines import LineReader
from azud.job.pool import ForkServers
from azud.model.definition import EnvironmentSpec

_ANSWER_S = 120.0
_ASKED = 3


@dataclasses.dataclass(frozen=True)
class _Known:
    token: str
    site: str
    quick_token: str
    environment: ResolvedEnvironment


class InterpreterEnvironments:
    """`azud.engine.ports.Environments` that gives every step the interpreter of its run.

    Args:
        servers: Fork servers, in whose children interpreters look at themselves.
    """

    def __init__(self, servers: ForkServers) -> None:
        self._servers = servers
        self._lock = threading.Lock()
        self._known: dict[str, _Known] = {}

    def resolve(self, spec: EnvironmentSpec, interpreter: str) -> ResolvedEnvironment:
        """Return the run's interpreter, whatever `spec` asks for; the caller says what differs."""
        with self._lock:
            known = self._known.get(interpreter)
            if known is not None and state_token(dict(known.environment.body)) == known.token:
                return known.environment
            if known is not None and site_token(dict(known.environment.body)) != known.site:
                self._servers.renew(interpreter)
            known = self._known[interpreter] = self._look(interpreter)
            return known.environment

    def is_current(self, environment: ResolvedEnvironment) -> bool:
        """Return whether nothing was installed, removed or edited since an environment was resolved."""
        with self._lock:
            known = self._known.get(environment.interpreter)
        if known is None or known.environment.digest != environment.digest:
            return False
        return state_token(dict(environment.body), quick=True) == known.quick_token

    def _look(self, interpreter: str) -> _Known:
        if not os.access(interpreter, os.X_OK):
            raise EnvironmentBuildError(
                f"the interpreter {interpreter} is gone", hint="submit again with an interpreter that exists"
            )
        answer = self._ask(interpreter)
        body = answer["fingerprint"]
        environment = ResolvedEnvironment(
            interpreter=interpreter,
            digest=identity(body),
            distributions={name: version for name, version, _ in body["distributions"]},
            body=body,
        )
        token, quick_token = answer["tokens"]
        return _Known(token, site_token(body), quick_token, environment)

    def _ask(self, interpreter: str) -> dict[str, Any]:
        why = "it ended before it said what it holds"
        for _ in range(_ASKED):  # somebody may kill the one that looks, or its fork server: that is no fault of its
            try:
                found = self._ask_once(interpreter)
                if found is not None:
                    return found
            except (BackendError, OSError, ValueError) as error:
                why = str(error)
        raise EnvironmentBuildError(
            f"the interpreter {interpreter} cannot be looked at: {why}",
            hint="does it start, and is it CPython 3.9 or later? See server.log",
        )

    def _ask_once(self, interpreter: str) -> dict[str, Any] | None:
        args = {"library_path": self._servers.library_path}
        with self._servers.fork_in(interpreter, "fingerprint", args) as answer:
            answer.settimeout(_ANSWER_S)
            reader = LineReader(answer)
            while (words := reader.read()) is not None:
                if "fingerprint" in words:
                    return dict(words)
        return None
