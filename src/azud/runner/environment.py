"""The job's environment variables and command line, with v1's names.

Source: behaviour facts §3, §9.7, §9.8 and §10 (`azureml-v1/behaviour.md`).
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Mapping

from azud.core.errors import DefinitionError
from azud.job.attempt import Attempt
from azud.job.baseline import baseline_environment
from azud.model.attempt_files import ARTIFACTS, DRIVER_LOG
from azud.model.definition import Argument
from azud.model.jobs import JobSpec
from azud.planning.binding import parameter_word
from azud.runner.staging import output_place

_TOKEN_VALID_S = 30 * 24 * 3600
_DATA_REFERENCE = "AZUREML_DATAREFERENCE_"
_PARAMETER = "AML_PARAMETER_"
_VARIABLE = re.compile(r"\$(AZUREML_DATAREFERENCE_|AML_PARAMETER_)(\w+)")
_DATASET_TEXT = re.compile(r"(DatasetConsumptionConfig|DatasetOutputConfig):(\w+)")


def job_baseline(spec: JobSpec) -> dict[str, str]:
    """Return the variables that the interpreter's fork server was started with."""
    return baseline_environment(spec.library_path)


def job_environment(spec: JobSpec, attempt: Attempt, inputs: Mapping[str, str]) -> dict[str, str]:
    """Return all environment variables of the job.

    The baseline comes first, then what the step declares, then what azud and v1 define, which nobody may
    override. The interpreter's own folder leads PATH, so that a script finds its environment's programs.

    Args:
        spec: What to run.
        attempt: Its folder.
        inputs: What staging gave for each input.
    """
    result = job_baseline(spec)
    result["PATH"] = os.path.dirname(spec.interpreter) + os.pathsep + result.get("PATH", os.defpath)
    result.update(spec.environment_variables)
    if spec.environment_variables.get("PYTHONPATH"):
        result["PYTHONPATH"] = spec.library_path + os.pathsep + spec.environment_variables["PYTHONPATH"]
    if spec.gpus is not None:
        result["CUDA_VISIBLE_DEVICES"] = spec.gpus
    result.update(_parameter_variables(spec))
    result.update(_data_variables(spec, attempt, inputs))
    result.update(_run_variables(spec, attempt))
    return result


def _parameter_variables(spec: JobSpec) -> dict[str, str]:
    """Return the step's own parameters, and the pipeline's that its command line uses."""
    used = {argument.value for argument in spec.arguments if argument.kind == "parameter"}
    values = {name: value for name, value in spec.pipeline_parameters.items() if name in used}
    values.update(spec.parameters)
    return {_PARAMETER + parameter_word(name): value for name, value in values.items()}


def _data_variables(spec: JobSpec, attempt: Attempt, inputs: Mapping[str, str]) -> dict[str, str]:
    result = {}
    consumed: list[str] = []
    produced: list[str] = []
    linked: list[str] = []
    for item in spec.inputs:
        if item.kind == "dataset":
            result[item.name] = inputs[item.name]
            consumed.append(f"{item.name}:{item.mode}")
        else:
            result[_DATA_REFERENCE + item.name] = inputs[item.name]
    for output in spec.outputs:
        place = output_place(attempt, output)
        if output.kind == "dataset":
            result[output.name] = place
            (linked if output.mode == "link" else produced).append(output.name)
        else:
            result[_DATA_REFERENCE + output.name] = place
    if consumed:
        result["AZUREML_DATASET_ENVIRONMENT_VARS"] = ",".join(consumed)
    if produced:
        result["AZUREML_DATASET_FILE_OUTPUTS"] = ";".join(produced)
    if linked:
        result["AZUREML_LINK_DATASET_OUTPUTS"] = ";".join(linked)
    return result


def _run_variables(spec: JobSpec, attempt: Attempt) -> dict[str, str]:
    """Return what v1's `Run.get_context()` and azud's look at."""
    workspace = spec.workspace
    return {
        "AZUREML_RUN_ID": spec.shown_as or spec.step_run_id,
        "AZUREML_ROOT_RUN_ID": spec.run_id,
        "AZUREML_EXPERIMENT_ID": spec.experiment,
        "AZUREML_WORKSPACE_ID": workspace.get("id", ""),
        "AZUREML_ARM_SUBSCRIPTION": workspace.get("subscription_id", ""),
        "AZUREML_ARM_RESOURCEGROUP": workspace.get("resource_group", ""),
        "AZUREML_ARM_WORKSPACE_NAME": workspace.get("name", ""),
        "AZUREML_ARM_PROJECT_NAME": spec.experiment,
        "AZUREML_RUN_TOKEN": spec.run_token or "local",
        "AZUREML_RUN_TOKEN_EXPIRY": str(int(time.time()) + _TOKEN_VALID_S),
        "AZUREML_SERVICE_ENDPOINT": spec.endpoint,
        "AZUREML_DISCOVERY_SERVICE_ENDPOINT": spec.endpoint,
        "AZUREML_OUTPUT_DIRECTORY": "./outputs",
        "AZUREML_LOGDIRECTORY_PATH": attempt.path(os.path.join(ARTIFACTS, os.path.dirname(DRIVER_LOG))),
        "AZUREML_TARGET_TYPE": "local",
        "AZUREML_FRAMEWORK": "Python",
        "AZUREML_COMMUNICATOR": "None",
        "AZUREML_CR_NODE_RANK": "0",
        "AZUREML_CONDA_ENVIRONMENT_PATH": os.path.dirname(os.path.dirname(spec.interpreter)),
        "AZUD_ATTEMPT_DIR": attempt.folder,
        "AZUD_ENDPOINT": spec.endpoint,
    }


def command_line(spec: JobSpec, attempt: Attempt, inputs: Mapping[str, str]) -> tuple[str, ...]:
    """Return the script's arguments as text.

    Args:
        spec: What to run.
        attempt: Its folder.
        inputs: What staging gave for each input.

    Raises:
        DefinitionError: An argument names a port or parameter that the step does not have.
    """
    outputs = {output.name: output_place(attempt, output) for output in spec.outputs}
    parameters = {
        parameter_word(name): value for name, value in {**spec.pipeline_parameters, **spec.parameters}.items()
    }
    values = {
        "input": dict(inputs),
        "output": outputs,
        "parameter": spec.pipeline_parameters,
        _DATA_REFERENCE: {**inputs, **outputs},
        _PARAMETER: parameters,
        "DatasetConsumptionConfig": dict(inputs),
        "DatasetOutputConfig": outputs,
    }
    return tuple(_resolve(argument, values) for argument in spec.arguments)


def _resolve(argument: Argument, values: Mapping[str, Mapping[str, str]]) -> str:
    if argument.kind == "literal":
        whole = _DATASET_TEXT.fullmatch(argument.value)
        if whole and whole.group(2) in values[whole.group(1)]:
            return values[whole.group(1)][whole.group(2)]
        return _VARIABLE.sub(lambda found: _expand(found, values[found.group(1)]), argument.value)
    known = values.get(argument.kind, {})
    if argument.value not in known:
        raise DefinitionError(
            f"an argument names the {argument.kind} {argument.value!r}, which this step does not have",
            hint=f"known: {', '.join(sorted(known)) or 'none'}",
        )
    return known[argument.value]


def _expand(found: re.Match[str], known: Mapping[str, str]) -> str:
    """Return the value for `$AZUREML_DATAREFERENCE_<name>`; text that names nothing stays as it is.

    In `f"{data}_suffix"` the name ends where a known one does: the longest known beginning counts.
    """
    word = found.group(2)
    names = [name for name in known if word.startswith(name)]
    if not names:
        return found.group(0)
    name = max(names, key=len)
    return known[name] + word[len(name) :]
