import { isNear } from "../case.ts";
import type { RateLog } from "../log.ts";
import { type Found, inSteps, PLAIN, plain } from "./found.ts";

/** A drop: it comes after one logged step and not later than the next. */
interface Drop {
  readonly after: number;
  readonly until: number;
  readonly factor: number;
}

/** Points that a stair must hold on average, so that a smooth curve is not taken for one. */
const POINTS_A_STAIR = 2.5;
/** Factors of one stair differ by no more. */
const SAME = 0.01;

/** The rate as it is at every step. */
export function constant(log: RateLog): Found | null {
  const [rate] = log.rates;
  if (rate === undefined || !log.rates.every((_, i) => isNear(log, i, rate))) return null;
  const lr = plain(rate);
  return {
    ...PLAIN,
    family: "constant",
    spec: lr > 0 ? { name: "constant", lr } : null,
    rate: () => rate,
    parameters: { lr },
  };
}

/** Drops by one factor, at equal distances or not; a plateau's drops look like these. */
export function stairs(log: RateLog, stepsPerEpoch: number | null): Found | null {
  const drops = dropsOf(log);
  if (drops.length === 0 || log.steps.length < POINTS_A_STAIR * (drops.length + 1)) return null;
  const gamma = drops.reduce((most, { factor }) => Math.max(most, factor), 0);
  // Two drops between two logged steps show as one of the factor's square.
  const powers = drops.map(({ factor }) => Math.log(factor) / Math.log(gamma));
  if (!(gamma < 1) || powers.some((power) => Math.abs(power - Math.round(power)) > SAME * 4)) return null;
  if (powers.some((power) => Math.round(power) > 3)) return null;
  const lr = plain(log.rates[0]!);
  const factor = plain(gamma, 1e-4);
  const [first] = drops as [Drop];
  const rounds = [stepsPerEpoch ?? 1, 1000, 500, 100, 50, 10, 5].filter((round) => round > 1);
  const size = drops.length >= 2 || log.steps.at(-1)! < 2 * first.until ? stairSize(drops, rounds) : null;
  if (size !== null && powers.every((power) => Math.round(power) === 1)) {
    return {
      ...PLAIN,
      family: "step",
      spec: { name: "step", lr, step_size: inSteps(size), gamma: factor },
      rate: (step) => lr * factor ** Math.floor(step / size),
      parameters: { lr, step_size: size, gamma: factor },
    };
  }
  const milestones = drops.flatMap((drop, i) =>
    new Array<number>(Math.max(1, Math.round(powers[i]!))).fill(roundest(drop, rounds))
  );
  return {
    ...PLAIN,
    family: "multistep",
    spec: { name: "multistep", lr, milestones: milestones.map(inSteps), gamma: factor },
    rate: (step) => lr * factor ** milestones.filter((milestone) => milestone <= step).length,
    parameters: { lr, gamma: factor, drops: milestones.length, first_drop: milestones[0]! },
  };
}

function dropsOf({ steps, rates, tolerances }: RateLog): Drop[] {
  const drops: Drop[] = [];
  for (let i = 1; i < rates.length; i++) {
    if (Math.abs(rates[i]! - rates[i - 1]!) <= tolerances[i]! + tolerances[i - 1]!) continue;
    drops.push({ after: steps[i - 1]!, until: steps[i]!, factor: rates[i]! / rates[i - 1]! });
    if (drops.length * POINTS_A_STAIR > rates.length) return [];
  }
  return drops.some(({ factor }) => !(factor > 0 && factor < 1)) ? [] : drops;
}

/** The roundest s whose multiples give each drop in turn; `null` where none does. */
function stairSize(drops: readonly Drop[], rounds: readonly number[]): number | null {
  let [low, high] = [0, Infinity];
  for (const [index, { after, until }] of drops.entries()) {
    low = Math.max(low, Math.floor(after / (index + 1)) + 1);
    high = Math.min(high, Math.floor(until / (index + 1)));
  }
  return low > high ? null : roundest({ after: low - 1, until: high }, rounds);
}

/** The step in a stretch that somebody would write, by what it is a multiple of. */
function roundest({ after, until }: Pick<Drop, "after" | "until">, rounds: readonly number[]): number {
  for (const round of rounds) {
    const last = Math.floor(until / round) * round;
    if (last > after) return last;
  }
  return until;
}
