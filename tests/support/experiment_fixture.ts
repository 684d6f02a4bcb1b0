import { random } from "#lib/prng.ts";
import type { RunRecord } from "#results/run.ts";
import type { Comparison, RunSummary, Summary } from "#results/summary.ts";
import { sweepSummary } from "./sensitivity_fixture.ts";
import { pairedDifference } from "#stats/paired.ts";

/**
 * Invented records with the shape of a real experiment, for the renderer's tests alone. Nothing was trained: losses
 * and accuracies are smooth curves with seeded noise.
 */
export interface FixtureOptions {
  readonly arms?: readonly string[];
  readonly seeds?: readonly number[];
  readonly steps?: number;
  readonly stepsPerEpoch?: number;
  readonly complete?: boolean;
  /** Arm and seed of a run that diverges. */
  readonly diverged?: { readonly arm: number; readonly seed: number };
}

export interface Fixture {
  readonly summary: Summary;
  readonly records: readonly RunRecord[];
}

const DEVICE = {
  backend: "wasm",
  name: "WASM on 2 threads",
  detail: "relaxed SIMD",
  why: "no hardware GPU: the only adapter is a software one (llvmpipe)",
} as const;

export function experimentFixture(options: FixtureOptions = {}): Fixture {
  const {
    arms = ["constant", "step ×0.1", "step ×0.2", "step ×0.1, own rate"],
    seeds = [1, 2, 3],
    steps = 900,
    stepsPerEpoch = 100,
    complete = true,
  } = options;
  const records = arms.flatMap((arm, index) =>
    seeds.map((seed) => {
      const diverges = options.diverged?.arm === index && options.diverged.seed === seed;
      return record({ arm, index, seed, steps, stepsPerEpoch, diverges });
    })
  );
  const runs = arms.map((arm) => records.filter(({ plan }) => plan.arm === arm).map(runSummary));
  return { records, summary: summaryOf(arms, runs, complete) };
}

const MILESTONES = [1 / 3, 2 / 3, 8 / 9];

/** The rate of an arm at a share of the run: constant, or dropped at the milestones. */
function rateOf(arm: number, share: number): number {
  const factor = [1, 0.1, 0.2, 0.1, 0.5][arm % 5]!;
  return (arm === 3 ? 0.1 : 0.05) * factor ** MILESTONES.filter((milestone) => share >= milestone).length;
}

interface RunShape {
  readonly arm: string;
  readonly index: number;
  readonly seed: number;
  readonly steps: number;
  readonly stepsPerEpoch: number;
  readonly diverges: boolean;
}

function record({ arm, index, seed, steps, stepsPerEpoch, diverges }: RunShape): RunRecord {
  const source = random(seed, "fixture", index);
  const events: RunRecord["events"][number][] = [];
  const last = diverges ? Math.floor(steps / 5) : steps;
  const every = Math.max(1, Math.floor(stepsPerEpoch / 2));
  let level = 2.3;
  for (let step = 0; step < last; step++) {
    const lr = rateOf(index, step / steps);
    const floor = 0.55 + 6 * lr + 0.02 * (seed - 2);
    level += (floor - level) * (2.5 / steps) * Math.min(10, 0.1 / lr + 1);
    const loss = diverges && step > last - 8
      ? 3 ** (step - last + 9)
      : level * Math.exp(0.12 * source.normal());
    events.push({ kind: "step", step, lr: Math.fround(lr), momentum: Math.fround(0.9), loss });
    if (!diverges && (step + 1) % every === 0) {
      events.push(evaluation(step + 1, stepsPerEpoch, level, source.normal()));
    }
  }
  if (diverges) {
    events.push({
      kind: "ended",
      step: last,
      reason: "diverged",
      detail: "the loss exceeded 1000 times its first value",
      ms_per_step: 21.4,
    });
  } else {
    events.push({ ...evaluation(steps, stepsPerEpoch, level, source.normal()), split: "test" });
    events.push({
      kind: "ended",
      step: steps,
      reason: "budget",
      detail: null,
      ms_per_step: 20 + source.uniform(),
    });
  }
  return {
    plan: {
      id: `${index}-${seed}`,
      role: "arm",
      arm,
      seed,
      dataset: { name: "shapes", train: 6400, validation: 1000, test: 2000, augment: ["crop", "flip"] },
      model: "cnn-small",
      optimizer: { name: "sgd", momentum: 0.9, nesterov: true, weight_decay: 5e-4, clip_norm: null },
      schedule: { name: index === 0 ? "constant" : "multistep", lr: rateOf(index, 0) },
      batch_size: 64,
      total_steps: steps,
      steps_per_epoch: stepsPerEpoch,
      eval_every: every,
      read_test: true,
    },
    provenance: {
      at: "2026-11-22T15:00:00.000Z",
      device: DEVICE,
      data_digest: "0f".repeat(32),
      commit: null,
      versions: {},
    },
    events,
  };
}

function evaluation(step: number, stepsPerEpoch: number, level: number, noise: number) {
  return {
    kind: "eval",
    step,
    epoch: step / stepsPerEpoch,
    split: "validation",
    loss: level + 0.05,
    accuracy: Math.min(0.99, Math.max(0.1, 1.02 - 0.36 * level + 0.006 * noise)),
  } as const;
}

function runSummary({ plan, events }: RunRecord): RunSummary {
  const end = events.at(-1)!;
  const held = events.filter((event) => event.kind === "eval" && event.split === "validation");
  const final = held.at(-1);
  const test = events.find((event) => event.kind === "eval" && event.split === "test");
  const losses = events.flatMap((event) => event.kind === "step" ? [event.loss] : []);
  const tail = losses.slice(-Math.ceil(losses.length / 10));
  const diverged = end.kind === "ended" && end.reason === "diverged";
  const reached = held.find((event) => event.kind === "eval" && event.accuracy >= TARGET);
  return {
    seed: plan.seed,
    steps: end.step,
    diverged,
    reason: end.kind === "ended" ? end.reason : "stopped",
    detail: end.kind === "ended" ? end.detail : null,
    ms_per_step: end.kind === "ended" ? end.ms_per_step : null,
    steps_to_target: reached?.step ?? null,
    final: {
      validation_accuracy: final?.kind === "eval" ? final.accuracy : null,
      validation_loss: final?.kind === "eval" ? final.loss : null,
      test_accuracy: test?.kind === "eval" ? test.accuracy : null,
      test_loss: test?.kind === "eval" ? test.loss : null,
      training_loss: diverged ? null : tail.reduce((sum, loss) => sum + loss, 0) / tail.length,
    },
  };
}

/** Validation accuracy that steps to target asks for. */
export const TARGET = 0.62;

const METRICS = {
  test_accuracy: (run: RunSummary) => run.final.test_accuracy,
  validation_accuracy: (run: RunSummary) => run.final.validation_accuracy,
  training_loss: (run: RunSummary) => run.final.training_loss,
  steps_to_target: (run: RunSummary) => run.steps_to_target,
};

function summaryOf(arms: readonly string[], runs: readonly RunSummary[][], complete: boolean): Summary {
  const comparisons = arms.slice(1).flatMap((arm, index) =>
    Object.entries(METRICS).map(([metric, of]): Comparison => {
      const values = (one: readonly RunSummary[]) => new Map(one.map((run) => [run.seed, of(run)]));
      const { uncorrected: interval_uncorrected, dropped: _, ...told } = pairedDifference(
        values(runs[index + 1]!),
        values(runs[0]!),
        { family: arms.length - 1 },
      );
      return { arm, against: arms[0]!, metric, ...told, interval_uncorrected };
    })
  );
  return {
    version: 2,
    name: "exercise 1 step decay",
    complete,
    dataset: { name: "shapes", train: 6400, validation: 1000, test: 2000, digest: "0f".repeat(32) },
    introduction:
      "A constant rate has to serve two ends: large enough to learn fast, small enough to settle. Step decay keeps " +
      "the tuned rate for the first third of the run, then cuts it three times.",
    model: "cnn-small",
    target: TARGET,
    device: DEVICE,
    provenance: {
      at: "2026-11-22T15:00:00.000Z",
      command: "deno task exercise 1 --profile quick --backend wasm",
      spec_digest: "a5".repeat(32),
      commit: "f524000",
      versions: { "lr-lab": "0.1.0", deno: "2.9.6", tfjs: "4.22.0" },
      jobs: 2,
      wall_s: 143.2,
    },
    arms: arms.map((name, index) => ({
      name,
      schedule: index === 0
        ? { name: "constant", lr: 0.05 }
        : { name: "multistep", lr: 0.05, gamma: 0.1, milestones: ["33.333%", "66.667%", "88.889%"] },
      runs: runs[index]!,
    })),
    tuning: arms.length === 0 ? [] : [0, 3].filter((index) => index < arms.length).map((index) => ({
      arm: arms[index]!,
      path: `arms[${index}].schedule.lr`,
      trials: [0.0125, 0.025, 0.05, 0.1, 0.4].map((value) => ({
        value,
        accuracy: value === 0.4 ? null : 0.7 - 0.06 * Math.log2(value / (index === 0 ? 0.05 : 0.1)) ** 2,
        diverged: value === 0.4 ? 1 : 0,
      })),
      chosen: index === 0 ? 0.05 : 0.1,
    })),
    comparisons,
    sweep: sweepSummary(arms[1] ?? "step"),
    answers: [
      {
        question:
          "Does cutting the rate to a tenth at each drop end at a better test accuracy than the constant rate?",
        hypothesis:
          "Yes: the smaller rate lets the weights settle below the noise that the constant rate keeps up.",
        verdict: { kind: "supported", effect: 9.84, interval: [8.2, 11.6], runs: 6 },
        text: "Test accuracy of step ×0.1 minus constant: +9.8 points [8.2, 11.6], 3 seeds.",
        unit: "points",
      },
      {
        question: "Does step decay converge faster?",
        hypothesis: "Yes: both are the same until the first drop, and the drop brings the gain at once.",
        verdict: {
          kind: "inconclusive",
          missing: "3 seeds leave [−90, 15] steps; about 7 would tell this from zero",
        },
        text: "Steps to the target: −38 steps (3 seeds; target: 62.0 % validation accuracy).",
        unit: "steps",
      },
      {
        question: "Challenge: how much do the milestones matter?",
        hypothesis: "Little: within 2 points of each other.",
        verdict: { kind: "contradicted", effect: -5.1, interval: [-6.3, -3.8], runs: 18 },
        text: "Early drops minus those of the exercise, averaged over the factors: −5.1 points (3 seeds).",
        unit: "points",
      },
    ],
  };
}
