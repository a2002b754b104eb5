# Made by `python -m azud.porting.stubs`.

from typing import NoReturn
from typing_extensions import deprecated
from azud.sdk.compute.legacy import AbstractComputeTarget as AbstractComputeTarget
from azud.sdk.exceptions import ComputeTargetException as ComputeTargetException
from azud.sdk.compute.legacy import LocalTarget as LocalTarget

@deprecated("azud does not have attach_legacy_compute_target yet")
def attach_legacy_compute_target() -> NoReturn:
    """Not there yet: steps run on this machine; use an AmlCompute target."""

@deprecated("azud does not have is_compute_target_prepared yet")
def is_compute_target_prepared() -> NoReturn:
    """Not there yet: steps run on this machine; use an AmlCompute target."""

@deprecated("azud does not have prepare_compute_target yet")
def prepare_compute_target() -> NoReturn:
    """Not there yet: steps run on this machine; use an AmlCompute target."""

@deprecated("azud does not have remove_legacy_compute_target yet")
def remove_legacy_compute_target() -> NoReturn:
    """Not there yet: steps run on this machine; use an AmlCompute target."""
