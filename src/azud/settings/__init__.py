"""Every setting of a workspace server in one table, read from one place.

An argument beats the environment, the environment beats the workspace's file, and that beats the
user's file. `docs/settings.md`, `azud doctor` and the tests read the same table.
"""

from azud.settings.loading import load_settings, setting_origins, settings_files
from azud.settings.table import ENVIRONMENT_PREFIX, SettingRow, Settings, settings_table

__all__ = [
    "Settings",
    "load_settings",
    "setting_origins",
    "settings_files",
    "SettingRow",
    "settings_table",
    "ENVIRONMENT_PREFIX",
]
