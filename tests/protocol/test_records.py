"""Every record kind: its example seals and parses, each required field is required, limits hold."""

from protocol import envelope, fields, papers, records
from protocol.errors import ProtocolError
from tests.protocol.examples import BODIES, HASH, IDENTITY, changed, envelope_of, sealed
from tests.protocol.raising import raises


def refused(kind, **members):
    """`(code, field)` of the error when `members` of the example body are changed."""
    arguments = envelope_of(kind, body=changed(BODIES[kind], **members))
    error = raises(ProtocolError, envelope.seal, **arguments)
    return (error.code, error.field)


def test_every_kind_has_an_example():
    assert set(BODIES) == set(records.KINDS)


def test_every_example_holds_every_field_of_its_table():
    for kind in records.KINDS:
        assert set(BODIES[kind]) == set(records.order_of(kind)), kind


def test_every_kind_seals_and_parses():
    for kind in sorted(records.KINDS):
        record = envelope.parse(sealed(kind))
        assert record.kind == kind
        assert record.body == BODIES[kind]


def test_every_required_field_is_required_and_every_other_is_not():
    for kind in sorted(records.KINDS):
        for field, _check, required in records.KINDS[kind]:
            shorter = changed(BODIES[kind])
            del shorter[field]
            if required:
                arguments = envelope_of(kind, body=shorter)
                error = raises(ProtocolError, envelope.seal, **arguments)
                assert (error.code, error.field) == ("missing", field), kind
            else:
                assert sealed(kind, body=shorter)


def test_a_wrong_type_is_refused_in_every_field():
    for kind in sorted(records.KINDS):
        for field, _check, _required in records.KINDS[kind]:
            body = changed(BODIES[kind])
            body[field] = None
            arguments = envelope_of(kind, body=body)
            assert raises(ProtocolError, envelope.seal, **arguments).field == field


def test_fields_of_a_newer_release_are_kept():
    for kind in sorted(records.KINDS):
        record = envelope.parse(sealed(kind, body=changed(BODIES[kind], zz_newer={"a": [1]})))
        assert record.body["zz_newer"] == {"a": [1]}


def test_limits_of_text():
    assert refused("visit.checked_in", identity=changed(IDENTITY, name="a" * 121)) == ("too_long", "name")
    assert refused("visit.checked_in", identity=changed(IDENTITY, name="")) == ("empty", "name")
    assert refused("visit.checked_in", identity=changed(IDENTITY, address="a" * 401)) == ("too_long", "address")
    assert refused("dose.undone", reason="") == ("empty", "reason")
    assert refused("dose.undone", reason="x" * (fields.MAX_TEXT + 1)) == ("too_long", "reason")
    assert refused("complaint.decided", reason_code="123456789") == ("too_long", "reason_code")


def test_limits_of_numbers():
    for number in (0, 10):
        assert refused("dose.given", dose_no=number) == ("out_of_range", "dose_no")
    assert refused("slip.printed", copy=0) == ("out_of_range", "copy")
    assert refused("visit.left", observed_s=-1) == ("out_of_range", "observed_s")
    assert refused("stock.received", doses_per_vial=101) == ("out_of_range", "doses_per_vial")
    assert refused("stock.received", vials=0) == ("out_of_range", "vials")


def test_limits_of_lists():
    assert refused("complaint.filed", photos=[HASH] * 6) == ("too_many", "photos")
    assert refused("complaint.filed", photos=["x"]) == ("bad_length", "photos")
    assert refused("dose.given", warnings=["w"] * 21) == ("too_many", "warnings")
    assert refused("visit.screened", answers={"A": 1}) == ("not_boolean", "answers")


def test_a_piece_of_a_photo_is_base64_and_small():
    assert refused("photo.taken", data="") == ("bad_length", "data")
    assert refused("photo.taken", data="abc") == ("bad_length", "data")
    assert refused("photo.taken", data="ab-_") == ("bad_character", "data")
    assert refused("photo.taken", data="a===") == ("bad_character", "data")
    assert refused("photo.taken", data="=abc") == ("bad_character", "data")
    assert refused("photo.taken", data=7) == ("bad_length", "data")
    assert refused("photo.taken", part=papers.MOST_PARTS + 1) == ("out_of_range", "part")
    assert refused("photo.taken", data="A" * (papers.PART_BYTES // 3 * 4 + 4)) == ("bad_length", "data")
    assert sealed("photo.taken", body=changed(BODIES["photo.taken"], data="A" * (papers.PART_BYTES // 3 * 4)))


def test_closed_sets():
    assert refused("visit.screened", conclusion="fine") == ("unknown_word", "conclusion")
    assert refused("visit.ended", why="tired") == ("unknown_word", "why")
    assert refused("slip.printed", result="maybe") == ("unknown_word", "result")
    assert refused("dose.given", override={"who": "a", "reason": "b", "by": "face"}) == ("unknown_word", "by")


def test_a_stock_expiry_is_a_whole_day_and_a_dose_expiry_may_be_unknown():
    assert refused("stock.received", expiry="2021") == ("bad_day", "expiry")
    assert sealed("dose.given", body=changed(BODIES["dose.given"], expiry=""))


def test_corrections_check_what_they_change():
    assert refused("person.corrected", changes={"dob": "1979-13-01"}) == ("bad_day", "dob")
    assert refused("dose.corrected", changes={"given_on": "1979"}) == ("bad_day", "given_on")
    assert sealed("dose.corrected", body=changed(BODIES["dose.corrected"], changes={}))


def test_a_person_without_papers_has_an_empty_number():
    nobody = changed(IDENTITY, doc_type="none", doc_no="", old_no="", dob="", sex="U", address="", phone="")
    assert sealed("visit.checked_in", body=changed(BODIES["visit.checked_in"], identity=nobody))


def test_the_largest_body_of_every_text_fits_a_record():
    body = changed(BODIES["complaint.filed"], content="ế" * fields.MAX_TEXT, photos=[HASH] * 5)
    body["identity"] = changed(IDENTITY, name="ế" * fields.MAX_NAME, address="ế" * 400)
    body["wants"] = {"name": "ế" * fields.MAX_NAME, "address": "ế" * 400}
    assert len(sealed("complaint.filed", body=body)) <= 16 * 1024


def test_order_of_a_kind_is_its_table():
    assert records.order_of("dose.undone") == ("dose", "visit", "person", "reason", "vial")


def test_touched_names_the_entities():
    assert records.touched(BODIES["dose.undone"]) == [
        ("dose", "d-01"),
        ("person", "cccd:075079001234"),
        ("vial", "vl-01"),
        ("visit", "v-01"),
    ]
    assert records.touched({"visit": "", "dose": 5, "lot": "x"}) == []
    assert records.touched({}) == []


def test_every_entity_field_occurs_in_a_kind():
    used = set()
    for kind in records.KINDS:
        used.update(records.order_of(kind))
    assert set(records.ENTITY_FIELDS) <= used


def test_a_recovered_dose_carries_a_slip_that_can_be_read():
    body = BODIES["dose.recovered"]
    for code, told in (
        (7, "not_text"),
        ("", "not_a_slip"),
        ("https://example.org", "not_a_slip"),
        ("TRAM1:", "cut_short"),
    ):
        assert refused("dose.recovered", code=code)[0] == told
    refused("dose.recovered", code=body["code"][:-3])
    assert records.touched(body) == [("person", body["person"]), ("slip", body["slip"])]


def test_what_a_screening_may_carry_beside():
    good = {"name": "Lê Thị Bảy", "relation": "mother"}
    assert refused("visit.screened", guardian=changed(good, relation="aunt")) == ("unknown_word", "relation")
    assert refused("visit.screened", guardian=changed(good, name="")) == ("empty", "name")
    assert refused("visit.screened", until="2021-13-01") == ("bad_day", "until")
    assert refused("visit.screened", notes={"OTHER": ""}) == ("empty", "notes")
