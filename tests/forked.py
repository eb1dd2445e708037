"""Commands of krd in processes of their own that begin with everything imported: most of what a command takes is importing.

Such a process is forked from one that did nothing but import. To a test it is what `subprocess.Popen` gives; what it does not
share with a command that begins cold is the import of each module in its turn, the seed of hashes, and the end of the
interpreter: where a test is about these, it begins cold.
"""

import atexit
import multiprocessing
import os
import sys
import time
from multiprocessing import reduction
from pathlib import Path
from subprocess import DEVNULL, PIPE, CompletedProcess, Popen, TimeoutExpired

_SERVER = multiprocessing.get_context("forkserver")
_SERVER.set_forkserver_preload(
    [
        "collector.cli.main",
        "collector.cli.everything",
        "collector.cli.one_pass",
        "collector.cli.running",
        "collector.notifiers.alertmanager",
        "collector.notifiers.email",
        "collector.notifiers.slack",
        "collector.store.migrate",
        "collector.store.postgres",
        "collector.web.routes",
        "connectors.http_json",
        "connectors.prometheus",
        "connectors.sql",
        "uvicorn.protocols.http.h11_impl",
    ]
)


def cold(words, **how) -> Popen:
    """Start `krd …` as the console script does, with nothing imported."""
    return Popen([sys.executable, "-c", "from collector.cli.main import run; run()", *map(str, words)], **how)


def forked(words, folder, environment, seconds=60) -> CompletedProcess:
    """Run `krd …` in `folder` to its end. Raises `TimeoutExpired`, the process is dead then."""
    streams = {"stdin": DEVNULL, "stdout": PIPE, "stderr": PIPE, "encoding": "utf-8"}
    with Forked(words, cwd=folder, env=environment, **streams) as process:
        try:
            out, err = process.communicate(timeout=seconds)
        except BaseException:
            process.kill()
            raise
    return CompletedProcess(process.args, process.returncode, out, err)


class Forked(Popen):
    """`krd …` as `Popen` starts it, with its folder, its variables and its streams; ends with the tests at the latest."""

    def __init__(self, words, **how):
        super().__init__(["krd", *map(str, words)], **how)

    def poll(self):
        self.returncode = self._process.exitcode
        return self.returncode

    def wait(self, timeout=None):
        self._process.join(timeout)
        if self.poll() is None:
            raise TimeoutExpired(self.args, timeout)
        return self.returncode

    def _execute_child(self, args, *how):
        """Do what `Popen` has its platforms do: begin the process, and close here what is the child's."""
        folder, environment, pipes = how[4], how[5], how[9:15]
        given = (pipes[0], pipes[3], pipes[5])
        streams = [_Stream(own if one == -1 else one) for own, one in enumerate(given)]
        variables = dict(os.environ if environment is None else environment)
        told = (args, str(folder or Path.cwd()), variables, streams)
        self._process = _SERVER.Process(target=_krd, args=told, daemon=True)
        try:
            self._process.start()
            self.pid, self._child_created = self._process.pid, True
        finally:
            self._close_pipe_fds(*pipes)


class _Stream:
    """A descriptor that is sent along, and is a number again where it arrives."""

    def __init__(self, number):
        self._number = number

    def __reduce__(self):
        return _arrived, (reduction.DupFd(self._number),)


def _arrived(sent):
    return sent.detach()


def _krd(argv, folder, environment, streams):
    """Be that command, and nothing of who started it."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    _open_streams(*environment.get("PYTHONIOENCODING", "").split(":"))
    sys.argv = argv
    from collector import crash_points  # noqa: PLC0415 - in the child, where it is there already
    from collector.cli.main import run  # noqa: PLC0415 - as above

    crash_points.arm_from(os.environ)  # the one thing that krd reads from its variables when it is imported
    try:
        run()
    finally:
        atexit._run_exitfuncs()  # these processes end without


def _open_streams(encoding, errors=None):
    """Open Python's streams anew: what they are was seen at the start, when the descriptors were others."""
    errors = errors or ("strict" if encoding else sys.stdout.errors)
    encoding = encoding or sys.stdout.encoding
    streams = (
        ("stdin", "r", -1, errors),
        ("stdout", "w", -1, errors),
        ("stderr", "w", 1, "backslashreplace"),
    )
    for number, (name, mode, buffering, wrong) in enumerate(streams):
        stream = os.fdopen(number, mode, buffering, encoding, wrong, closefd=False)
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)
