"""The words of azud as frozen values: definitions, runs, attempts, data, compute, manifests.

Plain data without behaviour beyond checks of their own form. Standard library only, CPython 3.9 and
later. `azud.model.codec` turns every one into JSON and back.
"""
