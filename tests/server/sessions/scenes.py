"""People on the list of recipients, and a manager who sends the form of a plan."""

from tests.server.made import SITE, identity, person

HOURS = {"h7": "2", "h8": "2"}


def recipient(n, **given):
    """A row of table `recipient`: the n-th made-up person, of the site's commune."""
    told = identity(n)
    row = {name: told[name] for name in ("name", "dob", "sex", "doc_type", "doc_no", "old_no", "phone", "address")}
    row |= {"person": person(n), "ref": f"ref-{n}", "folded": "x", "health_no": "", "commune": "25993", "work": ""}
    return row | {
        "priority_group": 0,
        "listed_by": "i-1",
        "changed_by": "i-1",
        "changed_at": 1,
        "off_at": None,
        **given,
    }


def plan(browser, path="/console/sessions/new", act="save", **given):
    """Send the form of a plan: 6 October 2021, two places at seven and two at eight."""
    form = {"session": "ss-1", "version": "0", "site": SITE, "day": "6/10/2021", "vaccine": "PFIZER", **HOURS}
    return browser.send(path, act=act, **{**form, **given})
