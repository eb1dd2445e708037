"""Writes docs/reference from the code: `python3 -m tests.reference [--write | --json]`.

Without an option it names the pages that are stale and ends with 1; `--write` writes them; `--json` prints all of them,
which is what the test of their freshness reads.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from collector.bootstrap import SetupFailed, ensure

FOLDER = Path(__file__).resolve().parent.parent.parent / "docs/reference"


def main(arguments: list[str]) -> int:
    """Set up, make the pages, and do with them what was asked."""
    try:
        ensure(("dev",))
    except SetupFailed as error:
        sys.exit(f"reference: {error}")
    from tests.reference.pages import pages  # noqa: PLC0415  (its imports are there once the setup has ended)

    made = pages()
    match arguments:
        case ["--json"]:
            json.dump(made, sys.stdout)
        case ["--write"]:
            FOLDER.mkdir(parents=True, exist_ok=True)
            for name, text in made.items():
                (FOLDER / name).write_text(text, encoding="utf-8")
        case []:
            stale = [name for name, text in made.items() if read(FOLDER / name) != text]
            for name in stale:
                print(f"docs/reference/{name} is stale: run python3 -m tests.reference --write")
            return 1 if stale else 0
        case _:
            sys.exit("reference: write --write, --json, or nothing")
    return 0


def read(path: Path) -> str | None:
    """Give the text of a page, or nothing where there is none."""
    return path.read_text(encoding="utf-8") if path.exists() else None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
