"""Makes the environment that the lock file describes: by uv, or with the same versions by plain pip."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from collector.setup.checkout import STAMP, Checkout, read_stamp
from collector.setup.progress import SetupFailed, say
from collector.setup.tool import PipFailed, last_words, only_one, pip_install, python, run, staged


def install(checkout: Checkout, groups: Sequence[str]) -> Path:
    """Make the environment, one process at a time, and give its folder. Raises `SetupFailed`."""
    with only_one(checkout.tools):
        if place := checkout.finished(groups):  # another start made it while this one waited
            return place
        stamp = read_stamp(checkout.venv)
        moved = bool(stamp) and stamp.get("root") != str(checkout.root)
        if moved or not (checkout.venv / "bin/python").exists():
            shutil.rmtree(checkout.venv, ignore_errors=True)
        kept = stamp.get("groups", ()) if stamp.get("key") == checkout.key else ()
        wanted = sorted(checkout.groups([*groups, *kept]))
        for uv in _uvs(checkout):
            say("installing locked dependencies into .venv")
            if _sync(checkout, uv, wanted):
                return checkout.venv
        say("installing locked dependencies with plain pip into .tools")
        _install_site(checkout, wanted)
        return checkout.site


def uv_environment(checkout: Checkout) -> dict[str, str]:
    """Give the variables under which uv takes this Python, this checkout, and what pip was told of the network."""
    env = {name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "PYTHONPATH")}
    env.update(UV_PROJECT_ENVIRONMENT=str(checkout.venv), UV_PYTHON=python(), UV_PYTHON_DOWNLOADS="never")
    env.setdefault("UV_SYSTEM_CERTS", "1")  # by itself uv trusts its own roots only
    for theirs, ours in (("PIP_INDEX_URL", "UV_DEFAULT_INDEX"), ("PIP_CERT", "SSL_CERT_FILE")):
        if value := env.get(theirs):
            env.setdefault(ours, value)
    if not os.access(os.path.expanduser("~"), os.W_OK):  # noqa: PTH111  (Path.home raises for a user without one)
        env.setdefault("UV_CACHE_DIR", str(checkout.tools / "uv-cache"))
    return env


def _uvs(checkout: Checkout) -> Iterator[str]:
    """Give the uv of the PATH, then the checkout's own: the first may be too old to read the lock."""
    if found := shutil.which("uv"):
        yield found
    own = checkout.tools / "uv"
    if not (own / "bin/uv").exists():
        say("fetching uv with pip into .tools")
        try:
            with staged(own) as part:
                pip_install(part, "uv")
        except PipFailed as error:
            say(f"no uv: {error}")
            return
    yield str(own / "bin/uv")


def _sync(checkout: Checkout, uv: str, groups: Sequence[str]) -> bool:
    (checkout.venv / STAMP).unlink(missing_ok=True)
    flags = ["--quiet", "--frozen", "--inexact", "--compile-bytecode", "--no-default-groups"]
    options = [option for group in groups for option in ("--group", group)]
    done = run([uv, "sync", *flags, *options], cwd=checkout.root, env=uv_environment(checkout))
    if done.returncode:
        say(f"{uv} failed: {last_words(done.stderr)}")
        return False
    _compile(checkout)
    checkout.write_stamp(checkout.venv, groups)
    return True


def _install_site(checkout: Checkout, groups: Sequence[str]) -> None:
    for old in checkout.tools.glob("site-*"):
        shutil.rmtree(old, ignore_errors=True)
    with staged(checkout.site) as part:
        locked = part / "locked.txt"
        locked.write_text("\n".join(checkout.constraints()), "utf-8")
        try:
            pip_install(part, "--constraint", str(locked), *checkout.requirements(groups))
        except PipFailed as error:
            raise SetupFailed(
                f"the dependencies were not installed, {error}; check the network, "
                "or name a package index that can be reached in PIP_INDEX_URL, and run again"
            ) from error
        _describe(checkout, part)
        _compile(checkout)
        checkout.write_stamp(part, groups)


def _describe(checkout: Checkout, site: Path) -> None:
    """Leave the record from which krd tells its own version, which uv's editable installation has by itself."""
    project = checkout.read("pyproject.toml")["project"]
    name, version = project["name"], project["version"]
    record = site / f"{name}-{version}.dist-info"
    record.mkdir()
    (record / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n", "utf-8")


def _compile(checkout: Checkout) -> None:
    """Compile our own modules: installers compile packages only, and many machines forbid Python to do it later."""
    run([python(), "-m", "compileall", "-q", *(checkout.root / name for name in ("collector", "connectors"))])
