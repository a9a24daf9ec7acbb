"""One PIN at two desks (fault F95): whoever unlocks is told, the lead sees it, and nothing is refused."""

from tests.kiosk.made import Made
from tests.kiosk.site import Site


def seen_by_the_lead(made: Made) -> list[dict]:
    made.sign_in("1009", "reception")
    return made.act("neighbours")["data"]["shared"]


def test_who_unlocks_here_is_told_that_the_account_is_used_there(site: Site):
    first, second = site.kiosks
    assert first.sign_in("1003", "injection")["notice"]["code"] == "signed_in"
    site.pass_s(120)
    site.share()
    view = second.sign_in("1003", "injection")
    assert (view["screen"], view["notice"]["tone"]) == ("queue", "warn")
    assert view["notice"]["code"] == "used_elsewhere"
    assert view["notice"]["params"] == {"name": "Nhân viên 1003", "kiosk": "kiosk-01", "time": "09:42"}
    assert second.sign_in("1002")["notice"]["code"] == "signed_in", "nobody else is meant"
    assert seen_by_the_lead(second) == [], "a walk to the next desk"


def test_back_and_forth_is_shown_to_the_lead_at_every_desk(site: Site):
    first, second = site.kiosks
    for made in (first, second, first):
        made.sign_in("1003", "injection")
        site.pass_s(60)
    site.share()
    for made in site.kiosks:
        assert seen_by_the_lead(made) == [
            {"name": "Nhân viên 1003", "kiosks": ["kiosk-01", "kiosk-02"], "time": "09:44"}
        ]


def test_long_ago_and_yesterday_and_a_clock_that_does_not_know_say_nothing(site: Site):
    first, second = site.kiosks
    first.sign_in("1003", "injection")
    site.share()
    site.pass_s(11 * 60)
    assert second.sign_in("1003", "injection")["notice"]["code"] == "signed_in"
    first.sign_in("1003", "injection")
    site.share()
    second.clock.sure = "unknown"
    assert second.sign_in("1003", "injection")["notice"]["code"] == "signed_in"
