"""A desk that shows one given view and remembers what it was handed: the screens' fake, with `show` as its lever."""

from tests.kiosk.screens.sample_status import told
from tests.kiosk.screens.sample_views import VIEWS


class ShownDesk:
    """The seam of `kiosk.screens.pages.Desk`."""

    def __init__(self, name="welcome"):
        self.version = 7
        self.shown = VIEWS[name]
        self.acts = []

    def show(self, name):
        """Another sample view; the version rises as the real desk's does."""
        self.shown = VIEWS[name]
        self.version += 1

    def view(self):
        return {**self.shown, "version": self.version}

    def status(self):
        return told()

    def act(self, name, fields, token):
        self.acts.append((name, fields, token))
        return True


class ShownBench:
    """The seam of `kiosk.screens.bench.Bench`."""

    def __init__(self):
        self.pulled = {
            "card": "",
            "scan": "",
            "paper": "loaded",
            "cover": "closed",
            "printer": "plugged",
            "network": "plugged",
        }

    def levers(self):
        return dict(self.pulled)

    def pull(self, name, value):
        self.pulled[name] = value

    def slips(self):
        return ["slip-2.png", "slip-1.png"]

    def slip_png(self, name):
        return b"\x89PNG" + name.encode()

    def samples(self):
        return [{"label": "Người mẫu 1", "payload": "075046001234||Mẫu|05091946|Nữ||", "kind": "cccd"}]
