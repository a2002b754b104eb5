"""What azud does not have yet: it imports, can be named where nothing is called, and says so when it is used."""

from __future__ import annotations

import abc
import importlib
import pkgutil
import shutil
import subprocess
import sys
import types
import typing
from pathlib import Path

import pytest

import azureml
from azud.client.library import library_path
from azud.sdk.absent import FAMILIES, Absent, AbsentModule, marker
from azud.sdk.exceptions import NotYetError, UserErrorException


def _modules() -> list[types.ModuleType]:
    found = [info.name for info in pkgutil.walk_packages(azureml.__path__, "azureml.")]
    return [importlib.import_module(name) for name in ["azureml", "azureml_user.parallel_run", *found]]


def _missing() -> list[tuple[str, str]]:
    names = [(module, name) for module in _modules() for name in getattr(module, "__all__", ())]
    return [(module.__name__, name) for module, name in names if marker(getattr(module, name))]


def _uses(value: typing.Any) -> list[typing.Callable[[], object]]:
    """Return what a program may do with a name that counts as using it."""
    uses = [value, lambda: value("a", b=1)]
    if isinstance(value, Absent):
        uses += [lambda: value.create, lambda: value.UTC, lambda: value["x"], lambda: list(value)]
    return uses


def test_every_name_of_a_table_imports_and_says_when_used_that_it_is_missing() -> None:
    missing = _missing()
    assert missing
    for module, name in missing:
        space: dict[str, typing.Any] = {}
        exec(f"from {module} import {name}", space)
        for use in _uses(space[name]):
            with pytest.raises(NotYetError, match=rf"azud does not have {name}\b.* yet: ."):
                use()


def test_every_name_that_a_module_lists_is_there() -> None:
    for module in _modules():
        for name in getattr(module, "__all__", ()):
            assert getattr(module, name) is not None
            assert name in dir(module)


def test_every_family_is_used_and_known() -> None:
    used = {marker(getattr(importlib.import_module(module), name))[1] for module, name in _missing()}
    used |= {module.azud_absent[1] for module in _modules() if isinstance(module, AbsentModule)}
    assert used <= set(FAMILIES)


def test_a_missing_class_can_stand_where_nothing_is_called() -> None:
    from azureml.core.webservice import Webservice
    from azureml.pipeline.core import Schedule
    from azureml.pipeline.steps import AdlaStep
    from azureml.train.automl import AutoMLConfig

    class MyStep(AdlaStep):
        limit = 3

        def __init__(self, name: str) -> None:
            super().__init__(name=name)

    class Abstract(AdlaStep, abc.ABC):
        pass

    assert not isinstance(None, AutoMLConfig)
    assert str(dict[str, Schedule | None]).endswith("Schedule | None]")
    assert issubclass(MyStep, AdlaStep) and MyStep.limit == 3
    assert type(MyStep) is not Webservice and Webservice != Schedule and {Webservice: 1}[Webservice] == 1
    assert AutoMLConfig.__name__ == "AutoMLConfig" and "PythonScriptStep" in (AutoMLConfig.__doc__ or "")
    for made in (MyStep, Abstract):
        with pytest.raises(NotYetError, match="AdlaStep"):
            made("x")


def test_a_missing_exception_can_be_caught() -> None:
    from azureml.automl.core.shared.exceptions import AutoMLException

    from azureml.data.dataset_error_handling import DatasetValidationError

    with pytest.raises(KeyError):
        try:
            raise KeyError("another")
        except (AutoMLException, DatasetValidationError):
            pytest.fail("it caught something else")


def test_what_is_missing_is_reported_as_v1s_errors_are_and_by_hasattr() -> None:
    from azureml.pipeline.core import PublishedPipeline

    with pytest.raises(UserErrorException, match=r"PublishedPipeline\.list yet: submit"):
        PublishedPipeline.list(None)
    assert not hasattr(PublishedPipeline, "list")
    assert getattr(PublishedPipeline, "list", 3) == 3


def test_one_name_is_one_class_wherever_it_comes_from() -> None:
    import azureml.pipeline.core as core
    from azureml.pipeline.core import graph, module, schedule

    assert core.Schedule is schedule.Schedule
    assert core.Module is module.Module
    assert graph.Module is not module.Module  # v1 has two of that name


def test_a_family_that_is_missing_altogether_imports_at_any_depth() -> None:
    from azureml.contrib.automl.pipeline.steps import AutoMLPipelineBuilder, utilities
    from azureml.contrib.functions import HTTP_TRIGGER, package_http
    from azureml.train.automl.runtime._hts import hts_runtime_utilities

    assert HTTP_TRIGGER is not None
    with pytest.raises(NotYetError, match="AutoMLPipelineBuilder"):
        AutoMLPipelineBuilder.get_many_models_train_steps(experiment=None)
    with pytest.raises(NotYetError, match="package_http yet: it was a preview"):
        package_http(None)
    with pytest.raises(NotYetError, match=r"utilities\.get_output yet"):
        utilities.get_output()
    assert hts_runtime_utilities.__name__ == "azureml.train.automl.runtime._hts.hts_runtime_utilities"


@pytest.mark.parametrize("name", ["azureml.xyz", "azureml.core.xyz", "azureml.pipeline.xyz", "azureml.train.xyz"])
def test_a_module_that_never_was_does_not_import(name: str) -> None:
    with pytest.raises(ImportError):
        importlib.import_module(name)


def test_a_name_that_never_was_does_not_import() -> None:
    with pytest.raises(ImportError):
        from azureml.core import Nothing  # noqa: F401


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("azureml.core.runconfig", "CondaDependencies"),
        ("azureml.core.environment", "CondaDependencies"),
        ("azureml.core.conda_dependencies", "CondaDependencies"),
        ("azureml.pipeline.core.graph", "PipelineParameter"),
        ("azureml.pipeline.core.run", "PipelineRun"),
        ("azureml.core.run", "_OfflineRun"),
        ("azureml.core.model", "Dataset"),
        ("azureml.core.compute_target", "ComputeTargetException"),
        ("azureml._common.exceptions", "AzureMLException"),
        ("azureml._restclient.exceptions", "ServiceException"),
        ("azureml.telemetry", "set_diagnostics_collection"),
    ],
)
def test_aliases_lead_to_what_azud_has(path: str, name: str) -> None:
    assert marker(getattr(importlib.import_module(path), name)) is None


def test_telemetry_can_be_switched_and_sends_nothing() -> None:
    from azureml.telemetry import set_diagnostics_collection

    assert set_diagnostics_collection(send_diagnostics=True) is None


_CATCH = "from msrest.exceptions import HttpOperationError as E; import msrest; print(E.__module__, msrest.__file__)"


def _python(code: str, *path: str) -> str:
    command = [sys.executable, "-S", "-c", code]
    done = subprocess.run(command, env={"PYTHONPATH": ":".join(path)}, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def test_msrest_is_a_last_resort(tmp_path: Path) -> None:
    ours = _python(_CATCH, library_path())
    assert "msrest.exceptions" in ours and library_path() in ours
    real = tmp_path / "msrest"
    real.mkdir()
    (real / "__init__.py").write_text("from .version import V\n")
    (real / "version.py").write_text("V = '0.7'\n")
    (real / "exceptions.py").write_text("class HttpOperationError(Exception): pass\n")
    assert str(real / "__init__.py") in _python(_CATCH, library_path(), str(tmp_path))
    assert _python("import msrest; print(msrest.V)", library_path(), str(tmp_path)).strip() == "0.7"


def test_two_copies_of_the_last_resort_do_not_look_for_each_other(tmp_path: Path) -> None:
    copy = tmp_path / "_last_resort"
    shutil.copytree(f"{azureml.__path__[0]}/_last_resort", copy)
    assert library_path() in _python(_CATCH, library_path(), str(copy))


def test_importing_a_missing_class_costs_nothing_but_itself() -> None:
    code = (
        "import sys; from azureml.train.automl import AutoMLConfig; import azureml.core; "
        "print(*[m for m in ('typing', 'dataclasses', 'json', 'azud.sdk.run') if m in sys.modules])"
    )
    assert _python(code, library_path()).strip() == ""
