"""A sample of `make slips`, with the planted bug it must see (I1, I12)."""

import json

from tests.slips.__main__ import main


def test_some_spoiled_slips_give_the_register_back(capsys):
    assert main(["--slips", "8", "--jobs", "1"]) == 0
    account = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert account["read"] == account["slips"] == 8
    assert account["planted_seen"]
    assert account["wrong"] == account["differing"] == 0
