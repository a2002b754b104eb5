# Made by `python -m azud.porting.stubs`.

from azud.sdk.container_registry import ContainerRegistry as ContainerRegistry
from azud.sdk.container_registry import RegistryIdentity as RegistryIdentity
