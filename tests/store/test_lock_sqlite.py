"""The lock file beside a SQLite store."""

import pytest

from collector.errors import StoreError
from collector.store.lock import RunLock


def test_a_database_in_memory_needs_no_lock():
    with RunLock("sqlite:///:memory:"), RunLock("sqlite:///:memory:"):
        pass


def test_a_missing_folder_is_said(tmp_path):
    with pytest.raises(StoreError, match="the folder of the store must exist"):
        RunLock(f"sqlite:///{tmp_path}/nowhere/krd.db").acquire()


def test_the_lock_is_a_file_that_stays(tmp_path):
    with RunLock(f"sqlite:///{tmp_path}/krd.db"):
        pass
    assert [file.name for file in tmp_path.iterdir()] == ["krd.db.lock"]
