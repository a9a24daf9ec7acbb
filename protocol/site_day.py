"""The kinds of record that a site's lead makes of the day and of the site's kiosks: opening, drill, team, closing, lanes, keeper.

Rows as in `protocol.records`, which holds them too. `site_day` names the site and the day, `trang-dai:2021-10-03`: what
all kiosks of a site say of one day is read together.
"""

from protocol import fields

# Who belongs to a site's team (domain.md 2.1); words of the staff list.
TEAM_ROLES = ("reception", "screener", "injector", "observer", "lead")
# What a kiosk proves before the doors open, in this order, and how it went. `beside`: with another box of the site, the
# centre was not reached; `skipped`: somebody went on without it.
DRILL_STEPS = ("printer", "camera", "reader", "offline", "sync")
DRILL_STATES = ("ok", "beside", "failed", "skipped")

_word = fields.word
_text = fields.text(fields.MAX_TEXT, lines=True)
_words = fields.list_of(_word, 20)
_team = fields.list_of(fields.table((("id", _word, True), ("role", fields.one_of(*TEAM_ROLES), True))), 60)
_vials = fields.integer(0, 1000000)
# Vials on site; `expected` is left out of a lot for which the centre's list says no number.
_counted = fields.table(
    (
        ("lot", fields.text(32, empty=False), True),
        ("vaccine", _word, True),
        ("counted", _vials, True),
        ("expected", _vials, False),
    )
)
_drill = fields.mapping(fields.one_of(*DRILL_STATES), 12)

KINDS = {
    # The site's lead took over the queue keeper's role at the kiosk `keeper`; its claims count from `epoch` on.
    "keeper.moved": (
        ("keeper", _word, True),
        ("epoch", fields.integer(2), True),
        ("was", fields.text(fields.MAX_WORD), True),
    ),
    # The site's lead put this kiosk in the place of `of`, which is dead: it serves that lane from here on. Of several such
    # records of a day the last counts, by hybrid time; a kiosk's own record about itself takes its lane back.
    "lane.taken": (("of", _word, True),),
    # The site's lead opened the day: who is here, vials counted, how this kiosk's drill went; `differs` names what was not
    # as it should be (then with a reason).
    "site.opened": (
        ("site_day", _word, True),
        ("day", fields.full_day, True),
        ("team", _team, True),
        ("lots", fields.list_of(_counted, 60), True),
        ("drill", _drill, True),
        ("differs", _words, True),
        ("reason", _text, True),
    ),
    # A kiosk's drill up to the moment at which its network was cut; written while it was.
    "site.drilled": (
        ("site_day", _word, True),
        ("drill", _drill, True),
    ),
    # Who is here now, all of them; the last of a day counts, by hybrid time.
    "team.changed": (
        ("site_day", _word, True),
        ("team", _team, True),
    ),
    # The site's lead closed the day: its books as held at this kiosk, and which numbers did not agree (then with a reason).
    "site.closed": (
        ("figures", fields.mapping(fields.integer(0, 1000000), 20), True),
        ("differs", _words, True),
        ("reason", _text, True),
        # The day that is closed: after midnight it is the one before. Records of the first release have neither.
        ("site_day", _word, False),
        ("day", fields.full_day, False),
    ),
}


def name_of(site: str, day: str) -> str:
    """The name of a site's day."""
    return site + ":" + day
