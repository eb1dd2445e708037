"""Reads `krd.yaml` and `okrs/*.yaml` beside it: what can be read is given, what cannot becomes findings."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from collector.configuration.findings import Findings
from collector.configuration.source_file import SourceFile
from collector.configuration.yaml_text import parse_yaml
from collector.domain.lint.finding import Place
from collector.errors import UsageError

LARGEST = 1024 * 1024
"""Bytes of a file that is still read."""
MAIN = "krd.yaml"
OKRS = "okrs"
SUFFIXES = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class Files:
    """The files that could be read; `main` is missing when it could not."""

    main: SourceFile | None
    okrs: tuple[SourceFile, ...]


def find_main(path: Path | None, here: Path = Path()) -> Path:
    """Give the `krd.yaml` that `path` (the file or its folder) means; without a path the one in `here` or in
    `here/config`. Raises `UsageError` when there is none.
    """
    if path is None:
        looked = (here / MAIN, here / "config" / MAIN)
        found = next((candidate for candidate in looked if candidate.is_file()), None)
        if found is None:
            raise UsageError(
                f"there is no {MAIN} here or in config/; run `krd init`, or name the place with --config or KRD_CONFIG"
            )
        return found
    main = path / MAIN if path.is_dir() else path
    if not main.is_file():
        raise UsageError(
            f"there is no {main}; run `krd init`, or name another place with --config or KRD_CONFIG"
        )
    return main


def read_files(main: Path, findings: Findings) -> Files:
    """Read `main` and every `okrs/*.yaml` beside it, in the order of their names."""
    folder = main.parent / OKRS
    try:
        paths = (
            sorted(path for path in folder.iterdir() if path.suffix in SUFFIXES) if folder.exists() else []
        )
    except OSError as error:
        what = f"the folder {folder} cannot be read ({error.strerror})"
        findings.error(
            "KRD101", Place(str(main)), what, "let this user read it: what it promises would vanish"
        )
        paths = []
    if not paths:
        findings.warn(
            "KRD101",
            Place(str(main)),
            f"there are no key results: no {OKRS}/*.yaml beside it",
            f"write {folder}/<team>.yaml",
        )
    okrs = [file for path in paths if (file := _read_file(path, findings)) is not None]
    return Files(_read_file(main, findings), tuple(okrs))


def _read_file(path: Path, findings: Findings) -> SourceFile | None:
    text = read_text(path, Place(str(path)), findings)
    if text is None:
        return None
    root = parse_yaml(text, str(path), findings)
    return None if root is None else SourceFile(path, str(path), text, root)


def read_text(path: Path, place: Place, findings: Findings, *, code: str = "KRD101") -> str | None:
    """Read a text of at most `LARGEST` bytes; `place` is blamed when it cannot be read."""
    if not path.is_file():
        findings.error(
            code, place, f"there is no file {path}", "check the path: it is relative to the naming file"
        )
        return None
    try:
        with path.open("rb") as opened:
            content = opened.read(LARGEST + 1)
    except OSError as error:
        findings.error(
            code,
            place,
            f"{path} cannot be read: {error.strerror or type(error).__name__}",
            "check path and permissions",
        )
        return None
    if len(content) > LARGEST:
        findings.error("KRD102", place, f"{path} is larger than 1 MiB", "split it into several files")
        return None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        where = Place(str(path), line) if code == "KRD101" else place
        findings.error("KRD102", where, f"{path} is not UTF-8 text (byte {error.start})", "save it as UTF-8")
        return None
