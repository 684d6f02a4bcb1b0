import type { AnyRule } from "./nodes.ts";

const short = (value: number) => Number(value.toPrecision(3));

/** Pitfall 2 of sgdr.md, and its opposite. A minimum of 0 is no ratio; `plan-and-run-differ` is about reaching it. */
export const rateRange: AnyRule = ({ entry, values }) => {
  const keys = entry.lint?.rateKeys;
  if (keys === undefined) return [];
  const [high, low] = keys.map((key) => values[key]);
  if (typeof high !== "number" || typeof low !== "number" || low === 0 || low >= high) return [];
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
      suggestion: `${keys[1]}: ${short(high / 1000)}`,
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
    suggestion: `${keys[1]}: ${short(high / 1000)}`,
  }];
};

/** A step with the rate 0 does nothing, but still moves momentum and statistics. */
export const firstRateZero: AnyRule = ({ entry, built, path }) => {
  if (path.length > 0 || built.lr(0) !== 0) return [];
  return [{
    code: "first-rate-zero",
    severity: "note",
    why: "The first step has the rate 0, so its batch is wasted.",
    source: "exercises.md, exercise 4; torch LinearLR and optax start at their init value too",
    suggestion: entry.lint?.positiveStart ?? "wrap it in a warmup with skip_zero: true, or start above 0",
  }];
};

/** A factor above 1 makes the rate grow. */
export const growingRate: AnyRule = ({ entry, values, built, length }) => {
  const key = entry.lint?.factorKey;
  const factor = key === undefined ? null : values[key];
  if (typeof factor !== "number" || factor <= 1) return [];
  return [{
    code: "growing-rate",
    severity: "warning",
    why: `A factor of ${factor} makes the rate grow, to ${
      short(built.lr(length - 1))
    } at the end of the run.`,
    source: "Robbins and Monro, 1951",
    suggestion: `${key}: ${short(1 / factor)}`,
  }];
};
