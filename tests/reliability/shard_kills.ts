/**
 * How many kills the shards of a study survive: three processes train its parts at once, in one folder and waiting for each
 * other; one after the other is killed with SIGKILL at a random moment and called again. Joined, they are compared with one
 * process that was never stopped, bit for bit.
 *
 *     deno run -A tests/reliability/shard_kills.ts --count 20
 *
 * Prints a line for each kill and, at the end, what differed; exit code 1 where anything did.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { cli, spawn } from "../support/cli.ts";
import { differing } from "./compare.ts";

/** Tuning, two looks, an average, predictions for ensembles, and an arm that goes on from another. */
export const SHARDED = `name: shard kills
dataset: { name: shapes-16, train: 64, validation: 32, test: 32, augment: [crop, flip] }
model: cnn-tiny
batch_size: 8
duration: 12 epochs
eval_every: 4 epochs
seeds: [1, 2, 3]
looks: { at: [2, 3] }
tune: { rates: [0.02, 0.1], seeds: [101, 102] }
averages: [{ kind: ema }]
predictions: true
arms:
  - { name: constant, schedule: { name: constant, lr: tuned } }
  - { name: cosine, schedule: { name: cosine, lr: tuned, T_max: 100% } }
  - { name: after, from: cosine, duration: 16 epochs, schedule: { name: constant, lr: 0.01 } }
`;

export interface ShardKill {
  readonly shard: number;
  /** After the process was started. */
  readonly afterMs: number;
}

export interface ShardSurvival {
  readonly kills: readonly ShardKill[];
  /** What differs from one process: files of runs, and figures. */
  readonly differences: readonly string[];
}

/** Kills as many times as asked, over as many studies as that takes, each of which is brought to its end. */
export async function surviveShardKills(
  count: number,
  of = 3,
  onKill: (kill: ShardKill) => void = () => {},
): Promise<ShardSurvival> {
  const folder = await Deno.makeTempDir();
  try {
    const [spec, whole] = [join(folder, "spec.yaml"), join(folder, "whole", "one")];
    await Deno.writeTextFile(spec, SHARDED);
    const started = performance.now();
    await done("train", [spec, "--out", whole, ...COMMON]);
    const wholeMs = performance.now() - started;
    const kills: ShardKill[] = [];
    const differences: string[] = [];
    for (let round = 1; kills.length < count || round === 1; round++) {
      const out = join(folder, "split", String(round));
      const take = (kill: ShardKill) => {
        if (kills.length >= count) return false;
        kills.push(kill);
        onKill(kill);
        return true;
      };
      await Promise.all(
        Array.from(
          { length: of },
          (_, index) => untilDone(spec, out, { shard: index + 1, of, wholeMs, take }),
        ),
      );
      await done("report", [out]);
      const found = [...await differing(whole, out), ...await differingFigures(whole, out)];
      differences.push(...found.map((name) => `round ${round}: ${name}`));
      await Deno.remove(out, { recursive: true });
    }
    return { kills, differences };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const COMMON = ["--backend", "wasm", "--threads", "1", "--jobs", "1", "--checkpoint-every", "0.05"];

interface Killed {
  readonly shard: number;
  readonly of: number;
  /** Time that one process takes for all. */
  readonly wholeMs: number;
  /** Asks for one of the kills that are left. */
  readonly take: (kill: ShardKill) => boolean;
}

/** Calls a shard until it comes to its end, killing it at moments that are as likely at any time of a process' life. */
async function untilDone(spec: string, out: string, { shard, of, wholeMs, take }: Killed): Promise<void> {
  const args = [spec, "--out", out, "--shard", `${shard}/${of}`, "--wait", ...COMMON];
  for (;;) {
    const child = await spawn("train", args);
    const output = child.output();
    const afterMs = -0.5 * wholeMs * Math.log(1 - Math.random());
    const timer = setTimeout(() => {
      if (take({ shard, afterMs })) child.kill("SIGKILL");
    }, afterMs);
    const { code, signal, stderr } = await output;
    clearTimeout(timer);
    if (signal === "SIGKILL") continue;
    if (code === 0) return;
    throw new Error(`Shard ${shard} ended with code ${code}: ${new TextDecoder().decode(stderr)}`);
  }
}

async function done(task: string, args: readonly string[]): Promise<void> {
  const { code, stderr } = await cli(task, args);
  if (code !== 0) throw new Error(`${task} ended with code ${code}: ${stderr}`);
}

/** `summary.json` without when and how fast. */
async function differingFigures(whole: string, out: string): Promise<string[]> {
  const [one, other] = await Promise.all([whole, out].map(async (folder) => {
    const { provenance: { command: _, ...provenance }, ...rest } = JSON.parse(
      await Deno.readTextFile(join(folder, "summary.json")),
    );
    return JSON.stringify(
      { ...rest, provenance },
      (key, value) => ["at", "wall_s", "jobs", "ms_per_step"].includes(key) ? 0 : value,
    );
  }));
  return one === other ? [] : ["summary.json"];
}

/** One line on what came of it. */
export function shardSurvivalText({ kills, differences }: ShardSurvival): string {
  return `${kills.length} kills of shards; ${
    differences.length === 0 ? "nothing differs, bit for bit" : `these differ: ${differences.join(", ")}`
  }`;
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { count: { type: "string", default: "20" } } });
  let number = 0;
  const survival = await surviveShardKills(Number(values.count), 3, ({ shard, afterMs }) => {
    console.log(`kill ${++number}: shard ${shard}, after ${(afterMs / 1000).toFixed(2)} s`);
  });
  console.log(shardSurvivalText(survival));
  if (survival.differences.length > 0) Deno.exit(1);
}
