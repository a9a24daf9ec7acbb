"""The delivery table: every kind of traffic has a policy, and the delays make sense together."""

from protocol import delivery, envelope


def test_only_facts_are_kept_and_retried():
    assert delivery.POLICIES["record"] == delivery.FACT
    for traffic in delivery.POLICIES:
        kept, ordered, retried = delivery.POLICIES[traffic]
        assert (kept, ordered, retried) == ((True, True, True) if traffic == "record" else (False, False, False))


def test_the_table_names_all_traffic():
    assert set(delivery.POLICIES) == {"record", "hello", "state", "ack"}


def test_waits_grow_between_one_and_sixty_seconds():
    assert (delivery.RETRY_FIRST_MS, delivery.RETRY_LAST_MS, delivery.HELLO_EVERY_MS) == (1000, 60000, 60000)


def test_a_whole_window_fits_a_message():
    assert delivery.WINDOW <= envelope.MAX_PAIRS


def test_safe_records_outlive_a_months_old_backup_of_the_server():
    assert delivery.KEEP_DAYS == 30
