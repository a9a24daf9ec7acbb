"""A manager in a browser that enters receipts all the time: one form, sent until it is answered, as people do. One thread."""

import re
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from http.client import HTTPException
from http.cookiejar import CookieJar
from urllib.parse import urlencode

PASSWORD = "mot cau de nho 2021"
LOGIN = "quanly"
TIMEOUT_S = 10.0
AGAIN_S = 0.1
MOST_TRIES = 600
_FIELD = re.compile(r'name="(csrf|receipt)" value="([^"]+)"')


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args):
        return None


class Desk:
    """`entered`: the receipts that were answered; `tries`: how often a form was sent; `troubles`: what else came. `place`: the site."""

    def __init__(self, url, *, place, pause_s=0.05):
        self.entered, self.tries, self.troubles = [], 0, Counter()
        self._url, self._place, self._pause_s = url, place, pause_s
        self._jar = CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self._jar), _Stay())
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="tram-manager", daemon=True)

    def start(self):
        self._thread.start()

    def stop(self):
        """After the form in hand has been answered."""
        self._stop.set()
        self._thread.join(60)
        assert not self._thread.is_alive()

    def _work(self):
        self._sent("/console/sign-in", login=LOGIN, password=PASSWORD)
        while not self._stop.wait(self._pause_s):
            form = dict(_FIELD.findall(self._page("/console/stock/receive")))
            fields = {
                "vaccine": "PFIZER", "lot": f"L{len(self.entered)}", "expiry": "2099-12-31", "place": self._place,
                "vials": "10", "doses_per_vial": "6", "document": "PX",
            }  # fmt: skip
            self._sent("/console/stock/receive", **form, **fields)
            self.entered.append(form["receipt"])

    def _page(self, path):
        return self._insist(path)[1]

    def _sent(self, path, **fields):
        given = fields if "csrf" in fields else {"csrf": dict(_FIELD.findall(self._page(path)))["csrf"], **fields}
        status, text = self._insist(path, urlencode(given).encode())
        assert status == 303, (path, status, text[:500])

    def _insist(self, path, data=None):
        """Again until somebody answers: whoever was killed answers nothing."""
        for _ in range(MOST_TRIES):
            self.tries += data is not None
            headers, address = {"Origin": self._url[:-1]}, self._url.rstrip("/") + path
            request = urllib.request.Request(address, data=data, headers=headers)  # noqa: S310 - our own
            try:
                with self._opener.open(request, timeout=TIMEOUT_S) as answer:
                    return answer.status, answer.read().decode("utf-8")
            except urllib.error.HTTPError as answered:
                with answered:
                    if answered.code < 500:
                        return answered.code, answered.read().decode("utf-8")
                    self.troubles[str(answered.code)] += 1
            except (OSError, HTTPException) as error:
                self.troubles[type(error).__name__] += 1
            time.sleep(AGAIN_S)
        raise AssertionError(f"{path} was never answered: {dict(self.troubles)}")
