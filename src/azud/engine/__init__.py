"""The engine: a pure state machine for each run, and what performs its commands.

`machine` decides, `events` and `commands` are its words, `ports` say what the engine needs from the world,
`driver` performs, `orchestrator` brings the two together for all active runs, `recovery` finds them again.
"""
