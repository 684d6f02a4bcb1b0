import type { Conditions } from "./conditions.ts";
import { entry } from "./entry.ts";
import { py, type Style } from "./frameworks/python.ts";
import type { Given, Plain, Written } from "./param_types.ts";
import { durationOrZero, number, rate } from "./params.ts";
import type { Schedule } from "./schedule.ts";
import { check } from "./values.ts";

const COUNT = { min: 1, whole: true };
const PARAMS = {
  lr: rate("η_max, the bound on the rate"),
  amplitude: number("a, the rate per sequence of a batch at one token", "rate", { above: 0 }, 4),
  exponent: number("b, the power of the number of tokens", "1", { min: -2, below: 0 }, -0.51),
  batch_size: number("β, sequences in a step", "sequences", COUNT),
  sequence_length: number("tokens in a sequence", "tokens", COUNT),
  warmup: durationOrZero("w, the length of the linear rise from 0"),
};

/**
 * η(t) = min(η_max, β·a·n^b) with the tokens n = β·L·t seen before step t; for t < w the rate of step w times t/w.
 * t and w = `warmup` in steps, β = `batch_size`, L = `sequence_length`, a = `amplitude`, b = `exponent`.
 *
 * First value 0 (η_max without a warmup); it falls as t^b for ever and knows no length of the run, so that a run may be
 * continued. The paper ends it by a fall, which a `sequence` or a `product` with `wsd` of lr 1 adds.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { power } from "#schedules/power.ts";
 *
 * const rate = power({ lr: 0.02, amplitude: 1, exponent: -0.5, batch_size: 4, sequence_length: 25, warmup: 10 });
 * assert.deepEqual([rate(0), rate(5), rate(10)], [0, 0.01, 0.02]);
 * assert.equal(rate(1_000_000), 0.0004); // 4 · (100 · 10⁶)^−½
 * ```
 *
 * @throws {RangeError} unless `lr` and `amplitude` > 0, -2 <= `exponent` < 0, `batch_size` and `sequence_length` are whole
 * numbers >= 1 and `warmup` >= 0.
 * @see Shen et al., 2024, arXiv:2408.13359
 */
export function power(given: Given<typeof PARAMS>): Schedule {
  const v = check("power", PARAMS, given);
  const after: Schedule = (t) =>
    t === 0 ? v.lr : Math.min(v.lr, v.batch_size * v.amplitude * tokensOf(v, t) ** v.exponent);
  const top = after(v.warmup);
  return (t) => t < v.warmup ? top * (t / v.warmup) : after(t);
}

const tokensOf = (v: Pick<Plain<typeof PARAMS>, "batch_size" | "sequence_length">, t: number): number =>
  v.batch_size * v.sequence_length * t;

function body(v: Plain<typeof PARAMS>, { call, where }: Style): string[] {
  const tokens = `(${v.batch_size * v.sequence_length}.0 * ${call("maximum", "t", "1")})`;
  const fall = call(
    "minimum",
    py(v.lr),
    `${py(v.batch_size * v.amplitude)} * ${tokens} ** ${py(v.exponent)}`,
  );
  const after = v.warmup === 0 ? where("t < 1", py(v.lr), fall) : fall;
  const top = power({ ...v, warmup: 0 })(v.warmup);
  return [
    `after = ${after}`,
    `return ${v.warmup === 0 ? "after" : where(`t < ${v.warmup}`, `${py(top)} * t / ${v.warmup}`, "after")}`,
  ];
}

/** Σ t^b diverges for b >= −1, Σ t^2b converges for b < −1/2. */
const conditions = ({ exponent }: Written<typeof PARAMS>): Conditions => ({
  sumDiverges: exponent >= -1,
  squaresConverge: exponent < -0.5,
  because: `the rate falls as t^${exponent}`.replace("-", "−"),
});

export default entry({
  name: "power",
  summary: "Falls as a power of the tokens seen, in proportion to the batch, whatever the length of the run.",
  params: PARAMS,
  formula: "min(η_max, β·a·n^b), n = β·L·t",
  first: "0, or lr without warmup",
  last: "falls as t^b for ever",
  source: "Shen et al., 2024, arXiv:2408.13359 (a = 4, b = −0.51)",
  label: "power {amplitude} · {batch_size} · tokens^{exponent}, at most {lr}, warmup {warmup}",
  sample: { name: "power", lr: 0.02, batch_size: 128, sequence_length: 4096, warmup: "5%" },
  build: (values) => ({ lr: power(values) }),
  conditions,
  exports: { body: (v, { style }) => body(v, style) },
  lint: {
    warmupKey: "warmup",
    positiveStart: ({ spec }) => {
      const { update, ...own } = spec;
      const ramp = {
        name: "warmup",
        duration: spec.warmup,
        skip_zero: true,
        clock: "run",
        ramp_to: "joined",
      };
      return [{
        kind: "replace",
        schedule: { ...ramp, then: { ...own, warmup: "0 steps" }, ...(update !== undefined && { update }) },
      }];
    },
  },
});
