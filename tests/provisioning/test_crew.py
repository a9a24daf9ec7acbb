"""The scripted staff at a kiosk of paper: pages that answer touches, nothing behind them."""

from provisioning.crew import Crew, History
from provisioning.hands import Page
from provisioning.small_province import Station


class PaperKiosk:
    """One person waits for an injection; the vial at hand has been open for too long."""

    def __init__(self):
        self.page = Page(screen="welcome")
        self.touched = []
        self._after = {
            "staff": [Page(screen="sign_in")],
            "sign_in": [Page(screen="queue")],
            "call_next": [Page(screen="dosing", text="A-001"), Page(screen="queue")],
            "back": [Page(screen="dosing", text="A-001")],
            "new_vial": [Page(screen="read_back", text="Mở lọ mới: liều 1 trên 10")],
            "confirm_dose": [Page(screen="dosed")],
            "next": [Page(screen="queue")],
        }

    def look(self):
        return self.page

    def wait_for(self, *_screens, **_given):
        return self.page

    def pull(self, _lever, _value):
        self.page = Page(screen="read_back", text="Lọ đã mở từ 6 giờ trở lên — hướng dẫn của Bộ Y tế A-001")

    def touch(self, act, **_fields):
        self.touched.append(act)
        self.page = self._after[act].pop(0)
        return self.page


def test_a_vial_open_for_too_long_is_left_for_a_new_one(tmp_path):
    station = Station(name="kiosk-01", url="http://127.0.0.1:1", folder=tmp_path, settings=tmp_path)
    history = History()
    crew = Crew(station, [], history)
    crew.hands = PaperKiosk()
    crew._dose_all()
    assert crew.hands.touched == [
        "staff",
        "sign_in",
        "call_next",
        "back",
        "new_vial",
        "confirm_dose",
        "next",
        "call_next",
    ]
    assert history.confirmed == {("dosed", "A-001")}
