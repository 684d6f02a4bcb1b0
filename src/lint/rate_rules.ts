import type { Rule } from "./finding.ts";
import { stepsOf } from "./nodes.ts";
import { numberOf } from "#schedules/number_of.ts";

/** Pairs of keys for the largest and the smallest rate of a schedule. */
const ENDS: Readonly<Record<string, readonly [string, string]>> = {
  cosine: ["lr", "eta_min"],
  sgdr: ["lr", "eta_min"],
  adaptive_sgdr: ["lr", "eta_min"],
  cyclic: ["max_lr", "base_lr"],
  polynomial: ["lr", "end_lr"],
  linear: ["lr", "end_lr"],
};

const short = (value: number) => Number(value.toPrecision(3));

/** Pitfall 2 of sgdr.md, and its opposite. A minimum of 0 is no ratio; `plan-and-run-differ` is about reaching it. */
export const rateRange: Rule = ({ spec }) => {
  const keys = ENDS[spec.name];
  const [high, low] = (keys ?? []).map((key) => numberOf(spec, key)!);
  if (keys === undefined || high === undefined || !low || low >= high) return [];
  const ratio = high / low;
  if (ratio < 10 * (1 - 1e-9)) {
    return [{
      code: "rate-range-narrow",
      severity: "warning",
      why:
        `The largest rate is only ${
          short(ratio)
        } times the smallest, so the schedule is close to a constant; ` +
        `100 to 1000 times is usual.`,
      source: "sgdr.md, pitfall 2",
      mend: `${keys[1]}: ${short(high / 1000)}`,
    }];
  }
  if (ratio <= 1e6) return [];
  return [{
    code: "rate-range-wide",
    severity: "warning",
    why:
      `The largest rate is ${
        short(ratio)
      } times the smallest, so the last part of the descent changes nothing; ` +
      `100 to 1000 times is usual.`,
    source: "sgdr.md, setting eta_min and eta_max",
    mend: `${keys[1]}: ${short(high / 1000)}`,
  }];
};

/** A step with the rate 0 does nothing, but still moves momentum and statistics. */
export const firstRateZero: Rule = ({ spec, built, path }) => {
  if (path.length > 0 || built.lr(0) !== 0) return [];
  return [{
    code: "first-rate-zero",
    severity: "note",
    why: "The first step has the rate 0: its batch is spent without a step.",
    source: "exercises.md, exercise 4; torch LinearLR and optax start at their init value too",
    mend: spec.name === "warmup"
      ? "skip_zero: true"
      : "wrap it in a warmup with skip_zero: true, or start above 0",
  }];
};

/** A part of a sequence that starts far from where the part before it ended, without being a restart. */
export const jumpAtJoin: Rule = ({ spec, built, length }, shape) => {
  if (spec.name !== "sequence") return [];
  const parts = spec.parts as { for: string; schedule: { name: string; lr?: number } }[];
  let boundary = 0;
  return parts.slice(0, -1).flatMap((part, index) => {
    boundary += stepsOf({ name: "", for: part.for }, "for", shape)!;
    if (boundary >= length) return [];
    const [before, after] = [built.lr(boundary - 1), built.lr(boundary)];
    const own = Math.abs(before - built.lr(Math.max(0, boundary - 2)));
    const jump = Math.abs(after - before);
    // A step as large as the one before it is the slope of the curve, not a jump.
    if (jump <= 0.05 * Math.max(before, after) || jump <= 3 * own) return [];
    return [{
      code: "jump-at-join",
      severity: "warning" as const,
      why:
        `At step ${boundary} the rate jumps from ${short(before)} to ${short(after)}, because part ${
          index + 1
        } ` +
        `starts from its own first rate.`,
      source: "optax join_schedules and torch SequentialLR have the same trap",
      mend: `parts[${index + 1}].schedule.lr: ${short(before)}`,
    }];
  });
};

/** A factor above 1 makes the rate grow. */
export const growingRate: Rule = ({ spec, built, length }) => {
  const gamma = numberOf(spec, "gamma") ?? numberOf(spec, "lr_decay");
  if (gamma === null || gamma <= 1) return [];
  return [{
    code: "growing-rate",
    severity: "warning",
    why: `A factor of ${gamma} makes the rate grow, to ${short(built.lr(length - 1))} at the end of the run.`,
    source: "Robbins and Monro, 1951",
    mend: `${spec.gamma === undefined ? "lr_decay" : "gamma"}: ${short(1 / gamma)}`,
  }];
};

/** An accuracy that is watched as if it were a loss. */
export const metricAgainstMode: Rule = ({ spec }) => {
  if (spec.name !== "plateau") return [];
  const [metric, mode] = [spec.metric ?? "validation_loss", spec.mode ?? "min"];
  if ((metric === "validation_accuracy") === (mode === "max")) return [];
  return [{
    code: "metric-against-mode",
    severity: "warning",
    why: `${metric} improves ${
      mode === "min" ? "upwards" : "downwards"
    }, but mode is ${mode}: every improvement counts as bad.`,
    source: "torch ReduceLROnPlateau has the same trap",
    mend: `mode: ${mode === "min" ? "max" : "min"}`,
  }];
};
