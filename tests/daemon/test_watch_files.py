"""A change of the files is seen by what they hold, once it has come to rest, from the moment on at which they were read."""

import os
from pathlib import Path

import pytest

from collector.daemon.watch_files import FileWatch, prints_of, prints_of_texts


def watching(main, *files):
    return FileWatch(main, [main, *files], prints_of(main, files))


@pytest.fixture
def watched(tmp_path):
    """Give a watch on a krd.yaml, an okrs folder with one file, and a query."""
    (tmp_path / "okrs").mkdir()
    for name in ("krd.yaml", "okrs/shop.yaml", "query.sql"):
        (tmp_path / name).write_text("a: 1\n")
    return watching(tmp_path / "krd.yaml", tmp_path / "query.sql")


@pytest.mark.parametrize(
    ("name", "change"),
    {
        "written in place": lambda root: (root / "krd.yaml").write_text("a: 2\n"),
        "same size, same time": lambda root: (
            stat := (root / "query.sql").stat(),
            (root / "query.sql").write_text("a: 3\n"),
            os.utime(root / "query.sql", ns=(stat.st_atime_ns, stat.st_mtime_ns)),
        ),
        "renamed into place": lambda root: (
            (root / "new").write_text("a: 4\n"),
            (root / "new").replace(root / "okrs" / "shop.yaml"),
        ),
        "another file": lambda root: (root / "okrs" / "more.yml").write_text("a: 5\n"),
        "a file gone": lambda root: (root / "okrs" / "shop.yaml").unlink(),
        "all gone": lambda root: (root / "krd.yaml").unlink(),
    }.items(),
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_a_change_is_seen_once_it_has_come_to_rest(watched, tmp_path, name, change):
    change(tmp_path)
    assert [watched.changed() for _ in range(4)] == [False, True, False, False], name


def test_a_file_that_was_only_touched_is_no_change(watched, tmp_path):
    os.utime(tmp_path / "krd.yaml", (1, 1))
    assert [watched.changed() for _ in range(3)] == [False, False, False]


def test_a_file_that_is_still_being_written_is_waited_for(watched, tmp_path):
    seen = []
    for n in range(5):
        (tmp_path / "krd.yaml").write_text("a: 1\n" * (n + 2))
        seen.append(watched.changed())
    seen += [watched.changed(), watched.changed()]
    assert seen == [False] * 5 + [True, False]


def test_a_swapped_link_to_a_folder_is_seen(tmp_path):
    for version in ("1", "2"):
        (tmp_path / version / "okrs").mkdir(parents=True)
        (tmp_path / version / "krd.yaml").write_text(f"a: {version}\n")
    (tmp_path / "current").symlink_to("1")
    (tmp_path / "krd.yaml").symlink_to("current/krd.yaml")
    watch = watching(tmp_path / "krd.yaml")
    (tmp_path / "next").symlink_to("2")
    (tmp_path / "next").replace(tmp_path / "current")
    assert [watch.changed() for _ in range(3)] == [False, True, False]


def test_a_new_query_file_is_followed_from_the_load_that_read_it(watched, tmp_path):
    more = tmp_path / "more.sql"
    more.write_text("1")
    watched.follow([more], prints_of_texts({more: "1"}))
    assert not watched.changed()
    more.write_text("2")
    assert [watched.changed() for _ in range(3)] == [False, True, False]


def test_a_new_query_file_that_was_edited_since_it_was_read_is_a_change(watched, tmp_path):
    more = tmp_path / "more.sql"
    more.write_text("2")
    watched.follow([more], prints_of_texts({more: "1"}))
    assert [watched.changed() for _ in range(3)] == [False, True, False]


def test_a_query_file_that_cannot_be_read_is_known_as_it_is(watched, tmp_path):
    watched.follow(
        [tmp_path / "query.sql", tmp_path / "none.sql"], prints_of_texts({tmp_path / "none.sql": None})
    )
    assert not watched.changed()


@pytest.mark.parametrize("change", [lambda file: file.write_text("a: 2\n"), Path.unlink])
def test_an_edit_since_the_files_were_read_is_a_change(tmp_path, change):
    (tmp_path / "okrs").mkdir()
    main, shop = tmp_path / "krd.yaml", tmp_path / "okrs" / "shop.yaml"
    for file in (main, shop):
        file.write_text("a: 1\n")
    read = prints_of(main)
    change(shop)
    watch = FileWatch(main, [main, shop], read)
    assert [watch.changed() for _ in range(3)] == [False, True, False]
