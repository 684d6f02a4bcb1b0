import { lineBetween } from "#schedules/curves.ts";
import type { Schedule } from "#schedules/schedule.ts";
import type { Arguments } from "../python/arguments.ts";
import { Refusal, type Scheduler } from "../python/evaluate.ts";

/** PyTorch evaluates one step past the end in its last phase, and refuses the ones after it (NaN here). */
export function oneCycleLR(given: Arguments): Scheduler {
  const total = given.numberOrNone("total_steps") ?? given.number("epochs") * given.number("steps_per_epoch");
  const pct = given.number("pct_start");
  const high = given.number("max_lr");
  const first = high / given.number("div_factor");
  const last = first / given.number("final_div_factor");
  const shape = given.text("anneal_strategy") === "cos" ? cosine : lineBetween;
  const peak = pct * total - 1;
  const ends = given.flag("three_phase") ? [peak, 2 * pct * total - 2, total - 1] : [peak, total - 1];
  const values = given.flag("three_phase") ? [first, high, first, last] : [first, high, last];
  if (peak === 0) throw new Refusal("OneCycleLR divides by zero at pct_start * total_steps = 1");
  const rate: Schedule = (t) => {
    if (t > total) return NaN;
    const found = ends.findIndex((end) => t <= end);
    const phase = found < 0 ? ends.length - 1 : found;
    const start = phase === 0 ? 0 : ends[phase - 1]!;
    return shape(values[phase]!, values[phase + 1]!, (t - start) / (ends[phase]! - start));
  };
  return { kind: "scheduler", rate, setsRate: true };
}

const cosine = (start: number, end: number, progress: number) =>
  end + (start - end) / 2 * (1 + Math.cos(Math.PI * progress));
