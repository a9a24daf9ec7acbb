"""The Big List of Naughty Strings (blns.json, MIT, see LICENSE.blns) and ours; `CHOSEN`: one of each sort, for every run."""

import json
from pathlib import Path

BIG = tuple(json.loads(Path(__file__).with_name("blns.json").read_text("utf-8")))
CHOSEN = (
    "<script>alert('a')</script>", '"><img src=x onerror=alert(1)>', "' onfocus='alert(1)' autofocus='", "--><svg/onload=alert(1)>",
    "</textarea></title><u>x</u>", "javascript:alert(1)", "'; DROP TABLE person; --", "1' OR '1'='1", "{{ 7*7 }}{% raw %}",
    "%(name)s %s %n {0} ${7*7}", '=HYPERLINK("http://x")', "@SUM(1+1)*cmd|' /C calc'!A0", "\x00\x01\x1b[31m\x7f", "a\r\nSet-Cookie: x=1",
    "\u202egnp.exe\u202c\u200b\ufeff", "Z\u0351\u036b\u0343\u036a\u0302A\u0357\u0350L\u036fG\u033eO",
    "\U0001f469\U0001f3fd\u200d\U0001f4bb\U0001f1fb\U0001f1f3",
    "\u2028\u2029\u0085", "\uffff\ufffe", "../../../etc/passwd\x00.png", "١٢٣", "１２", "-1e309", "NaN", "x" * 20000, " ",
)  # fmt: skip
# Bytes that are no text: lone surrogates, half a letter, an overlong blank, a byte that never begins anything.
BYTES = (b"\xed\xa0\x80", b"\xc3", b"\xc0\xa0", b"\xff\xfe<b>", b"%00%ff")
EVERYTHING = (*CHOSEN, *BYTES, *(text for text in BIG if text))
