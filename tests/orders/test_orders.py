"""A sample of `make orders`, with the planted bug it must see (I6)."""

import json

from tests.orders.__main__ import main


def test_a_day_with_forks_gives_the_same_tables_in_some_orders(capsys):
    assert main(["--permutations", "4", "--jobs", "1"]) == 0
    account = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert account["permutations"] == 4
    assert account["planted_seen"]
    assert account["records"] > 60
    assert account["forks"] > 10
    assert account["empty"] == []
