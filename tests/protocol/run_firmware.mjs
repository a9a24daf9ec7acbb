// Runs the I/O board's firmware on MicroPython (WebAssembly, under node), with levers for pins.
//
//   node tests/protocol/run_firmware.mjs NAME KEY_HEX BOOT
//
// Speaks lines of JSON. In: {"wire": hex}, {"set": {"pressed": true, "tenths_c": 45, …}}. Out: {"ready": true} once,
// {"wire": hex}, and {"pins": {"lamp": …, "sounds": […]}} when they changed. Ends with its input.

import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { loadMicroPython } from "@micropython/micropython-webassembly-pyscript/micropython.mjs";

const repository = resolve(dirname(fileURLToPath(import.meta.url)), "..", "..");
const [name, key, boot] = process.argv.slice(2);
const TURN_MS = 10;
// What is flashed, but for pins.py and main.py, which touch the board; levers.py stands for the pins.
const FILES = ["protocol/errors.py", "protocol/boardlink.py", "kiosk/hardware/firmware/board.py", "kiosk/hardware/firmware/levers.py"];
const PACKAGES = ["protocol", "kiosk", "kiosk/hardware", "kiosk/hardware/firmware"];

const say = (line) => process.stdout.write(JSON.stringify(line) + "\n");
const python = await loadMicroPython({ heapsize: 4 * 1024 * 1024, stdout: (line) => console.error(line), linebuffer: true });
for (const folder of PACKAGES) {
  python.FS.mkdirTree("/" + folder);
  python.FS.writeFile(`/${folder}/__init__.py`, "");
}
for (const path of FILES) python.FS.writeFile("/" + path, readFileSync(join(repository, path)));
python.runPython(`
import sys, json
sys.path.insert(0, "/")
from kiosk.hardware.firmware.board import Board
from kiosk.hardware.firmware.levers import LeverPins
pins = LeverPins()
board = Board(name=${JSON.stringify(name)}, key=bytes.fromhex("${key}"), boot=${Number(boot)}, pins=pins, now_ms=0, every_ms=1000)
def turn(now_ms, wire):
    said = board.step(now_ms, bytes.fromhex(wire))
    # Of no bytes, hex() is no text on MicroPython 1.27 but b"".
    return said.hex() if said else ""
def put(text):
    for lever, value in json.loads(text).items():
        setattr(pins, lever, value)
def seen():
    return json.dumps([pins.lamp, pins.sounds])
`);
const [turn, put, seen] = ["turn", "put", "seen"].map((each) => python.globals.get(each));

let wire = "";
let shown = "";
createInterface({ input: process.stdin })
  .on("line", (line) => {
    const order = JSON.parse(line);
    if (order.wire) wire += order.wire;
    if (order.set) put(JSON.stringify(order.set));
  })
  .on("close", () => process.exit(0));
const begun = performance.now();
setInterval(() => {
  const out = turn(Math.floor(performance.now() - begun), wire);
  wire = "";
  if (out) say({ wire: out });
  const now = seen();
  if (now !== shown) {
    shown = now;
    const [lamp, sounds] = JSON.parse(now);
    say({ pins: { lamp, sounds } });
  }
}, TURN_MS);
say({ ready: true });
