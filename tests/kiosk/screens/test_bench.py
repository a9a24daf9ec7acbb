"""The virtual bench: there only in demo mode, pulls levers, shows cards and slips."""


def test_without_a_bench_there_is_no_bench_page(client):
    assert client.get("/bench").status_code == 404


def test_the_page_shows_levers_samples_and_slips(bench_client):
    page = bench_client.get("/bench").get_data(as_text=True)
    assert "Bàn thử ảo" in page
    assert "Người mẫu 1" in page
    assert "/bench/slips/slip-2.png" in page
    assert "075046001234" not in page  # a payload is named by its place, not written into the page


def test_a_lever_is_pulled(bench_client, bench):
    assert bench_client.post("/bench/pull", data={"name": "paper", "value": "out"}).status_code == 303
    assert bench.pulled["paper"] == "out"


def test_a_sample_is_held_before_the_camera_and_seen(bench_client, bench):
    assert bench_client.get("/bench/card.svg").status_code == 404
    bench_client.post("/bench/pull", data={"name": "card", "sample": "0"})
    assert bench.pulled["card"].startswith("075046001234|")
    assert bench_client.get("/bench/card.svg").data.startswith(b"<?xml")


def test_anything_can_be_scanned(bench_client, bench):
    for payload in ("x" * 3000, "\x00\x1b[2J", "LOT:ABV9021"):
        assert bench_client.post("/bench/pull", data={"name": "scan", "value": payload}).status_code == 303
        assert bench.pulled["scan"] == payload


def test_a_code_too_long_for_a_picture_is_no_picture(bench_client):
    bench_client.post("/bench/pull", data={"name": "card", "value": "x" * 3000})
    assert bench_client.get("/bench/card.svg").status_code == 404


def test_unknown_levers_and_positions_are_refused(bench_client):
    for data in (
        {"name": "paper", "value": "burning"},
        {"name": "roof", "value": "open"},
        {"name": "card", "sample": "9"},
    ):
        assert bench_client.post("/bench/pull", data=data).status_code == 400


def test_a_slip_is_shown_and_others_are_not(bench_client):
    assert bench_client.get("/bench/slips/slip-1.png").data.startswith(b"\x89PNG")
    assert bench_client.get("/bench/slips/other.png").status_code == 404
