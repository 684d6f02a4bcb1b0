import { holds } from "../case.ts";
import { type RateLog, sliced } from "../log.ts";
import { asFound } from "./curve.ts";
import { type Found, PLAIN } from "./found.ts";
import { smooth } from "./smooth.ts";

/** A descent that is not held at its end: a cosine as a wave, whose lowest point is its end. */
export function wave(log: RateLog): Found | null {
  const lowest = lowestOf(log);
  if (lowest === null) return null;
  const curve = smooth(sliced(log, 0, lowest + 1)) ?? smooth(sliced(log, 0, lowest));
  if (curve === null || curve.descent !== "cosine") return null;
  const found = asFound(curve);
  const start = curve.warmup + curve.stable;
  for (
    const length of new Set([
      curve.length,
      Math.round(curve.length),
      Math.round(curve.length) - 1,
      Math.round(curve.length) + 1,
    ])
  ) {
    const end = start + length;
    const rate = (step: number) => {
      if (step <= start) return found.rate(step);
      return curve.low + (curve.peak - curve.low) * (1 + Math.cos(Math.PI * (step - start) / length)) / 2;
    };
    if (!holds(log, rate)) continue;
    return { ...found, family: `${found.family}, rising again`, spec: null, rate, end, rises: true };
  }
  return null;
}

/** The index of the first lowest rate after the peak, where the rates rise again after it; else `null`. */
function lowestOf({ rates, tolerances }: RateLog): number | null {
  const top = rates.reduce((best, rate, i) => rate > rates[best]! ? i : best, 0);
  // A wave of several periods may have its highest point anywhere.
  let i = rates[0]! >= rates[1]!
    ? 0
    : rates.findIndex((rate, k) => k > 0 && rate > (rates[k + 1] ?? -Infinity));
  if (i < 0) i = top;
  while (i + 1 < rates.length && rates[i + 1]! <= rates[i]! + tolerances[i]!) i++;
  return i + 1 < rates.length && i > 3 ? i : null;
}

/** A cosine or polynomial that begins one step into itself: the log shows the next step's rates. */
export function shifted(log: RateLog): Found | null {
  if (log.rates[0]! < log.rates[1]! || log.steps[0] !== 0) return null;
  const curve = smooth({ ...log, steps: log.steps.map((step) => step + 1) });
  if (curve === null || curve.descent === "linear" || curve.warmup > 0) return null;
  const found = asFound(curve);
  return { ...found, ...PLAIN, end: found.end! - 1, rate: (step) => found.rate(step + 1), offset: 1 };
}
