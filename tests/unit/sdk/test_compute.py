"""Compute targets: what is sent of them, what is shown, and what is refused before anything is sent."""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any

import pytest

from azud.sdk.compute import AmlCompute, ComputeTarget
from azud.sdk.compute.legacy import AbstractComputeTarget, LocalTarget
from azud.sdk.exceptions import ComputeTargetException, NotYetError
from azureml.core import compute as kinds
from azureml.core.compute.aks import AksUpdateConfiguration, SslConfiguration, SystemService
from azureml.core.compute.amlcompute import AmlComputeNodeStateCounts, AmlComputeProvisioningConfiguration
from azureml.core.compute.compute import ComputeTargetAttachConfiguration
from azureml.core.compute.computeinstance import ComputeInstanceStatus
from azureml.core.compute.kubernetescompute import KubernetesComputeStatus

SECRET = "hunter2-hunter2"


def compute_record(**changes: Any) -> dict[str, Any]:
    return {
        "name": "c",
        "type": "AmlCompute",
        "properties": {
            "vm_size": "STANDARD_NC6",
            "vm_priority": "dedicated",
            "min_nodes": 0,
            "max_nodes": 4,
            "idle_seconds_before_scaledown": 1800,
        },
        "tags": {},
        "provisioning_state": "Succeeded",
        "created_at": "t",
        "modified_at": "t",
        "status": {
            "current_node_count": 1,
            "target_node_count": 1,
            "running_node_count": 1,
            "idle_node_count": 0,
            "allocation_state": "Steady",
            "allocation_state_transition_at": "t",
        },
        **changes,
    }


@pytest.fixture
def kept(workspace: Any) -> Any:
    """A workspace that keeps the target `c` that is sent to it."""

    def put(body: Any) -> Any:
        workspace._api.answers["/compute/c"] = compute_record(**json.loads(json.dumps(body)))
        return workspace._api.answers["/compute/c"]

    workspace._api.replies["PUT /compute/c"] = put
    return workspace


def test_a_cluster_as_programs_use_it(workspace: Any, capsys: pytest.CaptureFixture[str]) -> None:
    workspace._api.replies["PUT /compute/c"] = lambda body: compute_record()
    configuration = AmlCompute.provisioning_configuration(vm_size="STANDARD_NC6", max_nodes=4)
    made = ComputeTarget.create(workspace, "c", configuration)
    assert type(made) is AmlCompute
    assert workspace._api.sent[-1][2]["properties"] == compute_record()["properties"]
    workspace._api.answers["/compute/c"] = compute_record()
    found = ComputeTarget(workspace, "c")
    assert type(found) is AmlCompute and type(AmlCompute(workspace, "c")) is AmlCompute
    assert (found.name, found.type, found.vm_size, found.provisioning_state) == (
        "c",
        "AmlCompute",
        "STANDARD_NC6",
        "Succeeded",
    )
    found.wait_for_completion(show_output=True, min_node_count=None, timeout_in_minutes=20)
    assert "Minimum number of nodes requested have been provisioned" in capsys.readouterr().out
    assert found.status.serialize() == {
        "currentNodeCount": 1,
        "targetNodeCount": 1,
        "nodeStateCounts": {
            "preparingNodeCount": 0,
            "runningNodeCount": 1,
            "idleNodeCount": 0,
            "unusableNodeCount": 0,
            "leavingNodeCount": 0,
            "preemptedNodeCount": 0,
        },
        "allocationState": "Steady",
        "allocationStateTransitionTime": "t",
        "errors": None,
        "creationTime": "t",
        "modifiedTime": "t",
        "provisioningState": "Succeeded",
        "provisioningStateTransitionTime": "t",
        "scaleSettings": {"minNodeCount": 0, "maxNodeCount": 4, "nodeIdleTimeBeforeScaleDown": "PT1800S"},
        "vmPriority": "dedicated",
        "vmSize": "STANDARD_NC6",
    }
    assert type(found.get_status()).deserialize(found.status.serialize()).serialize() == found.status.serialize()
    assert found.serialize()["properties"]["status"]["vmSize"] == "STANDARD_NC6"
    found.update(max_nodes=2)
    assert workspace._api.sent[-1][2]["properties"]["max_nodes"] == 2
    found.delete()
    assert workspace._api.sent[-1][:2] == ("DELETE", "/compute/c")
    found.wait_for_completion(show_output=True, is_delete_operation=True)


def test_counts_that_arrive_as_texts(kept: Any) -> None:
    configuration = AmlCompute.provisioning_configuration(
        vm_size="STANDARD_D2_V2", min_nodes="1", max_nodes=" 4 ", idle_seconds_before_scaledown="120"
    )
    made = ComputeTarget.create(kept, "c", configuration)
    scale = made.scale_settings
    counts = (scale.minimum_node_count, scale.maximum_node_count, scale.idle_seconds_before_scaledown)
    assert counts == (1, 4, 120)
    made.wait_for_completion(min_node_count="1")
    made.update(max_nodes="2")
    assert kept._api.sent[-1][2]["properties"]["max_nodes"] == 2


@pytest.mark.parametrize(
    ("arguments", "about"),
    [
        ({}, "max_nodes"),
        ({"max_nodes": 0}, "max_nodes"),
        ({"max_nodes": True}, "max_nodes"),
        ({"max_nodes": "four"}, "max_nodes"),
        ({"max_nodes": 1.5}, "max_nodes"),
        ({"max_nodes": 1, "min_nodes": 2}, "min_nodes is 2, which is above max_nodes, 1"),
        ({"max_nodes": 1, "min_nodes": -1}, "min_nodes"),
        ({"max_nodes": 1, "idle_seconds_before_scaledown": None}, "idle_seconds"),
        ({"max_nodes": 1, "vm_priority": "spot"}, "'dedicated' or 'lowpriority'"),
        ({"max_nodes": 1, "vm_size": 3}, "vm_size"),
        ({"max_nodes": 1, "vnet_name": "net"}, "vnet_name without vnet_resourcegroup_name, subnet_name"),
        ({"max_nodes": 1, "admin_username": "me"}, "admin_user_password"),
        ({"max_nodes": 1, "admin_user_password": SECRET}, "admin_username"),
        ({"max_nodes": 1, "identity_type": "Mine"}, "SystemAssigned"),
        ({"max_nodes": 1, "identity_type": "UserAssigned"}, "identity_id"),
        ({"max_nodes": 1, "identity_type": "SystemAssigned", "identity_id": ["/a"]}, "identity_id"),
        ({"max_nodes": 1, "identity_id": ["/a"]}, "identity_type"),
        ({"max_nodes": 1, "remote_login_port_public_access": "Yes"}, "remote_login_port_public_access"),
    ],
)
def test_clusters_that_are_refused(arguments: Any, about: str) -> None:
    with pytest.raises(ComputeTargetException) as caught:
        AmlCompute.provisioning_configuration(**arguments)
    assert about in caught.value.message
    assert SECRET not in str(caught.value)


def test_settings_that_change_after_they_were_checked_are_checked_again(kept: Any) -> None:
    configuration = AmlCompute.provisioning_configuration(max_nodes=1)
    configuration.vm_priority = "spot"
    with pytest.raises(ComputeTargetException, match="vm_priority"):
        ComputeTarget.create(kept, "c", configuration)
    assert not kept._api.sent


def test_targets_that_are_refused(workspace: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ComputeTargetException) as caught:
        ComputeTarget(workspace, "missing")
    assert caught.value.message.startswith("ComputeTargetNotFound")
    good = AmlCompute.provisioning_configuration(max_nodes=1)
    for name in ("local", "AmlCompute", "ContainerInstance", "", None):
        with pytest.raises(ComputeTargetException, match="cannot be the name"):
            ComputeTarget.create(workspace, name, good)
    with pytest.raises(ComputeTargetException, match="attach_configuration"):
        ComputeTarget.attach(workspace, "c", good)
    with pytest.raises(ComputeTargetException, match="provisioning_configuration"):
        ComputeTarget.create(workspace, "c", {"vm_size": "x"})
    monkeypatch.setenv("AZUD_ATTEMPT_DIR", "/attempt")
    with pytest.raises(ComputeTargetException, match="a job cannot create"):
        ComputeTarget.create(workspace, "c", good)


def test_a_target_of_another_kind_is_not_opened_as_this_one(workspace: Any) -> None:
    workspace._api.answers["/compute/c"] = compute_record(type="Databricks", properties={})
    with pytest.raises(ComputeTargetException, match=r"of type Databricks, not AmlCompute.*DatabricksCompute"):
        AmlCompute(workspace, "c")
    assert type(ComputeTarget(workspace, "c")) is kinds.DatabricksCompute


def test_identities_are_kept_with_a_cluster(kept: Any) -> None:
    made = ComputeTarget.create(kept, "c", AmlCompute.provisioning_configuration(max_nodes=1))
    made.add_identity("UserAssigned", ["/one"])
    made.add_identity("UserAssigned", ["/two", "/one"])
    assert (made.identity_type, made.identity_id) == ("UserAssigned", ["/two", "/one"])
    assert made.serialize()["identity"] == {"type": "UserAssigned", "userAssignedIdentities": ["/two", "/one"]}
    made.remove_identity(["/two"])
    assert made.identity_id == ["/one"]
    with pytest.raises(ComputeTargetException, match="/three"):
        made.remove_identity(["/three"])
    made.remove_identity()
    assert (made.identity_type, made.identity_id) == (None, None)
    made.add_identity("SystemAssigned")
    assert (made.identity_type, made.identity_id) == ("SystemAssigned", None)


def test_what_sizes_have(workspace: Any) -> None:
    sizes = {size["name"]: size for size in AmlCompute.supported_vmsizes(workspace)}
    assert sizes["STANDARD_NC6"] == {"name": "STANDARD_NC6", "vCPUs": 6, "gpus": 1, "memoryGB": 56}


def test_node_counts_are_attributes_too() -> None:
    counts = AmlComputeNodeStateCounts(1, 2, 3, 4, 5, 6)
    assert AmlComputeNodeStateCounts.deserialize(counts.serialize()).__dict__ == counts.__dict__
    assert counts.serialize()["preparingNodeCount"] == 4 == counts.preparing_node_count


# Instances


def test_an_instance_is_started_and_stopped(kept: Any, capsys: pytest.CaptureFixture[str]) -> None:
    configuration = kinds.ComputeInstance.provisioning_configuration(vm_size="STANDARD_D3_V2", ssh_public_access=False)
    made = ComputeTarget.create(kept, "c", configuration)
    made.wait_for_completion(show_output=True)
    assert (type(made), made.type, made.get_status().state) == (kinds.ComputeInstance, "ComputeInstance", "Running")
    made.stop(wait_for_completion=True, show_output=True)
    assert made.get_status().state == "Stopped"
    status = made.get_status().serialize()
    assert ComputeInstanceStatus.deserialize(status).serialize() == status
    made.start()
    assert made.get_status().state == "Running"
    made.stop()
    made.restart(wait_for_completion=True)
    assert (made.get_status().state, made.vm_size) == ("Running", "STANDARD_D3_V2")
    assert capsys.readouterr().out == "c: Running\nc: Stopped\n"
    for refused in (made.detach, made.update_sso_settings, made.get_docs_url):
        with pytest.raises((ComputeTargetException, NotYetError)):
            refused()


@pytest.mark.parametrize(
    ("arguments", "about"),
    [
        ({"ssh_public_access": True}, "admin_user_ssh_public_key"),
        ({"vm_size": None}, "vm_size"),
        ({"subnet_name": "s"}, "vnet_name"),
        ({"assigned_user_object_id": "me"}, "assigned_user_tenant_id"),
    ],
)
def test_instances_that_are_refused(arguments: Any, about: str) -> None:
    with pytest.raises(ComputeTargetException, match=about):
        kinds.ComputeInstance.provisioning_configuration(**arguments)


# Other services


def attachments(key: Path) -> dict[str, tuple[Any, str]]:
    """Return a configuration of each kind as programs write it, with the Azure resource that it means."""
    machine = {"username": "me", "password": SECRET, "private_key_passphrase": SECRET, "private_key_file": str(key)}
    group = "/subscriptions/s/resourceGroups/g/providers/Microsoft."
    kusto = {"kusto_connection_string": "https://k", "application_id": "a", "application_key": SECRET}
    return {
        "DataLakeAnalytics": (
            kinds.AdlaCompute.attach_configuration(resource_group="g", account_name="a"),
            group + "DataLakeAnalytics/accounts/a",
        ),
        "Batch": (
            kinds.BatchCompute.attach_configuration(resource_group="g", account_name="a"),
            group + "Batch/batchAccounts/a",
        ),
        "Databricks": (
            kinds.DatabricksCompute.attach_configuration("g", workspace_name="w", access_token=SECRET),
            group + "Databricks/workspaces/w",
        ),
        "DataFactory": (kinds.DataFactoryCompute.attach_configuration(resource_id="/s/f"), "/s/f"),
        "HDInsight": (
            kinds.HDInsightCompute.attach_configuration(**machine, resource_group="g", cluster_name="h"),
            group + "HDInsight/clusters/h",
        ),
        "VirtualMachine": (
            kinds.RemoteCompute.attach_configuration(
                **machine, subscription_id="other", resource_group="g", vm_name="v", ssh_port="2222"
            ),
            "/subscriptions/other/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/v",
        ),
        "AKS": (
            kinds.AksCompute.attach_configuration("g", "k", cluster_purpose=kinds.AksCompute.ClusterPurpose.DEV_TEST),
            group + "ContainerService/managedClusters/k",
        ),
        "Kubernetes": (kinds.KubernetesCompute.attach_configuration(resource_id="/k", namespace="n"), "/k"),
        "SynapseSpark": (kinds.SynapseCompute.attach_configuration("linked", "SynapseSpark", "pool"), ""),
        "Kusto": (
            kinds.KustoCompute.attach_configuration(resource_id="/q", tenant_id="t", **kusto),
            "/q",
        ),
    }


def test_targets_of_other_services_are_kept_without_their_secrets(
    kept: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key = tmp_path / "id_rsa"
    key.write_text("key")
    for kind, (configuration, resource_id) in attachments(key).items():
        assert isinstance(configuration, ComputeTargetAttachConfiguration)
        made = ComputeTarget.attach(kept, "c", configuration)
        made.wait_for_completion(show_output=True)
        assert (made.type, made.is_attached, made.cluster_resource_id or "") == (kind, True, resource_id)
        assert (made.provisioning_state, made.provisioning_errors) == ("Succeeded", None)
        assert "steps that name it are refused" in capsys.readouterr().err
        for shown in (kept._api.sent[-1], made.serialize(), configuration, made, vars(made)):
            assert SECRET not in repr(shown)
        again = ComputeTarget.deserialize(kept, made.serialize())
        assert (type(again), again.serialize()) == (type(made), made.serialize())
        made.detach()
        assert kept._api.sent[-1][:2] == ("DELETE", "/compute/c")
    assert made.serialize()["properties"]["properties"]["secrets"] == ["kusto_connection_string", "application_key"]


@pytest.mark.parametrize(
    ("make", "about"),
    [
        (kinds.AdlaCompute.attach_configuration, "resource_id, or resource_group, account_name"),
        (lambda: kinds.BatchCompute.attach_configuration(account_name="a"), "account_name without resource_group"),
        (lambda: kinds.DatabricksCompute.attach_configuration("g", resource_id="/other/w"), "does not hold"),
        (lambda: kinds.DataFactoryCompute.attach_configuration(resource_id=3), "resource_id"),
        (lambda: kinds.RemoteCompute.attach_configuration(""), "username"),
        (lambda: kinds.RemoteCompute.attach_configuration("me"), "nothing says which resource"),
        (lambda: kinds.RemoteCompute.attach_configuration("me", address="h", ssh_port=0), "ssh_port"),
        (lambda: kinds.RemoteCompute.attach_configuration("me", address="h", ssh_port="99999"), "65535"),
        (lambda: kinds.RemoteCompute.attach_configuration("me", address="h", private_key_file="/no/key"), "/no/key"),
        (lambda: kinds.HDInsightCompute.attach_configuration("me", cluster_name="c"), "resource_group"),
        (lambda: kinds.KustoCompute.attach_configuration(resource_id="/q", tenant_id="t"), "kusto_connection_string"),
        (kinds.KubernetesCompute.attach_configuration, "resource_id"),
        (lambda: kinds.SynapseCompute.attach_configuration("s", "Spark", "p"), "SynapseSpark"),
        (lambda: kinds.SynapseCompute.attach_configuration(None, "SynapseSpark", "p"), "linked_service"),
        (lambda: kinds.SynapseCompute.attach_configuration("s", "SynapseSpark", ""), "pool_name"),
        (lambda: kinds.DsvmCompute.provisioning_configuration(ssh_port="x"), "ssh_port"),
        (lambda: kinds.AksCompute.attach_configuration("g", "k", cluster_purpose="Fun"), "FastProd"),
        (lambda: kinds.AksCompute.provisioning_configuration(agent_count=0), "agent_count"),
        (lambda: kinds.AksCompute.provisioning_configuration(ssl_cname="c"), "ssl_cert_pem_file"),
        (lambda: kinds.AksCompute.provisioning_configuration(service_cidr="1"), "dns_service_ip"),
        (lambda: kinds.AksCompute.provisioning_configuration(load_balancer_type="Own"), "InternalLoadBalancer"),
        (lambda: kinds.AksCompute.provisioning_configuration(load_balancer_subnet="s"), "load_balancer_subnet"),
        (lambda: kinds.AksCompute.provisioning_configuration().enable_ssl(), "one of the two ways"),
        (lambda: AksUpdateConfiguration(ssl_configuration="on"), "SslConfiguration"),
    ],
)
def test_configurations_that_are_refused(make: Any, about: str) -> None:
    with pytest.raises(ComputeTargetException) as caught:
        make()
    assert about in caught.value.message


def test_a_resource_may_be_named_twice_if_both_names_agree() -> None:
    found = kinds.BatchCompute.attach_configuration("G", "a", "/subscriptions/s/resourceGroups/g/batchAccounts/a")
    assert found.resource_id is not None


def test_targets_are_created_as_records_too(kept: Any, capsys: pytest.CaptureFixture[str]) -> None:
    factory = kinds.DataFactoryCompute.provisioning_configuration()
    made = ComputeTarget.create(kept, "c", factory)
    assert (type(made), made.is_attached, made.get_status()) == (kinds.DataFactoryCompute, False, "Succeeded")
    machine = ComputeTarget.create(kept, "c", kinds.DsvmCompute.provisioning_configuration("STANDARD_D2_V2"))
    assert type(machine) is type(ComputeTarget(kept, "c")) is kinds.DsvmCompute
    with pytest.raises(ComputeTargetException, match="delete"):
        machine.detach()
    cluster = ComputeTarget.create(kept, "c", kinds.AksCompute.provisioning_configuration(agent_count="3"))
    cluster.update(AksUpdateConfiguration(SslConfiguration("Enabled", SECRET, SECRET, "name"), "PublicIp"))
    assert SECRET not in repr(kept._api.sent[-1])
    assert kept._api.sent[-1][2]["properties"]["secrets"] == ["ssl_cert_pem_file", "ssl_key_pem_file"]
    with pytest.raises(ComputeTargetException, match="AksUpdateConfiguration"):
        cluster.update({"load_balancer_type": "PublicIp"})
    assert "(AKS) is kept" in capsys.readouterr().err


def test_certificates_are_in_no_text() -> None:
    ssl = SslConfiguration("Enabled", cert=SECRET, key=SECRET, leaf_domain_label="x", renew=True)
    assert SECRET not in repr(ssl) + repr(ssl.serialize())
    assert ssl.serialize()["cert"] == "(given)"
    service = SystemService("a", "1", "0.0.0.0")
    assert SystemService.deserialize(service.serialize()).__dict__ == service.__dict__


def test_a_certificate_is_of_files_that_are_there(tmp_path: Path) -> None:
    configuration = kinds.AksCompute.provisioning_configuration()
    configuration.enable_ssl(leaf_domain_label="label", overwrite_existing_domain=True)
    assert configuration._properties() == {"leaf_domain_label": "label", "overwrite_existing_domain": True}
    pem = tmp_path / "a.pem"
    with pytest.raises(ComputeTargetException, match=r"a\.pem"):
        configuration.enable_ssl("name", str(pem), str(pem))
    pem.write_text("pem")
    configuration.enable_ssl("name", str(pem), str(pem))
    assert configuration._properties()["secrets"] == ["ssl_cert_pem_file", "ssl_key_pem_file"]


def test_what_v1_refuses_says_what_to_use(kept: Any, tmp_path: Path) -> None:
    key = tmp_path / "id_rsa"
    key.write_text("key")
    for kind, (configuration, _) in attachments(key).items():
        made = ComputeTarget.attach(kept, "c", configuration)
        own = vars(type(made)).get("attach")
        if own is not None:
            with pytest.raises(ComputeTargetException, match=r"ComputeTarget\.attach"):
                made.attach(*[None] * len(inspect.signature(own.__func__).parameters))
        if kind not in ("DataLakeAnalytics", "DataFactory", "AKS"):
            with pytest.raises(ComputeTargetException, match="detach"):
                made.delete()
        if hasattr(made, "get_credentials"):
            with pytest.raises(NotYetError, match="not kept"):
                made.get_credentials()


def test_a_kubernetes_cluster_has_a_status(kept: Any) -> None:
    configuration = kinds.KubernetesCompute.attach_configuration("/k", "n", "UserAssigned", ["/i"])
    assert configuration.to_dict()["identity"] == {"type": "UserAssigned", "userAssignedIdentities": ["/i"]}
    made = ComputeTarget.attach(kept, "c", configuration)
    status = made.get_status()
    assert KubernetesComputeStatus.deserialize(status.serialize()).provisioning_state == "Succeeded"
    assert made.get()["properties"]["properties"]["namespace"] == "n"


# v1's JSON


def test_a_cluster_survives_its_json(workspace: Any) -> None:
    workspace._api.answers["/compute/c"] = compute_record(tags={"a": "b"}, description="mine")
    found = AmlCompute(workspace, "c")
    form = json.loads(json.dumps(found.serialize()))
    again = AmlCompute.deserialize(workspace, form)
    assert (type(again), again.serialize()) == (AmlCompute, found.serialize())
    assert again.status.serialize() == found.status.serialize()
    form["properties"]["status"] = None
    bare = ComputeTarget.deserialize(workspace, form)
    assert bare.serialize()["properties"]["status"] is None
    with pytest.raises(ComputeTargetException, match="get_status"):
        bare.status  # noqa: B018
    assert bare.get_status().current_node_count == 1
    with pytest.raises(ComputeTargetException, match="no DatabricksCompute"):
        kinds.DatabricksCompute.deserialize(workspace, form)
    with pytest.raises(ComputeTargetException, match="no compute target"):
        ComputeTarget.deserialize(workspace, {"name": "c"})


def test_a_type_that_nothing_here_knows_is_shown(workspace: Any) -> None:
    workspace._api.answers["/compute/c"] = compute_record(type="Quantum", properties={})
    assert (type(ComputeTarget(workspace, "c")), ComputeTarget(workspace, "c").type) == (ComputeTarget, "Quantum")


def test_targets_from_before_workspaces() -> None:
    local = LocalTarget()
    assert (local.type, local.name, isinstance(local, AbstractComputeTarget)) == ("local", "local", True)
    assert isinstance(AbstractComputeTarget.deserialize_from_dict("l", {"type": "local"}), LocalTarget)
    with pytest.raises(ComputeTargetException, match=r"old type 'docker'.*ComputeTarget.create"):
        AbstractComputeTarget.deserialize_from_dict("d", {"type": "docker"})


def test_configurations_show_themselves_without_secrets() -> None:
    configuration = AmlComputeProvisioningConfiguration(
        "STANDARD_D2_V2", max_nodes=1, admin_username="me", admin_user_password=SECRET
    )
    assert "secrets=['admin_user_password']" in repr(configuration)
    assert SECRET not in repr(configuration)
