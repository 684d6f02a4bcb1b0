import type { Figure, LoggedSeries } from "./model.ts";
import type { Better } from "./metric_kind.ts";

/**
 * A run's figure of a metric; `null` where the series has no finite value to read it from.
 *
 * - `final`: the last value.
 * - `best`: the highest or lowest finite value.
 * - `auc`: area under the curve over the steps from `from` to `to` by trapezia, divided by their number, so that it has
 *   the metric's own unit: the mean over training. Values that are not finite are left out.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { figureOf } from "#study/logged_runs/figure.ts";
 *
 * const series = { steps: [0, 10, 20], values: [0, 0.8, 0.7], unit: "step" } as const;
 * const options = { better: "higher", from: 0, to: 20 } as const;
 * assert.equal(figureOf(series, "final", options), 0.7);
 * assert.equal(figureOf(series, "best", options), 0.8);
 * assert.equal(figureOf(series, "auc", options)!.toFixed(3), "0.575");
 * ```
 */
export function figureOf(
  { steps, values }: LoggedSeries,
  figure: Figure,
  { better, from, to }: { readonly better: Better; readonly from: number; readonly to: number },
): number | null {
  switch (figure) {
    case "final": {
      const last = values[values.length - 1];
      return last !== undefined && Number.isFinite(last) ? last : null;
    }
    case "best":
      return bestOf(values, better);
    case "auc":
      return meanOver(steps, values, from, to);
  }
}

function bestOf(values: ArrayLike<number>, better: Better): number | null {
  let best: number | null = null;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (Number.isFinite(value) && (best === null || (better === "higher" ? value > best : value < best))) {
      best = value;
    }
  }
  return best;
}

/** Trapezia between the finite points, cut at both ends by interpolation. */
function meanOver(
  steps: ArrayLike<number>,
  values: ArrayLike<number>,
  from: number,
  to: number,
): number | null {
  let [area, covered, last] = [0, 0, -1];
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i]!)) continue;
    if (last >= 0) {
      const [x0, x1, y0, y1] = [steps[last]!, steps[i]!, values[last]!, values[i]!];
      const [left, right] = [Math.max(from, x0), Math.min(to, x1)];
      const at = (x: number) => y0 + (y1 - y0) * (x - x0) / (x1 - x0);
      if (right > left) {
        area += (right - left) * (at(left) + at(right)) / 2;
        covered += right - left;
      }
    }
    last = i;
  }
  if (covered > 0) return area / covered;
  return last >= 0 && from === to ? values[last]! : null;
}
