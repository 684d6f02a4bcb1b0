import { combine } from "./compose.ts";
import { cyclePosition } from "./cycles.ts";
import { entry } from "./entry.ts";
import { type Rule, set } from "./finding.ts";
import type { FormulaWriter, Native, NativeRun, OptaxWriter } from "./frameworks/exports.ts";
import { optaxJoin, optaxLine } from "./frameworks/optax.ts";
import type { Given, Plain } from "./param_types.ts";
import { boolean, choice, durationOrZero, rateOrZero, schedule } from "./params.ts";
import { kwargs, linearIn, real, since } from "./frameworks/python.ts";
import { RAMPS } from "./ramps.ts";
import type { BuiltSchedule, Schedule } from "./schedule.ts";
import { check, ParameterError } from "./values.ts";

const PARAMS = {
  duration: durationOrZero("W, the length of the ramp"),
  shape: choice("shape of the ramp", ["linear", "exponential", "cosine", "log", "1-sqrt"]),
  from: rateOrZero("rate at which the ramp starts", 0),
  skip_zero: boolean(
    "start one step up the ramp, at 1/(W + 1) of the way, so that the first rate is not 0",
    false,
  ),
  clock: choice(
    "the clock of the schedule after the ramp: its own, which starts when the ramp ends, or the run's",
    [
      "own",
      "run",
    ],
  ),
  ramp_to: choice(
    "with the run's clock, whether the ramp rises to that schedule's first rate or to the one at which it joins it",
    ["first", "joined"],
  ),
  then: schedule("the schedule after the ramp"),
};

/**
 * A ramp from `from` to the wrapped schedule's first value η₁ over W = `duration` steps, with p = t/W, or
 * (t + 1)/(W + 1) with `skip_zero`: from^(1 − p)·η₁^p (exponential), or from + (η₁ − from)·f with f = p (linear),
 * (1 − cos(πp))/2 (cosine), ln(1 + pW)/ln(1 + W) (log) or 1 − √(1 − p) (1-sqrt). From t = W on, the wrapped schedule
 * at t − W; with `clock: run` at t, so that its milestones are counted from the start of the run, and a ramp to
 * the rate `joined` there has η₁ = its rate at W.
 *
 * First value `from` (the origin that torch's LinearLR and optax choose), or one step above it with `skip_zero`.
 * Momentum holds the wrapped schedule's first value during the ramp; the ramp counts to the wrapped schedule's cycle 0.
 * DeepSpeed's log ramp of `warmup_num_steps` is one of a step less here, as it ends on the last of its steps.
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
 * const onRun = warmup({ duration: 10, clock: "run", then }).lr;
 * assert.deepEqual([onRun(5), onRun(10), onRun(20)], [0.5, 0.5, 0]);
 * ```
 *
 * @throws {RangeError} unless `duration` >= 0, `from` >= 0, and for `exponential` both ends of the ramp are > 0.
 * @see Goyal et al., 2017, arXiv:1706.02677; Gotmare et al., 2018, arXiv:1810.13243
 * @see DeepSpeed's WarmupLR (log), transformers.get_wsd_schedule (1-sqrt), timm's warmup_prefix and detectron2's
 * rescale_interval (the clock)
 */
export function warmup(given: Given<typeof PARAMS>): BuiltSchedule {
  const { duration, shape, from, skip_zero, clock, ramp_to, then } = check("warmup", PARAMS, given);
  if (shape === "exponential" && duration > 0 && from === 0) {
    throw new ParameterError(
      "warmup",
      "from",
      "> 0 with shape exponential (a geometric ramp never leaves 0)",
      from,
    );
  }
  const ramp = RAMPS[shape];
  const start = clock === "run" ? 0 : duration;
  const reached = clock === "run" && ramp_to === "joined" ? duration : 0;
  const progress = skip_zero ? (t: number) => (t + 1) / (duration + 1) : (t: number) => t / duration;
  const { momentum } = then;
  return {
    ...combine([then], {
      rates: ([rate]) => {
        const target = rate!(reached);
        return (t) => t < duration ? ramp(from, target, progress(t), duration) : rate!(t - start);
      },
      cycles: ([cycles]) =>
        cycles === null ? null : (t) => {
          const { cycle, position, length } = cycles!(Math.max(0, t - start));
          return cycle > 0 ? cyclePosition(cycle, position, length) : cyclePosition(0, t, start + length);
        },
      local: (_, step) => step < duration ? null : step - start,
    }),
    momentum: momentum === null ? null : delayed(momentum, start),
  };
}

const delayed = (schedule: Schedule, by: number): Schedule => (t) => schedule(Math.max(0, t - by));

/** The rate that the ramp rises to. */
const targetOf = (v: Plain<typeof PARAMS>, writer: Pick<FormulaWriter, "firstRate" | "rateAt">): number =>
  v.clock === "run" && v.ramp_to === "joined" ? writer.rateAt(v.then, v.duration) : writer.firstRate(v.then);

function rampThen(v: Plain<typeof PARAMS>, writer: FormulaWriter): string[] {
  const { style } = writer;
  const after = `${writer.schedule(v.then)}(${since(v.clock === "run" ? 0 : v.duration, style)})`;
  if (v.duration === 0) return [`return ${after}`];
  const target = targetOf(v, writer);
  // Past the ramp p stays: a geometric ramp that continued would overflow.
  const p = style.call("minimum", v.skip_zero ? `(t + 1) / ${v.duration + 1}` : `t / ${v.duration}`, "1");
  const ramp = {
    linear: linearIn(v.from, target - v.from, "p"),
    cosine: linearIn(v.from, target - v.from, `(1 - ${style.call("cos", "math.pi * p")}) / 2`),
    exponential: `${real(v.from)} ** (1 - p) * ${real(target)} ** p`,
    log: linearIn(
      v.from,
      target - v.from,
      `${style.call("log", `1 + p * ${v.duration}`)} / math.log(${v.duration + 1})`,
    ),
    "1-sqrt": linearIn(v.from, target - v.from, `(1 - ${style.call("sqrt", "1 - p")})`),
  }[v.shape];
  return [
    `p = ${p}`,
    `ramp = ${ramp}`,
    `return ${style.where(`t < ${v.duration}`, "ramp", after)}`,
  ];
}

function joined(v: Plain<typeof PARAMS>, writer: OptaxWriter): string | null {
  if (v.duration === 0) return writer.schedule(v.then);
  if (v.shape !== "linear" || v.clock === "run") return null;
  const target = writer.firstRate(v.then);
  return optaxJoin([optaxLine(firstOf(v, target), target, v.duration), writer.schedule(v.then)], [
    v.duration,
  ]);
}

/** A library's call for both the ramp and the schedule after it. */
function together(v: Plain<typeof PARAMS>, { shape, warmedUp, rateOf }: NativeRun): readonly Native[] {
  if (v.shape !== "linear" || v.then.update === "epoch") return [];
  return warmedUp(v.then, { steps: v.duration, from: firstOf(v, rateOf(v.then)(0)), shape });
}

/** The ramp's first rate. */
const firstOf = (v: Plain<typeof PARAMS>, target: number): number =>
  v.skip_zero ? v.from + (target - v.from) / (v.duration + 1) : v.from;

/** A linear warmup by SequentialLR and LinearLR around a scheduler of torch's own. */
function sequentialLR(v: Plain<typeof PARAMS>, { natives, rateOf }: NativeRun): Native[] {
  if (v.shape !== "linear" || v.duration === 0 || v.clock === "run" || v.then.update === "epoch") return [];
  const target = rateOf(v.then)(0);
  return natives(v.then).map((inner) => {
    const base = inner.base ?? target;
    const factors = {
      start_factor: firstOf(v, target) / base,
      ...(target === base ? {} : { end_factor: target / base }),
      total_iters: v.duration,
    };
    return {
      call: [
        "SequentialLR(optimizer, [",
        `    LinearLR(optimizer, ${kwargs(factors)}),`,
        `    ${inner.call},`,
        `], milestones=[${v.duration}])`,
      ].join("\n"),
      imports: ["from torch.optim.lr_scheduler import SequentialLR, LinearLR", ...inner.imports],
      base,
      why: factors.start_factor === 0 ? "LinearLR divides by zero at start_factor 0" : inner.why,
    };
  });
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
    suggestions: [set({ from: undefined, skip_zero: true }), set({ from: target / 100 })],
  }];
};

export default entry({
  name: "warmup",
  summary: "A ramp up to the first rate of any other schedule, which then starts at its own step 0.",
  params: PARAMS,
  formula:
    "from + (η₁ − from)·t/W (or a ramp of another shape) for t < W, then the wrapped schedule at t − W, or at t on the run's clock",
  first: "from, or with skip_zero a step of the ramp above it",
  last: "as the wrapped schedule",
  source:
    "Goyal et al., 2017, arXiv:1706.02677; torch LinearLR + SequentialLR, optax warmup_cosine_decay_schedule",
  label:
    "{shape} warmup {duration} from {from}, then {then}[ on the {clock}'s clock][ (ramp to the rate {ramp_to})]",
  sample: { name: "warmup", duration: "5%", then: { name: "cosine", lr: 0.1, T_max: "95%" } },
  build: (values) => warmup(values),
  // On the run's clock the schedule after the ramp starts where the ramp does.
  consecutive: ({ clock }) => clock === "run" ? [] : ["duration"],
  stretch: ({ duration, clock }, _, length) => ({
    length: clock === "run" && duration < length ? length : length - duration,
    reachesEnd: true,
  }),
  conditions: ({ then }, conditionsOf) => conditionsOf(then),
  exports: {
    body: rampThen,
    optax: joined,
    natives: {
      pytorch: sequentialLR,
      keras: (v, run) => v.duration === 0 || v.clock === "run" ? [] : together(v, run),
      optax: (v, run) => v.clock === "run" ? [] : together(v, run),
      timm: (v, run) => v.clock === "run" ? [] : together(v, run),
      deepspeed: (v, run) => v.clock === "run" || v.skip_zero ? [] : together(v, run),
      transformers: (v, run) => v.from === 0 && !v.skip_zero && v.clock === "own" ? together(v, run) : [],
    },
  },
  lint: {
    warmupKey: "duration",
    positiveStart: () => [set({ skip_zero: true })],
    rules: [fallsToItsTarget],
  },
});
