"""What an `AksCompute` shall be, in v1's words."""

from __future__ import annotations

from typing import Any, Dict, Optional

from azud.sdk.compute.aks_serving import Serving, SslConfiguration, check_load_balancer
from azud.sdk.compute.checking import all_or_none, whole
from azud.sdk.compute.configurations import (
    ComputeTargetAttachConfiguration,
    ComputeTargetProvisioningConfiguration,
    ComputeTargetUpdateConfiguration,
)
from azud.sdk.exceptions import ComputeTargetException

_SSL_KEPT = ("ssl_cname", "leaf_domain_label", "overwrite_existing_domain")


class AksProvisioningConfiguration(Serving, ComputeTargetProvisioningConfiguration):
    """What a new AKS cluster shall be."""

    _kept = (
        "agent_count",
        "vm_size",
        "vnet_resourcegroup_name",
        "vnet_name",
        "subnet_name",
        "service_cidr",
        "dns_service_ip",
        "docker_bridge_cidr",
        "cluster_purpose",
        "load_balancer_type",
        "load_balancer_subnet",
        *_SSL_KEPT,
    )
    _secrets = ("ssl_cert_pem_file", "ssl_key_pem_file")

    def __init__(
        self,
        agent_count: Optional[int],
        vm_size: Optional[str],
        ssl_cname: Optional[str],
        ssl_cert_pem_file: Optional[str],
        ssl_key_pem_file: Optional[str],
        location: Optional[str],
        vnet_resourcegroup_name: Optional[str],
        vnet_name: Optional[str],
        subnet_name: Optional[str],
        service_cidr: Optional[str],
        dns_service_ip: Optional[str],
        docker_bridge_cidr: Optional[str],
        cluster_purpose: Optional[str],
        load_balancer_type: Optional[str],
        load_balancer_subnet: Optional[str],
    ) -> None:
        """Keep the settings.

        Raises:
            ComputeTargetException: As `validate_configuration`.
        """
        from azud.sdk.compute.aks import AksCompute

        super().__init__(AksCompute, location)
        self.agent_count = agent_count
        self.vm_size = vm_size
        self.ssl_cname = ssl_cname
        self.ssl_cert_pem_file = ssl_cert_pem_file
        self.ssl_key_pem_file = ssl_key_pem_file
        self.vnet_resourcegroup_name = vnet_resourcegroup_name
        self.vnet_name = vnet_name
        self.subnet_name = subnet_name
        self.leaf_domain_label: Optional[str] = None
        self.overwrite_existing_domain = False
        self.service_cidr = service_cidr
        self.dns_service_ip = dns_service_ip
        self.docker_bridge_cidr = docker_bridge_cidr
        self.cluster_purpose = cluster_purpose
        self.load_balancer_type = load_balancer_type
        self.load_balancer_subnet = load_balancer_subnet
        self.validate_configuration()

    def validate_configuration(self) -> None:
        """Check the settings.

        Raises:
            ComputeTargetException: Count, purpose, network, certificate or load balancer cannot be as they are given.
        """
        if self.agent_count is not None:
            self.agent_count = whole(self.agent_count, "agent_count", 1)
        all_or_none(
            vnet_resourcegroup_name=self.vnet_resourcegroup_name,
            vnet_name=self.vnet_name,
            subnet_name=self.subnet_name,
        )
        in_network = all_or_none(
            service_cidr=self.service_cidr,
            dns_service_ip=self.dns_service_ip,
            docker_bridge_cidr=self.docker_bridge_cidr,
        )
        if in_network and not self.vnet_name:
            raise ComputeTargetException(
                "service_cidr, dns_service_ip and docker_bridge_cidr need a network: vnet_name"
            )
        self._check_serving()


class AksAttachConfiguration(Serving, ComputeTargetAttachConfiguration):
    """Which AKS cluster is meant."""

    _kept = (
        "resource_group",
        "cluster_name",
        "resource_id",
        "cluster_purpose",
        "load_balancer_type",
        "load_balancer_subnet",
        *_SSL_KEPT,
    )
    _secrets = ("ssl_cert_pem_file", "ssl_key_pem_file")
    _resource_kind = "Microsoft.ContainerService/managedClusters"
    _resource_name = "cluster_name"

    def __init__(
        self,
        resource_group: Optional[str] = None,
        cluster_name: Optional[str] = None,
        resource_id: Optional[str] = None,
        cluster_purpose: Optional[str] = None,
        load_balancer_type: Optional[str] = None,
        load_balancer_subnet: Optional[str] = None,
    ) -> None:
        """Keep the names.

        Raises:
            ComputeTargetException: As `validate_configuration`.
        """
        from azud.sdk.compute.aks import AksCompute

        super().__init__(AksCompute)
        self.resource_group = resource_group
        self.cluster_name = cluster_name
        self.resource_id = resource_id
        self.cluster_purpose = cluster_purpose
        self.ssl_cname: Optional[str] = None
        self.ssl_cert_pem_file: Optional[str] = None
        self.ssl_key_pem_file: Optional[str] = None
        self.leaf_domain_label: Optional[str] = None
        self.overwrite_existing_domain = False
        self.load_balancer_type = load_balancer_type
        self.load_balancer_subnet = load_balancer_subnet
        self.validate_configuration()

    def validate_configuration(self) -> None:
        """Check the settings.

        Raises:
            ComputeTargetException: The cluster is not named, or purpose, certificate or load balancer cannot be so.
        """
        super().validate_configuration()
        self._check_serving()


class AksUpdateConfiguration(ComputeTargetUpdateConfiguration):
    """What shall change of an AKS cluster."""

    _kept = ("load_balancer_type", "load_balancer_subnet")

    def __init__(
        self,
        ssl_configuration: Optional[SslConfiguration] = None,
        load_balancer_type: Optional[str] = None,
        load_balancer_subnet: Optional[str] = None,
    ) -> None:
        """Keep the settings.

        Raises:
            ComputeTargetException: As `validate_configuration`.
        """
        from azud.sdk.compute.aks import AksCompute

        super().__init__(AksCompute)
        self.ssl_configuration = ssl_configuration
        self.load_balancer_type = load_balancer_type
        self.load_balancer_subnet = load_balancer_subnet
        self.validate_configuration()

    def validate_configuration(self) -> None:
        """Check the settings.

        Raises:
            ComputeTargetException: No SSL configuration, or no such load balancer.
        """
        if self.ssl_configuration is not None and not isinstance(self.ssl_configuration, SslConfiguration):
            raise ComputeTargetException(f"ssl_configuration is {self.ssl_configuration!r}: give an SslConfiguration")
        check_load_balancer(self.load_balancer_type, self.load_balancer_subnet)

    def _properties(self) -> Dict[str, Any]:
        found = super()._properties()
        ssl = self.ssl_configuration
        if ssl is None:
            return found
        found.update(ssl_cname=ssl.cname, leaf_domain_label=ssl.leaf_domain_label, ssl_status=ssl.status)
        secrets = [name for name, value in (("ssl_cert_pem_file", ssl.cert), ("ssl_key_pem_file", ssl.key)) if value]
        return dict(found, secrets=secrets) if secrets else found
