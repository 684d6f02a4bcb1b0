import { lateRate, neverStepped, nextRate, tooFast, tooSlow } from "./clock.ts";
import type { Defect } from "./entry.ts";
import { endsBeforeRun, minimumNotReached, risesPastEnd, warmupMisplaced } from "./lengths.ts";
import { plateauNeverFired, plateauOnNoise } from "./plateau.ts";
import { resumedAtWrongStep, resumedFromStart } from "./resumes.ts";
import { perEpochNotPerStep, perStepNotPerEpoch } from "./units.ts";
import { belowZero, rateScaled } from "./values.ts";

/** Every defect that the audit names, those that explain a log with the fewest numbers first. */
export const DEFECTS: readonly Defect[] = [
  belowZero,
  plateauNeverFired,
  plateauOnNoise,
  neverStepped,
  nextRate,
  lateRate,
  rateScaled,
  perEpochNotPerStep,
  perStepNotPerEpoch,
  tooFast,
  tooSlow,
  warmupMisplaced,
  risesPastEnd,
  endsBeforeRun,
  minimumNotReached,
  resumedFromStart,
  resumedAtWrongStep,
];
