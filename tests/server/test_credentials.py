"""Secrets that systemd hands over: read from its folder, shown nowhere, never in two places (ASVS 5.0 13.3.1)."""

import re

import pytest
from click.testing import CliRunner

from server.__main__ import main
from server.config import Config, ConfigError, Secret
from server.credentials import NAMES, added
from tests.consistency.sources import REPOSITORY


def test_a_secret_comes_from_the_folder(tmp_path):
    (tmp_path / "tram.session_key").write_text("k3y\n", "utf-8")
    (tmp_path / "tram.desk").write_text("no secret", "utf-8")
    config = added(Config(web_port=1), folder=tmp_path)
    assert config == Config(web_port=1, session_key=Secret("k3y"))
    assert "k3y" not in repr(config)
    assert added(Config(), folder=None) == added(Config(), folder=tmp_path / "none") == Config()


@pytest.mark.parametrize(
    ("text", "given", "said"), [(b"a", "b", "take one away"), (b" \n", "", "empty"), (b"\xff", "", "Unicode")]
)
def test_a_secret_in_two_places_or_none_is_refused_and_not_shown(tmp_path, text, given, said):
    (tmp_path / "tram.database").write_bytes(text)
    with pytest.raises(ConfigError, match=said) as refused:
        added(Config(database=Secret(given)), folder=tmp_path)
    assert "database" in refused.value.sentence


def test_the_program_and_the_unit_know_the_same_names(tmp_path):
    unit = (REPOSITORY / "provisioning" / "systemd" / "tram-credentials.conf").read_text("ascii")
    assert set(re.findall(r"^LoadCredentialEncrypted=([a-z_.]+):/", unit, re.MULTILINE)) == set(NAMES)
    (tmp_path / "tram.database").write_text(f"sqlite:///{tmp_path / 'elsewhere.db'}\n", "utf-8")
    answer = CliRunner().invoke(
        main, ["--folder", str(tmp_path / "home"), "shares"], env={"CREDENTIALS_DIRECTORY": str(tmp_path)}
    )
    assert answer.exit_code == 0, answer.output
    assert (tmp_path / "elsewhere.db").exists()
