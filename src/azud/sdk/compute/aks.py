"""`AksCompute`: a cluster of the Azure Kubernetes Service, kept as a record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn, Optional

from azud.sdk.compute.aks_configuration import (
    AksAttachConfiguration,
    AksProvisioningConfiguration,
    AksUpdateConfiguration,
)
from azud.sdk.compute.attached import old_attach
from azud.sdk.compute.records import refuse_in_job
from azud.sdk.compute.target import ComputeTarget
from azud.sdk.exceptions import ComputeTargetException
from azud.sdk.support import not_yet

if TYPE_CHECKING:
    from azud.sdk.workspace import Workspace


class AksCompute(ComputeTarget):
    """A cluster of the Azure Kubernetes Service, which v1 uses to serve models. Nothing here is served from it."""

    _type = "AKS"

    class ClusterPurpose:
        """What a cluster is for."""

        FAST_PROD = "FastProd"
        DEV_TEST = "DevTest"

    @staticmethod
    def attach(workspace: Workspace, name: str, resource_id: str) -> NoReturn:
        """Refuse, as in v1, in favour of `ComputeTarget.attach`.

        Raises:
            ComputeTargetException: Always.
        """
        raise old_attach("AksCompute")

    @staticmethod
    def provisioning_configuration(
        agent_count: Optional[int] = None,
        vm_size: Optional[str] = None,
        ssl_cname: Optional[str] = None,
        ssl_cert_pem_file: Optional[str] = None,
        ssl_key_pem_file: Optional[str] = None,
        location: Optional[str] = None,
        vnet_resourcegroup_name: Optional[str] = None,
        vnet_name: Optional[str] = None,
        subnet_name: Optional[str] = None,
        service_cidr: Optional[str] = None,
        dns_service_ip: Optional[str] = None,
        docker_bridge_cidr: Optional[str] = None,
        cluster_purpose: Optional[str] = None,
        load_balancer_type: Optional[str] = None,
        load_balancer_subnet: Optional[str] = None,
    ) -> AksProvisioningConfiguration:
        """Return what a new cluster shall be, for `ComputeTarget.create`.

        Raises:
            ComputeTargetException: Count, purpose, network, certificate or load balancer cannot be as they are given.
        """
        return AksProvisioningConfiguration(
            agent_count,
            vm_size,
            ssl_cname,
            ssl_cert_pem_file,
            ssl_key_pem_file,
            location,
            vnet_resourcegroup_name,
            vnet_name,
            subnet_name,
            service_cidr,
            dns_service_ip,
            docker_bridge_cidr,
            cluster_purpose,
            load_balancer_type,
            load_balancer_subnet,
        )

    @staticmethod
    def attach_configuration(
        resource_group: Optional[str] = None,
        cluster_name: Optional[str] = None,
        resource_id: Optional[str] = None,
        cluster_purpose: Optional[str] = None,
        load_balancer_type: Optional[str] = None,
        load_balancer_subnet: Optional[str] = None,
    ) -> AksAttachConfiguration:
        """Return which cluster is meant, for `ComputeTarget.attach`: by group and name, or by the resource's id.

        Raises:
            ComputeTargetException: It is not named, or purpose or load balancer cannot be as they are given.
        """
        return AksAttachConfiguration(
            resource_group, cluster_name, resource_id, cluster_purpose, load_balancer_type, load_balancer_subnet
        )

    def update(self, update_configuration: Any) -> None:
        """Keep other settings of certificate and load balancer with the record.

        Raises:
            ComputeTargetException: In a job, or no `AksUpdateConfiguration`.
        """
        refuse_in_job("change a compute target")
        if not isinstance(update_configuration, AksUpdateConfiguration):
            raise ComputeTargetException(
                f"update_configuration is of type {type(update_configuration).__name__}: give an AksUpdateConfiguration"
            )
        update_configuration.validate_configuration()
        self._change(**update_configuration._properties())

    get_credentials = not_yet("AksCompute.get_credentials", "credentials")
