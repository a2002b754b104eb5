"""Graphs: the steps of a pipeline as nodes, their data and their order as edges.

A graph is made of a `azud.model.definition.PipelineDefinition`, that of a pipeline or of a run, and what is changed in
it by hand is laid over that definition when it is submitted (`applying`).
"""
