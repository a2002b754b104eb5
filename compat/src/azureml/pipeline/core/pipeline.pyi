# Made by `python -m azud.porting.stubs`.

from azud.sdk.pipeline import Pipeline as Pipeline
