import { cosineBetween } from "#schedules/cosine.ts";
import { type PlainValues, plainValues } from "#schedules/resolve.ts";
import type { Schedule, ScheduleSpec } from "#schedules/schedule.ts";
import { kwargs, type Native, type Natives } from "./framework.ts";
import { optaxCode } from "./optax.ts";

/** optax's lookalikes where they differ from ours; everything else is built by {@link optaxCode}. */
export const optaxNatives: Natives = (spec, shape, ours) => {
  const v = plainValues(spec, shape);
  if (spec.name === "one_cycle" && !v.three_phase) return [oneCycle(v)];
  const then = spec.then as ScheduleSpec | undefined;
  if (
    spec.name === "warmup" && v.shape === "linear" && !v.skip_zero && then?.name === "cosine" &&
    then.update !== "epoch"
  ) {
    return [warmupCosine(v, plainValues(then, shape))];
  }
  try {
    const { definitions, ownFormula } = optaxCode(spec, shape);
    return ownFormula ? [] : [{
      call: definitions.at(-1)!.replace(/^\w+ = /, ""),
      imports: ["import optax"],
      rate: ours,
      why: "",
    }];
  } catch {
    return [];
  }
};

function oneCycle(v: PlainValues): Native {
  const [peakAt, low] = [Math.floor(v.pct_start * v.duration), v.max_lr / v.div_factor];
  const end = low / v.final_div_factor;
  const rate: Schedule = (t) =>
    t < peakAt
      ? cosineBetween(low, v.max_lr, t / peakAt)
      : t < v.duration
      ? cosineBetween(v.max_lr, end, (t - peakAt) / (v.duration - peakAt))
      : end;
  return {
    call: `optax.cosine_onecycle_schedule(${
      kwargs({
        transition_steps: v.duration,
        peak_value: v.max_lr,
        pct_start: v.pct_start,
        div_factor: v.div_factor,
        final_div_factor: v.final_div_factor,
      })
    })`,
    imports: ["import optax"],
    rate: v.anneal === "cos" ? rate : null,
    why: v.anneal === "cos"
      ? "cosine_onecycle_schedule peaks at int(pct_start * T) and ends at T, one step later each"
      : "linear_onecycle_schedule has three phases, the second up to pct_final",
  };
}

/** `decay_steps` counts the warmup too. */
function warmupCosine(v: PlainValues, inner: PlainValues): Native {
  const decay = inner.T_max - v.duration;
  const rate: Schedule | null = decay <= 0
    ? null
    : (t) =>
      t < v.duration
        ? v.from + (inner.lr - v.from) * t / v.duration
        : cosineBetween(inner.lr, inner.eta_min, Math.min(1, (t - v.duration) / decay));
  return {
    call: `optax.warmup_cosine_decay_schedule(${
      kwargs({
        init_value: v.from,
        peak_value: inner.lr,
        warmup_steps: v.duration,
        decay_steps: inner.T_max,
        end_value: inner.eta_min,
      })
    })`,
    imports: ["import optax"],
    rate,
    why: "decay_steps counts the warmup too, so the cosine is shorter by it",
  };
}
