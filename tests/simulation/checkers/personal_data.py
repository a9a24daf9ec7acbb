"""I20: no name, number of a card or telephone number stands in a log line, in a topic, or days later on a stolen card."""


def check(history):
    texts = {one["text"] for _, one in history.of("logged", "topic")}
    stolen = [one for _, one in history.of("stolen") if one["found"]]
    return [f"{one['dev']}: days later its card still names {len(one['found'])} people" for one in stolen] + [
        f"a person's data stands in a log or topic: {text[:20]}…"
        for text in sorted(texts)
        if any(one in text for one in history.secrets)
    ]
