"""The contract of a slip printer: statuses and results as words.

"printed" is a promise: the printer itself said, after the job, that it took it and is well. Silence is never "printed".
"""

from PIL import Image

PRINTER_STATUSES = ("ready", "no_paper", "cover_open", "disconnected", "unknown")
PRINT_RESULTS = ("printed", "no_paper", "cover_open", "disconnected", "unknown")


class Printer:
    """Contract. Drivers must override all; trouble is a word, never an exception. Used by one thread.

    `width_dots`: the widest picture the paper takes.
    """

    width_dots: int

    def status(self) -> str:
        """Ask the printer; return one of PRINTER_STATUSES. "disconnected": no connection or no answer at all.
        "unknown": it answers what no printer of this kind answers.
        """
        raise NotImplementedError

    def print_picture(self, image: Image.Image, *, cut: bool = True) -> str:
        """Print a 1-bit picture and return one of PRINT_RESULTS.

        "unknown": the bytes went out and nobody can say what came out; look at the paper before printing again.
        Raises ValueError for a picture that is not 1-bit or too wide (an error of the program).
        """
        raise NotImplementedError

    def close(self) -> None:
        """Let go of the device; the next call takes it again."""
        raise NotImplementedError
