"""`PythonScriptStep`: a script, its arguments, and where and how it runs."""

from __future__ import annotations

import os
from typing import Any, Dict, List, Optional, Tuple

from azud.core.paths import is_within
from azud.sdk.exceptions import DefinitionValueError
from azud.sdk.parameter import PipelineParameter
from azud.sdk.step import PipelineStep
from azud.sdk.support import not_yet, warn

_COMPUTE_TYPES = frozenset(
    (
        "AmlCompute",
        "VirtualMachine",
        "HDInsight",
        "ComputeInstance",
        "SynapseSpark",
        "Kubernetes",
        "batchai",
        "local",
    )
)


class PythonScriptStep(PipelineStep):
    """A step that runs a Python script of a source folder."""

    def __init__(
        self,
        script_name: str,
        name: Optional[str] = None,
        arguments: Optional[List[Any]] = None,
        compute_target: Any = None,
        runconfig: Any = None,
        runconfig_pipeline_params: Optional[Dict[str, PipelineParameter]] = None,
        inputs: Optional[List[Any]] = None,
        outputs: Optional[List[Any]] = None,
        params: Optional[Dict[str, Any]] = None,
        source_directory: Optional[str] = None,
        allow_reuse: bool = True,
        version: Optional[str] = None,
        hash_paths: Optional[List[str]] = None,
        *,
        retries: Optional[int] = None,
        retry_delay_s: Optional[float] = None,
    ) -> None:
        """Describe the step; whether the script exists is checked when the pipeline is built.

        Args:
            script_name: Path of the script in `source_directory`.
            name: Free text; `script_name` if None.
            arguments: Of the script: texts, `PipelineData`, named inputs, outputs, `PipelineParameter`; other values
                become text. See `PipelineStep` for ports that stand only here.
            compute_target: Object, name or `(name, type)`; the run configuration's target if None.
            runconfig: `RunConfiguration`.
            runconfig_pipeline_params: Not there yet.
            inputs: What the script reads; see `PipelineStep`.
            outputs: What it writes.
            params: The script gets `AML_PARAMETER_<name>` in its environment.
            source_directory: Folder that is copied for the script; the pipeline's default one, else the current one, if
                None.
            allow_reuse: Whether results may be taken from, and given to, other runs.
            version: Any text; another version is another step to the reuse of results.
            hash_paths: Ignored with a warning, as in v1: the whole source folder is hashed.
            retries: How often the step is tried again after it failed or ran too long; the workspace's setting if None.
                Not in v1.
            retry_delay_s: Seconds before the first retry, doubled by each further one; the workspace's setting if None.
                Not in v1.

        Raises:
            ValueError: A port, argument, parameter name, type of compute target or number of retries is not valid.
        """
        if not isinstance(script_name, str) or not script_name:
            raise DefinitionValueError(
                f"script_name is {script_name!r}", hint="it is the path of a script in source_directory"
            )
        if runconfig_pipeline_params:
            not_yet("PythonScriptStep(runconfig_pipeline_params=…)")()
        if hash_paths:
            warn("hash_paths is ignored: the whole source folder is hashed (list exceptions in .amlignore)")
        self._script_name = script_name
        self._source_directory = source_directory
        self._runconfig = runconfig
        self._allow_reuse = allow_reuse
        self._version = version
        self._params = dict(params or {})
        self._retries = _checked_retries(retries)
        self._retry_delay_s = _checked_delay(retry_delay_s)
        self._compute_name = _compute_name(compute_target, runconfig, name or script_name)
        super().__init__(name or script_name, inputs, outputs, arguments, fix_port_name_collisions=True)

    @property
    def runconfig(self) -> Any:
        """The run configuration, or None."""
        return self._runconfig

    def create_node(self, graph: Any, default_datastore: Any, context: Any) -> Any:
        """Not for users: kept for its name; pipelines are built by `Pipeline`."""
        return super().create_node(graph, default_datastore, context)

    def _folder(self, default_source_directory: Optional[str]) -> str:
        """Return the absolute source folder."""
        return os.path.abspath(self._source_directory or default_source_directory or ".")

    def _check(self, default_source_directory: Optional[str]) -> None:
        folder = self._folder(default_source_directory)
        path = os.path.join(folder, self._script_name)
        if not os.path.isfile(path):
            raise DefinitionValueError(
                f"Step [{self.name}]: script not found at: {path}. Make sure to specify an appropriate "
                "source_directory on the Step or default_source_directory on the Pipeline."
            )
        if not is_within(os.path.realpath(folder), os.path.realpath(path)):
            raise DefinitionValueError(
                f"Step [{self.name}]: the script {path} lies outside of the source folder {folder}"
            )


def _checked_retries(retries: Any) -> Optional[int]:
    if retries is None or (isinstance(retries, int) and not isinstance(retries, bool) and retries >= 0):
        return retries
    raise DefinitionValueError(f"retries is {retries!r}", hint="give a whole number, 0 or more")


def _checked_delay(retry_delay_s: Any) -> Optional[float]:
    if retry_delay_s is None:
        return None
    is_number = isinstance(retry_delay_s, (int, float)) and not isinstance(retry_delay_s, bool)
    if not is_number or not 0 <= retry_delay_s < float("inf"):
        raise DefinitionValueError(f"retry_delay_s is {retry_delay_s!r}", hint="give a number of seconds, 0 or more")
    return float(retry_delay_s)


def _compute_name(compute_target: Any, runconfig: Any, step: str) -> Optional[str]:
    """Return the name of the compute target; None for this machine.

    Raises:
        ValueError: A type that cannot run scripts.
    """
    target = compute_target
    if target is None and runconfig is not None:
        target = runconfig.target
    name, kind = _name_and_type(target)
    if kind is not None and kind not in _COMPUTE_TYPES:
        raise DefinitionValueError(
            f"step {step!r}: a compute target of type {kind!r} cannot run Python scripts",
            hint="use AmlCompute or 'local'",
        )
    return None if name in (None, "local") else name


def _name_and_type(target: Any) -> Tuple[Optional[str], Optional[str]]:
    if target is None or isinstance(target, str):
        return target or None, None
    if isinstance(target, tuple) and len(target) == 2:
        return str(target[0]), str(target[1])
    if isinstance(target, PipelineParameter):
        raise AttributeError("a PipelineParameter cannot be a compute target")
    return str(target.name), str(target.type)
