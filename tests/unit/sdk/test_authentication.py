"""Sign-in objects: made with whatever they are given, they yield a header and show no secret."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest

from azud.client import homes
from azud.client.places import TOKEN_FILE
from azud.sdk.exceptions import AuthenticationException, UserErrorException
from azureml.core import Workspace
from azureml.core.authentication import (
    AbstractAuthentication,
    AccessToken,
    ArmTokenAuthentication,
    Audience,
    AzureCliAuthentication,
    AzureMLTokenAuthentication,
    InteractiveLoginAuthentication,
    MsiAuthentication,
    ServicePrincipalAuthentication,
    TokenAuthentication,
)

SECRET = "hunter2-hunter2"


def everybody() -> list[AbstractAuthentication]:
    return [
        InteractiveLoginAuthentication(),
        InteractiveLoginAuthentication(True, "tenant", cloud="AzureCloud"),
        AzureCliAuthentication(cloud="AzureCloud"),
        MsiAuthentication(identity_config={"client_id": SECRET}),
        ServicePrincipalAuthentication("tenant", "application", SECRET),
        ServicePrincipalAuthentication(
            tenant_id=os.environ.get("NOT_SET"),
            service_principal_id=os.environ.get("NOT_SET"),
            service_principal_password=os.environ.get("NOT_SET"),
        ),
        TokenAuthentication(lambda audience: SECRET),
        ArmTokenAuthentication(SECRET),
    ]


@pytest.fixture
def folder(private_user: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, which belongs to no workspace."""
    found = private_user / "project"
    found.mkdir()
    monkeypatch.chdir(found)
    return found


def headers() -> set[str]:
    return {auth.get_authentication_header()["Authorization"] for auth in everybody()}


def test_without_a_workspace_the_token_is_one_of_this_process(folder: Path) -> None:
    (header,) = headers()
    assert header.startswith("Bearer ") and len(header) > 40
    assert headers() == {header}
    homes.create_home(str(folder), "demo")
    assert headers() == {header}  # a workspace that was never served on TCP asks for none


def test_the_token_is_that_of_the_workspace_of_the_folder(folder: Path) -> None:
    home = homes.create_home(str(folder), "demo")
    Path(home.path, TOKEN_FILE).write_text("of-the-workspace")
    assert headers() == {"Bearer of-the-workspace"}
    auth = InteractiveLoginAuthentication()
    token = auth.get_token("https://anything/.default")
    assert (token.token, token[0]) == ("of-the-workspace", "of-the-workspace")
    assert token.expires_on > 1_700_000_000


def test_the_token_follows_the_workspace_that_was_opened_with_the_object(folder: Path) -> None:
    for name in ("one", "two"):
        home = homes.create_home(str(folder / name), f"workspace-{name}")
        Path(home.path, TOKEN_FILE).write_text(name)
    auth = ServicePrincipalAuthentication("tenant", "application", SECRET)
    Workspace.get(name="workspace-two", auth=auth)
    assert auth.get_authentication_header() == {"Authorization": "Bearer two"}
    Workspace.from_config(str(folder / "one"), auth=auth)
    assert auth.get_authentication_header() == {"Authorization": "Bearer one"}


def test_in_a_job_it_is_the_token_of_the_run(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZUD_ATTEMPT_DIR", str(folder))
    monkeypatch.setenv("AZUREML_RUN_TOKEN", "of-the-run")
    assert headers() == {"Bearer of-the-run"}


def test_secrets_are_in_no_text() -> None:
    for auth in everybody():
        assert SECRET not in repr(auth) + str(auth)
    assert SECRET not in repr(vars(ServicePrincipalAuthentication("t", "a", SECRET)))
    token = AccessToken(SECRET, 5)
    assert SECRET not in repr(token) + str(token) + f"{token}"
    assert token == (SECRET, 5)


def test_a_token_of_a_run_is_what_it_was_given() -> None:
    auth = AzureMLTokenAuthentication.create(SECRET, 5, "host", "s", "g", "w", "e", "r")
    assert auth.get_authentication_header() == {"Authorization": f"Bearer {SECRET}"}
    assert (auth.token, auth.expiry_time, auth.get_token().token) == (SECRET, 5, SECRET)
    auth.set_token("other", 6)
    assert (auth.token, auth.expiry_time) == ("other", 6)
    assert SECRET not in repr(auth)


def test_a_function_is_asked_for_its_audience() -> None:
    asked: list[Any] = []
    auth = TokenAuthentication(lambda audience: asked.append(audience) or "token")
    assert [auth.get_token(), auth.get_token(Audience.AZUREML)] == ["token", "token"]
    assert asked == [Audience.ARM, Audience.AZUREML]


@pytest.mark.parametrize(
    "make",
    [
        lambda: TokenAuthentication("token"),
        lambda: ArmTokenAuthentication(""),
        lambda: ArmTokenAuthentication("a").update_arm_access_token(None),
        lambda: AzureMLTokenAuthentication(None),
        lambda: AzureMLTokenAuthentication("a").set_token("", None),
    ],
)
def test_what_cannot_be_a_token_is_refused(make: Any) -> None:
    with pytest.raises(AuthenticationException):
        make()


class Session:
    def __init__(self) -> None:
        self.headers: dict[str, str] = {"Accept": "a"}


def test_sessions_send_the_header(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    auth = AzureCliAuthentication()
    session = auth.signed_session(Session())
    assert session.headers == {"Accept": "a", **auth.get_authentication_header()}
    monkeypatch.setitem(sys.modules, "requests", None)
    with pytest.raises(UserErrorException, match="requests"):
        auth.signed_session()


def test_damaged_configurations_are_told(folder: Path) -> None:
    (folder / ".azureml").mkdir()
    (folder / ".azureml" / "config.json").write_text("{")
    with pytest.raises(UserErrorException, match=r"config\.json"):
        InteractiveLoginAuthentication().get_authentication_header()
