"""Saying "this must raise" in a test that runs on CPython and on MicroPython, where pytest is absent."""


def raises(error, function, *args, **kwargs):
    """Call the function and give back the error it raised; fail when it raised none. Another error passes through."""
    try:
        function(*args, **kwargs)
    except error as caught:
        return caught
    raise AssertionError("nothing was raised, expected " + error.__name__)
