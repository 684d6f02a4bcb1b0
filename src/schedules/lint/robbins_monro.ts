import type { ScheduleSpec } from "../schedule.ts";
import type { Rule } from "./finding.ts";
import { numberOf } from "./nodes.ts";

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
  switch (spec.name) {
    case "constant":
      return numberOf(spec, "lr") === 0 ? VANISHES : STAYS;
    case "step":
    case "exponential":
      return numberOf(spec, "gamma") !== null
        ? (numberOf(spec, "gamma")! < 1 ? VANISHES : STAYS)
        : numberOf(spec, "decay_rate")! > 0
        ? VANISHES
        : STAYS;
    case "multistep":
    case "aggressive_restart":
      return STAYS;
    case "cosine":
      return numberOf(spec, "eta_min") === 0 ? VANISHES : STAYS;
    case "linear":
    case "polynomial":
      if (spec.cycle === true) return null;
      return numberOf(spec, "end_lr") === 0 ? VANISHES : STAYS;
    case "wsd":
      return numberOf(spec, "min_ratio") === 0 ? VANISHES : STAYS;
    case "one_cycle":
      return STAYS;
    case "noam":
    case "inverse_sqrt":
      return ROOT;
    case "sgdr":
      return restarts(spec);
    case "cyclic":
      return numberOf(spec, "base_lr")! > 0 || (spec.mode ?? "triangular") === "triangular" ||
          (spec.mode === "exp_range" && numberOf(spec, "gamma") === 1)
        ? STAYS
        : VANISHES;
    case "warmup":
      return conditionsOf(spec.then as ScheduleSpec);
    case "scale":
      return numberOf(spec, "by") === 0 ? VANISHES : conditionsOf(spec.of as ScheduleSpec);
    case "sequence":
      return conditionsOf((spec.parts as { schedule: ScheduleSpec }[]).at(-1)!.schedule);
    default:
      return null;
  }
}

/** Cycle k has about m^k updates at d^k times the rate: sums of (dm)^k and (d²m)^k. */
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

/** What the two conditions say of the whole schedule; a finite run needs neither. */
export const robbinsMonro: Rule = ({ spec, path }) => {
  const found = path.length === 0 ? conditionsOf(spec) : null;
  if (found === null) return [];
  const says = (meets: boolean) => meets ? "meets" : "does not meet";
  return [{
    code: "robbins-monro",
    severity: "note",
    why: `Continued for ever, it ${says(found.sumDiverges)} the first condition (Σ η = ∞) and ` +
      `${
        says(found.squaresConverge)
      } the second (Σ η² < ∞): ${found.because}. A run of finite length needs neither.`,
    source: "learning-rate-schedules.md; Robbins and Monro, 1951",
    mend: null,
  }];
};
