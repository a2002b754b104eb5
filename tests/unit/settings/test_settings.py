"""Settings: one table, one order of precedence, errors that say where a value came from."""

from __future__ import annotations

import pathlib

import pytest

from azud.core.errors import SettingsError
from azud.settings import Settings, load_settings, settings_files, settings_table


@pytest.fixture
def home(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    for row in settings_table():
        monkeypatch.delenv(row.environment, raising=False)
    (tmp_path / "config" / "azud").mkdir(parents=True)
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


def test_defaults_without_any_source(home: pathlib.Path) -> None:
    settings = load_settings(str(home))
    assert settings.slots >= 1
    assert (settings.launch, settings.tcp, settings.idle_exit_s) == ("fork", None, 1800.0)


def test_argument_beats_environment_beats_workspace_beats_user(
    home: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    user_file = pathlib.Path(settings_files(None)[0])
    user_file.write_text("slots = 2\ngrace_s = 3\n")
    assert load_settings(str(home)).slots == 2
    (home / "settings.toml").write_text("slots = 3\n")
    assert load_settings(str(home)).slots == 3
    assert load_settings(str(home)).grace_s == 3.0
    monkeypatch.setenv("AZUD_SLOTS", "4")
    assert load_settings(str(home)).slots == 4
    assert load_settings(str(home), slots=5, launch=None).slots == 5


def test_an_empty_variable_is_as_if_unset(home: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "settings.toml").write_text("slots = 3\n")
    monkeypatch.setenv("AZUD_SLOTS", "")
    assert load_settings(str(home)).slots == 3


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("slot = 2", "no setting 'slot'"),
        ("slots = 0", "cannot be 0"),
        ("slots = 'many'", "cannot be 'many'"),
        ("launch = 'spawn'", "cannot be 'spawn'"),
        ("tcp = '0.0.0.0:80'", "this machine only"),
        ("tcp = 'here'", "host:port"),
        ("slots = ", "is not TOML"),
    ],
)
def test_a_wrong_file_names_itself_and_the_setting(home: pathlib.Path, text: str, says: str) -> None:
    (home / "settings.toml").write_text(text)
    with pytest.raises(SettingsError, match=says) as caught:
        load_settings(str(home))
    assert str(home) in str(caught.value)
    assert caught.value.hint


def test_a_wrong_variable_names_itself(home: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZUD_GRACE_S", "soon")
    with pytest.raises(SettingsError, match=r"^AZUD_GRACE_S: setting 'grace_s' cannot be 'soon'"):
        load_settings(str(home))


def test_unknown_argument_is_refused(home: pathlib.Path) -> None:
    with pytest.raises(SettingsError, match="no setting 'restarts'"):
        load_settings(str(home), restarts=1)


def test_every_setting_is_in_the_table_with_a_meaning() -> None:
    table = settings_table()
    assert [row.name for row in table] == list(Settings.model_fields)
    for row in table:
        assert row.description and row.type and row.default
        assert row.environment == f"AZUD_{row.name.upper()}"
