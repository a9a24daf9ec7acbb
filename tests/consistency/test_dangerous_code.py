"""What no line of ours may do, read from the syntax: run text as code or as a command, unpickle, weak sums, markup by hand."""

import ast
import re

import pytest

from tests.consistency.sources import REPOSITORY

PYTHON = sorted(path for name in ("protocol", "kiosk", "server") for path in (REPOSITORY / name).rglob("*.py"))
SCRIPTS = sorted(path for name in ("kiosk", "server") for path in (REPOSITORY / name).rglob("*.js"))
CALLS = {"eval", "exec", "compile", "render_template_string", "system", "popen", "Markup", "md5", "sha1"}
MODULES = {"pickle", "marshal", "shelve", "yaml", "ldap3", "memcache", "smtplib", "telnetlib", "ftplib"}
# Block modes and paddings that protect nothing or not enough (ASVS 5.0 11.3.1).
WEAK = {"ECB", "CBC", "PKCS1v15", "TripleDES", "ARC4", "MD5", "SHA1"}
# Where one of them stands all the same, and why.
MEANT = {
    ("kiosk/hardware/escpos_line.py", "pickle"): "looks whether the library's own cache in the kiosk's folder is whole",
    ("server/web_server.py", "X-Forwarded"): "believed from our own proxy's address alone, and counted from the end",
    ("server/second_factor.py", "SHA1"): "RFC 6238: authenticator apps know no other sum for their codes",
}
SCRIPT = re.compile(
    r"\beval\(|new Function|(?:inner|outer)HTML\s*=[^=]|insertAdjacentHTML|document\.write|postMessage|document\.cookie"
    r"|__proto__|https?://(?!www\.w3\.org)|WebSocket|RTCPeer"
)
# The kiosk's browser is part of the kiosk and is emptied by `idle.js`; people's own browsers keep nothing.
STORAGE = re.compile(r"localStorage|sessionStorage|indexedDB")


def dangers(text):
    """What of the lists above stands in a module."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            of = getattr(getattr(node.func, "value", None), "id", "")
            if name in CALLS and of != "re":
                yield name
            yield from ("shell" for word in node.keywords if word.arg == "shell" and getattr(word.value, "value", 1))
        if isinstance(node, ast.Import):
            yield from MODULES & {name.name.partition(".")[0] for name in node.names}
        if isinstance(node, ast.ImportFrom):
            yield from MODULES & {(node.module or "").partition(".")[0]}
            yield from WEAK & {name.name for name in node.names}
        if isinstance(node, ast.Attribute):
            yield from WEAK & {node.attr}
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and "x-forwarded" in node.value.lower():
            yield "X-Forwarded"


def test_nothing_dangerous_is_called():
    assert len(PYTHON) > 200
    found = {
        (str(path.relative_to(REPOSITORY)), what) for path in PYTHON for what in set(dangers(path.read_text("utf-8")))
    }
    assert found == set(MEANT)


def test_scripts_write_no_markup_and_keep_nothing():
    assert len(SCRIPTS) > 3
    for path in SCRIPTS:
        if "vendor" not in path.parts:
            text = path.read_text("utf-8")
            assert SCRIPT.findall(text) == [], path.name
            assert "server" not in path.parts or not STORAGE.search(text), path.name


@pytest.mark.parametrize(
    "line",
    ["eval(x)", "os.system(x)", "subprocess.run(x, shell=True)", "import pickle", "from yaml import load", "hashlib.md5(x)",
     "modes.ECB()", "request.headers['X-Forwarded-For']", "flask.render_template_string(x)"],
)  # fmt: skip
def test_the_eye_itself(line):
    assert list(dangers(line))
