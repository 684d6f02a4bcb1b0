/** The whole measurement as units that take seconds to minutes, so that it can be stopped and goes on after the last one. */
import { fileURLToPath } from "node:url";
import { random } from "#lib/prng.ts";
import { damage } from "./damage.ts";
import { onDisks } from "./disks.ts";
import type { Fuzzed } from "./fuzz.ts";
import { type Kill, surviveKills } from "./kills.ts";
import { PHASES } from "./life.ts";
import { type Reference, referenceOf } from "./reference.ts";
import type { Row } from "./row.ts";
import { surviveShardKills } from "./shard_kills.ts";
import { SUBJECTS } from "./subjects.ts";
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
  /** Number of its first try among those of its kind. */
  readonly first: number;
  readonly tries: number;
  run(): Promise<readonly Row[]>;
}

/** Tries of a unit. */
const AT_ONCE = { kills: 90, damages: 5, starts: 5, inputs: 25_000 } as const;

/** Every unit of a part, in order. */
export async function unitsOf(part: Part, counts: Counts): Promise<Unit[]> {
  switch (part) {
    case "kills":
      return killUnits(counts.kills);
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
      return (await targets()).flatMap(({ name, share, atOnce = AT_ONCE.inputs }) =>
        pieces(Math.ceil(share * counts.inputs), atOnce).map(({ first, count }) =>
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
  first,
  tries,
  run,
});

function pieces(count: number, atOnce: number): { first: number; count: number }[] {
  return Array.from({ length: Math.ceil(count / atOnce) }, (_, at) => ({
    first: at * atOnce,
    count: Math.min(atOnce, count - at * atOnce),
  }));
}

/** A unit's kills: of studies side by side in one process, of a command's own process, of shards. */
function killUnits(count: number): Unit[] {
  const [alone, shards] = [Math.ceil(count * SHARE_ALONE), Math.ceil(count * SHARE_OF_SHARDS)];
  const each = (name: string, count: number, words: string, run: (count: number) => Promise<Row>) =>
    pieces(count, AT_ONCE.kills).map(({ first, count }) =>
      unit("kills", `${name}${words}`, first, count, async () => [await run(count)])
    );
  const subjects = Object.keys(SUBJECTS);
  const units = [
    ...subjects.flatMap((name) =>
      each(
        name,
        Math.ceil((count - alone - shards) / subjects.length),
        "",
        (count) => killed(name, count, STUDIES_TOGETHER),
      )
    ),
    ...ALONE.flatMap((name) =>
      each(name, Math.ceil(alone / ALONE.length), ", its own process", (count) => killed(name, count, 1))
    ),
    ...each("shards", shards, "", killedShards),
  ];
  // Each kind in turn, so that a measurement that is stopped has something of all.
  return units.sort((a, b) => a.first - b.first);
}

/** Studies in a process that is killed. */
const STUDIES_TOGETHER = 8;
/** Subjects that are killed in their command's own process too, as a user would do it. */
const ALONE = ["train", "sweep", "range-test"];
const SHARE_ALONE = 0.06;
const SHARE_OF_SHARDS = 0.04;

/** References that this process has trained. */
const references = new Map<string, Promise<Reference>>();

function referenceFor(name: string): Promise<Reference> {
  const reference = references.get(name) ?? referenceOf(SUBJECTS[name]!);
  references.set(name, reference);
  return reference;
}

/** Removes what units left for those after them. */
export async function closeUnits(): Promise<void> {
  for (const reference of references.values()) await (await reference)[Symbol.asyncDispose]();
}

async function killed(name: string, count: number, together: number): Promise<Row> {
  const source = random("kills", name, together, Date.now());
  const survival = await surviveKills(await referenceFor(name), {
    count,
    together,
    source,
    onProcess: (line) => console.error(`${name}: ${line}`),
  });
  return {
    ...NONE,
    what: `\`${name}\`${together === 1 ? ", alone in its process" : ""}`,
    tries: survival.kills.length,
    counts: {
      SIGKILLs: survival.signals,
      ...countsOf(survival.kills),
      "compared at their end": survival.compared,
    },
    faults: survival.differences,
  };
}

function countsOf(kills: readonly Kill[]): Record<string, number> {
  const phases = PHASES.map((phase) => [`in ${phase}`, kills.filter((kill) => kill.phase === phase).length]);
  return {
    ...Object.fromEntries(phases),
    "while a file was being written": kills.filter(({ writing }) => writing).length,
  };
}

async function killedShards(count: number): Promise<Row> {
  const { kills, differences } = await surviveShardKills(count, 2);
  return {
    ...NONE,
    what: "One of two shards, called again and joined by `report`",
    tries: kills.length,
    counts: { SIGKILLs: kills.length },
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
