# Made by `python -m azud.porting.stubs`.

from azud.sdk.conda import CondaDependencies as CondaDependencies
