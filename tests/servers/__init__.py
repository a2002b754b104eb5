"""Real servers for tests, on free ports of this machine, each started when the first test asks for it.

Every test process has its own (with pytest-xdist: every worker), with its files in a folder of its own, and ends them
by their own pids; when a test process is killed, the kernel ends them. A component that this machine lacks skips the
tests that ask for it, with the reason: `requirements/system.sh` and `make test` install what is needed.
"""
