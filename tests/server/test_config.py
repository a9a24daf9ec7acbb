"""The table of settings: defaults, types, unknown names, secrets."""

import dataclasses

import pytest

from server.config import SETTINGS, Config, ConfigError, Secret, load, read


def test_without_a_file_the_defaults_hold(tmp_path):
    config = load(None)
    assert config == Config()
    assert config.database_url.startswith("sqlite:////")
    assert config.database_url.endswith("/tram-server/tram.db")


def test_a_file_is_read_and_relative_paths_lie_in_the_folder(tmp_path):
    path = tmp_path / "server.toml"
    path.write_text(f'folder = "{tmp_path}"\nweb_port = 0\ncookie_secure = true\nkeys = "pki"\n', "utf-8")
    config = load(path)
    assert (config.web_port, config.cookie_secure) == (0, True)
    assert config.identity_folder == tmp_path / "pki" / "server"
    assert config.outbox_file == tmp_path / "outbox.jsonl"


def test_an_absolute_path_stays_where_it_is(tmp_path):
    config = read({"folder": "/srv/tram", "keys": str(tmp_path)})
    assert config.keys_folder == tmp_path


def test_an_unknown_name_is_refused_and_the_nearest_is_named():
    with pytest.raises(ConfigError, match=r"unknown setting 'broker_prot'; the nearest is 'broker_port'"):
        read({"broker_prot": 1883})


@pytest.mark.parametrize(
    "values", [{"web_port": "8080"}, {"web_port": True}, {"cookie_secure": 1}, {"folder": 3}, {"database": False}]
)
def test_a_value_of_the_wrong_type_is_refused(values):
    with pytest.raises(ConfigError, match="must be"):
        read(values)


def test_a_file_that_is_no_toml_is_a_config_error_with_its_path(tmp_path):
    path = tmp_path / "broken.toml"
    path.write_text("folder = ", "utf-8")
    with pytest.raises(ConfigError, match=r"broken\.toml"):
        load(path)
    with pytest.raises(ConfigError, match=r"missing\.toml"):
        load(tmp_path / "missing.toml")


def test_a_secret_never_shows():
    config = read({"database": "postgresql+psycopg://tram:s3cret@db/tram", "session_key": "k3y"})
    for shown in (repr(config), str(config), f"{config.database}", str(dataclasses.asdict(config))):
        assert "s3cret" not in shown
        assert "k3y" not in shown
    assert config.database_url.endswith("s3cret@db/tram")
    assert Secret("a") == Secret("a")
    assert not Secret("")


def test_the_table_names_every_setting_with_help_and_a_default():
    rows = SETTINGS
    assert [row.name for row in rows] == [row.name for row in dataclasses.fields(Config)]
    assert all(row.help and row.type for row in rows)
    by_name = {row.name: row for row in rows}
    assert by_name["web_port"].default == "8080"
    assert by_name["folder"].type == "path"
    assert by_name["session_key"].type == "secret"
    assert by_name["cookie_secure"].default == "false"
