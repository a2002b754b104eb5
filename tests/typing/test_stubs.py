"""The stubs of the lazy modules are those that their tables make, and say what the modules give."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

import azud
from azud.porting import stubs
from azud.porting.names import is_module
from azud.porting.surface import surface
from azud.sdk.absent import AbsentModule


def test_the_stubs_are_up_to_date() -> None:
    found = {path: text for path, text in stubs.stubs().items() if not path.exists() or path.read_text() != text}
    assert not found, f"run: python -m azud.porting.stubs (for {', '.join(map(str, found))})"


def test_no_stub_is_left_of_a_module_that_is_gone() -> None:
    made = set(stubs.stubs())
    for folder in {path.parent for path in made}:
        assert {path for path in folder.rglob("*.pyi")} <= made


def test_every_public_path_of_v1_stands_in_a_stub() -> None:
    for path in surface().paths():
        module, _, name = path.rpartition(".")
        if is_module(path) or isinstance(importlib.import_module(module), AbsentModule):
            continue  # of families that are missing altogether a checker reports the import
        place = Path(str(importlib.import_module(module).__file__)).resolve().with_suffix(".pyi")
        assert place.exists(), f"{module} has no stub"
        assert re.search(rf"\b(as|class|def) {name}\b|^{name}: ", place.read_text(), re.MULTILINE), path


def test_packages_say_that_they_are_typed() -> None:
    import azureml
    import azureml_user

    for package in (azud, azureml, azureml_user):
        assert (Path(str(package.__file__)).parent / "py.typed").exists()


def test_a_missing_name_is_one_class_wherever_it_is_imported_from() -> None:
    texts = stubs.stubs().values()
    classes = [found for text in texts for found in re.findall(r"^class (\w+).*:\n(.*)", text, re.MULTILINE)]
    assert sorted({found for found in classes if classes.count(found) > 1}) == []


@pytest.mark.parametrize("name", ["azud", "azud.sdk"])
def test_the_stub_of_a_lazy_package_names_what_it_gives(name: str) -> None:
    module = importlib.import_module(name)
    text = Path(str(module.__file__)).with_suffix(".pyi").read_text()
    named = set(re.findall(r" as (\w+)$", text, re.MULTILINE))
    assert named == {each for each in dir(module) if each[:1].isupper() and isinstance(getattr(module, each), type)}
