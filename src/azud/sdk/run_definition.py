"""What a step or script run was submitted with, as the server keeps it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, List, Optional

from azud.sdk.exceptions import UserErrorException

if TYPE_CHECKING:
    from azud.sdk.environment import Environment
    from azud.sdk.run import Run


class SubmittedStep:
    """A step's part of the definition of its pipeline run; of a script run, its only step."""

    def __init__(self, run: Run, record: Dict[str, Any]) -> None:
        """Ask for the definition."""
        is_script = record["type"] == "azureml.scriptrun"
        self._run = run
        self._pipeline_run_id = record["id"] if is_script else record["parent_id"]
        self._definition = run._api.get(f"/runs/{self._pipeline_run_id}/definition")
        steps = self._definition["steps"]
        self.step: Dict[str, Any] = next(step for step in steps if is_script or step["id"] == record["node_id"])
        self._recorded: Optional[Dict[str, Any]] = None

    def input_datasets(self) -> List[Dict[str, Any]]:
        """Return the datasets that the step reads, as `get_details()` shows them."""
        return [
            {
                "dataset": self._dataset_of(port),
                "consumptionDetails": {
                    "type": "RunInput",
                    "inputName": port["name"],
                    "mechanism": str(port["mode"]).capitalize(),
                    "pathOnCompute": port.get("path_on_compute"),
                },
            }
            for port in self.step["inputs"]
            if port["kind"] == "dataset"
        ]

    def output_datasets(self, run_id: str) -> List[Dict[str, Any]]:
        """Return the datasets that a step run has sealed, saved, so that `Dataset.get_by_id` finds them."""
        ports = {port["name"]: port for port in self.step["outputs"] if port["kind"] == "dataset"}
        found = []
        for record in self._run._api.items(f"/runs/{run_id}/outputs"):
            if record["name"] in ports:
                dataset = self._output_dataset(record, ports[record["name"]])
                found.append(
                    {
                        "dataset": dataset,
                        "outputType": "RunOutput",
                        "outputDetails": {"outputName": record["name"]},
                        "identifier": {
                            "savedId": dataset.id,
                            "datastore": record["datastore"],
                            "path": record["path"],
                        },
                    }
                )
        return found

    def _output_dataset(self, record: Dict[str, Any], port: Dict[str, Any]) -> Any:
        """Return what a step sealed: as the version that it was registered as, if it was, else saved."""
        from azud.sdk.dataset import dataset_of_record

        workspace = self._run.experiment.workspace
        if port.get("register_as"):
            for item in self._datasets()["outputs"]:
                if item["kind"] == "output" and item["port"] == record["name"]:
                    return dataset_of_record(workspace, item["dataset"])
        definition = _definition_at(record, port.get("reader") or {})
        saved = self._run._api.send("POST", "/datasets", {"definition": definition}, repeat=True)
        return dataset_of_record(workspace, saved)

    def _datasets(self) -> Dict[str, Any]:
        """Return what the server recorded of the datasets that the step read and made."""
        if self._recorded is None:
            self._recorded = self._run._api.get(f"/runs/{self._run.id}/datasets")
        return self._recorded

    def _dataset_of(self, port: Dict[str, Any]) -> Any:
        """Return an input as a dataset; None while it is not known: not sealed or not looked up yet."""
        from azud.sdk.dataset import dataset_of_record

        workspace = self._run.experiment.workspace
        if port.get("registered") or port.get("parameter"):
            read = (item for item in self._datasets()["inputs"] if item["kind"] == "input")
            record = next((item["dataset"] for item in read if item["port"] == port["name"]), None)
            return record and dataset_of_record(workspace, record)
        if port.get("dataset_name"):
            query = {"version": port["dataset_version"]}
            record = self._run._api.find(f"/datasets/registered/{port['dataset_name']}", query)
            if record is not None:
                return dataset_of_record(workspace, record)
        if port.get("dataset"):
            return dataset_of_record(workspace, {"definition": port["dataset"]})
        if port.get("path") is not None and port.get("datastore"):
            return _dataset_at(self._run, port, port.get("reader") or {})
        return self._output_of(port) if port.get("step") else None

    def _output_of(self, port: Dict[str, Any]) -> Any:
        for step in self._run._api.items(f"/runs/{self._pipeline_run_id}/steps"):
            if step["node_id"] == port["step"]:
                for record in self._run._api.items(f"/runs/{step['id']}/outputs"):
                    if record["name"] == port["output"]:
                        return _dataset_at(self._run, record, port.get("reader") or {})
        return None

    def run_definition(self) -> Dict[str, Any]:
        """Return the step's settings in v1's words."""
        step, settings = self.step, self.step["settings"]
        return {
            "script": step["script"],
            "command": step.get("command") or "",
            "useAbsolutePath": False,
            "arguments": [_argument(item) for item in step["arguments"]],
            "target": step.get("compute") or "local",
            "framework": settings["framework"],
            "communicator": settings["communicator"],
            "maxRunDurationSeconds": step.get("timeout_s"),
            "nodeCount": settings["node_count"],
            "environment": settings["environment"].get("definition"),
            "environmentVariables": dict(settings["environment_variables"]),
            "history": {"outputCollection": True, "snapshotProject": True, "directoriesToWatch": ["logs"]},
        }


def submitted_step(run: Run, record: Dict[str, Any]) -> Optional[SubmittedStep]:
    """Return what a step or script run was submitted with; None for other runs."""
    return SubmittedStep(run, record) if record["type"] in ("azureml.StepRun", "azureml.scriptrun") else None


def environment_of(run: Run) -> Environment:
    """Return the environment that a run asked for.

    Raises:
        UserErrorException: It asked for none, or is no step or script run.
    """
    from azud.sdk.environment.definition import environment_of_record

    submitted = submitted_step(run, run._record())
    spec = submitted.step["settings"]["environment"] if submitted is not None else {}
    if not spec.get("definition"):
        raise UserErrorException(
            f"run {run.id} asked for no environment", hint="its step ran in the Python that submitted it"
        )
    return environment_of_record(spec)


def _argument(item: Dict[str, Any]) -> str:
    kind, value = item["kind"], str(item["value"])
    return value if kind == "literal" else f"{kind}:{value}"


def _dataset_at(run: Run, record: Dict[str, Any], reader: Dict[str, Any]) -> Any:
    """Return a dataset of what lies at a place on a datastore."""
    from azud.sdk.dataset import dataset_of_record

    return dataset_of_record(run.experiment.workspace, {"definition": _definition_at(record, reader)})


def _definition_at(record: Dict[str, Any], reader: Dict[str, Any]) -> Dict[str, Any]:
    return {
        "type": "tabular" if reader else "file",
        "locations": [{"datastore": record["datastore"], "path": record["path"]}],
        "reader": reader,
        "operations": [],
    }
