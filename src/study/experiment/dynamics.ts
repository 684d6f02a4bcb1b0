import { type Curve, smoothed } from "#stats/curves.ts";
import { mean } from "#stats/summary.ts";
import { evals, steps } from "#results/final.ts";
import type { RunRecord } from "#results/run.ts";

/** A place where the rate jumps: a drop of step decay, or a warm restart. */
export interface RateJump {
  /** First step with the new rate. */
  readonly step: number;
  readonly before: number;
  readonly after: number;
}

/** A change by less than this factor from one step to the next is part of a smooth schedule. */
const JUMP_FACTOR = 1.5;

/** The steps at which the applied rate changed by more than {@link JUMP_FACTOR} from one step to the next. */
export function rateJumps(record: RunRecord): RateJump[] {
  const applied = steps(record);
  return applied.flatMap(({ step, lr }, index) => {
    const before = applied[index - 1]?.lr;
    if (before === undefined || before <= 0 || lr <= 0) return [];
    return Math.max(lr / before, before / lr) > JUMP_FACTOR ? [{ step, before, after: lr }] : [];
  });
}

/** Windows around a jump of the rate are this share of the run, at least five steps. */
const WINDOW_SHARE = 0.05;

/** Steps before and after a jump of the rate that are compared. */
export function windowOf({ plan }: RunRecord): number {
  return Math.max(5, Math.round(WINDOW_SHARE * (plan.total_steps - (plan.first_step ?? 0))));
}

/** The training losses of a run (nats), and the step that the first of them belongs to. */
export function lossesOf(record: RunRecord): { losses: number[]; first: number } {
  const applied = steps(record);
  return { losses: applied.map(({ loss }) => loss), first: applied[0]?.step ?? 0 };
}

/**
 * Change of the training loss (nats) at a step: the mean over `window` steps from `step` minus the mean
 * over those before. Given the record of another arm with the same seed, the other's loss of each batch is taken off
 * first, which leaves what the two schedules do differently to the same batches. `null` where a window is cut off.
 */
export function lossChange(
  record: RunRecord,
  step: number,
  window: number,
  against?: RunRecord,
): number | null {
  const own = lossesOf(record);
  const other = against ? lossesOf(against) : null;
  const lossAt = (step: number) =>
    own.losses[step - own.first]! - (other ? other.losses[step - other.first]! : 0);
  const steps = (from: number) => Array.from({ length: window }, (_, index) => from + index);
  const change = mean(steps(step).map(lossAt)) - mean(steps(step - window).map(lossAt));
  return Number.isFinite(change) ? change : null;
}

/** Windows that are drawn before and after a jump, and the half-life of the average as a share of a window. */
const [BEFORE, AFTER, HALF_LIFE] = [2, 6, 0.2];

/**
 * The training loss around a step: nats above the mean of the window before it, by steps since. What is before
 * and after is averaged apart, so a jump stays where it was; the first half-life of either average is left out, since
 * the noise of single batches would look like a jump. `null` where the run has no such step, or not a window before
 * it.
 *
 * @param range the steps that may be drawn, without the end; all of the run's if not given.
 */
export function lossAround(
  record: RunRecord,
  step: number,
  { from, until }: { from: number; until: number } = { from: 0, until: Infinity },
): Curve | null {
  const window = windowOf(record);
  const { losses, first } = lossesOf(record);
  const at = step - first;
  if (!(at >= window && at < losses.length)) return null;
  const end = Math.min(until - first, at + AFTER * window, losses.length);
  const halfLife = Math.max(1, HALF_LIFE * window);
  const level = mean(losses.slice(at - window, at));
  const settled = (from: number, to: number) =>
    smoothed(losses.slice(from, to), halfLife).map((loss, index) => ({ step: from + index - at, loss }))
      .slice(Math.round(halfLife));
  const drawn = [...settled(Math.max(from - first, 0), at).slice(-BEFORE * window), ...settled(at, end)];
  return { steps: drawn.map(({ step }) => step), values: drawn.map(({ loss }) => loss - level) };
}

/** The effect of a warm restart on a run. */
export interface RestartEffect {
  /** Number of the cycle that begins. */
  readonly cycle: number;
  /** First step of the cycle. */
  readonly step: number;
  /** Nats: highest mean over `window` steps after the restart minus the mean over those before. */
  readonly spike: number | null;
  /** Steps from the restart until a mean over `window` steps is back to that before; `null` if never. */
  readonly recovery: number | null;
  /** Best validation accuracy in the cycle that ended here. */
  readonly bestBefore: number | null;
  /** Best validation accuracy in the cycle that began here, the last one's being the whole rest of the run. */
  readonly bestAfter: number | null;
}

/** Every restart of a run, in order. */
export function restartEffects(record: RunRecord, window: number): RestartEffect[] {
  const { losses, first } = lossesOf(record);
  const restarts = record.events.flatMap((event) => event.kind === "restart" ? [event] : []);
  const held = evals(record, "validation");
  const best = (after: number, until: number) => {
    const within = held.filter(({ step }) => step > after && step <= until);
    return within.length === 0 ? null : Math.max(...within.map(({ accuracy }) => accuracy));
  };
  return restarts.map(({ step, cycle }, index) => {
    const start = restarts[index - 1]?.step ?? first;
    const end = restarts[index + 1]?.step ?? first + losses.length;
    const effect = {
      cycle,
      step,
      bestBefore: best(start, step),
      bestAfter: best(step, restarts[index + 1]?.step ?? Infinity),
    };
    const done = step - first;
    if (done < window || losses.length < done) return { ...effect, spike: null, recovery: null };
    const meanFrom = (update: number) => mean(losses.slice(update - first, update - first + window));
    const before = meanFrom(step - window);
    const after = Array.from(
      { length: Math.max(0, end - step - window + 1) },
      (_, offset) => meanFrom(step + offset),
    );
    const peak = after.length === 0 ? null : after.indexOf(Math.max(...after));
    const back = peak === null ? -1 : after.findIndex((loss, offset) => offset >= peak && loss <= before);
    return {
      ...effect,
      spike: peak === null ? null : after[peak]! - before,
      recovery: back === -1 ? null : back + window,
    };
  });
}
