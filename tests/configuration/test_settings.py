"""Where the settings of the process come from, and which one wins."""

import os

import pytest

from collector.configuration.settings import read_settings
from collector.errors import UsageError


@pytest.fixture(autouse=True)
def no_settings(monkeypatch):
    for name in [name for name in os.environ if name.startswith("KRD_")]:
        monkeypatch.delenv(name)


def test_nothing_needs_to_be_set():
    settings = read_settings()
    assert settings.config is None
    assert settings.database.url.get_secret_value() == "sqlite:///krd.db"
    assert (settings.web.enabled, settings.web.host, settings.web.port) == (True, "127.0.0.1", 8080)
    assert (settings.log.level, settings.log.format, settings.daemon.drain) == ("info", "auto", 25.0)


def test_variables_are_nested_by_two_underscores(monkeypatch):
    monkeypatch.setenv("KRD_WEB__LISTEN", "[::1]:9000")
    monkeypatch.setenv("KRD_LOG__LEVEL", "DEBUG")
    settings = read_settings()
    assert (settings.web.host, settings.web.port, settings.log.level) == ("::1", 9000, "debug")


def test_the_environment_wins_over_a_secrets_folder_and_the_command_line_over_both(monkeypatch, tmp_path):
    (tmp_path / "KRD_DATABASE__URL").write_text("postgresql://from-a-file\n")
    monkeypatch.setenv("KRD_SECRETS_DIR", str(tmp_path))
    assert read_settings().database.url.get_secret_value() == "postgresql://from-a-file"
    monkeypatch.setenv("KRD_DATABASE__URL", "sqlite:///from-the-environment")
    assert read_settings().database.url.get_secret_value() == "sqlite:///from-the-environment"
    assert read_settings(database={"url": "sqlite://"}).database.url.get_secret_value() == "sqlite://"


def test_a_password_in_the_database_url_is_not_shown(monkeypatch):
    monkeypatch.setenv("KRD_DATABASE__URL", "postgresql://krd:hunter2@db/krd")
    assert "hunter2" not in repr(read_settings())
    assert "hunter2" not in str(read_settings())


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("KRD_WEB__LISTEN", "8080", "KRD_WEB__LISTEN: expected ADDRESS:PORT, such as 127.0.0.1:8080"),
        ("KRD_WEB__LISTN", "x", "KRD_WEB__LISTN: there is no such setting"),
        ("KRD_LOG__FORMAT", "xml", "KRD_LOG__FORMAT: Input should be 'auto', 'console' or 'json'"),
        ("KRD_SECRETS_DIR", "/nowhere/at/all", "the folder that KRD_SECRETS_DIR names cannot be used"),
    ],
)
def test_a_wrong_setting_is_told_by_the_name_of_its_variable(monkeypatch, name, value, told):
    monkeypatch.setenv(name, value)
    with pytest.raises(UsageError) as caught:
        read_settings()
    assert told in str(caught.value)


def test_a_wrong_setting_is_told_without_its_value(monkeypatch):
    monkeypatch.setenv("KRD_WEB__LISTEN", "hunter2")
    with pytest.raises(UsageError) as caught:
        read_settings()
    assert "hunter2" not in str(caught.value)
