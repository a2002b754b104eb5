"""The documentation is true: its commands run, its code compiles, and nothing is left out."""

from __future__ import annotations

import pathlib
import re
from collections.abc import Iterator

import pytest
import typer

from azud.cli import plan, run
from azud.cli.app import app
from azud.settings import settings_table

from .pages import PAGES, ROOT, Reader, blocks, is_runnable, name_of

CLI_PAGE = (ROOT / "docs" / "cli.md").read_text()


@pytest.fixture
def reader(tmp_path: pathlib.Path) -> Iterator[Reader]:
    reader = Reader(tmp_path)
    yield reader
    reader.leave()


@pytest.mark.parametrize("page", [page for page in PAGES if is_runnable(page)], ids=name_of)
def test_commands_of_the_page_run(page: pathlib.Path, reader: Reader) -> None:
    reader.follow(page)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_python_blocks_compile(page: pathlib.Path) -> None:
    for block in blocks(page):
        if block.language == "python":
            compile(block.text, name_of(page), "exec")


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_quoted_code_stands_in_its_file(page: pathlib.Path) -> None:
    for block in blocks(page):
        if block.key == "from":
            assert block.text in (ROOT / block.value).read_text(), f"{block.value} does not hold:\n{block.text}"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page: pathlib.Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        if target.startswith("http"):
            continue
        path, _, anchor = target.partition("#")
        linked = (page.parent / path).resolve() if path else page
        assert linked.exists(), f"{name_of(page)} links to {target}"
        if anchor:
            assert anchor in _anchors(linked), f"{name_of(page)} links to {target}"


def _anchors(page: pathlib.Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def _commands(command: object, path: str) -> Iterator[tuple[str, object]]:
    children = getattr(command, "commands", None)
    if children is None:
        yield path, command
        return
    for name, child in children.items():
        yield from _commands(child, f"{path} {name}")


COMMANDS = dict(_commands(typer.main.get_command(app), "azud"))


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_and_its_options_are_documented(command: str) -> None:
    assert f"`{command}" in CLI_PAGE
    for parameter in COMMANDS[command].params:  # type: ignore[attr-defined]
        for option in parameter.opts:
            if option.startswith("--") and option != "--help":
                assert option in CLI_PAGE, f"{command} {option}"


@pytest.mark.parametrize("text", [run.HELP, plan.HELP], ids=["run", "plan"])
def test_options_of_commands_that_run_programs_are_documented(text: str) -> None:
    for option in re.findall(r"--[a-z-]+", text):
        assert option in CLI_PAGE


def test_every_setting_is_documented_as_it_is() -> None:
    page = (ROOT / "docs" / "settings.md").read_text()
    for row in settings_table():
        line = f"| `{row.name}` | `{row.environment}` | {row.type} | {row.default} | {row.description} |"
        assert line in page, f"docs/settings.md lacks:\n{line}"


def test_every_how_to_is_linked_from_the_readme() -> None:
    readme = (ROOT / "README.md").read_text()
    for page in (ROOT / "docs" / "how-to").glob("*.md"):
        assert f"docs/how-to/{page.name}" in readme


def test_every_benchmark_is_documented() -> None:
    from benchmarks.measures import MEASURES

    page = (ROOT / "docs" / "performance.md").read_text()
    for name in MEASURES:
        assert f"| `{name}` |" in page
