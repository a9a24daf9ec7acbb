"""A slip under the reader at a staffed desk: what it says, whether it is good, whether it is known; one touch keeps it (I12)."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from protocol import envelope, slip_code
from tests.kiosk.made import CARD, Made
from tests.kiosk.site import Site


@pytest.fixture
def site(quick_folder: Path) -> Iterator[Site]:
    """Two kiosks; at the first one a person got a dose, and the second has heard nothing of it."""
    made = Site(quick_folder, 2)
    first = made.kiosks[0]
    first.check_in()
    first.screen()
    first.dose()
    yield made
    made.close()


def slip_of(made: Made) -> str:
    """The code that is printed on the slip of the kiosk's last dose."""
    dose = next(record for record in reversed(made.records()) if record.kind == "dose.given")
    return made.desk.call(lambda: made.store.code(dose.body["slip"]))


def test_the_slip_of_a_lost_kiosk_is_recorded_with_one_touch(site: Site):
    first, second = site.kiosks
    code = slip_of(first)
    second.sign_in("1003", "injection")
    view = second.scan(code)
    assert (view["screen"], view["data"]["signed"], view["data"]["known"]) == ("recovery", "good", False)
    assert (view["data"]["dose_no"], view["data"]["lot"]) == (2, "ABV001")
    assert "075079001234" not in str(view), "never the whole number"
    view = second.act("recover")
    assert (view["screen"], view["notice"]["code"]) == ("queue", "slip_recorded")
    record = second.records()[-1]
    value = slip_code.decode(code)[0]
    assert (record.kind, record.body) == ("dose.recovered", {"slip": value["s"], "person": value["p"], "code": code})
    assert record.who["id"] == "nv-1003"
    dose = next(one for one in first.records() if one.kind == "dose.given")
    assert slip_code.original(value) == dose.name()


def test_what_the_site_knows_needs_no_recovery(site: Site):
    first, second = site.kiosks
    code = slip_of(first)
    site.share()
    for made in (first, second):
        before = made.desk.log.seq
        made.sign_in("1003", "injection")
        view = made.scan(code)
        assert (view["screen"], view["data"]["known"]) == ("recovery", True), made.k
        view = made.act("recover")
        assert (view["screen"], view["notice"]["code"]) == ("recovery", "slip_known")
        assert made.act("back")["screen"] == "queue"
        assert "dose.recovered" not in made.kinds()[before:]


@pytest.mark.parametrize("bent", ["lot", "signature"])
def test_a_forged_slip_says_so_and_may_be_kept(site: Site, bent: str):
    first, second = site.kiosks
    value, signed, signature = slip_code.decode(slip_of(first))
    if bent == "lot":
        signed = slip_code.payload({**value, "l": "GG9999"})
    else:
        signature = signature[::-1]
    second.sign_in("1004")
    view = second.scan(slip_code.encode(signed, signature))
    assert (view["screen"], view["data"]["signed"]) == ("recovery", "forged")
    assert second.act("recover")["screen"] == "observation"
    assert second.kinds()[-1] == "dose.recovered"


def test_a_slip_of_another_site_cannot_be_judged_here(site: Site):
    value, _, signature = slip_code.decode(slip_of(site.kiosks[0]))
    foreign = slip_code.encode(slip_code.payload({**value, "k": "kiosk-77", "x": "bien-hoa"}), signature)
    made = site.kiosks[1]
    made.sign_in("1003", "injection")
    view = made.scan(foreign)
    assert (view["data"]["signed"], view["data"]["place"]) == ("stranger", "bien-hoa")


def test_the_same_slip_twice_leaves_the_page_and_another_replaces_it(site: Site):
    first, second = site.kiosks
    code = slip_of(first)
    second.sign_in("1003", "injection")
    token = second.scan(code)["token"]
    assert second.scan(code)["token"] == token, "it still lies there: the button stays good"
    value, _signed, signature = slip_code.decode(code)
    other = slip_code.encode(slip_code.payload({**value, "d": 3}), signature)
    assert second.scan(other)["data"]["dose_no"] == 3


def test_a_slip_at_the_door_says_who_is_here_and_proves_its_dose(site: Site):
    """The kiosk knows the writer's key and nothing of the dose: signature and source speak, offline."""
    first, second = site.kiosks
    view = second.scan(slip_of(first))
    assert (view["screen"], view["notice"]) == ("confirm", None)
    assert (view["data"]["name"], view["data"]["year"]) == ("Nguyễn Văn An", "1979")
    assert [(dose["dose_no"], dose["vaccine_name"]) for dose in view["data"]["proved"]] == [(2, "AstraZeneca")]
    assert "075079001234" not in str(view), "never the whole number"
    second.act("yes")
    body = second.records()[-1].body
    assert (body["how"], body["person"]) == ("slip", "cccd:075079001234")
    assert body["earlier"][0]["certificate"].startswith("TRAM:")
    second.act("done")
    second.screen()
    second.sign_in("1003", "injection")
    view = second.act("call_next")
    assert [(one["dose_no"], one["by"]) for one in view["data"]["history"]] == [(1, "centre"), (2, "slip")]
    view = second.act("lot", lot="ABV001")
    assert view["data"]["dose_no"] == 3
    assert [one["rule"] for one in view["data"]["findings"]] == ["same_day", "series_complete"]
    assert [one["by"] for one in view["data"]["shown"]] == ["slip"], "the source is said with the read-back"


def test_at_the_reception_desk_a_slip_is_a_card_and_elsewhere_a_recovery(site: Site):
    first, second = site.kiosks
    second.sign_in("1001")
    assert second.scan(slip_of(first))["screen"] == "confirm"
    second.sign_in("1003", "injection")
    assert second.scan(slip_of(first))["screen"] == "recovery"


def test_a_slip_that_was_changed_names_nobody_and_a_strangers_proves_nothing(site: Site):
    made = site.kiosks[1]
    value, signed, signature = slip_code.decode(slip_of(site.kiosks[0]))
    bent = slip_code.encode(slip_code.payload({**value, "d": 1}), signature)
    view = made.scan(bent)
    assert (view["screen"], view["notice"]["code"]) == ("welcome", "slip_forged")
    foreign = slip_code.encode(slip_code.payload({**value, "k": "kiosk-77"}), signature)
    view = made.scan(foreign)
    assert (view["screen"], view["notice"]["code"], view["data"]["proved"]) == ("confirm", "slip_unverified", [])
    made.act("yes")
    assert "earlier" not in made.records()[-1].body
    assert signed != foreign.encode()


@pytest.mark.parametrize("cut", [7, 40, 200])
def test_a_damaged_slip_is_a_sentence(site: Site, cut: int):
    made = site.kiosks[1]
    made.sign_in("1003", "injection")
    view = made.scan(slip_of(site.kiosks[0])[:cut])
    assert (view["screen"], view["notice"]["code"]) == ("queue", "unreadable")


def test_a_recovered_dose_does_not_touch_the_day(site: Site):
    """The visit of whoever stands here again begins as any other; the record survives a restart."""
    first, second = site.kiosks
    second.sign_in("1003", "injection")
    second.scan(slip_of(first))
    second.act("recover")
    second.restart()
    assert second.kinds()[-1] == "dose.recovered"
    visit = second.check_in(CARD)
    assert second.store.visit(visit)["state"] == "waiting"
    assert all(isinstance(record, envelope.Record) for record in second.records())
