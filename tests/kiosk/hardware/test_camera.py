"""The camera's contract over every driver and the fake. The Pi's own camera is skipped where picamera2 is missing."""

import importlib.util

import pytest
from PIL import Image

from kiosk.hardware.camera import CAMERA_STATUSES, COMPARE_EVERY_MS, FROZEN_AFTER_MS, FrameWatch
from kiosk.hardware.camera_fake import FakeCamera
from kiosk.hardware.camera_folder import FolderCamera
from kiosk.hardware.camera_pi import PiCamera


@pytest.fixture(params=["fake", "folder", "pi"])
def camera(request, clock, picture_folder):
    if request.param == "pi" and importlib.util.find_spec("picamera2") is None:
        pytest.skip("no picamera2: not a Raspberry Pi")
    made = {
        "fake": FakeCamera,
        "folder": lambda: FolderCamera(folder=picture_folder, now_ms=clock),
        "pi": PiCamera,
    }[request.param]()
    yield made
    made.close()


def test_absent_until_opened_and_after_close(camera):
    assert camera.status() == "absent"
    assert camera.frame() is None
    camera.open()
    assert camera.status() == "ready"
    camera.close()
    assert camera.status() == "absent"
    assert camera.frame() is None
    camera.open()
    assert camera.status() in CAMERA_STATUSES


def test_frames_are_grey_and_alive(camera):
    """Two frames are never equal to the bit: a frozen camera can be told from a still hall."""
    camera.open()
    first, second = camera.frame(), camera.frame()
    assert first.mode == second.mode == "L"
    assert first.size == second.size
    assert first.tobytes() != second.tobytes()


def test_the_pi_driver_imports_without_its_library():
    assert PiCamera().status() == "absent"
    with pytest.raises(ValueError, match="multiple of 64"):
        PiCamera(frame_px=(1000, 700))


def test_fake_unplug_needs_a_new_open():
    camera = FakeCamera()
    camera.open()
    camera.unplug()
    camera.open()
    assert camera.status() == "absent"
    camera.plug()
    assert camera.status() == "absent"
    camera.open()
    assert camera.status() == "ready"


def picture(shade: int) -> Image.Image:
    return Image.new("L", (640, 480), shade)


def shade(frame: Image.Image) -> int:
    return frame.getpixel((300, 200))


def test_folder_shows_each_picture_for_a_while_in_name_order(clock, picture_folder):
    camera = FolderCamera(folder=picture_folder, now_ms=clock, show_ms=1_000, gap_ms=500)
    camera.open()
    picture(20).save(picture_folder / "2.png")
    picture(10).save(picture_folder / "1.png")
    (picture_folder / "0.png").write_bytes(b"not a picture at all")
    (picture_folder / "notes.txt").write_text("ignored")
    seen = []
    for _ in range(60):
        seen.append(shade(camera.frame()))
        clock.pass_ms(100)
    shown = [value for value in seen if value != 96]
    assert shown == [10] * 10 + [20] * 10
    picture(30).save(picture_folder / "later.png")
    seen = []
    for _ in range(5):
        seen.append(shade(camera.frame()))
        clock.pass_ms(100)
    assert 30 in seen


def test_folder_waits_for_a_file_that_is_still_being_copied(clock, picture_folder):
    camera = FolderCamera(folder=picture_folder, now_ms=clock)
    camera.open()
    path = picture_folder / "a.png"
    picture(10).save(path)
    whole = path.read_bytes()
    path.write_bytes(whole[:50])
    assert shade(camera.frame()) == 96
    path.write_bytes(whole)
    assert shade(camera.frame()) == 96
    assert shade(camera.frame()) == 10


def test_folder_that_vanishes_is_absent(clock, picture_folder):
    camera = FolderCamera(folder=picture_folder, now_ms=clock)
    camera.open()
    picture_folder.rmdir()
    assert camera.status() == "absent"
    assert camera.frame() is None


def test_watch_tells_frozen_and_dark():
    """F20: frozen is the same frame for 5 s; dark is no light."""
    watch = FrameWatch()
    assert watch.look(picture(90), 0) == "ready"
    assert watch.look(picture(90), FROZEN_AFTER_MS - 1) == "ready"
    assert watch.look(picture(90), FROZEN_AFTER_MS) == "frozen"
    assert watch.look(picture(91), FROZEN_AFTER_MS + COMPARE_EVERY_MS) == "ready"
    assert watch.look(picture(3), FROZEN_AFTER_MS + COMPARE_EVERY_MS + 1) == "dark"
    watch.forget()
    assert watch.look(picture(3), 10**6) == "dark"
