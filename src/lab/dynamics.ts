import { mean } from "#stats/summary.ts";
import { evals, steps } from "./final.ts";
import type { RunRecord } from "./record.ts";

/** A place where the rate jumps: a drop of step decay, or a warm restart. */
export interface RateJump {
  /** First update with the new rate. */
  readonly step: number;
  readonly before: number;
  readonly after: number;
}

/** A change by less than this factor from one update to the next is part of a smooth schedule. */
export const JUMP_FACTOR = 1.5;

/** Where the rate that was applied changed by more than {@link JUMP_FACTOR} from one update to the next. */
export function rateJumps(record: RunRecord): RateJump[] {
  const applied = steps(record);
  return applied.flatMap(({ step, lr }, index) => {
    const before = applied[index - 1]?.lr;
    if (before === undefined || before <= 0 || lr <= 0) return [];
    return Math.max(lr / before, before / lr) > JUMP_FACTOR ? [{ step, before, after: lr }] : [];
  });
}

/**
 * How much the training loss (nats) changed at an update: the mean over `window` updates from `step` minus the mean
 * over those before. Given the record of another arm with the same seed, the other's loss of each batch is taken off
 * first, which leaves what the two schedules do differently to the same batches. `null` where a window is cut off.
 */
export function lossChange(
  record: RunRecord,
  step: number,
  window: number,
  against?: RunRecord,
): number | null {
  const own = steps(record).map(({ loss }) => loss);
  const other = against ? steps(against).map(({ loss }) => loss) : null;
  const length = Math.min(own.length, other?.length ?? Infinity);
  if (step - window < 0 || step + window > length) return null;
  const value = (from: number) =>
    mean(Array.from({ length: window }, (_, index) => own[from + index]! - (other?.[from + index] ?? 0)));
  return value(step) - value(step - window);
}

/** What a warm restart did to a run. */
export interface RestartEffect {
  /** Number of the cycle that begins. */
  readonly cycle: number;
  /** First update of the cycle. */
  readonly step: number;
  /** Nats: highest mean over `window` updates after the restart minus the mean over those before. */
  readonly spike: number | null;
  /** Updates from the restart until a mean over `window` updates is back to that before; `null` if never. */
  readonly recovery: number | null;
  /** Best validation accuracy in the cycle that ended here. */
  readonly bestBefore: number | null;
}

/** Every restart of a run, in order. The last cycle's best is that of the whole rest of the run. */
export function restartEffects(record: RunRecord, window: number): RestartEffect[] {
  const losses = steps(record).map(({ loss }) => loss);
  const restarts = record.events.flatMap((event) => event.kind === "restart" ? [event] : []);
  const held = evals(record, "validation");
  return restarts.map(({ step, cycle }, index) => {
    const start = restarts[index - 1]?.step ?? 0;
    const end = restarts[index + 1]?.step ?? losses.length;
    const within = held.filter((event) => event.step > start && event.step <= step);
    const bestBefore = within.length === 0 ? null : Math.max(...within.map(({ accuracy }) => accuracy));
    if (step < window) return { cycle, step, spike: null, recovery: null, bestBefore };
    const before = mean(losses.slice(step - window, step));
    const after = Array.from(
      { length: Math.max(0, end - step - window + 1) },
      (_, offset) => mean(losses.slice(step + offset, step + offset + window)),
    );
    const peak = after.length === 0 ? null : after.indexOf(Math.max(...after));
    const back = peak === null ? -1 : after.findIndex((loss, offset) => offset >= peak && loss <= before);
    return {
      cycle,
      step,
      spike: peak === null ? null : after[peak]! - before,
      recovery: back === -1 ? null : back + window,
      bestBefore,
    };
  });
}
