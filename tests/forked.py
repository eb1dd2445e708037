"""Commands of krd in processes of their own that begin with everything imported: most of what a command takes is importing."""

import multiprocessing
import os
import sys
from pathlib import Path
from subprocess import TimeoutExpired

_SERVER = multiprocessing.get_context("forkserver")
_SERVER.set_forkserver_preload(["collector.cli.main", "collector.cli.everything", "collector.cli.one_pass"])


def forked(words, folder: Path, environment, scratch: Path, seconds: float) -> tuple[int, str, str]:
    """Run `krd …` in `folder`; gives exit code, standard output and standard error, which pass through files in `scratch`.
    Raises `TimeoutExpired`, the process is dead then.
    """
    out, err = scratch / "stdout", scratch / "stderr"
    process = _SERVER.Process(target=_krd, args=(words, str(folder), dict(environment), str(out), str(err)))
    process.start()
    process.join(seconds)
    if process.exitcode is None:
        process.kill()
        process.join()
        raise TimeoutExpired(["krd", *words], seconds, out.read_bytes(), err.read_bytes())
    return process.exitcode, out.read_text("utf-8"), err.read_text("utf-8")


def _krd(words, folder, environment, out, err):
    """Be that command: its streams, its folder, its variables, and nothing of who started it."""
    for stream, path in ((0, os.devnull), (1, out), (2, err)):
        opened = os.open(path, os.O_RDONLY if stream == 0 else os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        os.dup2(opened, stream)
        os.close(opened)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["krd", *words]
    from collector.cli.main import run  # noqa: PLC0415 - in the child, where it is there already

    run()
