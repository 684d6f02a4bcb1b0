import { combine } from "./compose.ts";
import { cosineBetween, lineBetween } from "./curves.ts";
import { cyclePosition } from "./cycles.ts";
import { entry } from "./entry.ts";
import { type Rule, set } from "./finding.ts";
import type { FormulaWriter, Native, NativeRun, OptaxWriter } from "./frameworks/exports.ts";
import { optaxJoin, optaxLine } from "./frameworks/optax.ts";
import type { Given, Plain } from "./param_types.ts";
import { boolean, choice, durationOrZero, rateOrZero, schedule } from "./params.ts";
import { kwargs, linearIn, py, since } from "./frameworks/python.ts";
import type { BuiltSchedule, Schedule } from "./schedule.ts";
import { check, ParameterError } from "./values.ts";

const PARAMS = {
  duration: durationOrZero("W, the length of the ramp"),
  shape: choice("shape of the ramp", ["linear", "exponential", "cosine"]),
  from: rateOrZero("rate at which the ramp starts", 0),
  skip_zero: boolean(
    "start one step up the ramp, at 1/(W + 1) of the way, so that the first rate is not 0",
    false,
  ),
  then: schedule("the schedule after the ramp; it starts at its own step 0 when the ramp ends"),
};

/**
 * A ramp from `from` to the wrapped schedule's first value η₁ over W = `duration` steps, with p = t/W, or
 * (t + 1)/(W + 1) with `skip_zero`: from + (η₁ − from)·p (linear), from^(1 − p)·η₁^p (exponential) or
 * from + (η₁ − from)·(1 − cos(πp))/2 (cosine). From t = W on, the wrapped schedule at t − W.
 *
 * First value `from` (the origin that torch's LinearLR and optax choose), or one step above it with `skip_zero`.
 * Momentum holds the wrapped schedule's first value during the ramp; the ramp counts to the wrapped schedule's cycle 0.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { warmup } from "#schedules/warmup.ts";
 * import { buildSchedule } from "#schedules/registry.ts";
 *
 * const then = buildSchedule(
 *   { name: "linear", lr: 1, duration: "20 steps" },
 *   { totalSteps: 100, stepsPerEpoch: 10 },
 * );
 * const { lr } = warmup({ duration: 10, then });
 * assert.deepEqual([lr(0), lr(5), lr(10), lr(20), lr(30)], [0, 0.5, 1, 0.5, 0]);
 * ```
 *
 * @throws {RangeError} unless `duration` >= 0, `from` >= 0, and for `exponential` both ends of the ramp are > 0.
 * @see Goyal et al., 2017, arXiv:1706.02677; Gotmare et al., 2018, arXiv:1810.13243
 */
export function warmup(given: Given<typeof PARAMS>): BuiltSchedule {
  const { duration, shape, from, skip_zero, then } = check("warmup", PARAMS, given);
  if (shape === "exponential" && duration > 0 && from === 0) {
    throw new ParameterError(
      "warmup",
      "from",
      "> 0 with shape exponential (a geometric ramp never leaves 0)",
      from,
    );
  }
  const ramp = RAMPS[shape];
  const progress = skip_zero ? (t: number) => (t + 1) / (duration + 1) : (t: number) => t / duration;
  const { momentum } = then;
  return {
    ...combine([then], {
      rates: ([rate]) => {
        const target = rate!(0);
        return (t) => t < duration ? ramp(from, target, progress(t)) : rate!(t - duration);
      },
      cycles: ([cycles]) =>
        cycles === null ? null : (t) => {
          const { cycle, position, length } = cycles!(Math.max(0, t - duration));
          return cycle > 0 ? cyclePosition(cycle, position, length) : cyclePosition(0, t, duration + length);
        },
      local: (_, step) => step < duration ? null : step - duration,
    }),
    momentum: momentum === null ? null : delayed(momentum, duration),
  };
}

const delayed = (schedule: Schedule, by: number): Schedule => (t) => schedule(Math.max(0, t - by));

const RAMPS = {
  linear: lineBetween,
  cosine: cosineBetween,
  exponential: (from: number, to: number, progress: number) => from ** (1 - progress) * to ** progress,
};

function rampThen(v: Plain<typeof PARAMS>, writer: FormulaWriter): string[] {
  const { style } = writer;
  const after = `${writer.schedule(v.then)}(${since(v.duration, style)})`;
  if (v.duration === 0) return [`return ${after}`];
  const target = writer.firstRate(v.then);
  // Past the ramp p stays: a geometric ramp that continued would overflow.
  const p = style.call("minimum", v.skip_zero ? `(t + 1) / ${v.duration + 1}` : `t / ${v.duration}`, "1");
  const ramp = {
    linear: linearIn(v.from, target - v.from, "p"),
    cosine: linearIn(v.from, target - v.from, `(1 - ${style.call("cos", "math.pi * p")}) / 2`),
    exponential: `${py(v.from)} ** (1 - p) * ${py(target)} ** p`,
  }[v.shape];
  return [
    `p = ${p}`,
    `ramp = ${ramp}`,
    `return ${style.where(`t < ${v.duration}`, "ramp", after)}`,
  ];
}

function joined(v: Plain<typeof PARAMS>, writer: OptaxWriter): string | null {
  if (v.duration === 0) return writer.schedule(v.then);
  if (v.shape !== "linear") return null;
  const target = writer.firstRate(v.then);
  const first = v.skip_zero ? v.from + (target - v.from) / (v.duration + 1) : v.from;
  return optaxJoin([optaxLine(first, target, v.duration), writer.schedule(v.then)], [v.duration]);
}

/** A library's call for both the ramp and the schedule after it. */
function together(v: Plain<typeof PARAMS>, { shape, ours, warmedUp }: NativeRun): readonly Native[] {
  if (v.shape !== "linear" || v.skip_zero || v.then.update === "epoch") return [];
  return warmedUp(v.then, { steps: v.duration, from: v.from, shape, ours });
}

/** A linear warmup by SequentialLR and LinearLR around a scheduler of torch's own. */
function sequentialLR(v: Plain<typeof PARAMS>, { ours, natives }: NativeRun): Native[] {
  if (v.shape !== "linear" || v.skip_zero || v.duration === 0 || v.then.update === "epoch") return [];
  const [inner] = natives(v.then, (t) => ours(t + v.duration));
  if (inner === undefined || inner.setsRate) return [];
  const { base = NaN, rate } = inner;
  const first = v.from / base;
  const refused = !(first > 0 && first <= 1);
  return [{
    call: [
      "SequentialLR(optimizer, [",
      `    LinearLR(optimizer, ${kwargs({ start_factor: first, total_iters: v.duration })}),`,
      `    ${inner.call},`,
      `], milestones=[${v.duration}])`,
    ].join("\n"),
    imports: ["from torch.optim.lr_scheduler import SequentialLR, LinearLR", ...inner.imports],
    base,
    rate: refused || rate === null ? null : (t) => t < v.duration ? ours(t) : rate(t - v.duration),
    why: refused
      ? `LinearLR ${
        first === 0 ? "divides by zero at start_factor 0" : "only rises to the optimizer's own rate"
      }`
      : inner.why,
    setsRate: true,
  }];
}

/** A ramp that starts above its target goes down. */
const fallsToItsTarget: Rule<typeof PARAMS> = ({ values: { from, duration }, inner }) => {
  const target = inner[0]?.built.lr(0) ?? Infinity;
  if (duration === 0 || from <= target || target === 0) return [];
  return [{
    code: "warmup-falls",
    severity: "warning",
    why: `The warmup starts at ${from}, above the rate that it leads to (${Number(target.toPrecision(3))}).`,
    source: "Goyal et al., 2017, arXiv:1706.02677",
    mends: [set({ from: undefined, skip_zero: true }), set({ from: target / 100 })],
  }];
};

export default entry({
  name: "warmup",
  summary: "A ramp up to the first rate of any other schedule, which then starts at its own step 0.",
  params: PARAMS,
  formula:
    "from + (η₁ − from)·t/W (or a geometric or cosine ramp) for t < W, then the wrapped schedule at t − W",
  first: "from, or with skip_zero a step of the ramp above it",
  last: "as the wrapped schedule",
  source:
    "Goyal et al., 2017, arXiv:1706.02677; torch LinearLR + SequentialLR, optax warmup_cosine_decay_schedule",
  label: "{shape} warmup {duration} from {from}, then {then}",
  sample: { name: "warmup", duration: "5%", then: { name: "cosine", lr: 0.1, T_max: "95%" } },
  build: (values) => warmup(values),
  consecutive: ["duration"],
  stretch: ({ duration }, _, length) => ({ length: length - duration, reachesEnd: true }),
  conditions: ({ then }, conditionsOf) => conditionsOf(then),
  exports: {
    body: rampThen,
    optax: joined,
    natives: {
      pytorch: sequentialLR,
      keras: (v, run) => v.duration === 0 ? [] : together(v, run),
      optax: together,
      timm: together,
      transformers: (v, run) => v.from === 0 ? together(v, run) : [],
    },
  },
  lint: {
    warmupKey: "duration",
    positiveStart: () => [set({ skip_zero: true })],
    rules: [fallsToItsTarget],
  },
});
