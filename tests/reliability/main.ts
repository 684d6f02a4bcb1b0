/**
 * How the lab bears kills, full disks, damaged files and hostile inputs: `deno task reliability` runs a small part,
 * `--full` a thousand kills and a million inputs, and `--write` makes docs/reliability.md of what it found.
 */
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { damage } from "./damage.ts";
import { onDisks } from "./disks.ts";
import type { Fuzzed } from "./fuzz.ts";
import { SUBJECTS, surviveKills } from "./kills.ts";
import { page, type Part, printPart } from "./page.ts";
import { targets } from "./targets.ts";
import { clockSetBack, twoWriters } from "./writers.ts";

const OPTIONS = {
  full: { type: "boolean", default: false },
  write: { type: "boolean", default: false },
  only: { type: "string" },
  kills: { type: "string" },
  inputs: { type: "string" },
  damages: { type: "string" },
  starts: { type: "string" },
} as const;

/** Counts of each part: small, and with `--full`. */
const COUNTS = {
  kills: [9, 1000],
  inputs: [20_000, 1_000_000],
  damages: [5, 100],
  starts: [3, 50],
} as const;

const { values } = parseArgs({ options: OPTIONS });
const countOf = (name: keyof typeof COUNTS) => Number(values[name] ?? COUNTS[name][values.full ? 1 : 0]);

/** Every part by name, in the order of the page. */
const PARTS: Readonly<Record<string, () => Promise<Part>>> = {
  kills: killed,
  disks: async () => ({
    title: "Disks",
    rows: (await onDisks()).map(({ what, tries, faults }) => ({ what, tries, found: "", faults })),
  }),
  damage: damaged,
  starts: started,
  fuzz: fuzzed,
};

async function killed(): Promise<Part> {
  const subjects = Object.entries(SUBJECTS);
  const rows = [];
  for (const [name, subject] of subjects) {
    const { kills, steps, differences } = await surviveKills(
      subject,
      Math.ceil(countOf("kills") / subjects.length),
    );
    const inside = kills.filter((kill) => kill.steps > 0 && kill.steps < steps).length;
    rows.push({
      what: `SIGKILL at a random moment of \`${name}\`, resumed until its end`,
      tries: kills.length,
      found: `${inside} between the first and the last step; compared bit for bit`,
      faults: differences,
    });
  }
  return { title: "Kills", rows };
}

async function damaged(): Promise<Part> {
  const found = await damage(countOf("damages"));
  return {
    title: "Damaged files",
    rows: found.map(({ file, tries, read, refused, faults }) => ({
      what: `A bit flipped or the end cut off: \`${file}\``,
      tries,
      found: `${refused} commands refused it, ${read} did not meet it or read another value`,
      faults,
    })),
  };
}

async function started(): Promise<Part> {
  const tries = countOf("starts");
  const writers = await twoWriters(tries);
  const clock = await clockSetBack(tries);
  return {
    title: "Starts",
    rows: [
      { what: "Two processes start in one folder", found: "one trains, one is refused", ...writers },
      ...(clock
        ? [{ what: "Killed, and resumed with the clock 400 days back", found: "the same bits", ...clock }]
        : []),
    ],
  };
}

async function fuzzed(): Promise<Part> {
  const rows = [];
  for (const { name, share } of await targets()) {
    const result = await fuzzInProcess(name, Math.ceil(share * countOf("inputs")));
    const { inputs, read, refused, slowestMs, memoryBytes, faults, faultCount } = result;
    rows.push({
      what: `Inputs for the reader of ${name}`,
      tries: inputs,
      found: `${read} read, ${refused} refused; slowest ${slowestMs.toFixed(0)} ms, ${
        (memoryBytes / 1e6).toFixed(0)
      } MB for all`,
      faults: faultCount > faults.length ? [...faults, `${faultCount - faults.length} more`] : faults,
    });
  }
  return { title: "Hostile inputs", rows };
}

/** In a process whose heap has the size that one input may cost. */
async function fuzzInProcess(target: string, count: number): Promise<Fuzzed> {
  const script = fileURLToPath(new URL("./fuzz.ts", import.meta.url));
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", "--no-check", "--quiet", "--v8-flags=--max-old-space-size=256"],
      ...[script, "--target", target, "--count", String(count)],
    ],
  }).output();
  if (success) return JSON.parse(new TextDecoder().decode(stdout));
  const fault = `the process ended: ${new TextDecoder().decode(stderr).slice(-300)}`;
  return {
    ...{ target, inputs: count, read: 0, refused: 0, slowestMs: 0, memoryBytes: 0 },
    faults: [fault],
    faultCount: 1,
  };
}

const names = values.only?.split(",") ?? Object.keys(PARTS);
const parts: Part[] = [];
for (const name of names) {
  const part = await PARTS[name]!();
  parts.push(part);
  console.log(printPart(part));
}
if (values.write) {
  const path = new URL("../../docs/reliability.md", import.meta.url);
  const command = ["deno task reliability", ...Deno.args.filter((word) => word !== "--write")].join(" ");
  await Deno.writeTextFile(path, page(parts, command));
}
if (parts.some(({ rows }) => rows.some(({ faults }) => faults.length > 0))) Deno.exit(1);
