/**
 * How many kills an experiment survives: trains a spec with everything on, or sweeps or range-tests one, kills the process
 * with SIGKILL at random moments, resumes it, and compares what it measured and kept with one that was never stopped, bit
 * for bit.
 *
 *     deno run -A tests/reliability/kills.ts --count 50 --subject train
 *
 * Prints a line for each kill and, at the end, how many there were and what differed; exit code 1 where anything did.
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { readSafetensors } from "#lib/safetensors.ts";
import { readCheckpoint } from "#train/checkpoint.ts";
import { trainingCheckpointOf } from "#app/storage/checkpoints.ts";
import { spawn } from "../support/cli.ts";

/** What is killed: a task, its spec and its options. */
export interface Subject {
  readonly task: "train" | "sweep" | "range-test";
  readonly spec: string;
  readonly options: readonly string[];
}

const DATA = "dataset: { name: shapes-16, train: 64, validation: 16, test: 16, augment: [crop, flip] }";

/**
 * Feedback, restarts, averages, groups that are frozen, augmentation, snapshots, and a run that goes on from another.
 *
 * @param epochs of the first run, in cycles of 1, 2, 4, 8 …; the second run adds 2. An epoch has 8 steps.
 * @param model with batch norm (`cnn`) or dropout (`cnn-dropout`).
 */
export const training = (epochs: number, model: string): Subject => ({
  task: "train",
  options: [],
  spec: `name: kills
${DATA.replace("shapes-16", "shapes")}
model: ${model}
optimizer:
  name: adamw
  weight_decay: 0.01
  clip_norm: 1
  reset_at_restart: true
  groups: [{ match: "conv1/*", lr_factor: 0.5, frozen_until: 4 steps }]
batch_size: 8
duration: ${epochs} epochs
eval_every: 8 steps
seeds: [1]
averages: [{ kind: ema }, { kind: swa, from: 50% }, { kind: cycle }]
snapshots: { limit: 1 }
predictions: true
gradient_norms: true
probe: { for: 16 steps, every: 4 }
hessian: { every: 7 steps, images: 12, products: 3 }
arms:
  - name: cycles
    schedule:
      name: plateau
      patience: 0
      factor: 0.7
      scales: { name: sgdr, lr: 0.001, T_0: 1 epoch, T_mult: 2 }
  - name: after
    from: cycles
    duration: ${epochs + 2} epochs
    schedule: { name: cosine, lr: 0.0005, T_max: 2 epochs }
`,
});

const plain = (epochs: number) =>
  `name: kills
${DATA}
model: cnn-tiny
batch_size: 8
duration: ${epochs} epochs
eval_every: 2 epochs
seeds: [1]
arms: [{ name: falls, schedule: { name: polynomial, lr: 0.05, duration: 100%, power: 1 } }]
`;

/** Six cells in rungs of growing length, of which the better ones go on. */
export const SWEEP: Subject = {
  task: "sweep",
  spec: plain(24),
  options: [
    ...["--over", "arms[0].schedule.lr=log:1e-3..1e-1", "--method", "halving"],
    ...["--samples", "6", "--eta", "2", "--seeds", "1-2"],
  ],
};

/** Two ramps and the short runs that check what they suggest. */
export const RANGE_TEST: Subject = {
  task: "range-test",
  spec: plain(1),
  options: ["--to", "0.5", "--steps", "400", "--seeds", "1-2", "--check-steps", "40"],
};

/** A run with each loss whose weights change over it; with masks, and files of them. An epoch has 4 steps. */
export const losses = (epochs: number): Subject => ({
  task: "train",
  options: [],
  spec: `name: kills
dataset: { name: shapes-masks, train: 32, validation: 8, test: 8, augment: [crop, flip] }
model: unet-tiny
optimizer: { name: adam }
batch_size: 8
duration: ${epochs} epochs
eval_every: 2 steps
seeds: [1]
arms:
${
    [
      "adaptive_structure_boundary",
      "adaptive_progressive_hybrid, transition: switch",
      "adaptive_complexity_cascade, order: shuffled",
      "adaptive_dynamic_hybrid, patience: 1, threshold: 0.02",
    ].map((loss, index) =>
      `  - { name: loss ${index + 1}, loss: { name: ${loss} }, schedule: { name: constant, lr: 0.02 } }`
    ).join("\n")
  }
`,
});

/** By what is killed. */
export const SUBJECTS: Readonly<Record<string, Subject>> = {
  "train": training(15, "cnn"),
  "train with losses that change": losses(80),
  "sweep": SWEEP,
  "range-test": RANGE_TEST,
};

/** One kill: when it came, in milliseconds after the process began, and the steps on disk by then. */
export interface Kill {
  readonly afterMs: number;
  readonly steps: number;
}

export interface Survival {
  readonly kills: readonly Kill[];
  /** Steps of both runs together. */
  readonly steps: number;
  /** Files whose content differs from that of the run that was never stopped; empty where all is the same. */
  readonly differences: readonly string[];
}

/** Kills as many times as asked, over as many experiments as that takes, each of which is brought to its end. */
export async function surviveKills(
  subject: Subject,
  count: number,
  onKill: (kill: Kill) => void = () => {},
): Promise<Survival> {
  const folder = await Deno.makeTempDir();
  try {
    const spec = join(folder, "spec.yaml");
    await Deno.writeTextFile(spec, subject.spec);
    const whole = join(folder, "whole");
    const started = performance.now();
    await run(subject, spec, whole, null);
    const wholeMs = performance.now() - started;
    const kills: Kill[] = [];
    const differences: string[] = [];
    for (let round = 1; kills.length < count; round++) {
      const out = join(folder, "killed", String(round));
      for (let ended = false; !ended;) {
        // Exponential: a kill is as likely at any moment of a process' life, its start included.
        const afterMs = kills.length < count ? -0.2 * wholeMs * Math.log(1 - Math.random()) : null;
        ended = await run(subject, spec, out, afterMs);
        if (ended) break;
        kills.push({ afterMs: afterMs!, steps: await stepsIn(out) });
        onKill(kills.at(-1)!);
      }
      differences.push(...(await differing(whole, out)).map((name) => `round ${round}: ${name}`));
      await Deno.remove(out, { recursive: true });
    }
    return { kills, steps: await stepsIn(whole), differences };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Starts or goes on; whether it came to its end before it was killed. @throws {Error} where it failed. */
async function run(
  { task, options }: Subject,
  spec: string,
  out: string,
  killAfterMs: number | null,
): Promise<boolean> {
  const begun = await Deno.stat(out).then(() => true, () => false);
  const child = await spawn(task, [
    ...[
      spec,
      ...options,
      "--out",
      out,
      "--backend",
      "wasm",
      "--threads",
      "1",
      "--fresh",
      "--checkpoint-every",
      "0.05",
    ],
    ...(begun ? ["--resume"] : []),
  ]);
  const timer = killAfterMs === null ? undefined : setTimeout(() => {
    try {
      child.kill("SIGKILL");
    } catch (error) {
      // It had just ended.
      if (!(error instanceof TypeError)) throw error;
    }
  }, killAfterMs);
  const { code, signal, stderr } = await child.output();
  clearTimeout(timer);
  if (signal === "SIGKILL") return false;
  if (code !== 0) {
    throw new Error(`A resumed run failed with code ${code}: ${new TextDecoder().decode(stderr)}`);
  }
  return true;
}

async function linesOf(out: string, run: string): Promise<string[]> {
  const text = await Deno.readTextFile(join(out, "runs", run, "events.jsonl")).catch(() => "");
  // Wall time is the one thing that may differ.
  return text.split("\n").slice(0, -1).map((line) => line.replace(/"ms_per_step":[^}]*/, '"ms_per_step":0'));
}

async function runsOf(out: string): Promise<string[]> {
  // A kill may come before there are any.
  const entries = await Array.fromAsync(Deno.readDir(join(out, "runs"))).catch(() => []);
  return entries.map(({ name }) => name).sort();
}

async function stepsIn(out: string): Promise<number> {
  const lines = (await Promise.all((await runsOf(out)).map((run) => linesOf(out, run)))).flat();
  return lines.filter((line) => line.startsWith('{"kind":"step"')).length;
}

/** Names of what differs between two finished folders: runs, events, and every tensor of every file that was kept. */
export async function differing(whole: string, out: string): Promise<string[]> {
  const names: string[] = [];
  const runs = await Promise.all([whole, out].map(runsOf));
  if (runs[0]!.length === 0 || runs[0]!.join() !== runs[1]!.join()) {
    names.push(`runs ${runs[0]} and ${runs[1]}`);
  }
  for (const run of runs[0]!) {
    const lines = await Promise.all([whole, out].map((folder) => linesOf(folder, run)));
    if (lines[0]!.length < 10 || lines[0]!.join("\n") !== lines[1]!.join("\n")) {
      names.push(`${run}/events.jsonl`);
    }
    const files = await Promise.all([whole, out].map((folder) => filesIn(join(folder, "runs", run))));
    if (files[0]!.join() !== files[1]!.join()) names.push(`${run}: files ${files[0]} and ${files[1]}`);
    for (const file of files[0]!.filter((name) => files[1]!.includes(name))) {
      const [a, b] = await Promise.all(
        [whole, out].map((folder) => content(join(folder, "runs", run, file))),
      );
      if (a !== b) names.push(`${run}/${file}`);
    }
  }
  return names;
}

async function filesIn(folder: string): Promise<string[]> {
  const names: string[] = [];
  for (const below of ["", "snapshots", "averages", "masks"]) {
    // Not every run has them.
    const entries = await Array.fromAsync(Deno.readDir(join(folder, below))).catch(() => []);
    names.push(...entries.map(({ name }) => join(below, name)));
  }
  return names.filter((name) => name.endsWith(".safetensors") || name.endsWith(".tmp")).sort();
}

/** Every tensor's bits; of a checkpoint also what else decides how a run goes on. */
async function content(path: string): Promise<string> {
  const bytes = await Deno.readFile(path);
  const { tensors, metadata } = readSafetensors(bytes);
  const { ["lr_lab/sha256"]: digest, ...rest } = tensors;
  const about = digest ? await readCheckpoint(bytes) : null;
  const values = Object.entries(rest).map(([name, { shape, data }]) => [
    name,
    shape,
    createHash("sha256").update(data).digest("hex"),
  ]);
  if (!about) return JSON.stringify([values, metadata]);
  const { step, feedback } = about;
  const { averaged, loss_weights } = trainingCheckpointOf(about).trainer;
  return JSON.stringify([values, { step, feedback, averaged, loss_weights }]);
}

/** One line on what came of it. */
export function survivalText({ kills, steps, differences }: Survival): string {
  const training = kills.filter((kill) => kill.steps > 0 && kill.steps < steps).length;
  return `${kills.length} kills, ${training} of them between the first and the last of ${steps} steps; ` +
    (differences.length === 0 ? "nothing differs, bit for bit" : `these differ: ${differences.join(", ")}`);
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { count: { type: "string", default: "50" }, subject: { type: "string", default: "train" } },
  });
  const subject = SUBJECTS[values.subject];
  if (!subject) {
    throw new RangeError(`Unknown subject ${values.subject}: expected ${Object.keys(SUBJECTS).join(", ")}`);
  }
  let done = 0;
  const survival = await surviveKills(subject, Number(values.count), ({ afterMs, steps }) => {
    console.log(`kill ${++done}: after ${(afterMs / 1000).toFixed(2)} s, ${steps} steps on disk`);
  });
  console.log(survivalText(survival));
  if (survival.differences.length > 0) Deno.exit(1);
}
