"""I20: no name, number of a card or telephone number stands in a log line or in a topic."""


def check(history):
    texts = {one["text"] for _, one in history.of("logged", "topic")}
    return [
        f"a person's data stands in a log or topic: {text[:20]}…"
        for text in sorted(texts)
        if any(one in text for one in history.secrets)
    ]
