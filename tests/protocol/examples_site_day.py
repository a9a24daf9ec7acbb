"""An invented example of each record of a site's day, for `tests.protocol.examples`."""

SITE_DAYS = {
    "site.closed": {
        "figures": {"inside": 0, "open_vials": 0, "drawn": 118, "doses": 119, "released": 119, "slips": 119},
        "differs": ["drawn"],
        "reason": "Đếm thiếu một lọ",
        "site_day": "yen-minh-01:2021-10-03",
        "day": "2021-10-03",
    },
    "site.opened": {
        "site_day": "yen-minh-01:2021-10-03",
        "day": "2021-10-03",
        "team": [{"id": "st-0007", "role": "injector"}, {"id": "st-0001", "role": "lead"}],
        "lots": [{"lot": "ABV001", "vaccine": "AZ", "expected": 12, "counted": 11}],
        "drill": {"printer": "ok", "camera": "ok", "reader": "ok", "offline": "ok", "sync": "beside"},
        "differs": ["lots"],
        "reason": "Một lọ vỡ khi vận chuyển",
    },
    "site.drilled": {
        "site_day": "yen-minh-01:2021-10-03",
        "drill": {"printer": "ok", "camera": "skipped", "reader": "ok"},
    },
    "team.changed": {"site_day": "yen-minh-01:2021-10-03", "team": [{"id": "st-0001", "role": "lead"}]},
}
