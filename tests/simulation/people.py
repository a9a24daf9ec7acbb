"""What people do at a kiosk's screen, touch by touch, through the real acts. Each intention has a number: `kiosk.act`.

A double touch sends the same intention twice with the token of the page it was touched on.
"""

from kiosk.desk import acts, scans, vials
from protocol import visit as states
from tests.simulation import places


class Person:
    """Hands at one kiosk for one step of a schedule. `double`: the deciding touch lands twice."""

    def __init__(self, kiosk, number, *, double=False):
        self.kiosk = kiosk
        self.number = number
        self.double = double
        self._touches = 0

    def tap(self, name, *, twice=False, **form):
        """Touch a button; True when it was taken."""
        desk = self.kiosk.desk
        self._touches += 1
        self.kiosk.act = f"{self.number}.{self._touches}"
        token = desk.front.token
        taken = acts.act(desk, name, dict(form), token)
        if twice and self.double:
            acts.act(desk, name, dict(form), token)
        return taken

    def scan(self, data):
        """Hold a code before the reader."""
        self._touches += 1
        self.kiosk.act = f"{self.number}.{self._touches}"
        scans.scan(self.kiosk.desk, data)

    def to_welcome(self):
        """Whatever is shown, back to the citizens' first screen."""
        desk = self.kiosk.desk
        if desk.front.staff is not None:
            self.tap("sign_out")
        for _ in range(3):
            if desk.front.screen == "welcome":
                break
            self.tap({"ticket": "done", "confirm": "no", "trouble": "retry"}.get(desk.front.screen, "back"))
        if desk.front.screen != "welcome":
            desk.front.leave()

    def as_staff(self, role, station):
        """Sign in and take a station."""
        front = self.kiosk.desk.front
        front.wait_until = 0
        if front.staff and front.station == station:
            self.tap("next" if front.screen in ("dosed", "released") else "back")
            if front.screen in ("queue", "observation"):
                return
        self.to_welcome()
        self.tap("staff")
        self.tap("sign_in", code=places.staff_code(role), pin=places.PIN)
        if front.screen == "station":
            self.tap("station", station=station)

    def check_in(self, person):
        """A citizen with a card takes a number."""
        self.to_welcome()
        self.scan(places.person(person)["card"].encode())
        self.tap("yes", twice=True)
        self.tap("done")

    def screen(self):
        """The next one is asked and examined."""
        self.as_staff("screener", "screening")
        self.tap("call_next", twice=True)
        self.tap("judge", **{"answer.ACUTE_ILLNESS": "no", "consent": "yes"})
        self.tap("conclude", twice=True, conclusion="eligible", reason="")

    def inject(self, *, lot, undo):
        """The next one gets a dose; now and then it was recorded in error."""
        self.as_staff("injector", "injection")
        self.tap("call_next")
        self.tap("lot", lot=places.LOTS[lot])
        self.tap("confirm_dose", twice=True, reason="Bác sĩ đồng ý")
        if undo:
            self.tap("undo")
            self.tap("undo_dose", twice=True, reason="Chọn nhầm người")

    def release(self, which, *, early, reprint):
        """Somebody under observation leaves; before time is up only with a reason."""
        one = self._observed(which)
        if one is None:
            return
        self.tap("release", twice=True, visit=one["visit"])
        if self.kiosk.desk.front.screen == "release_early":
            if early:
                self.tap("release_now", twice=True, visit=one["visit"], reason="Người tiêm xin về")
            else:
                self.tap("back")
        elif reprint:
            self.tap("reprint", twice=True)

    def react(self, which):
        """Somebody under observation feels unwell."""
        one = self._observed(which)
        if one is None:
            return
        if one.get("reactions"):
            self.tap("react", visit=one["visit"])
        elif which % 3 == 0:
            self.tap("alarm", twice=True, visit=one["visit"])
        else:
            self.tap("react", visit=one["visit"])
            self.tap("report", twice=True, severity="common", symptoms="rash", note="")
        if self.kiosk.desk.front.screen == "follow_up":
            self.tap("follow_up", twice=True, outcome="recovered", symptoms="rash", note="")

    def bring_slip(self, code):
        """A citizen brings the paper; staff scan it and keep what it says."""
        self.as_staff("injector", "injection")
        for _ in range(2):
            # Where the one before had left the table, a code is asked for something else.
            if self.kiosk.desk.front.screen in ("dosed", "vial_end", "vials"):
                self.tap("next" if self.kiosk.desk.front.screen == "dosed" else "back")
        self.scan(code.encode())
        self.tap("recover", twice=True)

    def screen_out(self, pick):
        """The next one is not fit today, or does not want it."""
        self.as_staff("screener", "screening")
        self.tap("call_next")
        self.tap(
            "judge", **{"answer.ACUTE_ILLNESS": "no" if pick % 2 else "yes", "consent": "no" if pick % 2 else "yes"}
        )
        self.tap("conclude", twice=True, conclusion="refused" if pick % 2 else "defer", reason="Sốt")

    def end_vial(self, pick):
        """A vial is put away."""
        self.as_staff("injector", "injection")
        self.tap("vials")
        shown = [row["vial"] for row in vials.shown(self.kiosk.desk)["vials"]]
        if shown:
            self.tap("end_vial", vial=shown[pick % len(shown)])
            self.tap("vial_ended", twice=True, why="end_of_session", note="")

    def open_day(self, pick):
        """The lead opens the day: vials counted, a drill perhaps, the PIN."""
        self.as_staff("lead", "screening")
        self.tap("day")
        self.tap("opening")
        self.tap("lots")
        self.tap("count", lot=places.LOTS[0])
        self.tap("counted", vials=str(pick % 9))
        self.tap("back")
        if pick % 2:
            self.tap("drill")
            self.tap("drill_start")
            for _ in range(pick // 2 % 3):
                self.tap("drill_skip")
            self.tap("back")
        self.tap("to_open")
        self.tap("why", reason="Chưa đủ người")
        self.tap("open_day", twice=True, pin=places.PIN)

    def close_day(self):
        """The lead closes the books, whether they agree or not."""
        self.as_staff("lead", "screening")
        self.tap("closing")
        self.tap("to_close")
        self.tap("why", reason="Mai kiểm lại")
        self.tap("close_day", twice=True, pin=places.PIN)

    def late_dose(self, pick):
        """A dose that was only written on paper."""
        self.as_staff("injector", "injection")
        self.tap("late")
        self.scan(places.person(pick % places.PEOPLE)["card"].encode())
        self.tap("late_vaccine", vaccine="AZ")
        self.tap("late_told", **places.PAPER, day=f"{1 + pick % 28:02d}")
        self.tap("late_without")
        self.tap("late_record", twice=True, reason="Mất điện cả buổi")

    def alarm_seen(self):
        """Whoever is signed in says that they know of an alarm."""
        desk = self.kiosk.desk
        ringing = [aefi for one in desk.visits_today() for aefi in one.get("reactions", {})]
        if ringing:
            self.as_staff("injector", "injection")
            self.tap("seen", twice=True, aefi=ringing[0])

    def miss(self):
        """The next one is called and does not come."""
        self.as_staff("screener", "screening")
        self.tap("call_next")
        self.tap("absent", twice=True, visit=self.kiosk.desk.front.pending.get("visit", ""))

    def _observed(self, which):
        self.as_staff("lead", "observation")
        desk = self.kiosk.desk
        standing = [one for one in desk.visits_today() if one["state"] == states.OBSERVING]
        return standing[which % len(standing)] if standing else None
