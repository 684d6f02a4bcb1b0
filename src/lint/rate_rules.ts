import { set } from "#schedules/finding.ts";
import { rounded } from "#lib/numbers.ts";
import type { AnyRule } from "./nodes.ts";

/** Pitfall 2 of sgdr.md, and its opposite. A minimum of 0 is no ratio; `plan-and-run-differ` is about reaching it. */
export const rateRange: AnyRule = ({ entry, values }) => {
  const keys = entry.lint?.rateKeys;
  if (keys === undefined) return [];
  const [high, low] = keys.map((key) => values[key]);
  if (typeof high !== "number" || typeof low !== "number" || low === 0 || low > high) return [];
  const ratio = high / low;
  const suggestions = [set({ [keys[1]]: rounded(high / 1000) })];
  if (ratio < 10 * (1 - 1e-9)) {
    const times = ratio === 1
      ? "The largest rate is the smallest, so the schedule is a constant"
      : `The largest rate is only ${
        rounded(ratio)
      } times the smallest, so the schedule is close to a constant`;
    return [{
      code: "rate-range-narrow",
      severity: "warning",
      why: `${times}; 100 to 1000 times is usual.`,
      source: "sgdr.md, pitfall 2",
      suggestions,
    }];
  }
  if (ratio <= 1e6) return [];
  return [{
    code: "rate-range-wide",
    severity: "warning",
    why: `The largest rate is ${
      rounded(ratio)
    } times the smallest, so the last part of the descent changes nothing; 100 to 1000 times is usual.`,
    source: "sgdr.md, setting eta_min and eta_max",
    suggestions,
  }];
};

/** Steps of rate 0 that are no more than this share of a ramp, or of the run, are not worth a word. */
const NOTHING = 1 / 500;

/** Steps that are looked at one by one. */
const LOOKED_AT = 1_000_000;

/** Steps of rate 0 at the start; of a long run without another rate among so many, all. */
function leadingZeros(lr: (step: number) => number, length: number): number {
  const most = Math.min(length, LOOKED_AT);
  for (let step = 1; step < most; step++) if (lr(step) !== 0) return step;
  const later = Array.from({ length: 1000 }, (_, k) => Math.floor(k * length / 1000));
  return later.find((step) => lr(step) !== 0) ?? length;
}

/** Steps with the rate 0 do nothing, but still move momentum and statistics. */
export const firstRateZero: AnyRule = (node) => {
  const { entry, built, path, length, values } = node;
  if (path.length > 0 || built.lr(0) !== 0) return [];
  const zeros = leadingZeros(built.lr, length);
  if (zeros === length) {
    return [{
      code: "rate-zero",
      severity: "warning",
      why: "The rate is 0 for the whole run: nothing is learned.",
      source: "exercises.md, exercise 4",
      suggestions: [],
    }];
  }
  const ramp = entry.lint?.warmupKey === undefined ? length : values[entry.lint.warmupKey] as number;
  if (zeros === 1 && 1 / ramp < NOTHING) return [];
  return [{
    code: "first-rate-zero",
    severity: zeros > 1 ? "warning" : "note",
    why: zeros > 1
      ? `The first ${zeros} steps have the rate 0, so their batches are wasted.`
      : "The first step has the rate 0, so its batch is wasted.",
    source: "exercises.md, exercise 4; torch LinearLR and optax start at their init value too",
    suggestions: [
      ...(node.spec.update === "epoch" ? [set({ update: "step" })] : []),
      ...entry.lint?.positiveStart?.(node) ?? [],
    ],
  }];
};

/** A factor above 1 makes the rate grow; one of 1, where a factor is all there is, leaves it as it is. */
export const growingRate: AnyRule = ({ entry, spec, values, built, length }) => {
  const key = entry.lint?.factorKey;
  const factor = key === undefined ? null : values[key];
  if (key === undefined || typeof factor !== "number" || factor < 1) return [];
  if (factor === 1) {
    if (spec[key] === undefined || entry.params[key]?.default === 1) return [];
    return [{
      code: "never-decays",
      severity: "warning",
      why: `A factor of 1 changes nothing: the rate stays at ${rounded(built.lr(0))}.`,
      source: "Robbins and Monro, 1951",
      suggestions: [set({ [key]: 0.1 }), set({ [key]: 0.5 }), set({ [key]: 0.95 }), set({ [key]: 0.999 })],
    }];
  }
  return [{
    code: "growing-rate",
    severity: "warning",
    why: `A factor of ${factor} makes the rate grow, to ${
      rounded(built.lr(length - 1))
    } at the end of the run.`,
    source: "Robbins and Monro, 1951",
    suggestions: [set({ [key]: rounded(1 / factor) }), set({ [key]: 0.999 })],
  }];
};
