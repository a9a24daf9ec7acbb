"""The features' derived tables, as of the first release."""

from alembic import op
from sqlalchemy import BigInteger, Boolean, Column, Integer, PrimaryKeyConstraint, String, Text

revision = "0002"
down_revision = "0001"

BIG = BigInteger().with_variant(Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "aefi",
        Column("aefi", String(64), nullable=False),
        Column("entity", String(96), nullable=False),
        Column("dose", String(64), nullable=False),
        Column("visit", String(64), nullable=False),
        Column("person", String(64), nullable=False),
        Column("site", String(64), nullable=False),
        Column("day", String(12), nullable=False),
        Column("severity", String(8), nullable=False),
        Column("symptoms", Text(), nullable=False),
        Column("note", Text(), nullable=False),
        Column("reported_at", BIG, nullable=False),
        Column("reported_by", String(64), nullable=False),
        PrimaryKeyConstraint("aefi", name="pk_aefi"),
    )
    op.create_index("ix_aefi_dose", "aefi", ["dose"])
    op.create_index("ix_aefi_entity", "aefi", ["entity"])
    op.create_index("ix_aefi_person", "aefi", ["person"])
    op.create_table(
        "certificate",
        Column("person", String(64), nullable=False),
        Column("entity", String(96), nullable=False),
        Column("number", String(16), nullable=False),
        Column("name", String(120), nullable=False),
        Column("dob", String(10), nullable=False),
        Column("sex", String(1), nullable=False),
        Column("doc_type", String(16), nullable=False),
        Column("doc_no", String(32), nullable=False),
        Column("dose_count", Integer(), nullable=False),
        Column("doses", Text(), nullable=False),
        Column("version", Integer(), nullable=False),
        Column("standing", Boolean(), nullable=False),
        PrimaryKeyConstraint("person", name="pk_certificate"),
    )
    op.create_index("ix_certificate_entity", "certificate", ["entity"])
    op.create_index("ix_certificate_number", "certificate", ["number"])
    op.create_table(
        "complaint",
        Column("complaint", String(64), nullable=False),
        Column("entity", String(96), nullable=False),
        Column("category", String(20), nullable=False),
        Column("state", String(12), nullable=False),
        Column("filed_at", BIG, nullable=False),
        Column("due_at", BIG, nullable=False),
        Column("person", String(64), nullable=False),
        Column("dose", String(64), nullable=False),
        Column("slip", String(64), nullable=False),
        Column("name", String(120), nullable=False),
        Column("phone", String(32), nullable=False),
        Column("identity", Text(), nullable=False),
        Column("wants", Text(), nullable=False),
        Column("content", Text(), nullable=False),
        Column("photos", Text(), nullable=False),
        Column("decided_at", BIG, nullable=True),
        Column("decided_by", String(64), nullable=False),
        Column("reason_code", String(8), nullable=False),
        Column("reason", Text(), nullable=False),
        PrimaryKeyConstraint("complaint", name="pk_complaint"),
    )
    op.create_index("ix_complaint_due_at", "complaint", ["due_at"])
    op.create_index("ix_complaint_entity", "complaint", ["entity"])
    op.create_index("ix_complaint_person", "complaint", ["person"])
    op.create_index("ix_complaint_state", "complaint", ["state"])
    op.create_table(
        "message",
        Column("message", String(64), nullable=False),
        Column("entity", String(96), nullable=False),
        Column("state", String(8), nullable=False),
        Column("to", String(20), nullable=False),
        Column("template", String(64), nullable=False),
        Column("text", Text(), nullable=False),
        Column("complaint", String(64), nullable=False),
        Column("person", String(64), nullable=False),
        Column("queued_at", BIG, nullable=False),
        Column("attempts", Integer(), nullable=False),
        Column("tried_at", BIG, nullable=True),
        Column("done_at", BIG, nullable=True),
        PrimaryKeyConstraint("message", name="pk_message"),
    )
    op.create_index("ix_message_complaint", "message", ["complaint"])
    op.create_index("ix_message_entity", "message", ["entity"])
    op.create_index("ix_message_state", "message", ["state"])
    op.create_table(
        "person",
        Column("person", String(64), nullable=False),
        Column("entity", String(96), nullable=False),
        Column("ref", String(20), nullable=False),
        Column("doc_type", String(16), nullable=False),
        Column("doc_no", String(32), nullable=False),
        Column("old_no", String(32), nullable=False),
        Column("name", String(120), nullable=False),
        Column("folded", String(240), nullable=False),
        Column("dob", String(10), nullable=False),
        Column("sex", String(1), nullable=False),
        Column("address", String(400), nullable=False),
        Column("phone", String(32), nullable=False),
        Column("corrections", Integer(), nullable=False),
        PrimaryKeyConstraint("person", name="pk_person"),
    )
    op.create_index("ix_person_doc_no", "person", ["doc_no"])
    op.create_index("ix_person_entity", "person", ["entity"])
    op.create_index("ix_person_folded", "person", ["folded"])
    op.create_index("ix_person_old_no", "person", ["old_no"])
    op.create_index("ix_person_phone", "person", ["phone"])
    op.create_index("ix_person_ref", "person", ["ref"])
    op.create_table(
        "slip",
        Column("slip", String(64), nullable=False),
        Column("entity", String(96), nullable=False),
        Column("what", String(8), nullable=False),
        Column("person", String(64), nullable=False),
        Column("visit", String(64), nullable=False),
        Column("dose", String(64), nullable=False),
        Column("site", String(64), nullable=False),
        Column("issued_at", BIG, nullable=False),
        Column("printed", Integer(), nullable=False),
        Column("failed", Integer(), nullable=False),
        Column("result", String(16), nullable=False),
        PrimaryKeyConstraint("slip", name="pk_slip"),
    )
    op.create_index("ix_slip_dose", "slip", ["dose"])
    op.create_index("ix_slip_entity", "slip", ["entity"])
    op.create_index("ix_slip_person", "slip", ["person"])
    op.create_index("ix_slip_visit", "slip", ["visit"])
    op.create_table(
        "stock_receipt",
        Column("receipt", String(64), nullable=False),
        Column("entity", String(96), nullable=False),
        Column("vaccine", String(64), nullable=False),
        Column("lot", String(32), nullable=False),
        Column("expiry", String(10), nullable=False),
        Column("place", String(64), nullable=False),
        Column("vials", Integer(), nullable=False),
        Column("doses_per_vial", Integer(), nullable=False),
        Column("doses", BIG, nullable=False),
        Column("document", String(80), nullable=False),
        Column("received_at", BIG, nullable=False),
        Column("received_by", String(64), nullable=False),
        PrimaryKeyConstraint("receipt", name="pk_stock_receipt"),
    )
    op.create_index("ix_stock_receipt_entity", "stock_receipt", ["entity"])
    op.create_index("ix_stock_receipt_lot", "stock_receipt", ["lot"])
    op.create_index("ix_stock_receipt_place", "stock_receipt", ["place"])
    op.create_table(
        "stock_use",
        Column("dose", String(64), nullable=False),
        Column("entity", String(96), nullable=False),
        Column("place", String(64), nullable=False),
        Column("vaccine", String(64), nullable=False),
        Column("lot", String(32), nullable=False),
        Column("doses", Integer(), nullable=False),
        PrimaryKeyConstraint("dose", name="pk_stock_use"),
    )
    op.create_index("ix_stock_use_entity", "stock_use", ["entity"])
    op.create_index("ix_stock_use_lot", "stock_use", ["lot"])
    op.create_index("ix_stock_use_place", "stock_use", ["place"])
    op.create_table(
        "vaccination",
        Column("dose", String(64), nullable=False),
        Column("entity", String(96), nullable=False),
        Column("person", String(64), nullable=False),
        Column("visit", String(64), nullable=False),
        Column("site", String(64), nullable=False),
        Column("place", String(64), nullable=False),
        Column("vaccine", String(64), nullable=False),
        Column("lot", String(32), nullable=False),
        Column("expiry", String(10), nullable=False),
        Column("dose_no", Integer(), nullable=False),
        Column("given_on", String(12), nullable=False),
        Column("given_at", BIG, nullable=True),
        Column("injector", String(64), nullable=False),
        Column("status", String(8), nullable=False),
        Column("late", Boolean(), nullable=False),
        Column("corrections", Integer(), nullable=False),
        Column("warnings", Text(), nullable=False),
        Column("override", Boolean(), nullable=False),
        Column("slip", String(64), nullable=False),
        Column("record", String(64), nullable=False),
        PrimaryKeyConstraint("dose", name="pk_vaccination"),
    )
    op.create_index("ix_vaccination_entity", "vaccination", ["entity"])
    op.create_index("ix_vaccination_given_on", "vaccination", ["given_on"])
    op.create_index("ix_vaccination_lot", "vaccination", ["lot"])
    op.create_index("ix_vaccination_person", "vaccination", ["person"])
    op.create_index("ix_vaccination_slip", "vaccination", ["slip"])
    op.create_index("ix_vaccination_visit", "vaccination", ["visit"])
    op.create_table(
        "visit",
        Column("visit", String(64), nullable=False),
        Column("entity", String(96), nullable=False),
        Column("person", String(64), nullable=False),
        Column("site", String(64), nullable=False),
        Column("day", String(12), nullable=False),
        Column("k", String(64), nullable=False),
        Column("ticket", String(64), nullable=False),
        Column("how", String(16), nullable=False),
        Column("state", String(20), nullable=False),
        Column("irregular", Boolean(), nullable=False),
        Column("checked_in_at", BIG, nullable=True),
        Column("screened_at", BIG, nullable=True),
        Column("screened_day", String(12), nullable=True),
        Column("form", String(40), nullable=True),
        Column("conclusion", String(20), nullable=True),
        Column("derived", String(20), nullable=True),
        Column("left_at", BIG, nullable=True),
        Column("left_day", String(12), nullable=True),
        Column("outcome", String(16), nullable=True),
        Column("observed_s", Integer(), nullable=True),
        PrimaryKeyConstraint("visit", name="pk_visit"),
    )
    op.create_index("ix_visit_entity", "visit", ["entity"])
    op.create_index("ix_visit_person", "visit", ["person"])
