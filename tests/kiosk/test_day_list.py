"""The paper list of a site's day: its rows and cut-off, its pages, the stick it is written to, the roll it is printed on."""

import dataclasses
import re
import shutil

import pytest
from PIL import ImageChops

from kiosk import day_list
from kiosk.day_list import DayList, Row
from kiosk.day_list_file import KEPT, DayListFile
from kiosk.day_list_pages import HEIGHT, MARGIN, SIZE, STARTS, WIDTH, pages, pdf
from kiosk.sheet_picture import render_sheet
from kiosk.slip_picture import load_font
from provisioning.stage import wait_until
from tests.kiosk.made import CARD

EVERY_MS = 300_000
PERSON = Row("A-017", "Nguyễn Thị Hồng Phượng", "1946", "08:30", "theo dõi", "2 AstraZeneca · ABV9021 · 09:12")


def of(count, row=PERSON):
    rows = tuple(dataclasses.replace(row, ticket=f"A-{number:03}") for number in range(1, count + 1))
    return DayList("Trạm y tế Trảng Dài", "2021-10-03", "09:42", rows, came=count, dosed=count)


def test_who_came_stands_before_who_is_still_expected(made):
    before = made.touch.day_list()
    expected = [row.name for row in before.rows]
    assert {row.state for row in before.rows} == {"có hẹn"}
    assert (before.came, before.dosed) == (0, 0)
    made.check_in(CARD)
    made.screen()
    made.dose()
    made.clock.pass_s(600)
    one = made.touch.day_list()
    first = one.rows[0]
    assert first.name in expected
    assert (first.ticket, first.state) == ("A-001", "theo dõi")
    assert re.fullmatch(r"\d AstraZeneca · ABV001 · \d\d:\d\d", first.dose)
    assert [row.name for row in one.rows[1:]] == [name for name in expected if name != first.name]
    assert (one.came, one.dosed) == (1, 1)
    assert one.heading.endswith(f"until {one.cutoff}")
    assert one.cutoff > before.cutoff


def test_a_list_without_names_holds_tickets_only():
    kept = day_list.without_names(
        DayList("x", "2021-10-03", "09:42", (PERSON, Row("", "Trần An", "1950", "", "", "")), 1, 1)
    )
    assert [(row.ticket, row.name, row.year, row.dose) for row in kept.rows] == [("A-017", "", "", PERSON.dose)]


@pytest.mark.parametrize(("people", "count"), [(0, 1), (1, 1), (200, 5)])
def test_every_page_is_a4_within_its_margins(people, count):
    made = pages(of(people))
    assert len(made) == count
    for page in made:
        assert page.size == (WIDTH, HEIGHT)
        left, top, right, bottom = ImageChops.invert(page.convert("L")).getbbox()
        assert min(left, top, WIDTH - right, HEIGHT - bottom) >= MARGIN - 2
    content = pdf(of(people))
    assert content.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type\s*/Page\b", content)) == count


def test_what_is_usual_is_not_cut():
    room = [end - start - 10 for start, end in zip(STARTS, (*STARTS[1:], WIDTH - 2 * MARGIN), strict=True)]
    longest = (
        "A-1017",
        "Nguyễn Hoàng Phương Thảo Nguyên",
        "1946",
        "08:30",
        "chống chỉ định",
        "2 Vero Cell (Sinopharm) · 202108B2715 · 09:12",
    )
    font = load_font("Regular", SIZE)
    assert [text for text, width in zip(longest, room, strict=True) if font.getlength(text) > width] == []


def test_a_name_without_end_stays_in_its_column():
    long = dataclasses.replace(PERSON, name="Nguyễn Phúc Tôn Nữ " * 8)
    page, usual = pages(of(1, long))[0], pages(of(1))[0]
    # Right of the name's column nothing has changed.
    box = (MARGIN + STARTS[2], 0, WIDTH, HEIGHT)
    assert ImageChops.difference(page.convert("L").crop(box), usual.convert("L").crop(box)).getbbox() is None
    assert page != usual


class Stick:
    """A stick's folder, a clock, and what was told of it."""

    def __init__(self, folder):
        self.folder, self.now, self.there, self.number, self.told = folder, 0, True, 0, []
        self.writer = DayListFile(
            folder=folder, every_ms=EVERY_MS, now_ms=lambda: self.now, take=self.take, tell=self.told.append,
            mounted=lambda _folder: self.there,
        )  # fmt: skip

    def take(self):
        self.number += 1
        return f"2021-10-03-{self.number:04}", b"%PDF-" + bytes(1000)

    @property
    def files(self):
        return sorted(path.name for path in self.folder.iterdir())


def test_whole_files_every_few_minutes_and_the_oldest_go(tmp_path):
    stick = Stick(tmp_path)
    for _minute in range(5 * (KEPT + 3)):
        stick.writer.step()
        stick.now += 60_000
    assert stick.number == KEPT + 3
    assert stick.files == [f"tram-list-2021-10-03-{number:04}.pdf" for number in range(4, KEPT + 4)]
    assert {path.stat().st_size for path in tmp_path.iterdir()} == {1005}
    assert set(stick.told) == {"written"}


def test_no_stick_is_said_once_and_a_new_one_gets_the_list_at_once(tmp_path):
    stick = Stick(tmp_path)
    stick.there = False
    for _step in range(3):
        stick.writer.step()
    assert (stick.files, stick.told) == ([], ["no_stick"])
    stick.there = True
    stick.writer.step()
    assert (len(stick.files), stick.told) == (1, ["no_stick", "written"])
    stick.there = False
    stick.writer.step()
    stick.there = True
    stick.writer.step()
    assert stick.told == ["no_stick", "written", "no_stick", "written"]


def test_a_stick_pulled_while_writing_is_said_and_the_next_list_is_whole(tmp_path, caplog):
    folder = tmp_path / "stick"
    folder.mkdir()
    stick = Stick(folder)
    shutil.rmtree(folder)
    stick.writer.step()
    assert stick.told == ["failed"]
    assert "Nguyễn" not in caplog.text
    folder.mkdir()
    stick.now += EVERY_MS
    stick.writer.step()
    assert (len(stick.files), stick.told) == (1, ["failed", "written"])


def test_the_roll_prints_it_from_the_leads_menu(made):
    made.check_in(CARD)
    made.sign_in("1009", "screening")
    made.act("day")
    view = made.act("print_list")
    assert view["notice"]["code"] == "list_ordered"
    job, words = made.touch.take_print()
    while not hasattr(words, "rows"):  # the person's ticket comes first
        made.touch.print_done(job, "printed")
        job, words = made.touch.take_print()
    assert words.title == day_list.TITLE
    assert words.rows[0][0].startswith("A-001 · ")
    for dots in (384, 576):
        picture = render_sheet(words, width_dots=dots)
        assert picture.width == dots
        assert picture.height > 300


@pytest.mark.integration
def test_a_whole_kiosk_writes_it(whole, tmp_path):
    whole.settings["day_list_folder"] = str(tmp_path)
    whole.start()
    wait_until(lambda: any(tmp_path.glob("*.pdf")), timeout_s=15)
    [file] = tmp_path.glob("*.pdf")
    assert file.name.startswith("tram-list-2021-10-03-")
    assert file.read_bytes().startswith(b"%PDF-")
    assert file.read_bytes().rstrip().endswith(b"%%EOF")
