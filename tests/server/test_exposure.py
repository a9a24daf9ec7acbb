"""Nothing goes over a network in the clear unless the operator names it (ASVS 5.0 12.2.1, 12.3.1, 3.3.1)."""

import pytest
from click.testing import CliRunner

from server.__main__ import main
from server.config import ConfigError, read
from server.exposure import callers_look_alike, check, exposed

HTTPS = {"public_url": "https://tiemchung.example/", "cookie_secure": True}


@pytest.mark.parametrize(
    "settings",
    [
        {}, HTTPS, {"public_url": "http://localhost:8080/"}, {"public_url": "http://[::1]:8080/"},
        {"database": "postgresql+psycopg://tram@/tram"}, {"database": "postgresql://tram@127.0.0.1:5432/tram"},
        {"database": "postgresql://tram@/tram?host=/run/postgresql"},
        {"database": "postgresql://tram:x@db.example/tram?sslmode=verify-full"},
        {"database": "postgresql://tram@/tram?host=a.example,b.example&sslmode=verify-ca"},
        {"database": "sqlite:////srv/tram.db"},
    ],
)  # fmt: skip
def test_what_stays_on_this_machine_or_is_encrypted_may_start(settings):
    assert exposed(read(settings)) == []


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"public_url": "http://tiemchung.example/"}, "public_url"),
        ({"public_url": "http://10.0.0.7:8080/"}, "public_url"),
        ({"public_url": "http://127.0.0.1.example/"}, "public_url"),
        ({**HTTPS, "cookie_secure": False}, "cookie_secure"),
        ({"web_host": "10.0.0.7"}, "web_host"),
        ({"web_host": ""}, "web_host"),
        ({"database": "postgresql://tram@db.example/tram"}, "database"),
        ({"database": "postgresql://tram@db.example/tram?sslmode=require"}, "database"),
        ({"database": "postgresql://tram@127.0.0.1/tram?host=db.example"}, "database"),
        ({"database": "postgresql://tram@/tram?host=127.0.0.1,db.example"}, "database"),
    ],
)
def test_what_would_go_in_the_clear_is_refused_until_it_is_named(settings, named):
    with pytest.raises(ConfigError, match=named) as refused:
        check(read(settings))
    assert f"in_the_clear = '{named}'" in refused.value.sentence
    assert [each.setting for each in check(read({**settings, "in_the_clear": f"other {named}"}))] == [named]


def test_a_proxy_that_was_not_named_is_told_of():
    assert callers_look_alike(read(HTTPS))
    assert not callers_look_alike(read({**HTTPS, "proxy": "127.0.0.1"}))
    assert not callers_look_alike(read({}))


def test_the_server_does_not_start_and_says_which_setting(tmp_path):
    """Before it opens a database or makes a key."""
    path = tmp_path / "server.toml"
    path.write_text(f'folder = "{tmp_path / "home"}"\npublic_url = "http://tiemchung.example/"\n', "utf-8")
    for command in ("run", "web", "worker"):
        answer = CliRunner().invoke(main, ["--config", str(path), command])
        assert answer.exit_code == 1
        assert "setting 'public_url'" in answer.output
    assert not (tmp_path / "home").exists()
