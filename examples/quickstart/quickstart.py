"""What `make quickstart` runs: make the workspace, run the pipeline, say where things are and how long it took."""

import os
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
AZUD = os.path.join(os.path.dirname(sys.executable), "azud")


def azud(*arguments):
    """Run an azud command in this folder; end with its exit code if it fails."""
    code = subprocess.run([AZUD, *arguments], cwd=HERE, check=False).returncode
    if code:
        sys.exit(code)


start = time.perf_counter()
azud("init", ".", "--name", "quickstart")
azud("run", "--python", sys.executable, "pipeline.py")
seconds = time.perf_counter() - start

shown = os.path.relpath(HERE)
command = os.path.relpath(AZUD, HERE)
print(
    f"""
The whole command took {seconds:.1f} s. Where things are:
    the pipeline, to read and change    {os.path.join(shown, "pipeline.py")}
    the workspace: runs, logs, data     {os.path.join(shown, ".azud")}
    what the steps wrote                {os.path.join(shown, ".azud", "datastores", "workspaceblobstore")}

What to try next:
    make quickstart                     again: nothing changed, so every step is reused
    cd {shown} && {command} runs show
    cd {shown} && {command} runs outputs
    {os.path.relpath(AZUD)} new hello /tmp/hello     a small project of your own
    README.md, docs/tutorial.md
"""
)
