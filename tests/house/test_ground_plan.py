"""The house keeps its plan: what may lie where, how long a file may be, and what it says about itself."""

from __future__ import annotations

import ast
import re
import sys
import tomllib

import pytest

TOP = {
    "collector", "connectors", "config", "tests", "docs", "benchmarks", ".ci",
    "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "Dockerfile", "pyproject.toml", "uv.lock",
}  # fmt: skip
NAMELESS = {
    "utils",
    "util",
    "helpers",
    "helper",
    "base",
    "common",
    "manager",
    "managers",
    "handler",
    "handlers",
    "data",
    "misc",
}
OUTSIDE_LAYERS = {"__init__", "__main__", "bootstrap", "setup", "provision"}
"""The entry, and what runs before anything is installed: they import nothing of the layers but the errors."""
LONGEST = 300


@pytest.fixture(scope="session")
def modules(files):
    return [file for file in files if file.suffix == ".py" and file.parts[0] in ("collector", "connectors")]


def test_nothing_new_lies_at_the_top(files):
    top = {file.parts[0] for file in files if not (len(file.parts) == 1 and file.name.startswith("."))}

    assert sorted(top - TOP) == []


def test_no_module_is_longer_than_one_job(modules, root):
    lengths = {
        str(m): len((root / m).read_text("utf-8").splitlines())
        for m in modules
        if "migrations" not in m.parts
    }

    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}


def test_every_module_states_its_promise(modules, root):
    silent = [str(m) for m in modules if not ast.get_docstring(ast.parse((root / m).read_text("utf-8")))]

    assert silent == []


def test_no_module_has_a_name_that_says_nothing(modules):
    assert [str(m) for m in modules if NAMELESS & {part.removesuffix(".py") for part in m.parts}] == []


def test_config_is_never_a_package(files):
    assert [str(file) for file in files if file.parts[0] == "config" and file.suffix == ".py"] == []


def test_every_part_of_the_collector_has_a_layer(modules, root):
    contracts = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    placed = {name.strip().removeprefix("collector.") for layer in layers for name in layer.split("|")}
    parts = {m.parts[1].removesuffix(".py") for m in modules if m.parts[0] == "collector"}

    assert sorted(parts - placed - OUTSIDE_LAYERS) == []


def test_what_runs_before_the_installation_needs_the_standard_library_only(modules, root):
    early = [
        m
        for m in modules
        if m.match("collector/setup/*.py") or m.stem in ("bootstrap", "provision", "errors")
    ]
    allowed = {"collector.errors", "collector.bootstrap", "collector.provision"}
    foreign = {
        f"{module}: {name}"
        for module in early
        for name in _imports(ast.parse((root / module).read_text("utf-8")))
        if name.split(".")[0] not in sys.stdlib_module_names
        and name not in allowed
        and not name.startswith("collector.setup")
    }

    assert sorted(foreign) == []


def test_what_refuses_an_old_python_can_be_read_by_it(modules, root):
    early = [
        m
        for m in modules
        if m.match("collector/setup/*.py") or m.name in ("bootstrap.py", "errors.py", "__main__.py")
    ]

    assert [
        m for m in early if not ast.parse((root / m).read_text("utf-8"), feature_version=(3, 8)).body
    ] == []


def _imports(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            yield node.module or ""
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def test_every_test_is_named_by_a_sentence(files, root):
    short = [
        f"{file}: {node.name}"
        for file in files
        if file.parts[0] == "tests" and file.name.startswith("test_")
        for node in ast.walk(ast.parse((root / file).read_text("utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_") and node.name.count("_") < 3
    ]

    assert short == []


def test_a_noqa_names_its_code_and_its_reason(files, root):
    marker = "# " + "noqa"
    bare = [
        f"{file}:{number}"
        for file in files
        if file.suffix == ".py"
        for number, line in enumerate((root / file).read_text("utf-8").splitlines(), 1)
        if marker in line and not _explained(line.split(marker, 1)[1])
    ]

    assert bare == []


def _explained(rest):
    """Tell whether codes follow the mark, and then words."""
    return re.match(r": [A-Z]+\d+(, [A-Z]+\d+)*\W+\w+", rest) is not None
