import { vanishesIf } from "./conditions.ts";
import { cosineBetween } from "./curves.ts";
import { entry } from "./entry.ts";
import { type Rule, set } from "./finding.ts";
import type { FormulaWriter, Native } from "./frameworks/exports.ts";
import { transformersNative } from "./frameworks/native.ts";
import { optaxCosine, optaxJoin, optaxLine } from "./frameworks/optax.ts";
import type { Given, Plain } from "./param_types.ts";
import { choice, durationOrZero, number, rate } from "./params.ts";
import { py } from "./frameworks/python.ts";
import type { Schedule } from "./schedule.ts";
import { check } from "./values.ts";

const PARAMS = {
  lr: rate("rate of the stable phase"),
  warmup: durationOrZero("w, the length of the linear rise from 0"),
  stable: durationOrZero("s, the length of the stable phase"),
  decay: durationOrZero("d, the length of the fall"),
  decay_shape: choice("shape of the fall", ["linear", "cosine", "1-sqrt"]),
  min_ratio: number("the last rate as a fraction of lr", "fraction", { min: 0, max: 1 }, 0),
};

/**
 * Warmup, stable, decay: η(t) = η₀·t/w for t < w; η₀ up to w + s; then η₀·(r + (1 − r)·f(p)) with
 * p = (t − w − s)/d and f(p) = 1 − p (linear), (1 + cos(πp))/2 (cosine) or 1 − √p (1-sqrt); r = `min_ratio`;
 * t, w, s and d in steps.
 *
 * First value 0 (`lr` where w = 0), last r·η₀, reached at t = w + s + d, where it stays.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { wsd } from "#schedules/wsd.ts";
 *
 * const rate = wsd({ lr: 1, warmup: 10, stable: 70, decay: 20, min_ratio: 0.5 });
 * assert.deepEqual([rate(0), rate(5), rate(10), rate(79)], [0, 0.5, 1, 1]);
 * assert.deepEqual([rate(90), rate(100), rate(1000)], [0.75, 0.5, 0.5]);
 * ```
 *
 * @throws {RangeError} unless `lr` > 0, the three durations >= 0 and 0 <= `min_ratio` <= 1.
 * @see Hu et al., 2024, arXiv:2404.06395; transformers.get_wsd_schedule; Hägele et al., 2024, arXiv:2405.18392
 */
export function wsd(given: Given<typeof PARAMS>): Schedule {
  const { lr, warmup, stable, decay, decay_shape, min_ratio } = check("wsd", PARAMS, given);
  const fall = FALLS[decay_shape];
  return (t) => {
    if (t < warmup) return lr * (t / warmup);
    if (t < warmup + stable) return lr;
    const progress = decay === 0 ? 1 : Math.min(1, (t - warmup - stable) / decay);
    return lr * (min_ratio + (1 - min_ratio) * fall(progress));
  };
}

const FALLS = {
  linear: (progress: number) => 1 - progress,
  cosine: (progress: number) => cosineBetween(1, 0, progress),
  "1-sqrt": (progress: number) => 1 - Math.sqrt(progress),
};

function pieces(v: Plain<typeof PARAMS>, { style }: FormulaWriter): string[] {
  const { where, call } = style;
  const start = v.warmup + v.stable;
  const p = v.decay === 0
    ? where(`t < ${start}`, "0.0", "1.0")
    : call("minimum", `${call("maximum", `t - ${start}`, "0")} / ${v.decay}`, "1");
  const fall = {
    linear: "(1 - p)",
    cosine: `(1 + ${call("cos", "math.pi * p")}) / 2`,
    "1-sqrt": `(1 - ${call("sqrt", "p")})`,
  }[v.decay_shape];
  const value = v.min_ratio === 0
    ? `${py(v.lr)} * ${fall}`
    : `${py(v.lr)} * (${py(v.min_ratio)} + ${py(1 - v.min_ratio)} * ${fall})`;
  const rising = `${py(v.lr)} * t / ${v.warmup}`;
  return [`p = ${p}`, `return ${v.warmup === 0 ? value : where(`t < ${v.warmup}`, rising, value)}`];
}

function joined(
  { lr, warmup, stable, decay, decay_shape, min_ratio }: Plain<typeof PARAMS>,
): string | null {
  if (decay_shape === "1-sqrt" || decay === 0) return null;
  const low = lr * min_ratio;
  const fall = decay_shape === "linear" ? optaxLine(lr, low, decay) : optaxCosine(lr, low, decay);
  const phases = [
    { steps: warmup, code: optaxLine(0, lr, warmup) },
    { steps: stable, code: `optax.constant_schedule(${py(lr)})` },
  ].filter(({ steps }) => steps > 0);
  return optaxJoin([...phases.map(({ code }) => code), fall], phases.map(({ steps }) => steps));
}

/** transformers starts the warmup at the minimum ratio, not at 0. */
function wsdSchedule(v: Plain<typeof PARAMS>, ours: Schedule): Native {
  const rate: Schedule = (t) =>
    t < v.warmup ? v.lr * (v.min_ratio + (1 - v.min_ratio) * t / v.warmup) : ours(t);
  return transformersNative(
    "get_wsd_schedule",
    {
      num_warmup_steps: v.warmup,
      num_stable_steps: v.stable,
      num_decay_steps: v.decay,
      warmup_type: "linear",
      decay_type: v.decay_shape,
      min_lr_ratio: v.min_ratio,
    },
    v.lr,
    rate,
    "get_wsd_schedule starts its warmup at min_lr_ratio, not at 0",
  );
}

/** Without a fall the rate ends at its peak: the phase that gives the schedule its name is missing. */
const noDecay: Rule<typeof PARAMS> = ({ values: { decay, stable, min_ratio }, length, untilEnd }) => {
  if (decay > 0 || min_ratio === 1 || !untilEnd) return [];
  const fall = Math.max(1, Math.round(length / 5));
  return [{
    code: "never-decays",
    severity: "warning",
    why: "The fall has no step, so the run ends at the peak rate.",
    source: "Hägele et al., 2024, arXiv:2405.18392: a fall over 10 to 20 % of the run",
    mends: [set({ stable: `${Math.max(0, stable - fall)} steps`, decay: `${fall} steps` })],
  }];
};

export default entry({
  name: "wsd",
  summary: "A linear rise, a long stable phase and a short fall.",
  params: PARAMS,
  formula: "η₀·t/w, then η₀ for s, then η₀·(r + (1 − r)·f((t − w − s)/d))",
  first: "0, or lr without warmup",
  last: "min_ratio·lr, from w + s + d on",
  source: "Hu et al., 2024, arXiv:2404.06395; transformers get_wsd_schedule",
  label: "wsd {lr}: {warmup} up, {stable} stable, {decay} down ({decay_shape})",
  sample: { name: "wsd", lr: 0.001, warmup: "10%", stable: "70%", decay: "20%" },
  build: (values) => ({ lr: wsd(values) }),
  consecutive: ["warmup", "stable", "decay"],
  conditions: ({ min_ratio }) => vanishesIf(min_ratio === 0),
  exports: {
    body: pieces,
    optax: joined,
    natives: { transformers: (v, { ours }) => [wsdSchedule(v, ours)] },
  },
  lint: {
    warmupKey: "warmup",
    end: ({ warmup, stable, decay }) => ({
      key: "decay",
      others: ["stable"],
      steps: decay + warmup + stable,
    }),
    positiveStart: ({ spec }) => [{
      kind: "replace",
      schedule: {
        name: "warmup",
        duration: spec.warmup,
        skip_zero: true,
        then: { ...spec, warmup: "0 steps" },
      },
    }],
    rules: [noDecay],
  },
});
