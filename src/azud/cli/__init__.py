"""The command `azud`.

`azud run` sits on the path between a person and every pipeline, so `entry` dispatches it before anything
beyond the standard library is imported. All other commands are assembled in `app`, whose functions import
what they need when they are called: `azud --help` pays for none of it.
"""
