"""I20: no name, number of a card or telephone number stands in a log line or in a topic."""

from tests.simulation import places

PEOPLE = 9


def check(history):
    secrets = []
    for number in range(PEOPLE):
        one = places.person(number)
        secrets += [one["name"], one["doc_no"], one["phone"]]
    texts = {one["text"] for _, one in history.of("logged", "topic")}
    return [
        f"a person's data stands in a log or topic: {text[:20]}…"
        for text in sorted(texts)
        if any(one in text for one in secrets)
    ]
