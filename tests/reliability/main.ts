/**
 * How the lab bears kills, full disks, damaged files and hostile inputs: `deno task reliability` runs a small part,
 * `--full` a thousand kills and a million inputs, and `--write` makes docs/reliability.md of what it found. Stopped, it goes
 * on where it was when it is started with the same words again.
 */
import { parseArgs } from "node:util";
import { type Done, openJournal, runUnit, secondsLeft } from "./journal.ts";
import { page, printTable, type Table } from "./page.ts";
import { closeUnits, type Part, PARTS, type Unit, unitsOf } from "./units.ts";

const { values } = parseArgs({
  options: {
    full: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
    only: { type: "string", default: PARTS.join() },
    kills: { type: "string" },
    inputs: { type: "string" },
    damages: { type: "string" },
    starts: { type: "string" },
    // Of the clock, after which it stops until it is started again.
    minutes: { type: "string", default: "Infinity" },
    journal: { type: "string", default: "reliability.tmp" },
    // From the last unit on: a second process helps the first one with the same journal.
    backwards: { type: "boolean", default: false },
  },
});

/** Counts of each part: small, and with `--full`. */
const COUNTS = { kills: [40, 1000], inputs: [20_000, 1_000_000], damages: [2, 40], starts: [1, 12] } as const;
const countOf = (name: keyof typeof COUNTS) => Number(values[name] ?? COUNTS[name][values.full ? 1 : 0]);
const counts = {
  kills: countOf("kills"),
  inputs: countOf("inputs"),
  damages: countOf("damages"),
  starts: countOf("starts"),
};

async function commitOf(): Promise<string> {
  const git = new Deno.Command("git", { args: ["rev-parse", "--short", "HEAD"], stderr: "null" });
  const found = await git.output().catch(() => null);
  return found?.success ? new TextDecoder().decode(found.stdout).trim() : "";
}

const parts = PARTS.filter((part) => values.only.split(",").includes(part));
const units: Unit[] = (await Promise.all(parts.map((part) => unitsOf(part, counts)))).flat();
const asked = JSON.stringify({ parts, ...counts });
let done: readonly Done[] = await openJournal(values.journal, asked);
const commit = await commitOf();
const stopsAt = performance.now() + 60_000 * Number(values.minutes);

const isDone = ({ id }: Unit) => done.some((one) => one.id === id);
for (const unit of values.backwards ? units.toReversed() : units) {
  if (performance.now() > stopsAt) break;
  done = await openJournal(values.journal, asked);
  if (isDone(unit)) continue;
  const one = await runUnit(unit, values.journal, commit);
  done = await openJournal(values.journal, asked);
  const left = secondsLeft(done, units.filter((unit) => !isDone(unit)));
  console.error(
    `${done.length} of ${units.length}: ${one.id}, ${one.tries} in ${
      one.seconds.toFixed(1)
    } s of a processor, ` +
      `${one.rows.flatMap(({ faults }) => faults).length} faults${
        left === null ? "" : `; about ${Math.ceil(left / 60)} minutes left`
      }`,
  );
}
await closeUnits();

const tables = parts.map((part: Part): Table => ({
  part,
  rows: done.filter(({ id }) => id.startsWith(`${part} `)).flatMap(({ rows }) => rows),
})).filter(({ rows }) => rows.length > 0);
for (const table of tables) console.log(printTable(table));
const isWhole = units.every(isDone);
if (!isWhole) {
  console.error(
    `Stopped after ${done.length} of ${units.length}: the same command goes on (${values.journal})`,
  );
}
if (values.write) {
  const given = (["kills", "inputs", "damages", "starts"] as const).flatMap((name) =>
    values[name] === undefined ? [] : [`--${name} ${values[name]}`]
  );
  const only = parts.length === PARTS.length ? [] : [`--only ${parts.join()}`];
  const command = ["deno task reliability", ...(values.full ? ["--full"] : []), ...only, ...given].join(" ");
  const seconds = done.reduce((sum, one) => sum + one.seconds, 0);
  const commits = [...new Set(done.map(({ commit }) => commit))].filter((commit) => commit !== "");
  await Deno.writeTextFile(
    new URL("../../docs/reliability.md", import.meta.url),
    page(tables, { command, commits, seconds, left: units.filter((unit) => !isDone(unit)) }),
  );
}
if (!isWhole) Deno.exit(3);
await Deno.remove(values.journal);
if (tables.some(({ rows }) => rows.some(({ faults }) => faults.length > 0))) Deno.exit(1);
