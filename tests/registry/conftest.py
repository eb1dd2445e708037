"""Distributions of strangers, laid out in a folder as pip would."""

import io
import logging
import sys

import pytest

from collector import logs


@pytest.fixture
def publish(tmp_path, monkeypatch):
    """Install a distribution with one module and one entry point."""
    monkeypatch.syspath_prepend(tmp_path)
    modules = set(sys.modules)

    def install(distribution, group, name, source, attribute="KIND"):
        module = f"{distribution.replace('-', '_')}_module"
        (tmp_path / f"{module}.py").write_text(source)
        info = tmp_path / f"{distribution.replace('-', '_')}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[{group}]\n{name} = {module}:{attribute}\n")

    yield install
    for module in set(sys.modules) - modules:
        if module.endswith("_krd_module"):
            del sys.modules[module]


@pytest.fixture
def configured():
    """Set the logs up into a text stream; afterwards the process logs as before."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level

    def configure(level="info", fmt="json", stream=None):
        stream = stream or io.StringIO()
        logs.configure(level, fmt, stream)
        return stream

    yield configure
    root.handlers[:] = before
    root.setLevel(level)
