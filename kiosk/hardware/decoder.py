"""The contract of a code decoder, and the chain of two that the camera uses.

A decoder answers bytes, never text: text modes of decoders garble Vietnamese (up to 68 % of payloads, measured).
It must not raise for any picture; what it cannot read is an empty list.
"""

from dataclasses import dataclass

from PIL import Image


@dataclass(frozen=True, slots=True)
class Decoded:
    """One code found in a picture: its exact bytes and "qr" or "datamatrix"."""

    data: bytes
    symbology: str


class Decoder:
    """Contract. Drivers must override `decode`; they may override `forget` and `close`."""

    name = "decoder"

    def decode(self, image: Image.Image) -> list[Decoded]:
        """Return every code in a grey ("L") picture, possibly none."""
        raise NotImplementedError

    def forget(self) -> None:
        """The next picture shows something else than those before; a decoder may have kept what these showed."""

    def close(self) -> None:
        """Give back what the decoder holds; a closed decoder finds nothing."""


class DecoderChain(Decoder):
    """Ask `first`; ask `second` only on every `every`-th picture in which `first` found nothing.

    The second decoder makes an empty frame nine times as dear and finds little more (measured: zbar after
    zxing gains 0 of 204 frames), but it is independent code: what one library cannot read, the other may.
    """

    name = "chain"

    def __init__(self, first: Decoder, second: Decoder, *, every: int = 15) -> None:
        self._first = first
        self._second = second
        self._every = every
        self._empty = 0

    def decode(self, image: Image.Image) -> list[Decoded]:
        """Return the codes of the first decoder, now and then those of the second."""
        found = self._first.decode(image)
        if found:
            self._empty = 0
            return found
        self._empty += 1
        if self._empty % self._every:
            return []
        return self._second.decode(image)

    def forget(self) -> None:
        """Both forget."""
        self._first.forget()
        self._second.forget()

    def close(self) -> None:
        """Close both."""
        self._first.close()
        self._second.close()
