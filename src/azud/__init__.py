"""azud: Azure Machine Learning pipelines on your own machines.

`from azud import Workspace, Experiment, Pipeline, PythonScriptStep …` gives the classes of `azud.sdk`. They are
imported when they are asked for, so that `import azud` costs nothing.
"""

__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    if not name.startswith("_"):
        import importlib

        # By name, so that lower layers that import this package for its version depend on no other layer.
        sdk = importlib.import_module("azud.sdk")
        if name in sdk.PLACES:
            found: object = getattr(sdk, name)
            return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    import importlib

    return sorted({*globals(), *importlib.import_module("azud.sdk").PLACES})
