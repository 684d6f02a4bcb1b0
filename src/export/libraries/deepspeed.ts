import type { Schedule } from "#schedules/schedule.ts";
import { Arguments, type Callable, define } from "../python/arguments.ts";
import { Refusal, type Scheduler, scheduler, type Value } from "../python/evaluate.ts";

/** The fraction of the warmup at batch `b`: linear, or a logarithm. */
function rampOf(v: Arguments): { readonly steps: number; readonly at: Schedule } {
  if (!(v.whole("warmup_num_steps") > 0)) throw new Refusal("warmup_num_steps must be a positive integer");
  const steps = Math.max(2, v.whole("warmup_num_steps"));
  const linear = v.text("warmup_type") === "linear";
  return { steps, at: (b) => linear ? b / steps : Math.log(b + 1) / Math.log(steps) };
}

/** The first update has the rate before any batch; update t has that of batch t - 1. */
const oneBehind = (before: number, rate: Schedule): Scheduler =>
  scheduler((t) => t === 0 ? before : rate(t - 1));

function warmed(v: Arguments, after: Schedule): Scheduler {
  const [low, high, ramp] = [
    v.number("warmup_min_lr"),
    v.numberOrNone("warmup_max_lr") ?? v.optimizer().base,
    rampOf(v),
  ];
  return oneBehind(low, (b) => low + (high - low) * (b < ramp.steps ? ramp.at(b) : after(b)));
}

function warmupDecay(v: Arguments): Scheduler {
  const [total, { steps }] = [v.number("total_num_steps"), rampOf(v)];
  return warmed(v, (b) => Math.max(0, (total - b) / Math.max(1, total - steps)));
}

function warmupCosine(v: Arguments): Scheduler {
  const [{ base }, total, ramp] = [v.optimizer(), v.number("total_num_steps"), rampOf(v)];
  const [low, start] = [v.number("cos_min_ratio"), v.number("warmup_min_ratio")];
  return oneBehind(0, (b) => {
    if (b < ramp.steps) return base * (start + (1 - start) * ramp.at(b));
    const progress = Math.min(1, (b - ramp.steps + 1) / Math.max(1, total - ramp.steps));
    return base * Math.max(0, low + (1 - low) * (1 + Math.cos(Math.PI * progress)) / 2);
  });
}

function oneCycle(v: Arguments): Scheduler {
  const [low, high] = [v.number("cycle_min_lr"), v.number("cycle_max_lr")];
  const up = v.number("cycle_first_step_size");
  const down = v.numberOrNone("cycle_second_step_size") ?? up;
  if (up <= 0) throw new Refusal("cycle_first_step_size must be positive");
  if (down < 0) throw new Refusal("cycle_second_step_size must be non-negative");
  const [decay, every] = [v.number("decay_lr_rate"), v.number("decay_step_size")];
  const rising = stairs(v.number("cycle_first_stair_count"));
  const falling = stairs(v.numberOrNone("cycle_second_stair_count") ?? v.number("cycle_first_stair_count"));
  return oneBehind(low, (b) => {
    const past = b - (up + down) + 1;
    if (past > 0) return decay === 0 || every === 0 ? low : low / (1 + decay * past / every);
    const position = (b + 1) % (up + down);
    const height = position <= up ? rising(position / up) : falling((up + down - position) / down);
    return low + (high - low) * height;
  });
}

/** A height from 0 to 1 on so many stairs; 0 for none. */
const stairs = (count: number) => (height: number): number =>
  count > 0 ? Math.floor(Number((height * count).toPrecision(12))) / count : height;

function rangeTest(v: Arguments): Scheduler {
  if (!(v.whole("lr_range_test_step_size") > 0)) {
    throw new Refusal("lr_range_test_step_size must be a positive integer");
  }
  const [low, rise, every] = [
    v.number("lr_range_test_min_lr"),
    v.number("lr_range_test_step_rate"),
    v.whole("lr_range_test_step_size"),
  ];
  const stepped = v.flag("lr_range_test_staircase");
  return oneBehind(low, (b) => {
    const intervals = (b + 1) / every;
    return low * (1 + rise * (stepped ? Math.floor(intervals) : intervals));
  });
}

const WARMUP = 'warmup_num_steps=1000, warmup_type="log"';
const TYPES: readonly Callable[] = [
  define(`WarmupLR(optimizer, warmup_min_lr=0.0, warmup_max_lr=None, ${WARMUP})`, (v) => warmed(v, () => 1)),
  define(
    `WarmupDecayLR(optimizer, total_num_steps, warmup_min_lr=0.0, warmup_max_lr=0.001, ${WARMUP})`,
    warmupDecay,
  ),
  define(
    `WarmupCosineLR(optimizer, total_num_steps, warmup_min_ratio=0.0, cos_min_ratio=0.0001, ${WARMUP})`,
    warmupCosine,
  ),
  define(
    "OneCycle(optimizer, cycle_min_lr, cycle_max_lr, decay_lr_rate=0.0, cycle_first_step_size=2000, " +
      "cycle_second_step_size=None, cycle_first_stair_count=0, cycle_second_stair_count=None, decay_step_size=0, " +
      "cycle_momentum=True, cycle_min_mom=0.8, cycle_max_mom=0.9, decay_mom_rate=0.0)",
    oneCycle,
  ),
  define(
    "LRRangeTest(optimizer, lr_range_test_min_lr=0.001, lr_range_test_step_size=2000, " +
      "lr_range_test_step_rate=1.0, lr_range_test_staircase=False)",
    rangeTest,
  ),
];

/**
 * The scheduler of DeepSpeed that a configuration (`{"type": …, "params": {…}}`) asks for.
 *
 * @throws {Refusal} for a configuration that it does not take.
 */
export function deepspeedScheduler(config: ReadonlyMap<Value, Value>, optimizer: Value): Value {
  const type = TYPES.find(({ name }) => name === config.get("type"));
  if (type === undefined) throw new Refusal(`DeepSpeed has no scheduler ${String(config.get("type"))}`);
  const params = config.get("params");
  const named = params instanceof Map ? Object.fromEntries(params) as Record<string, Value> : {};
  return type.make(new Arguments(type, [optimizer], named));
}
