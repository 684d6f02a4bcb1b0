/**
 * Gives a reader inputs that are right but for a few random changes, and judges what it does: reads them, refuses them by
 * an error of its own with a message, or is at fault: another error, more than 2 s of the processor, or more than 256 MB for one input.
 *
 *     deno run -A tests/reliability/fuzz.ts --target spec --count 10000
 *     deno run -A tests/reliability/fuzz.ts --target spec --first 1234 --count 1     one input again, printed
 */
import process from "node:process";
import { parseArgs } from "node:util";
import { random } from "#lib/prng.ts";
import { mutated } from "./mutate.ts";
import type { Target } from "./target.ts";
import { targets } from "./targets.ts";

/** Bounds of one input. */
export const MOST_MS = 2000;
export const MOST_BYTES = 256e6;

export interface Fuzzed {
  readonly target: string;
  readonly inputs: number;
  readonly read: number;
  readonly refused: number;
  readonly slowestMs: number;
  /** Highest memory of the process above what it had before the first input, in bytes: a bound for any one of them. */
  readonly memoryBytes: number;
  /** At most ten: the number of the input and what happened. */
  readonly faults: readonly string[];
  readonly faultCount: number;
}

/** Inputs `first` to `first + count − 1` of a target; the number of an input decides all of it. */
export async function fuzz(target: Target, first: number, count: number): Promise<Fuzzed> {
  const before = peakBytes();
  const faults: string[] = [];
  let [read, refused, slowestMs, faultCount] = [0, 0, 0, 0];
  for (let number = first; number < first + count; number++) {
    const { kind, ms, fault } = await outcomeOf(target, inputOf(target, number));
    slowestMs = Math.max(slowestMs, ms);
    if (kind === "read") read++;
    if (kind === "refused") refused++;
    if (fault !== null && ++faultCount <= 10) faults.push(`input ${number}: ${fault}`);
  }
  const memoryBytes = peakBytes() - before;
  if (memoryBytes > MOST_BYTES) {
    faultCount++;
    faults.push(`${(memoryBytes / 1e6).toFixed(0)} MB above the start`);
  }
  return { target: target.name, inputs: count, read, refused, slowestMs, memoryBytes, faults, faultCount };
}

interface Outcome {
  readonly kind: "read" | "refused" | "fault";
  /** Of the processor, so that another program's load is not taken for it. */
  readonly ms: number;
  readonly fault: string | null;
}

async function outcomeOf({ read, refusals }: Target, input: Uint8Array): Promise<Outcome> {
  const started = process.cpuUsage();
  const ended = (kind: Outcome["kind"], fault: string | null = null): Outcome => {
    const { user, system } = process.cpuUsage(started);
    const ms = (user + system) / 1000;
    return ms > MOST_MS && kind !== "fault"
      ? { kind: "fault", ms, fault: `took ${ms.toFixed(0)} ms` }
      : { kind, ms, fault };
  };
  try {
    await read(input);
    return ended("read");
  } catch (error) {
    if (error instanceof Error && refusals.includes(error.name) && error.message.length > 0) {
      return ended("refused");
    }
    return ended("fault", String(error instanceof Error ? error.stack : error).slice(0, 600));
  }
}

function inputOf({ name, seeds }: Target, number: number): Uint8Array {
  const source = random("fuzz", name, number);
  return mutated(seeds[source.below(seeds.length)]!, seeds, source);
}

/** Highest resident memory of this process so far; on other systems than Linux the present one. */
function peakBytes(): number {
  if (Deno.build.os !== "linux") return Deno.memoryUsage().rss;
  const status = Deno.readTextFileSync("/proc/self/status");
  return 1024 * Number(/VmHWM:\s+(\d+)/.exec(status)![1]);
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      target: { type: "string" },
      first: { type: "string", default: "0" },
      count: { type: "string", default: "1000" },
    },
  });
  const target = (await targets()).find(({ name }) => name === values.target);
  if (!target) throw new Error(`No target ${values.target}`);
  if (values.count === "1") {
    console.log(new TextDecoder().decode(inputOf(target, Number(values.first))));
  } else await fuzz(target, 0, 50); // What is compiled and cached at the first use is no input's.
  console.log(JSON.stringify(await fuzz(target, Number(values.first), Number(values.count))));
}
