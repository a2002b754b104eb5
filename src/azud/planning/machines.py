"""What Azure's VM sizes have, so that a run can say when it asks for more than there is.

Source: Azure's public tables of virtual machine sizes. Sizes that are not listed say nothing.
"""

from __future__ import annotations

from typing import Dict, NamedTuple, Optional


class MachineSize(NamedTuple):
    """Cores, memory in GiB, GPUs."""

    cores: int
    memory_gib: float
    gpus: int = 0


_SIZES: Dict[str, MachineSize] = {
    "STANDARD_D1": MachineSize(1, 3.5),
    "STANDARD_D2": MachineSize(2, 7),
    "STANDARD_D3": MachineSize(4, 14),
    "STANDARD_D4": MachineSize(8, 28),
    "STANDARD_D1_V2": MachineSize(1, 3.5),
    "STANDARD_D2_V2": MachineSize(2, 7),
    "STANDARD_D3_V2": MachineSize(4, 14),
    "STANDARD_D4_V2": MachineSize(8, 28),
    "STANDARD_D5_V2": MachineSize(16, 56),
    "STANDARD_D11_V2": MachineSize(2, 14),
    "STANDARD_D12_V2": MachineSize(4, 28),
    "STANDARD_D13_V2": MachineSize(8, 56),
    "STANDARD_D14_V2": MachineSize(16, 112),
    "STANDARD_DS1_V2": MachineSize(1, 3.5),
    "STANDARD_DS2_V2": MachineSize(2, 7),
    "STANDARD_DS3_V2": MachineSize(4, 14),
    "STANDARD_DS4_V2": MachineSize(8, 28),
    "STANDARD_DS5_V2": MachineSize(16, 56),
    "STANDARD_DS11_V2": MachineSize(2, 14),
    "STANDARD_DS12_V2": MachineSize(4, 28),
    "STANDARD_D2S_V3": MachineSize(2, 8),
    "STANDARD_D4S_V3": MachineSize(4, 16),
    "STANDARD_D8S_V3": MachineSize(8, 32),
    "STANDARD_D16S_V3": MachineSize(16, 64),
    "STANDARD_E2S_V3": MachineSize(2, 16),
    "STANDARD_E4S_V3": MachineSize(4, 32),
    "STANDARD_E8S_V3": MachineSize(8, 64),
    "STANDARD_F2S_V2": MachineSize(2, 4),
    "STANDARD_F4S_V2": MachineSize(4, 8),
    "STANDARD_F8S_V2": MachineSize(8, 16),
    "STANDARD_NC6": MachineSize(6, 56, 1),
    "STANDARD_NC12": MachineSize(12, 112, 2),
    "STANDARD_NC24": MachineSize(24, 224, 4),
    "STANDARD_NC6S_V2": MachineSize(6, 112, 1),
    "STANDARD_NC6S_V3": MachineSize(6, 112, 1),
    "STANDARD_NC12S_V3": MachineSize(12, 224, 2),
    "STANDARD_NC24S_V3": MachineSize(24, 448, 4),
    "STANDARD_NC24RS_V3": MachineSize(24, 448, 4),
    "STANDARD_NC4AS_T4_V3": MachineSize(4, 28, 1),
    "STANDARD_NC8AS_T4_V3": MachineSize(8, 56, 1),
    "STANDARD_NV6": MachineSize(6, 56, 1),
    "STANDARD_NV12": MachineSize(12, 112, 2),
    "STANDARD_ND6S": MachineSize(6, 112, 1),
    "STANDARD_ND40RS_V2": MachineSize(40, 672, 8),
    "STANDARD_ND96ASR_V4": MachineSize(96, 900, 8),
}


def machine_size(vm_size: str) -> Optional[MachineSize]:
    """Return what a VM size has, whatever its case, or None if it is not known."""
    return _SIZES.get(vm_size.upper())


def shortfall(vm_size: str, have: MachineSize) -> Optional[str]:
    """Return what this machine has less of than a VM size, as "6 cores, 1 GPU (here 2, 0)"; None if nothing."""
    asked = machine_size(vm_size)
    if asked is None:
        return None
    wanted, here = [], []
    if asked.cores > have.cores:
        wanted.append(f"{asked.cores} cores")
        here.append(f"{have.cores} cores")
    if asked.memory_gib > have.memory_gib * 1.1:  # a machine never shows all of the memory that it was sold with
        wanted.append(f"{asked.memory_gib:g} GiB of memory")
        here.append(f"{have.memory_gib:.0f} GiB")
    if asked.gpus > have.gpus:
        wanted.append(f"{asked.gpus} GPU{'s' if asked.gpus > 1 else ''}")
        here.append(f"{have.gpus or 'no'} GPU{'s' if have.gpus > 1 else ''}")
    return f"{', '.join(wanted)} (here: {', '.join(here)})" if wanted else None


def known_sizes() -> Dict[str, MachineSize]:
    """Return the VM sizes that are known, by Azure's names in capitals."""
    return dict(_SIZES)
