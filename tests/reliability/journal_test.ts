import assert from "node:assert/strict";
import { openJournal, runUnit, secondsLeft } from "./journal.ts";
import { page } from "./page.ts";
import { merged, type Row } from "./row.ts";
import { PARTS, type Unit, unitsOf } from "./units.ts";

const row = (tries: number, faults: readonly string[] = []): Row => ({
  what: "Inputs for the reader of spec",
  tries,
  counts: { read: tries, refused: 0 },
  most: { "ms for one": tries },
  faults,
});
const unit = (first: number, tries: number): Unit => ({
  part: "fuzz",
  id: `fuzz spec ${first}`,
  kind: "fuzz spec",
  first,
  tries,
  run: () => Promise.resolve([row(tries, first === 0 ? [] : ["a fault"])]),
});

Deno.test("a measurement that was stopped goes on after its last whole unit", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/journal.tmp`;
    assert.deepEqual(await openJournal(path, "counts"), []);
    const first = await runUnit(unit(0, 10), path, "abc");
    await Deno.writeTextFile(path, '{"id":"fuzz spec 10","cut', { append: true });
    assert.deepEqual(await openJournal(path, "counts"), [first]);
    const second = await runUnit(unit(10, 30), path, "abc");
    assert.deepEqual(await openJournal(path, "counts"), [first, second]);
    await assert.rejects(openJournal(path, "others"), /it is of counts, and asked is others/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("of a unit that two processes ran with one journal, the first result counts", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/journal.tmp`;
    await openJournal(path, "counts");
    const first = await runUnit(unit(0, 10), path, "abc");
    await runUnit(unit(0, 10), path, "def");
    assert.deepEqual(await openJournal(path, "counts"), [first]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("rows of one thing add up: tries, counts and faults; of the largest figures the largest", () => {
  assert.deepEqual(merged([row(10), { ...row(1), what: "other" }, row(30, ["a", "b"])]), [
    { ...row(40, ["a", "b"]), most: { "ms for one": 30 } },
    { ...row(1), what: "other" },
  ]);
  const text = page([{ part: "fuzz", rows: [row(1000), row(500, ["a"])] }], {
    command: "deno task reliability",
    commits: ["abc"],
    seconds: 1200,
    left: [unit(0, 700), unit(700, 800)],
  });
  assert.match(
    text,
    /\| Inputs for the reader of spec \| 1,500 \| 1,500 read, 0 refused; at most 1,000 ms for one \| 1 \|/,
  );
  assert.match(
    text,
    /It took 20 minutes of one processor\. Code: abc\.\n\nNot done yet: 1,500 of "Hostile inputs"\./,
  );
});

Deno.test("the time left is that of units of the same kind; without one it is not known", () => {
  const done = { id: "fuzz spec 0", kind: "fuzz spec", tries: 10, rows: [], seconds: 4, commit: "" };
  assert.equal(secondsLeft([done], [unit(10, 10), unit(20, 5)]), 6);
  assert.equal(secondsLeft([done], [{ ...unit(0, 1), kind: "kills train" }]), null);
});

Deno.test("the units of a full measurement make a thousand kills and a million inputs, each named once", async () => {
  const counts = { kills: 1000, inputs: 1_000_000, damages: 40, starts: 12 };
  const units = (await Promise.all(PARTS.map((part) => unitsOf(part, counts)))).flat();
  assert.equal(new Set(units.map(({ id }) => id)).size, units.length);
  const tries = (part: string) =>
    units.filter((one) => one.part === part).reduce((sum, { tries }) => sum + tries, 0);
  assert.ok(tries("kills") >= 1000 && tries("kills") < 1010);
  assert.ok(tries("fuzz") >= 1_000_000 && tries("fuzz") < 1_000_050, String(tries("fuzz")));
  assert.deepEqual([tries("damage"), tries("starts"), tries("disks")], [40, 12, 1]);
});
