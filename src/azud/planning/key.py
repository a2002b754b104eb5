"""The action key: under what a step's results are stored, and with what they are found again.

The key is the SHA-256 of a canonical pre-image that holds everything that can change a result and nothing
else. The pre-image itself is stored, because only it can say why two keys differ. Bump `KEY_VERSION` when
the meaning of any part changes; old results are then simply not found.

Source: the idea of a typed, readable pre-image is that of content-addressed build caches.
"""

from __future__ import annotations

from typing import Any, Dict, Mapping, Sequence

from azud.core.digests import digest_value
from azud.model.definition import Argument, InputPort, OutputPort, StepDefinition
from azud.planning.binding import used_parameters

KEY_VERSION = 1


def preimage(
    step: StepDefinition,
    *,
    inputs: Mapping[str, str],
    parameters: Mapping[str, Any],
    environment: str,
    predecessors: Sequence[str],
    default_datastore: str,
) -> Dict[str, Any]:
    """Return the readable pre-image of a step's action key.

    Args:
        step: The step; its name, compute target, tags and retries stay out.
        inputs: Content digest of each input, by port name.
        parameters: Effective values of all pipeline parameters; only those that the step reads enter.
        environment: Digest of the resolved environment.
        predecessors: The step runs that made the effects of the `run_after` predecessors; order is irrelevant. A step
            run completes at most once, so it stands for the one attempt that did.
        default_datastore: Where outputs without a datastore go.

    Raises:
        KeyError: An input has no digest.
    """
    return {
        "version": KEY_VERSION,
        "step": {
            "type": step.type,
            "version": step.version,
            "script": step.script,
            "arguments": [_argument(item) for item in step.arguments],
            "params": {name: _argument(item) for name, item in step.parameters.items()},
            "inputs": {port.name: _input(port) for port in step.inputs},
            "outputs": {port.name: _output(port, default_datastore) for port in step.outputs},
            "timeout_s": step.timeout_s,
            # Only where there is one, so that keys of scripts are what they were before there were commands.
            **({} if step.command is None else {"command": step.command}),
        },
        "source": step.snapshot,
        "environment": environment,
        "inputs": {port.name: inputs[port.name] for port in step.inputs},
        "parameters": {name: _typed(parameters[name]) for name in used_parameters(step, parameters)},
        "run_after": sorted(predecessors),
        "settings": {
            "framework": step.settings.framework,
            "communicator": step.settings.communicator,
            "node_count": step.settings.node_count,
            "process_count_per_node": step.settings.process_count_per_node,
            "environment_variables": dict(step.settings.environment_variables),
        },
    }


def action_key(preimage_value: Mapping[str, Any]) -> str:
    """Return the key of a pre-image: 64 lower-case hexadecimal characters."""
    return digest_value(preimage_value)


def _argument(argument: Argument) -> Any:
    return [argument.kind, argument.value]


def _typed(value: Any) -> Any:
    """Keep `1`, `1.0`, `True` and `"1"` apart: JSON alone would merge some of them. A dataset's name does not count."""
    if isinstance(value, dict) and "definition" in value:
        value = value["definition"]
    return [type(value).__name__, value]


def _input(port: InputPort) -> Any:
    return [port.kind, port.mode, port.path_on_compute]


def _output(port: OutputPort, default_datastore: str) -> Any:
    return {
        "kind": port.kind,
        "mode": port.mode,
        "datastore": port.datastore or default_datastore,
        "path_on_compute": port.path_on_compute,
        "overwrite": port.overwrite,
        "destination": port.destination,
        "data_type": port.data_type,
        "register_as": port.register_as,
        "reader": port.reader,
    }
