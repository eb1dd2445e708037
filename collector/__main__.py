"""Lets `python3 -m collector` be `krd`, from a bare checkout too: sets itself up, then hands over to the command line."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from collector.bootstrap import SetupFailed, ensure


def groups_for(arguments: Sequence[str]) -> Sequence[str]:
    """Give the dependency groups that a command needs beside the dependencies: the demo runs a ticket tracker."""
    return ("lab",) if arguments[:1] == ["demo"] else ()


def main() -> None:
    """Set up where needed and run the command line."""
    try:
        ensure(groups_for(sys.argv[1:]))
    except SetupFailed as error:
        sys.exit(f"krd: {error}")
    from collector.cli.main import run  # noqa: PLC0415  (its imports exist only once the setup has ended)

    run()


if __name__ == "__main__":
    main()
