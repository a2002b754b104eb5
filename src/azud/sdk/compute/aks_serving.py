"""How the web services of an `AksCompute` are reached, in v1's words."""

from __future__ import annotations

from typing import Any, Dict, Mapping, Optional

from azud.sdk.compute.checking import all_or_none, file, one_of
from azud.sdk.exceptions import ComputeTargetException

PURPOSES = ("FastProd", "DevTest")


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


class Serving:
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

    def _check_serving(self) -> None:
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
