/** The whole measurement as units that take seconds to minutes, so that it can be stopped and goes on after the last one. */
import { fileURLToPath } from "node:url";
import { damage } from "./damage.ts";
import { onDisks } from "./disks.ts";
import type { Fuzzed } from "./fuzz.ts";
import { type Subject, SUBJECTS, surviveKills } from "./kills.ts";
import type { Row } from "./row.ts";
import { targets } from "./targets.ts";
import { clockSetBack, twoWriters } from "./writers.ts";

export const PARTS = ["kills", "disks", "damage", "starts", "fuzz"] as const;
export type Part = typeof PARTS[number];

/** How often each thing is tried. */
export interface Counts {
  readonly kills: number;
  readonly inputs: number;
  readonly damages: number;
  readonly starts: number;
}

export interface Unit {
  readonly part: Part;
  /** Names it among all units of the same counts. */
  readonly id: string;
  /** By which the time of those to come is estimated: units of one kind that try as often take as long. */
  readonly kind: string;
  readonly tries: number;
  run(): Promise<readonly Row[]>;
}

/** Tries of a unit. */
const AT_ONCE = { kills: 25, damages: 5, starts: 5, inputs: 10_000 } as const;

/** Every unit of a part, in order. */
export async function unitsOf(part: Part, counts: Counts): Promise<Unit[]> {
  switch (part) {
    case "kills": {
      const subjects = Object.entries(SUBJECTS);
      return subjects.flatMap(([name, subject]) =>
        pieces(Math.ceil(counts.kills / subjects.length), AT_ONCE.kills).map(({ first, count }) =>
          unit(part, name, first, count, async () => [await killed(name, subject, count)])
        )
      );
    }
    case "disks":
      return [
        unit(part, "disks", 0, 1, async () => (await onDisks()).map((found) => ({ ...NONE, ...found }))),
      ];
    case "damage":
      return pieces(counts.damages, AT_ONCE.damages).map(({ first, count }) =>
        unit(part, "files", first, count, () => damaged(first, count))
      );
    case "starts":
      return pieces(counts.starts, AT_ONCE.starts).map(({ first, count }) =>
        unit(part, "starts", first, count, () => started(count))
      );
    case "fuzz":
      return (await targets()).flatMap(({ name, share }) =>
        pieces(Math.ceil(share * counts.inputs), AT_ONCE.inputs).map(({ first, count }) =>
          unit(part, name, first, count, async () => [await fuzzInProcess(name, first, count)])
        )
      );
  }
}

const NONE = { counts: {}, most: {} } as const;

const unit = (part: Part, kind: string, first: number, tries: number, run: Unit["run"]): Unit => ({
  part,
  id: `${part} ${kind} ${first}`,
  kind: `${part} ${kind}`,
  tries,
  run,
});

function pieces(count: number, atOnce: number): { first: number; count: number }[] {
  return Array.from({ length: Math.ceil(count / atOnce) }, (_, at) => ({
    first: at * atOnce,
    count: Math.min(atOnce, count - at * atOnce),
  }));
}

async function killed(name: string, subject: Subject, count: number): Promise<Row> {
  const { kills, steps, differences } = await surviveKills(subject, count);
  const inside = kills.filter((kill) => kill.steps > 0 && kill.steps < steps).length;
  return {
    ...NONE,
    what: `SIGKILL at a random moment of \`${name}\`, resumed until its end, compared bit for bit`,
    tries: kills.length,
    counts: { "between the first and the last step": inside },
    faults: differences,
  };
}

async function damaged(first: number, count: number): Promise<Row[]> {
  return (await damage(first, count)).map(({ file, tries, read, refused, faults }) => ({
    ...NONE,
    what: `A bit flipped or the end cut off: \`${file}\``,
    tries,
    counts: { "commands refused it": refused, "did not meet it or read another value": read },
    faults,
  }));
}

async function started(count: number): Promise<Row[]> {
  const writers = await twoWriters(count);
  const clock = await clockSetBack(count);
  return [
    { ...NONE, what: "Two processes start in one folder: one trains, one is refused", ...writers },
    ...(clock
      ? [{ ...NONE, what: "Killed, and resumed with the clock 400 days back: the same bits", ...clock }]
      : []),
  ];
}

/** In a process whose heap has the size that one input may cost. */
async function fuzzInProcess(target: string, first: number, count: number): Promise<Row> {
  const script = fileURLToPath(new URL("./fuzz.ts", import.meta.url));
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", "--no-check", "--quiet", "--v8-flags=--max-old-space-size=256"],
      ...[script, "--target", target, "--first", String(first), "--count", String(count)],
    ],
  }).output();
  const what = `Inputs for the reader of ${target}`;
  if (!success) {
    const fault = `inputs ${first} to ${first + count - 1}: the process ended: ` +
      new TextDecoder().decode(stderr).slice(-300);
    return { ...NONE, what, tries: count, faults: [fault] };
  }
  const { read, refused, slowestMs, memoryBytes, faults, faultCount }: Fuzzed = JSON.parse(
    new TextDecoder().decode(stdout),
  );
  return {
    what,
    tries: count,
    counts: { read, refused },
    most: { "ms for one": Math.round(slowestMs), "MB for all of a process": Math.round(memoryBytes / 1e6) },
    faults: faultCount > faults.length ? [...faults, `${faultCount - faults.length} more`] : faults,
  };
}
