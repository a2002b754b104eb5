"""Names of the SDK v1 that azud does not have yet: they import, and say so when they are used.

Programs import more than they call. So a missing class can be imported, subclassed, annotated with, compared and asked
for in `isinstance` and `except`; whoever calls it, or reads an attribute or an item of it, gets a `NotYetError`.
"""

from __future__ import annotations

import sys
from abc import ABCMeta
from importlib.machinery import ModuleSpec
from types import ModuleType

from azud.sdk.exceptions import NotYetAttributeError, NotYetError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Iterator, NoReturn, Optional, Tuple

FAMILIES: Dict[str, str] = {
    "automl": "nothing searches for models by itself; write one PythonScriptStep for each candidate, they run side by "
    "side and are reused",
    "compute": "steps run on this machine; use an AmlCompute target",
    "configuration": "no step reads this part of a configuration; leave it out",
    "contrib": "it was a preview; do the same in a PythonScriptStep",
    "credentials": "passwords, keys and tokens that were given with a compute target are not kept",
    "dashboards": "look at a run with azud runs show, and at its metrics with run.get_metrics()",
    "datasets": "read and write files in the step itself",
    "datastores": "use a datastore of files: Datastore.register_azure_blob_container, register_s3, register_sftp …",
    "definitions": "graphs are made from steps; use a PythonScriptStep",
    "diagnosis": "azud doctor looks for what could stop azud here",
    "drift": "nothing watches data by itself; compare them in a step of your own",
    "estimators": "use a PythonScriptStep, or a ScriptRunConfig",
    "explanations": "compute and save them in your own step, with the library itself",
    "hyperdrive": "nothing sweeps by itself; write one PythonScriptStep for each combination, they run side by side "
    "and are reused",
    "internal": "it was not public; use the classes of azureml.core",
    "linked": "no other services are linked to a workspace",
    "mlflow": "log with run.log, or with an MLflow of your own",
    "models": "save the model as an output of its step, and register that as a dataset",
    "modules": "write a function that returns the PythonScriptStep",
    "notebooks": "run the notebook with azud run, or its code in a PythonScriptStep",
    "opendatasets": "download the data to a datastore, and make a dataset of them",
    "parallel": "use several PythonScriptSteps, each with its part of the data",
    "publishing": "submit the pipeline with Experiment.submit, and parameters with pipeline_parameters",
    "quotas": "nothing is rented, so nothing has a quota; how many steps run at a time is max_nodes, and the settings",
    "schedules": "start azud run PROGRAM from cron or a systemd timer",
    "secrets": "keep the secret itself with ws.get_default_keyvault().set_secret, or azud secrets set",
    "serving": "nothing serves models yet; load the model in your own program",
    "steps": "use a PythonScriptStep that does the same",
    "widgets": "use run.wait_for_completion(show_output=True), or azud runs show",
}
"""What to use instead, by family of names. A name is missing until its line in a table of `azureml` is replaced."""


class Absent(ABCMeta):
    """The class of a class that is missing; `azud_absent` holds its name and family."""

    # ABCMeta, so that a user's class may have both a missing class and ABC among its bases.
    azud_absent: Tuple[str, str]

    def __call__(cls, *args: Any, **kwargs: Any) -> NoReturn:
        raise NotYetError(message(*cls.azud_absent))

    def __getattr__(cls, name: str) -> NoReturn:
        if name.startswith("__"):
            raise AttributeError(name)
        _refuse(cls.azud_absent, name)

    def __getitem__(cls, key: Any) -> NoReturn:
        raise NotYetError(message(*cls.azud_absent))

    def __iter__(cls) -> Iterator[NoReturn]:
        raise NotYetError(message(*cls.azud_absent))


_made: Dict[Tuple[str, str], Any] = {}


def absent(module: str, name: str, family: str) -> Any:
    """Return what stands for a missing name: the same object for the same name and family, wherever it is imported.

    Args:
        module: The public module that was asked first.
        name: The public name. One that begins with a small letter is a function, one that ends in `Error` or
            `Exception` can stand in an `except` clause, the others are classes.
        family: A key of `FAMILIES`.
    """
    found = _made.get((family, name))
    if found is None:
        found = _made[family, name] = (_function if is_function(name) else _class)(module, name, family)
    return found


def message(name: str, family: str) -> str:
    """Return the sentence that names what is missing and says what to use instead."""
    return f"azud does not have {name} yet: {FAMILIES[family]}"


def marker(value: Any) -> Optional[Tuple[str, str]]:
    """Return name and family of what stands for a missing name itself, else None; subclasses of one are not it."""
    found: Optional[Tuple[str, str]] = vars(value).get("azud_absent") if hasattr(value, "__dict__") else None
    return found


def _refuse(missing: Tuple[str, str], attribute: str) -> NoReturn:
    name, family = missing
    raise NotYetAttributeError(message(f"{name}.{attribute}", family))


def is_function(name: str) -> bool:
    """Return whether a missing name is a function's: it begins with a small letter."""
    return name.lstrip("_")[:1].islower()


def is_error(name: str) -> bool:
    """Return whether a missing name is an exception's."""
    return name.endswith(("Error", "Exception"))


def _class(module: str, name: str, family: str) -> Any:
    base = Exception if is_error(name) else object
    doc = f"Not there yet. {message(name, family)}."
    return Absent(name, (base,), {"__module__": module, "__doc__": doc, "azud_absent": (name, family)})


def _function(module: str, name: str, family: str) -> Any:
    def missing(*args: Any, **kwargs: Any) -> NoReturn:
        raise NotYetError(message(name, family))

    missing.__name__ = missing.__qualname__ = name
    missing.__module__ = module
    missing.__doc__ = f"Not there yet. {message(name, family)}."
    vars(missing)["azud_absent"] = (name, family)
    return missing


class AbsentModule(ModuleType):
    """A module of a family that is missing altogether: every public name imports, every module below it too."""

    azud_absent: Tuple[str, str]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or is_function(name):
            # `from package import module` comes here first, and then looks for the module.
            _refuse((self.__name__, self.azud_absent[1]), name)
        found = absent(self.__name__, name, self.azud_absent[1])
        setattr(self, name, found)
        return found

    def __call__(self, *args: Any, **kwargs: Any) -> NoReturn:
        # A function is imported as the module that it could have been.
        raise NotYetError(message(*self.azud_absent))


class _Finder:
    """Finds the modules below `absent_below`, after everything that is really there."""

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> Optional[ModuleSpec]:
        """Return how to make the module, or None if it belongs to no family that is missing."""
        parent, _, name = fullname.rpartition(".")
        while parent:
            if parent in _below:
                return ModuleSpec(fullname, self, is_package=True)  # type: ignore[arg-type]
            parent = parent.rpartition(".")[0]
        return None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Make the module."""
        module = AbsentModule(spec.name)
        _make_absent(module, _family_of(spec.name))
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Leave it empty."""


_below: Dict[str, str] = {}


def _family_of(module: str) -> str:
    while module not in _below:
        module = module.rpartition(".")[0]
    return _below[module]


def _make_absent(module: ModuleType, family: str) -> None:
    vars(module)["azud_absent"] = (module.__name__.rpartition(".")[2], family)


def absent_below(module: str, family: str) -> None:
    """Have every module below a package import, each as an `AbsentModule`, unless it is really there."""
    if not _below:
        sys.meta_path.append(_Finder())
    _below[module] = family


def absent_package(module: str, family: str) -> None:
    """Make a package, which has nothing but a docstring, and everything below it missing."""
    found = sys.modules[module]
    found.__class__ = AbsentModule
    _make_absent(found, family)
    absent_below(module, family)
