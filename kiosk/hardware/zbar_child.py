"""The child process in which zbar runs: pictures in on stdin, payloads out on stdout, until stdin closes.

Started by path, isolated (`python -I`), so it must import nothing of ours. Wire, big-endian: in `width u32, height u32,
width*height grey bytes`; out `count u32`, then per code `length u32, bytes`. One empty answer is sent at start: ready.
"""

import ctypes
import resource
import struct
import sys
from typing import BinaryIO

from pyzbar import wrapper

# ZBAR_CFG_BINARY, in libzbar 0.23.92 and later: raw payload bytes. pyzbar's enum knows it not (there 4 is CFG_NUM).
# Without it zbar guesses Shift JIS and garbles up to 68 % of Vietnamese payloads (measured).
CFG_BINARY = 4
CFG_ENABLE = 0
QRCODE = 64
EVERY_SYMBOLOGY = 0
Y800 = int.from_bytes(b"Y800", "little")
MEMORY_BYTES = 512 * 1024 * 1024


def limit() -> None:
    """Take from this process what a crafted code could use: memory, files, cores (CVE-2023-40889, F19)."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))


def make_scanner() -> object:
    """Return a zbar scanner for QR codes alone, in binary mode."""
    scanner = wrapper.zbar_image_scanner_create()
    wrapper.zbar_image_scanner_set_config(scanner, EVERY_SYMBOLOGY, CFG_ENABLE, 0)
    wrapper.zbar_image_scanner_set_config(scanner, QRCODE, CFG_ENABLE, 1)
    if wrapper.zbar_image_scanner_set_config(scanner, QRCODE, CFG_BINARY, 1) != 0:
        sys.exit("this libzbar has no binary mode; 0.23.92 or later is needed")
    return scanner


def read_codes(scanner: object, width: int, height: int, grey: bytes) -> list[bytes]:
    """Return the payloads in one grey picture.

    pyzbar's own decode() raises on structured append (it asks for the orientation), so the symbols are walked here.
    """
    image = wrapper.zbar_image_create()
    try:
        wrapper.zbar_image_set_format(image, Y800)
        wrapper.zbar_image_set_size(image, width, height)
        wrapper.zbar_image_set_data(image, ctypes.cast(ctypes.c_char_p(grey), ctypes.c_void_p), len(grey), None)
        wrapper.zbar_scan_image(scanner, image)
        found = []
        symbol = wrapper.zbar_image_first_symbol(image)
        while symbol:
            if symbol.contents.type == QRCODE:
                length = wrapper.zbar_symbol_get_data_length(symbol)
                found.append(ctypes.string_at(wrapper.zbar_symbol_get_data(symbol), length))
            symbol = wrapper.zbar_symbol_next(symbol)
        return found
    finally:
        wrapper.zbar_image_destroy(image)


def answer(out: BinaryIO, payloads: list[bytes]) -> None:
    """Write one answer and push it out."""
    parts = [struct.pack(">I", len(payloads))]
    for payload in payloads:
        parts += [struct.pack(">I", len(payload)), payload]
    out.write(b"".join(parts))
    out.flush()


def main() -> None:
    """Serve until stdin ends."""
    scanner = make_scanner()
    limit()
    stdin, stdout = sys.stdin.buffer, sys.stdout.buffer
    answer(stdout, [])
    while len(head := stdin.read(8)) == 8:
        width, height = struct.unpack(">II", head)
        grey = stdin.read(width * height)
        if len(grey) < width * height:
            return
        answer(stdout, read_codes(scanner, width, height, grey))


if __name__ == "__main__":
    main()
