# Made by `python -m azud.porting.stubs`.

from azud.sdk.telemetry import set_diagnostics_collection as set_diagnostics_collection
