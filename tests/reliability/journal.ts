/** What a measurement has done so far, on disk: a line for its counts and one for each unit. */
import process from "node:process";
import type { Row } from "./row.ts";
import type { Unit } from "./units.ts";

/** A unit that has run. */
export interface Done {
  readonly id: string;
  readonly kind: string;
  readonly tries: number;
  readonly rows: readonly Row[];
  /** Of the processor, child processes included; of the clock where the system does not say. */
  readonly seconds: number;
  /** The commit that was measured; empty where there is none. */
  readonly commit: string;
}

/**
 * The units that a file has; empty where there is no such file, which is then begun.
 *
 * @param asked the counts, as a text: units of other counts are of another measurement.
 * @throws {RangeError} for a file of other counts.
 */
export async function openJournal(path: string, asked: string): Promise<Done[]> {
  const text = await Deno.readTextFile(path).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  });
  if (text === null) {
    await Deno.writeTextFile(path, JSON.stringify({ asked }) + "\n");
    return [];
  }
  // A last line that was cut off belongs to a unit that is run again.
  const lines = text.slice(0, text.lastIndexOf("\n") + 1);
  if (lines !== text) await Deno.writeTextFile(path, lines);
  const [head, ...done] = lines.split("\n").slice(0, -1).map((line) => JSON.parse(line));
  // Of a unit that two processes ran, the first result counts.
  const isFirst = ({ id }: Done, at: number) => done.findIndex((one) => one.id === id) === at;
  if (head?.asked === asked) return (done as Done[]).filter(isFirst);
  throw new RangeError(
    `Cannot go on with ${path}: it is of ${
      head?.asked ?? "nothing"
    }, and asked is ${asked}; remove it, or name another ` +
      "with --journal",
  );
}

/** Runs a unit and notes it. */
export async function runUnit(unit: Unit, path: string, commit: string): Promise<Done> {
  const before = processorSeconds();
  const rows = await unit.run();
  const { id, kind, tries } = unit;
  const done: Done = { id, kind, tries, rows, seconds: processorSeconds() - before, commit };
  await Deno.writeTextFile(path, JSON.stringify(done) + "\n", { append: true });
  return done;
}

/** Seconds that the units to come take, as those of their kind took; `null` where one has none to go by. */
export function secondsLeft(done: readonly Done[], left: readonly Unit[]): number | null {
  const rate = (kind: string) => {
    const own = done.filter((one) => one.kind === kind);
    const tries = own.reduce((sum, one) => sum + one.tries, 0);
    return tries === 0 ? null : own.reduce((sum, { seconds }) => sum + seconds, 0) / tries;
  };
  let sum = 0;
  for (const { kind, tries } of left) {
    const own = rate(kind);
    if (own === null) return null;
    sum += own * tries;
  }
  return sum;
}

const TICKS_A_SECOND = 100;

/** Of this process and of those that it started and that have ended. */
function processorSeconds(): number {
  if (Deno.build.os !== "linux") return process.uptime();
  // Behind the name in brackets: state is field 3, utime to cstime are 14 to 17.
  const stat = Deno.readTextFileSync("/proc/self/stat");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / TICKS_A_SECOND;
}
