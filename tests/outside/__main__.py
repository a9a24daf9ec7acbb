"""`python -m tests.outside`: sslscan on broker and door, shcheck and csp_evaluator on the pages; JSON lines, exits 1 on a finding.

A tool that is missing is named and left out: sslscan by apt, shcheck by pip, csp_evaluator by npm (NODE_PATH names its node_modules).
"""

import json
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path
from xml.etree import ElementTree as ET

from provisioning.broker import Broker
from provisioning.stage import Stage, free_port, url_answers
from server import app
from server.config import load

PAGES = ("", "console/sign-in", "api/v1/openapi.json", "api/v1/ready", "no-such-page")
OLD = {"SSLv2", "SSLv3", "TLSv1.0", "TLSv1.1"}
# What shcheck misses and why it stands nowhere: it was taken out of browsers, or the front's certificate is no affair of ours.
MEANT = {
    "X-XSS-Protection": "browsers have taken it out, and it did harm",
    "X-Frame-Options": "frame-ancestors of the policy says it",
    "Expect-CT": "taken out of browsers",
    "X-Permitted-Cross-Domain-Policies": "for Flash",
    "Cross-Origin-Embedder-Policy": "nothing here needs shared memory",
    "Cross-Origin-Resource-Policy": "pictures of the portal may be shown elsewhere",
    "Strict-Transport-Security": "said over https only, where setting `cookie_secure` is true; this run is plain HTTP on loopback",
}
EVALUATE = """
const { CspEvaluator } = require('csp_evaluator/dist/evaluator.js'); const { CspParser } = require('csp_evaluator/dist/parser.js');
const found = new CspEvaluator(new CspParser(process.argv[1]).csp).evaluate();
console.log(JSON.stringify(found.map((one) => [one.severity, one.directive, one.description])));
"""
# csp_evaluator: 10 high, 20 syntax, 30 medium, 40 possible high, 45 possible medium, 50 strict CSP, 60 information.
SERIOUS = 30


def tls(name, port):
    """What sslscan finds at a port of ours."""
    said = subprocess.run(
        ["sslscan", "--xml=-", "--no-colour", f"127.0.0.1:{port}"], capture_output=True, check=True, timeout=300
    ).stdout
    test = ET.fromstring(said).find("ssltest")  # noqa: S314 - written by the tool we have just run
    spoken = {
        f"{one.get('type').upper().replace('TLS', 'TLSv')}{one.get('version')}"
        for one in test.iter("protocol")
        if one.get("enabled") == "1"
    }
    spoken = {one.replace("SSL", "SSLv") if one.startswith("SSL") else one for one in spoken}
    ciphers = {one.get("cipher"): int(one.get("bits")) for one in test.iter("cipher")}
    wrong = sorted(spoken & OLD) + [
        cipher
        for cipher, bits in ciphers.items()
        if bits < 128 or ("ECDHE" not in cipher and not cipher.startswith("TLS_"))
    ]
    wrong += [f"heartbleed {one.get('sslversion')}" for one in test.iter("heartbleed") if one.get("vulnerable") == "1"]
    wrong += ["compression" for one in test.iter("compression") if one.get("supported") == "1"]
    return {"tool": "sslscan", "what": name, "spoken": sorted(spoken), "ciphers": sorted(ciphers), "wrong": wrong}


def headers(url):
    """What shcheck misses on some pages, but for what is meant."""
    wrong, missing = {}, set()
    for page in PAGES:
        said = subprocess.run(
            [shutil.which("shcheck.py") or "shcheck", "-j", "-d", "-i", "-g", url + page],
            capture_output=True,
            check=False,
            timeout=60,
        ).stdout
        found = next(iter(json.loads(said).values()), None)
        if found is None:
            wrong[page] = ["not looked at"]
            continue
        missing |= set(found["missing"])
        left = sorted(set(found["missing"]) - set(MEANT))
        if left:
            wrong[page] = left
    return {
        "tool": "shcheck",
        "what": "headers",
        "pages": len(PAGES),
        "meant": sorted(missing & set(MEANT)),
        "wrong": wrong,
    }


def policy(url):
    """What csp_evaluator says of the pages' policy."""
    with urllib.request.urlopen(url + "console/sign-in", timeout=30) as answer:  # noqa: S310 - our own
        text = answer.headers["Content-Security-Policy"]
    said = subprocess.run(["node", "-e", EVALUATE, text], capture_output=True, check=True, timeout=60).stdout
    found = json.loads(said)
    return {"tool": "csp_evaluator", "what": text, "said": found, "wrong": [one for one in found if one[0] <= SERIOUS]}


def has_evaluator():
    """Can node find it?"""
    asked = ["node", "-e", "require.resolve('csp_evaluator/dist/evaluator.js')"]
    return shutil.which("node") is not None and subprocess.run(asked, capture_output=True, check=False).returncode == 0


def main():
    """Start broker, door and pages; look; say."""
    with tempfile.TemporaryDirectory(prefix="tram-outside-") as place, Stage(Path(place) / "log") as stage:
        folder, web, door = Path(place), free_port(), free_port()
        settings = folder / "server.toml"
        settings.write_text(
            f'folder = "{folder}"\nweb_port = {web}\ndoor_port = {door}\nlog_level = "ERROR"\n', "utf-8"
        )
        app.ensure_keys(load(settings))
        url = f"http://127.0.0.1:{web}/"
        with Broker(folder / "keys") as broker:
            stage.start(
                "web", ("python", "-m", "server", "--config", str(settings), "web"), ready=lambda: url_answers(url)
            )
            looks = (
                ("sslscan", shutil.which("sslscan"), lambda: tls("broker", broker.port)),
                ("sslscan", shutil.which("sslscan"), lambda: tls("door", door)),
                ("shcheck", shutil.which("shcheck.py") or shutil.which("shcheck"), lambda: headers(url)),
                ("csp_evaluator", has_evaluator(), lambda: policy(url)),
            )
            rows = [look() if there else {"tool": name, "missing": True} for name, there, look in looks]
    for row in rows:
        print(json.dumps(row), flush=True)
    sys.exit(any(row.get("wrong") for row in rows))


if __name__ == "__main__":
    main()
