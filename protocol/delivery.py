"""Per kind of traffic: is it kept for ever, must it keep its order, is it tried again? One table, read by both ends."""

# policy: (kept until acknowledged and archived, order matters, retried)
FACT = (True, True, True)
LATEST = (False, False, False)

POLICIES = {
    "record": FACT,
    "hello": LATEST,
    "state": LATEST,
    "ack": LATEST,
}

# Records sent and not yet acknowledged (protocol.md, The flow 2).
WINDOW = 64
HELLO_EVERY_MS = 60000
RETRY_FIRST_MS = 1000
RETRY_LAST_MS = 60000
# A centre whose answers take long is not asked again sooner than twice their time, nor later than this for that reason.
SLOWEST_MS = 15000
# Kept on the kiosk after `archived` (invariant I10).
KEEP_DAYS = 30
# Reasons of quarantine that the same bytes sent again cannot change; for any other the writer sends its own copy again.
FINAL = (
    "future", "revoked", "wrong_site", "underivable", "slip_forged", "slip_revoked", "slip_unknown_writer",
)  # fmt: skip
