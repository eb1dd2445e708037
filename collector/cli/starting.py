"""Writes the files of `krd init`: a starter configuration, and the schemas beside it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from collector.configuration.schema import schemas
from collector.configuration.starter import starter_files, write_starter
from collector.errors import UsageError
from collector.registry.kinds import catalogue


def write_configuration(folder: Path, at: datetime) -> list[Path]:
    """Write everything into `folder`, for the quarter that holds `at`, and give the paths. Raises `UsageError` when one
    of the files exists, and when the folder cannot be written.
    """
    texts = {folder / "schema" / name: text for name, text in schemas(catalogue()).items()}
    starters = [folder / path for path in starter_files(quarter_of(at))]
    taken = [str(path) for path in [*starters, *texts] if path.exists()]
    if taken:
        raise UsageError(f"{' and '.join(taken)} exist already; nothing was written. Choose another folder")
    try:
        written = list(write_starter(folder, quarter_of(at)))
        for path, text in texts.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"{error.filename}: cannot be written ({error.strerror}); choose another folder"
        ) from error
    return [*written, *texts]


def quarter_of(at: datetime) -> str:
    """Name the calendar quarter that holds `at`, as cycles are named: `2026-Q4`."""
    return f"{at.year}-Q{(at.month + 2) // 3}"
