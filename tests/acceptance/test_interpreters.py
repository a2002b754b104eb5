"""Interpreters that change while the server runs."""

from __future__ import annotations

from tests.acceptance.authoring import Authoring

from azureml.pipeline.core import Pipeline

CODE = """
try:
    import helper, newcomer
    print("has both", helper.A)
except ImportError as error:
    print(error)
"""


def test_what_is_installed_while_the_server_runs_is_there_for_the_next_step(workspace, python, tmp_path):
    author = Authoring(workspace)

    def log():
        run = author.submit(Pipeline(author.ws, [author.step("a", CODE)]))
        run.wait_for_completion(show_output=False)
        (step,) = run.get_steps()
        path = f"/runs/{step.id}/files/azureml-logs/70_driver_log.txt"
        return b"".join(author.live.client.download(path)).decode().strip(), step.explain().outcome

    assert log() == ("No module named 'newcomer'", "ran")
    assert log()[1] == "reused"
    (tmp_path / "late").mkdir()
    (tmp_path / "late" / "newcomer.py").write_text("")
    (python.site / "late.pth").write_text(f"{tmp_path / 'late'}\n")
    assert log() == ("has both 1", "ran")
    (python.editable / "helper.py").write_text("A = 22\n")
    assert log() == ("has both 22", "ran")
