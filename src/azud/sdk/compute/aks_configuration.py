"""What an `AksCompute` shall be, in v1's words."""

from __future__ import annotations

from typing import Any, Dict, Mapping, Optional

from azud.sdk.compute.checking import all_or_none, file, one_of, whole
from azud.sdk.compute.configurations import (
    ComputeTargetAttachConfiguration,
    ComputeTargetProvisioningConfiguration,
    ComputeTargetUpdateConfiguration,
)
from azud.sdk.exceptions import ComputeTargetException

PURPOSES = ("FastProd", "DevTest")
_SSL_KEPT = ("ssl_cname", "leaf_domain_label", "overwrite_existing_domain")


class SslConfiguration:
    """How a cluster's web services are reached by HTTPS. Certificate and key are secrets: no text shows them."""

    def __init__(
        self,
        status: Optional[str] = None,
        cert: Optional[str] = None,
        key: Optional[str] = None,
        cname: Optional[str] = None,
        leaf_domain_label: Optional[str] = None,
        overwrite_existing_domain: bool = False,
        renew: bool = False,
    ) -> None:
        """Keep the settings."""
        self.status = status
        self.cert = cert
        self.key = key
        self.cname = cname
        self.leaf_domain_label = leaf_domain_label
        self.overwrite_existing_domain = overwrite_existing_domain
        self.renew = renew

    def serialize(self) -> Dict[str, Any]:
        """Return v1's JSON form; of certificate and key it says only whether they are given."""
        return {
            "status": self.status,
            "cert": "(given)" if self.cert else None,
            "key": "(given)" if self.key else None,
            "cname": self.cname,
            "leafDomainLabel": self.leaf_domain_label,
            "overwriteExistingDomain": self.overwrite_existing_domain,
            "renew": self.renew,
        }

    @staticmethod
    def deserialize(object_dict: Optional[Mapping[str, Any]]) -> Optional[SslConfiguration]:
        """Return the settings of their JSON form."""
        if not object_dict:
            return None
        get = object_dict.get
        return SslConfiguration(
            get("status"),
            get("cert"),
            get("key"),
            get("cname"),
            get("leafDomainLabel"),
            bool(get("overwriteExistingDomain")),
            bool(get("renew")),
        )


class SystemService:
    """A service of Azure's own on a cluster."""

    def __init__(self, service_type: Any, version: Any, public_ip_address: Any) -> None:
        """Keep the facts."""
        self.service_type = service_type
        self.version = version
        self.public_ip_address = public_ip_address

    def serialize(self) -> Dict[str, Any]:
        """Return v1's JSON form."""
        return {
            "serviceType": self.service_type,
            "version": self.version,
            "publicIpAddress": self.public_ip_address,
        }

    @staticmethod
    def deserialize(object_dict: Optional[Mapping[str, Any]]) -> Optional[SystemService]:
        """Return the service of its JSON form."""
        if not object_dict:
            return None
        return SystemService(*(object_dict.get(name) for name in ("serviceType", "version", "publicIpAddress")))


class _WithSsl:
    """The settings that `enable_ssl` sets, and those of the load balancer."""

    ssl_cname: Optional[str] = None
    ssl_cert_pem_file: Optional[str] = None
    ssl_key_pem_file: Optional[str] = None
    leaf_domain_label: Optional[str] = None
    overwrite_existing_domain: bool = False
    load_balancer_type: Optional[str] = None
    load_balancer_subnet: Optional[str] = None
    cluster_purpose: Optional[str] = None

    def enable_ssl(
        self,
        ssl_cname: Optional[str] = None,
        ssl_cert_pem_file: Optional[str] = None,
        ssl_key_pem_file: Optional[str] = None,
        leaf_domain_label: Optional[str] = None,
        overwrite_existing_domain: bool = False,
    ) -> None:
        """Say how web services are reached by HTTPS: with a certificate of one's own, or below a label of Azure's.

        Raises:
            ComputeTargetException: Neither or both, a part of the former is missing, or a file is not there.
        """
        names = (ssl_cname, ssl_cert_pem_file, ssl_key_pem_file)
        if any(names) == bool(leaf_domain_label):
            raise ComputeTargetException(
                "give ssl_cname, ssl_cert_pem_file and ssl_key_pem_file, or leaf_domain_label: one of the two ways"
            )
        self.ssl_cname, self.ssl_cert_pem_file, self.ssl_key_pem_file = names
        self.leaf_domain_label = leaf_domain_label
        self.overwrite_existing_domain = overwrite_existing_domain
        self._check_ssl()

    def _check_ssl(self) -> None:
        all_or_none(
            ssl_cname=self.ssl_cname,
            ssl_cert_pem_file=self.ssl_cert_pem_file,
            ssl_key_pem_file=self.ssl_key_pem_file,
        )
        file(self.ssl_cert_pem_file, "ssl_cert_pem_file")
        file(self.ssl_key_pem_file, "ssl_key_pem_file")

    def _check_shared(self) -> None:
        if self.cluster_purpose is not None:
            one_of(self.cluster_purpose, "cluster_purpose", *PURPOSES)
        check_load_balancer(self.load_balancer_type, self.load_balancer_subnet)
        self._check_ssl()


def check_load_balancer(kind: Optional[str], subnet: Optional[str]) -> None:
    """Check how a cluster is reached.

    Raises:
        ComputeTargetException: No such load balancer, or a subnet for one that has none.
    """
    chosen = None if kind is None else one_of(kind, "load_balancer_type", "PublicIp", "InternalLoadBalancer")
    if subnet and chosen != "InternalLoadBalancer":
        raise ComputeTargetException("load_balancer_subnet is for load_balancer_type 'InternalLoadBalancer' only")


class AksProvisioningConfiguration(_WithSsl, ComputeTargetProvisioningConfiguration):
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
        self._check_shared()


class AksAttachConfiguration(_WithSsl, ComputeTargetAttachConfiguration):
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
        self._check_shared()


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
