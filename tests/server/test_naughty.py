"""The big list of naughty strings through every form, every address and every record's text, and all pages read afterwards.

Each run gives every field of every form one string of each sort in turn; `pytest -m soak tests/server/test_naughty.py` the whole list.
"""

import html
import itertools
import json
import re
from dataclasses import replace

import pytest
from sqlalchemy import select, update

from protocol import fields
from protocol.errors import ProtocolError
from server import boxes, recipients, reference
from server.accounts import CLIENT, PUBLIC, ROLES
from server.ledger.tables import WRITER
from server.reference import SITE as SITES
from server.sessions.tables import APPOINTMENT
from server.units import UNIT
from tests.server import test_scope
from tests.server.made import MINUTE, MORNING, SITE, identity
from tests.server.naughty.pages import Reader, encoded, wrong_with
from tests.server.naughty.strings import BYTES, CHOSEN, EVERYTHING
from tests.server.sessions.scenes import recipient
from tests.server.test_portal_complain import filled
from tests.server.web_office import HOST, WebOffice

office = test_scope.office
provinces = test_scope.provinces
# What a field wants so that the others reach further than the first fault.
FILL = {
    "name": "Nguyễn Văn An", "dob": "14/04/1979", "doc_no": "075079001234", "phone": "0912345678", "given_on": "3/10/2021",
    "expiry": "31/12/2021", "email": "a@example.vn", "wanted": "075079000001", "valid_from": "2021-10-05", "valid_to": "",
}  # fmt: skip
# They end the session or change what the next form needs to be sent at all.
APART = ("/console/sign-out", "/console/accounts/sessions", "/console/password")


class Streets:
    """Browsers of every role of one province and of a citizen at the end of the form for complaints."""

    def __init__(self, office, at):
        self.office, self.at = office, at
        self.browsers = {role: office.browser(f"{role}-{at.unit}") for role in ROLES}
        self.browsers[PUBLIC] = filled(office)
        self.token = test_scope.issued(office, at.unit)

    def addresses(self):
        """Each route that answers GET: an address, and who of those who may asks for it."""
        for rule in self.office.app.url_map.iter_rules():
            if "GET" not in rule.methods or "filename" in rule.arguments:
                continue
            roles = self.office.app.view_functions[rule.endpoint].tram_roles
            who = next(role for role in (*ROLES, CLIENT, PUBLIC) if role in roles)
            known = {**vars(self.at), "k": "", "number": ""}
            if set(rule.arguments) <= set(known):
                yield test_scope.address(self.office.app, rule, self.at) if rule.arguments else rule.rule, who, rule

    def get(self, who, path):
        if who == CLIENT:
            return self.office.browser().get(path, headers=self.token)
        return self.browsers[who].get(path)

    def forms(self):
        """Every form of every page, once."""
        seen = set()
        for path, who, _ in list(self.addresses()):
            answer = self.get(who, path)
            for form in Reader(answer.text).forms if answer.mimetype == "text/html" else ():
                action = form.action or path
                key = (action.partition("?")[0], form.method, *form.typed, *form.chosen)
                if key not in seen and not action.startswith(APART):
                    seen.add(key)
                    yield path, who, replace(form, action=action)

    def send(self, who, form, values):
        """As a browser sends it."""
        body = encoded({**form.hidden, **form.chosen, **values})
        client = self.browsers[who].client
        if form.method == "get":
            return client.get(form.action.partition("?")[0] + "?" + body, base_url=HOST)
        given = {"Origin": HOST, "Content-Type": "application/x-www-form-urlencoded"}
        return client.post(form.action, base_url=HOST, data=body, headers=given)


def filled_in(form, **naughty):
    return {**{name: FILL.get(name) or form.typed[name] or "1" for name in form.typed}, **naughty}


def times(strings, *, alone):
    """All of them into a form at once; a tenth, another one each time, into a field alone, where the others are well."""
    return strings // 10 if alone else strings


def trial(streets, naughty, *, each):
    """Every form with naughty strings, in one field and in all. `each`: the whole list, or one after the other in turn."""
    strings, wrong, sent = itertools.cycle(naughty), [], 0
    for _path, who, form in list(streets.forms()):
        carried = tuple(name for name in (*form.chosen, *form.hidden) if name != "csrf")
        tries = (
            [(name,) for name in form.typed] + [tuple(form.typed)] * (len(form.typed) > 1) + [carried] * bool(carried)
        )
        for names in tries:
            for _ in range(times(len(naughty), alone=len(names) == 1) if each else 1):
                text = next(strings)
                answer = streets.send(who, form, {**filled_in(form), **dict.fromkeys(names, text)})
                sent += 1
                wrong += [(form.action, names, text[:40], one) for one in wrong_with(answer)]
                if (answer.location or "").startswith("/console/sign-in") and who in ROLES:
                    # One address may try sixty times in five minutes, and this clock stands.
                    streets.office.clock.now += 6 * MINUTE
                    streets.browsers[who] = streets.office.browser(f"{who}-{streets.at.unit}")
    return wrong, sent


def name_them(office, texts):
    """What is named elsewhere than in a form: units, sites, staff of sites, recipients, and what machines say of themselves."""
    texts = itertools.cycle(texts)

    def one(limit=fields.MAX_NAME):
        return next(texts)[:limit]

    with office.db.write() as conn:
        for code in conn.execute(select(UNIT.c.code)).scalars().all():
            conn.execute(update(UNIT).where(UNIT.c.code == code).values(name=one()))
        for site in conn.execute(select(SITES.c.site)).scalars().all():
            conn.execute(update(SITES).where(SITES.c.site == site).values(name=one(), address=one(), hotline=one(32)))
            value = {"id": "nv-n", "name": one(), "role": "lead", "code": "1", "pin": "x", "initials": one(8)}
            reference.put_item(conn, site=site, list_name=reference.STAFF, key="nv-n", value=value)
        people = [recipient(n, name=one(), address=one(), work=one(), phone=one(32)) for n in range(40, 60)]
        recipients.put(conn, people)
        conn.execute(update(APPOINTMENT).values(name=one(), phone=one(32)))
        state = {"app": one(), "printer": one(), "sure": one(), "hardware": one(), "free_mb": one(), "waiting": one()}
        for k in conn.execute(select(WRITER.c.k)).scalars().all():
            assert boxes.hear(conn, k, json.dumps(state).encode(), now=MORNING)
            boxes.turn_away(conn, who=k, what=one(32), now=MORNING, site=one(64), about=one(160))


def saved_of(page, form):
    """The addresses of the files that a list hands out."""
    return {html.unescape(found) for found in re.findall(rf'href="([^"]*[?&;]save={form}[^"]*)"', page)}


def read_all(streets, naughty, *, files=("csv",)):
    """Every address as it is, with strings behind it or in it, and the files that lists hand out."""
    strings, wrong, told = itertools.cycle(naughty), [], []
    for path, who, rule in list(streets.addresses()):
        asked = encoded({name: next(strings) for name in ("place", "lot", "state", "page", "day", "next", "reason")})
        named = encoded({"x": next(strings)})[2:].replace("+", "%20")
        spots = [rule.rule.replace(f"<{name}>", named) for name in rule.arguments]
        for one in (path, *(spot for spot in spots or [f"{path}?{asked}"] if "<" not in spot)):
            answer = streets.get(who, one)
            wrong += [(one[:80], fault) for fault in wrong_with(answer)]
            if answer.mimetype == "text/html":
                told.append(" ".join(Reader(answer.text).text))
            pages = [answer.text] if one == path and answer.mimetype == "text/html" else []
            for file in {file for page in pages for form in files for file in saved_of(page, form)}:
                wrong += [(file[:80], fault) for fault in wrong_with(streets.get(who, file))]
    return wrong, " ".join(told)


def kept(texts, limit):
    """What of the strings a record's text may be."""
    for text in texts:
        try:
            fields.text(limit)(text, "x")
        except ProtocolError:
            continue
        if text.strip():
            yield text


def record_them(office, texts):
    """People, doses, reactions and a late entry whose every free text is naughty."""
    nurse = office.nurse
    for n, text in enumerate(texts, 100):
        who = {**identity(n), "name": text, "address": text}
        at = MORNING + (n % 50) * MINUTE
        body = {
            "visit": f"v-{n}",
            "person": f"cccd:{who['doc_no']}",
            "ticket": f"A-{n}",
            "how": "cccd",
            "identity": who,
            "slip": f"t-{n}",
        }
        office.accept(nurse, nurse.write("visit.checked_in", body, at), now=MORNING)
        if n % 5 == 0:
            undone = nurse.undone(n + 1, at + 2 * MINUTE, reason=text)
            office.accept(
                nurse, nurse.dosed(n, at), nurse.struck(n, at, note=text), nurse.dosed(n + 1, at), undone, now=MORNING
            )
        late = {
            "dose": f"d-late-{n}", "person": body["person"], "identity": who, "vaccine": "PFIZER", "lot": text[:32].strip(), "dose_no": 2,
            "given_on": "2021-08-01", "place": SITE, "slip": f"s-late-{n}", "photos": [], "reason": text,
        }  # fmt: skip
        office.append(("dose.entered_late", late))


def test_every_form_and_every_address_takes_one_of_each_sort(office, provinces):
    streets = Streets(office, provinces["75"])
    wrong, sent = trial(streets, (*CHOSEN, *BYTES), each=False)
    assert wrong == []
    assert sent > 60, "forms were not found"
    texts = list(kept(CHOSEN, fields.MAX_NAME))[::2]
    record_them(office, texts)
    name_them(office, texts)
    wrong, told = read_all(streets, (*CHOSEN, *BYTES))
    assert wrong == []
    assert [text for text in texts if text not in told] == []


def test_the_eye_sees_what_no_template_writes():
    for text in CHOSEN[:5]:
        spots = '<p>{0}</p><input value="{0}">', "<input value='{0}'><textarea>{0}</textarea>"
        assert any(Reader(spot.format(text)).strange for spot in spots), text
    assert Reader('<a href=" JavaScript:alert(1)">x</a>').strange
    assert Reader('<p class="x">Nguyễn &lt;b&gt;</p>').strange == []


def test_a_nul_is_refused_at_the_door(any_db):
    """PostgreSQL keeps none: without this, a question with one was a fault of ours there."""
    browser = WebOffice(any_db).browser("officer")
    for path in (
        "/console/people/%00",
        "/console/complaints?place=%00",
        "/certificates/a%00b",
        "/api/v1/progress?place=%00",
    ):
        assert browser.get(path).status_code == 400, path
    assert browser.send("/console/people", wanted="a\x00b").status_code == 400


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_the_whole_list_in_records_and_addresses(office, provinces):
    streets = Streets(office, provinces["75"])
    texts = list(kept((text for text in EVERYTHING if isinstance(text, str)), fields.MAX_NAME))
    record_them(office, texts)
    wrong, _ = read_all(streets, EVERYTHING)
    assert wrong == []
    for n in range(0, len(texts), 40):
        name_them(office, texts[n : n + 40])
        wrong, _ = read_all(streets, CHOSEN, files=("csv", "xlsx"))
        assert wrong == []
    print(f"{len(EVERYTHING)} strings, {len(texts)} of them in records")


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_the_whole_list_through_every_form(office, provinces):
    wrong, sent = trial(Streets(office, provinces["75"]), EVERYTHING, each=True)
    assert wrong == []
    print(f"{len(EVERYTHING)} strings, {sent} forms sent")
