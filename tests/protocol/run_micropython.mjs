// Runs the protocol's tests on MicroPython (WebAssembly, under node), the language of the I/O board.
//
//   node tests/protocol/run_micropython.mjs [--list] [repository]
//
// Every plain function `test_*` without parameters in tests/protocol/test_*.py runs, in the file's order. Left out by
// name: test_property_*.py (Hypothesis) and test_under_micropython.py (starts this file). The last line is
// `N passed, N failed`; the exit code is 1 when one failed, when a file did not import, or when nothing ran at all.

import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { loadMicroPython } from "@micropython/micropython-webassembly-pyscript/micropython.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const names = process.argv.slice(2);
const list = names[0] === "--list" && Boolean(names.shift());
const repository = resolve(names[0] ?? join(here, "..", ".."));

const CPYTHON_ONLY = /^(test_property_.*|test_under_micropython|conftest)\.py$/;
const TEST = /^def (test_\w+)\(\s*\)\s*(?:->\s*None\s*)?:/gm;

function files(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (["node_modules", "__pycache__"].includes(entry.name)) return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? files(path) : [path];
  });
}

const python = await loadMicroPython({
  heapsize: 64 * 1024 * 1024,
  stdout: (line) => console.log(line),
  stderr: (line) => console.error(line),
  linebuffer: true,
});

// The same relative paths as in the repository, so that a test opens its samples alike in both runs.
const mounted = [...files(join(repository, "protocol")), ...files(join(repository, "tests", "protocol"))];
const packages = join(repository, "tests", "__init__.py");
if (statSync(packages, { throwIfNoEntry: false })) mounted.push(packages);
for (const path of mounted) {
  const place = "/" + relative(repository, path);
  if (CPYTHON_ONLY.test(place.split("/").pop())) continue;
  python.FS.mkdirTree(dirname(place));
  python.FS.writeFile(place, readFileSync(path));
}
python.runPython(`
import sys, os
os.chdir("/")
sys.path.insert(0, "/")
def _attempt(act, name):
    try:
        act()
        return True
    except BaseException as error:  # loop edge: one failed test must not end the run
        print("FAILED " + name)
        sys.print_exception(error)
        return False
`);

let passed = 0;
let failed = 0;
const attempt = (code, name) => {
  python.runPython(`_ok = _attempt(lambda: ${code}, "${name}")`);
  return python.globals.get("_ok");
};

const tests = mounted
  .filter((path) => /^test_.*\.py$/.test(path.split("/").pop()) && !CPYTHON_ONLY.test(path.split("/").pop()))
  .sort();
for (const path of tests) {
  const module = relative(repository, path).replace(/\.py$/, "").replaceAll("/", ".");
  const found = [...readFileSync(path, "utf8").matchAll(TEST)].map((match) => match[1]);
  if (list) {
    found.forEach((name) => console.log(`${module}.${name}`));
    continue;
  }
  if (!attempt(`__import__("${module}")`, `import ${module}`)) {
    failed += Math.max(found.length, 1);
    continue;
  }
  for (const name of found) {
    if (attempt(`sys.modules["${module}"].${name}()`, `${module}.${name}`)) passed += 1;
    else failed += 1;
  }
}
if (list) process.exit(0);
if (passed + failed === 0) console.log("no test ran: is tests/protocol empty?");
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
