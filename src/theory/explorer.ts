import { random } from "#lib/prng.ts";
import { buildSchedule } from "#schedules/registry.ts";
import type { ScheduleSpec } from "#schedules/schedule.ts";
import { type Noise, runChains } from "./chains.ts";
import { ratesOver } from "./convex_bound.ts";
import {
  type Landscape,
  type LandscapeMoments,
  landscapeMoments,
  type LandscapeName,
  landscapeOf,
  lossAt,
} from "./landscape.ts";
import { CONTEXT } from "./power.ts";
import type { NoisyQuadratic } from "./quadratic.ts";

/** The data of exercise 0 for its interactive page: plain data. */
export interface ExplorerData {
  readonly problem: NoisyQuadratic;
  readonly seed: number;
  /** Steps in a run. */
  readonly steps: number;
  /** The exercise's own schedules. */
  readonly schedules: readonly { readonly name: string; readonly schedule: ScheduleSpec }[];
}

/** Everything that has a slider or a choice. */
export interface ExplorerSettings {
  readonly landscape: LandscapeName;
  /** The steep direction. */
  readonly problem: NoisyQuadratic;
  readonly momentum: number;
  readonly schedule: ScheduleSpec;
}

/** A run: its rates, the exact moments, and one run that was sampled. */
export interface Exploration {
  readonly landscape: Landscape;
  readonly rates: Float64Array;
  readonly exact: LandscapeMoments;
  /** x, y and the loss before the first step and after each. */
  readonly sampled: { readonly x: Float64Array; readonly y: Float64Array; readonly loss: Float64Array };
  /** x of many other runs after so many steps, 1 or more. */
  runsAt(step: number): Float64Array;
}

export interface ExplorerOptions {
  readonly steps: number;
  /** Runs of a histogram. */
  readonly runs: number;
  readonly seed: number;
}

/**
 * Runs of SGD on a landscape for any settings. The noise is drawn once, so that settings that move a little move the
 * sampled runs a little, and nothing is drawn again.
 *
 * @returns a function that throws as `buildSchedule` does for a schedule that cannot be built.
 */
export function openExplorer(
  { steps, runs, seed }: ExplorerOptions,
): (given: ExplorerSettings) => Exploration {
  const drawn = (purpose: string, count: number) => recorded(random(seed, "explorer", purpose).normal, count);
  const [across, along] = [drawn("across", steps), drawn("along", steps)];
  const many = drawn("runs", steps * runs);
  const each = Array.from({ length: steps }, (_, step) => step + 1);
  return ({ landscape: name, problem, momentum, schedule }) => {
    const landscape = landscapeOf(name, problem);
    const { lr } = buildSchedule(schedule, { totalSteps: steps, stepsPerEpoch: steps }, CONTEXT);
    const rates = ratesOver(steps, lr);
    const arm = { rates, momentum };
    const x = pathOf(landscape.across, arm, each, across());
    const y = pathOf(landscape.along, arm, each, along());
    return {
      landscape,
      rates,
      exact: landscapeMoments(landscape, rates, momentum),
      sampled: { x, y, loss: x.map((at, step) => lossAt(landscape, at, y[step]!)) },
      runsAt: (step) => {
        const [found] = runChains(problem, [arm], { chains: runs, keep: [step], noise: many() });
        return found![0]!;
      },
    };
  };
}

/** x of one run before the first step and after each. */
function pathOf(
  problem: NoisyQuadratic,
  arm: { readonly rates: Float64Array; readonly momentum: number },
  keep: readonly number[],
  noise: Noise,
): Float64Array {
  const [states] = runChains(problem, [arm], { chains: 1, keep, noise });
  const path = new Float64Array(keep.length + 1);
  path[0] = problem.start;
  states!.forEach((x, step) => path[step + 1] = x[0]!);
  return path;
}

/** Draws that were made once, given out again from the first one on by each call. */
function recorded(source: Noise, count: number): () => Noise {
  const draws = new Float64Array(count);
  for (let index = 0; index < count; index++) draws[index] = source();
  return () => {
    let next = 0;
    return () => draws[next++]!;
  };
}

/** Warmup, a constant rate and a linear decay to zero, as shares of the run that sum to at most 1. */
export function rampedSchedule(
  { rate, warmup, decay }: { readonly rate: number; readonly warmup: number; readonly decay: number },
): ScheduleSpec {
  const percent = (share: number) => `${Math.round(100 * share)}%`;
  return { name: "wsd", lr: rate, warmup: percent(warmup), stable: "rest", decay: percent(decay) };
}
