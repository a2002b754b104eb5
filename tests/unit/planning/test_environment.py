"""What an environment asks for, held against what is installed; VM sizes held against the machine."""

from __future__ import annotations

import pytest

from azud.planning.environment import asked_packages, differences
from azud.planning.machines import MachineSize, shortfall


def definition(*dependencies, managed=False):
    return {"python": {"userManagedDependencies": managed, "condaDependencies": {"dependencies": list(dependencies)}}}


def test_conda_and_pip_requirements_are_read_and_ours_left_out():
    asked = asked_packages(
        definition("python=3.8", "pip", "conda-forge::scikit_learn=0.24", {"pip": ["azureml-sdk", "Pandas[extra]>=1"]})
    )
    assert asked == {"scikit-learn": "=0.24", "pandas": ">=1"}


def test_nothing_is_asked_where_the_user_manages_the_packages():
    assert asked_packages(definition("numpy", managed=True)) == {}
    assert asked_packages(None) == {}


def test_differences_name_what_is_missing_and_what_has_another_exact_version():
    spec = definition("numpy==1.0", "scipy=2.0", "wheel", {"pip": ["pandas>=1", "missing~=3.1"]})
    assert differences(spec, {"numpy": "2.0", "scipy": "2.0", "pandas": "3.0"}) == [
        "missing~=3.1 is not installed",
        "numpy is 2.0, asked for 1.0",
    ]


@pytest.mark.parametrize(
    "size, have, told",
    [
        ("standard_nc6", MachineSize(2, 24, 0), "6 cores, 56 GiB of memory, 1 GPU (here: 2 cores, 24 GiB, no GPU)"),
        ("STANDARD_NC6", MachineSize(8, 64, 1), None),
        ("STANDARD_D2_V2", MachineSize(2, 6.8, 0), None),
        ("STANDARD_UNHEARD_OF", MachineSize(1, 1, 0), None),
    ],
)
def test_a_shortfall_says_what_is_asked_and_what_is_here(size, have, told):
    assert shortfall(size, have) == told
