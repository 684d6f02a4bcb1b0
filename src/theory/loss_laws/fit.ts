import { levenbergMarquardt } from "ml-levenberg-marquardt";
import type { LossLaw, Units } from "./laws.ts";
import { CHANGES, type Places, placesOf } from "./places.ts";

/** A recorded loss curve. */
export interface LossCurve {
  readonly name: string;
  /** The rate of every step. */
  readonly rates: Float64Array;
  /** Steps done at each point, ascending. */
  readonly steps: readonly number[];
  /** Above 0. */
  readonly losses: readonly number[];
}

/** A law fitted to curves. */
export interface LawFit {
  readonly law: LossLaw;
  /** Of `law.parameters`. */
  readonly parameters: readonly number[];
  /** As the fit moves them, and in which units. */
  readonly free: readonly number[];
  readonly units: Units;
  /** Sum over all points of Huber's loss of ln(recorded) − ln(law). */
  readonly huber: number;
}

/** Residuals of ln(loss) beyond this count by their size, not by its square: that of both papers. */
export const HUBER_DELTA = 1e-3;
/** A fit ends after so many steps in a row that improve it by less than a small share, or when no step does. */
const [MOST_STEPS, PATIENCE, SMALL, MOST_DAMPING] = [200, 3, 1e-4, 1e6];

/**
 * The parameters with the smallest Huber loss of ln(loss), found from several starts: Levenberg–Marquardt with the weights
 * of residuals set anew (iteratively reweighted least squares).
 *
 * @param from free parameters to begin at; all starts of the law if not given.
 * @throws {RangeError} where there are fewer points than parameters, or a loss is not above 0.
 */
export function fitLaw(
  law: LossLaw,
  curves: readonly LossCurve[],
  from: readonly number[] | null = null,
): LawFit {
  const logs = curves.flatMap(({ name, losses }) =>
    losses.map((loss) => {
      if (loss > 0 && Number.isFinite(loss)) return Math.log(loss);
      throw new RangeError(`Cannot fit a law to a loss of ${loss} (${name}): it must be above 0`);
    })
  );
  if (logs.length <= law.parameters.length) {
    throw new RangeError(`Cannot fit ${law.parameters.length} parameters to ${logs.length} points`);
  }
  const units = {
    rate: curves.reduce((peak, { rates }) => rates.reduce((a, b) => Math.max(a, b), peak), 0),
    steps: curves.reduce((longest, { rates }) => Math.max(longest, rates.length), 0),
  };
  const places = curves.map(({ rates, steps }) => placesOf(rates, steps, CHANGES.fit));
  const lowest = Math.exp(Math.min(...logs));
  const limits = law.bounds.map((bound, index) =>
    bound.map((value) => Math.log(index === 0 ? value * lowest : value))
  );
  const starts = from === null
    ? law.starts.map((start) => start.map((value, index) => Math.log(index === 0 ? value * lowest : value)))
    : [from];
  const fits = starts.map((start) => descend({ law, places, logs, units, limits }, start));
  const { free, huber } = fits.reduce((best, each) => each.huber < best.huber ? each : best);
  return { law, parameters: law.fromFree(free, units), free, units, huber };
}

interface Problem {
  readonly law: LossLaw;
  readonly places: readonly Places[];
  readonly logs: readonly number[];
  readonly units: Units;
  readonly limits: readonly (readonly number[])[];
}

/**
 * One step of the library at a time, since it goes on from a step that made things worse: such a step is taken back here, and
 * the damping raised. Weights of residuals follow each step.
 */
function descend(problem: Problem, start: readonly number[]): { free: readonly number[]; huber: number } {
  let best = { free: start, huber: huberOf(residuals(problem, start)) };
  let damping = 1e-2;
  let settled = 0;
  for (let step = 0; step < MOST_STEPS && settled < PATIENCE && damping < MOST_DAMPING; step++) {
    const free = stepFrom(problem, best.free, damping);
    const huber = huberOf(residuals(problem, free));
    if (!(huber < best.huber)) {
      damping *= 8;
      continue;
    }
    settled = best.huber - huber < SMALL * best.huber ? settled + 1 : 0;
    best = { free, huber };
    damping = Math.max(damping / 4, 1e-7);
  }
  return best;
}

/** Free parameters after one damped Gauss–Newton step; the same where it does not help. */
function stepFrom(problem: Problem, free: readonly number[], damping: number): readonly number[] {
  const { logs, limits } = problem;
  // Squares of residuals times these bound Huber's loss from above. Points are scaled by them: the library's own weights
  // scale gradient and Hessian in different directions.
  const weights = residuals(problem, free).map((value) =>
    Math.sqrt(Math.min(1, HUBER_DELTA / Math.abs(value)))
  );
  const curve = (values: readonly number[]) => {
    const predicted = predictedLogs(problem, values);
    return (point: number) => weights[point]! * predicted[point]!;
  };
  const y = logs.map((log, point) => weights[point]! * log);
  return levenbergMarquardt({ x: logs.map((_, point) => point), y }, curve, {
    initialValues: free,
    minValues: limits.map(([low]) => low!),
    maxValues: limits.map(([, high]) => high!),
    damping,
    gradientDifference: 1e-6,
    maxIterations: 1,
    errorTolerance: 1e-14,
  }).parameterValues;
}

function predictedLogs({ law, places, units }: Problem, free: readonly number[]): number[] {
  const parameters = law.fromFree(free, units);
  // A law may fall below 0 on the way to its parameters.
  return places.flatMap((each) =>
    Array.from(law.predict(parameters, each), (loss) => Math.log(Math.max(loss, 1e-10)))
  );
}

function residuals(problem: Problem, free: readonly number[]): number[] {
  const predicted = predictedLogs(problem, free);
  return problem.logs.map((log, point) => log - predicted[point]!);
}

function huberOf(values: readonly number[]): number {
  return values.reduce((sum, value) => {
    const size = Math.abs(value);
    return sum + (size < HUBER_DELTA ? size * size / 2 : HUBER_DELTA * (size - HUBER_DELTA / 2));
  }, 0);
}
