import { type Conditions, measureConditions } from "./conditions.ts";
import {
  type EndRatio,
  measureTrajectories,
  type Trajectory,
  type TrajectorySettings,
} from "./trajectories.ts";
import { type Distribution, type DistributionSettings, measureDistribution } from "./distributions.ts";
import { type Floor, type FloorSettings, measureFloors } from "./floors.ts";
import type { NoisyQuadratic } from "./quadratic.ts";

/** Settings of exercise 0's simulations. */
export interface StudySettings {
  readonly problem: NoisyQuadratic;
  readonly floors: readonly FloorSettings[];
  readonly distributions: readonly DistributionSettings[];
  readonly trajectories: readonly TrajectorySettings[];
  /** Trajectories are 2^`trajectoryDoublings` steps long; sums of rates continue to 2^`sumDoublings`. */
  readonly trajectoryDoublings: number;
  readonly sumDoublings: number;
  /** Trajectories whose ends are compared: the first one's error over the second one's. */
  readonly pairs: readonly (readonly [string, string])[];
  readonly chains: { readonly floors: number; readonly distributions: number; readonly trajectories: number };
}

/** Everything that the report shows, as plain data. */
export interface Study {
  readonly problem: NoisyQuadratic;
  readonly seed: number;
  readonly chains: StudySettings["chains"];
  readonly trajectorySteps: number;
  readonly floors: readonly Floor[];
  readonly distributions: readonly Distribution[];
  readonly conditions: readonly Conditions[];
  readonly trajectories: readonly Trajectory[];
  readonly ends: readonly EndRatio[];
}

/** Simulates all of it; the same seed gives the same figures on every machine whose `Math.log`, `cos` and `sin` agree. */
export function runStudy(settings: StudySettings, seed: number): Study {
  const { problem, chains, trajectoryDoublings: doublings } = settings;
  const run = { totalSteps: 2 ** doublings, stepsPerEpoch: 2 ** doublings };
  const schedules = settings.trajectories.filter(({ averageFrom }) => averageFrom === undefined);
  return {
    problem,
    seed,
    chains,
    trajectorySteps: run.totalSteps,
    floors: measureFloors(problem, settings.floors, { chains: chains.floors, seed }),
    distributions: settings.distributions.map((setting) =>
      measureDistribution(problem, setting, { chains: chains.distributions, seed })
    ),
    conditions: schedules.map((setting) => measureConditions(setting, run, settings.sumDoublings)),
    ...measureTrajectories(problem, settings.trajectories, {
      chains: chains.trajectories,
      seed,
      doublings,
      pairs: settings.pairs,
    }),
  };
}
