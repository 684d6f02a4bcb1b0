import { cosineBetween, lineBetween } from "#schedules/curves.ts";
import type { Schedule } from "#schedules/schedule.ts";
import { Arguments, define } from "../python/arguments.ts";
import { listOf, Refusal, type Value } from "../python/evaluate.ts";
import { optaxPlateau } from "./plateau.ts";

function polynomial(init: number, end: number, power: number, steps: number, begin: number): Schedule {
  if (steps <= 0) return () => init;
  const start = Math.max(0, begin);
  return (t) => (init - end) * (1 - Math.min(Math.max(t - start, 0), steps) / steps) ** power + end;
}

const polynomialSchedule = (v: Arguments, power: number): Schedule =>
  polynomial(
    v.number("init_value"),
    v.number("end_value"),
    power,
    v.number("transition_steps"),
    v.number("transition_begin"),
  );

function piecewiseConstant(v: Arguments): Value {
  const [init, pairs] = [v.number("init_value"), v.pairs("boundaries_and_scales")];
  if (pairs.some(([, scale]) => !(scale >= 0))) {
    throw new Refusal("piecewise_constant_schedule needs scales >= 0");
  }
  return (t: number) => pairs.reduce((value, [at, scale]) => t >= at ? scale * value : value, init);
}

function exponentialDecay(v: Arguments, init = v.number("init_value")): Schedule {
  const [steps, rate, end] = [
    v.number("transition_steps"),
    v.number("decay_rate"),
    v.numberOrNone("end_value"),
  ];
  if (steps <= 0 || rate === 0) return () => init;
  const begin = Math.max(0, v.number("transition_begin"));
  const floor = v.flag("staircase") ? Math.floor : (periods: number) => periods;
  const bound = end === null
    ? (value: number) => value
    : (value: number) => rate < 1 ? Math.max(value, end) : Math.min(value, end);
  return (t) => bound(t <= begin ? init : init * rate ** floor((t - begin) / steps));
}

function cosine(init: number, steps: number, alpha: number, exponent: number): Schedule {
  if (!(steps > 0)) throw new Refusal("cosine_decay_schedule requires positive decay_steps");
  return (t) =>
    init * ((1 - alpha) * (0.5 * (1 + Math.cos(Math.PI * Math.min(t, steps) / steps))) ** exponent + alpha);
}

/** Each part gets the steps since its boundary. */
function join(schedules: readonly Schedule[], boundaries: readonly number[]): Schedule {
  return (t) => {
    let index = 0;
    boundaries.forEach((boundary, at) => {
      if (t >= boundary) index = at + 1;
    });
    return schedules[index]!(index === 0 ? t : t - boundaries[index - 1]!);
  };
}

/** `decay_steps` counts the warmup too. */
function warmupCosineDecay(v: Arguments): Schedule {
  const [init, peak, warmup] = [v.number("init_value"), v.number("peak_value"), v.number("warmup_steps")];
  const alpha = peak === 0 ? 0 : v.number("end_value") / peak;
  const fall = cosine(peak, v.number("decay_steps") - warmup, alpha, v.number("exponent"));
  return join([polynomial(init, peak, 1, warmup, 0), fall], [warmup]);
}

function warmupExponentialDecay(v: Arguments): Schedule {
  const [init, peak, warmup] = [v.number("init_value"), v.number("peak_value"), v.number("warmup_steps")];
  return join([polynomial(init, peak, 1, warmup, 0), exponentialDecay(v, peak)], [warmup]);
}

const WARMUP_COSINE = define(
  "optax.warmup_cosine_decay_schedule(init_value, peak_value, warmup_steps, decay_steps, end_value=0.0, exponent=1.0)",
  warmupCosineDecay,
);

function sgdr(v: Arguments): Value {
  const cycles = listOf(v.value("cosine_kwargs")).map((given) =>
    new Arguments(WARMUP_COSINE, [], Object.fromEntries(given as ReadonlyMap<string, Value>))
  );
  let end = 0;
  const ends = cycles.map((given) => end += given.number("decay_steps"));
  return join(cycles.map(warmupCosineDecay), ends.slice(0, -1));
}

/** Moves between values at boundaries, each the one before it times a scale. */
function interpolate(
  between: typeof lineBetween,
  init: number,
  pairs: readonly (readonly [number, number])[],
): Schedule {
  const sorted = [...pairs].sort((a, b) => a[0] - b[0]);
  let value = init;
  const points = [[0, init] as const, ...sorted.map(([at, scale]) => [at, value *= scale] as const)];
  return (t) => {
    const last = points.at(-1)!;
    if (t >= last[0]) return last[1];
    const index = points.findIndex(([at], own) => at <= t && t < points[own + 1]![0]);
    const [[start, from], [end, to]] = [points[index]!, points[index + 1]!];
    return between(from, to, (t - start) / Math.max(1, end - start));
  };
}

function cosineOnecycle(v: Arguments): Value {
  const [steps, div] = [v.number("transition_steps"), v.number("div_factor")];
  return interpolate(cosineBetween, v.number("peak_value") / div, [
    [Math.trunc(v.number("pct_start") * steps), div],
    [steps, 1 / (div * v.number("final_div_factor"))],
  ]);
}

function linearOnecycle(v: Arguments): Value {
  const [steps, div] = [v.number("transition_steps"), v.number("div_factor")];
  return interpolate(lineBetween, v.number("peak_value") / div, [
    [Math.trunc(v.number("pct_start") * steps), div],
    [Math.trunc(v.number("pct_final") * steps), 1 / div],
    [steps, 1 / v.number("final_div_factor")],
  ]);
}

/** Schedules of optax, in double precision. */
export const OPTAX = [
  define("optax.constant_schedule(value)", (v) => {
    const value = v.number("value");
    return () => value;
  }),
  define(
    "optax.linear_schedule(init_value, end_value, transition_steps, transition_begin=0)",
    (v) => polynomialSchedule(v, 1),
  ),
  define(
    "optax.polynomial_schedule(init_value, end_value, power, transition_steps, transition_begin=0)",
    (v) => polynomialSchedule(v, v.number("power")),
  ),
  define("optax.piecewise_constant_schedule(init_value, boundaries_and_scales)", piecewiseConstant),
  define(
    "optax.exponential_decay(init_value, transition_steps, decay_rate, transition_begin=0, staircase=False, " +
      "end_value=None)",
    (v) => exponentialDecay(v),
  ),
  define(
    "optax.cosine_decay_schedule(init_value, decay_steps, alpha=0.0, exponent=1.0)",
    (v) => cosine(v.number("init_value"), v.number("decay_steps"), v.number("alpha"), v.number("exponent")),
  ),
  define(
    "optax.warmup_constant_schedule(init_value, peak_value, warmup_steps)",
    (v) => polynomial(v.number("init_value"), v.number("peak_value"), 1, v.number("warmup_steps"), 0),
  ),
  WARMUP_COSINE,
  define(
    "optax.warmup_exponential_decay_schedule(init_value, peak_value, warmup_steps, transition_steps, decay_rate, " +
      "transition_begin=0, staircase=False, end_value=None)",
    warmupExponentialDecay,
  ),
  define("optax.sgdr_schedule(cosine_kwargs)", sgdr),
  define("optax.join_schedules(schedules, boundaries)", (v) => {
    const [schedules, boundaries] = [v.schedules("schedules"), v.numbers("boundaries")];
    if (boundaries.length !== schedules.length - 1) {
      throw new Refusal("join_schedules needs one boundary between two schedules");
    }
    return join(schedules, boundaries);
  }),
  define(
    "optax.cosine_onecycle_schedule(transition_steps, peak_value, pct_start=0.3, div_factor=25.0, " +
      "final_div_factor=10000.0)",
    cosineOnecycle,
  ),
  define(
    "optax.linear_onecycle_schedule(transition_steps, peak_value, pct_start=0.3, pct_final=0.85, div_factor=25.0, " +
      "final_div_factor=10000.0)",
    linearOnecycle,
  ),
  define(
    "optax.contrib.reduce_on_plateau(factor=0.1, patience=10, rtol=0.0001, atol=0.0, cooldown=0, " +
      "accumulation_size=1, min_scale=0.0)",
    optaxPlateau,
  ),
];
