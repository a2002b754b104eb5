# Made by `python -m azud.porting.stubs`.

from azud.sdk.estimators.frameworks import SKLearn as SKLearn
