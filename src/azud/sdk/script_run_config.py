"""`ScriptRunConfig`: one script as a run of its own. Accepted where steps take it; submitting one is to come."""

from __future__ import annotations

from typing import Any, List, Optional

from azud.sdk.runconfig import RunConfiguration
from azud.sdk.support import warn


class ScriptRunConfig:
    """A script, its arguments and how it runs."""

    MAX_DURATION_SECONDS_DEFAULT = 2592000

    def __init__(
        self,
        source_directory: Optional[str],
        script: Optional[str] = None,
        arguments: Optional[List[Any]] = None,
        run_config: Optional[RunConfiguration] = None,
        compute_target: Any = None,
        environment: Any = None,
        distributed_job_config: Any = None,
        resume_from: Any = None,
        max_run_duration_seconds: int = MAX_DURATION_SECONDS_DEFAULT,
        command: Any = None,
        docker_runtime_config: Any = None,
    ) -> None:
        """Keep the settings; with `run_config`, those that it holds itself are ignored with a warning."""
        self.source_directory = source_directory or "."
        self.script = script
        self.distributed_job_config = distributed_job_config
        self.command = command
        self.arguments = list(arguments or [])
        if run_config is not None:
            if compute_target is not None or environment is not None:
                warn("ScriptRunConfig: run_config is given, so compute_target and environment are ignored")
            self.run_config = run_config
            return
        self.run_config = RunConfiguration()
        if compute_target is not None:
            self.run_config.target = compute_target
        if environment is not None:
            self.run_config.environment = environment
        if docker_runtime_config is not None:
            self.run_config.docker = docker_runtime_config
        self.run_config.max_run_duration_seconds = max_run_duration_seconds
