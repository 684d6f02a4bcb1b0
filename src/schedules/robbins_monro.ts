import { numberOf } from "./number_of.ts";
import type { ScheduleSpec } from "./schedule.ts";

/** Whether the rates of an endless run sum to infinity, and their squares to something finite. */
export interface Conditions {
  readonly sumDiverges: boolean;
  readonly squaresConverge: boolean;
  readonly because: string;
}

const STAYS: Conditions = {
  sumDiverges: true,
  squaresConverge: false,
  because: "the rate never falls below a positive bound for good",
};
const VANISHES: Conditions = {
  sumDiverges: false,
  squaresConverge: true,
  because: "the rate falls to 0 so fast that a start too far from the optimum is never made up for",
};
const ROOT: Conditions = {
  sumDiverges: true,
  squaresConverge: false,
  because: "the squares of 1/√t are 1/t, whose sum diverges, although a seed says otherwise",
};

/**
 * Robbins and Monro's two conditions for convergence, Σ η = ∞ and Σ η² < ∞, for the family of a schedule continued
 * for ever; `null` where they depend on what is measured, or on a module.
 */
export function conditionsOf(spec: ScheduleSpec): Conditions | null {
  return FAMILIES[spec.name]?.(spec) ?? null;
}

const vanishesIf = (vanishes: boolean): Conditions => vanishes ? VANISHES : STAYS;
const vanishesAt = (key: string) => (spec: ScheduleSpec) => vanishesIf(numberOf(spec, key) === 0);

/** A schedule that is not here has no answer of its own. */
const FAMILIES: Readonly<Record<string, (spec: ScheduleSpec) => Conditions | null>> = {
  constant: vanishesAt("lr"),
  step: decays,
  exponential: decays,
  multistep: () => STAYS,
  aggressive_restart: () => STAYS,
  one_cycle: () => STAYS,
  cosine: vanishesAt("eta_min"),
  linear: vanishesAt("end_lr"),
  polynomial: (spec) => spec.cycle === true ? null : vanishesAt("end_lr")(spec),
  wsd: vanishesAt("min_ratio"),
  noam: () => ROOT,
  inverse_sqrt: () => ROOT,
  sgdr: restarts,
  cyclic: (spec) => {
    const shrinks = spec.mode === "triangular2" ||
      (spec.mode === "exp_range" && numberOf(spec, "gamma")! < 1);
    return vanishesIf(shrinks && numberOf(spec, "base_lr") === 0);
  },
  warmup: (spec) => conditionsOf(spec.then as ScheduleSpec),
  scale: (spec) => numberOf(spec, "by") === 0 ? VANISHES : conditionsOf(spec.of as ScheduleSpec),
  sequence: (spec) => conditionsOf((spec.parts as { schedule: ScheduleSpec }[]).at(-1)!.schedule),
};

function decays(spec: ScheduleSpec): Conditions {
  const gamma = numberOf(spec, "gamma");
  return vanishesIf(gamma !== null ? gamma < 1 : numberOf(spec, "decay_rate")! > 0);
}

/** Cycle k has about m^k steps at d^k times the rate: sums of (dm)^k and (d²m)^k. */
function restarts(spec: ScheduleSpec): Conditions {
  const [m, d] = [numberOf(spec, "T_mult")!, numberOf(spec, "lr_decay")!];
  if (numberOf(spec, "cycle_limit") !== null) return numberOf(spec, "eta_min") === 0 ? VANISHES : STAYS;
  if (d * m < 1) return VANISHES;
  if (d === 1) return STAYS;
  if (d * d * m >= 1) return { ...STAYS, because: "lr_decay² × T_mult is 1 or more" };
  return {
    sumDiverges: true,
    squaresConverge: true,
    because: "lr_decay × T_mult is 1 or more, but lr_decay² × T_mult is not",
  };
}
