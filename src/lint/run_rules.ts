import { parseDuration, printDuration, type RunShape } from "#lib/duration.ts";
import { set, type Suggestion } from "#schedules/finding.ts";
import { rounded } from "#lib/numbers.ts";
import type { AnyRule, EntryNode } from "./nodes.ts";

/** A descent that ends before the run does, or would end after it. */
export const planAndRunDiffer: AnyRule = (node) => {
  const { entry, values, built, length, untilEnd, facts } = node;
  const own = entry.lint?.end?.(values) ?? null;
  if (own === null || own.steps === length || !untilEnd) return [];
  const slack = own.steps - length;
  const why = slack > 0
    ? `The schedule is ${own.steps} steps long, but only ${length} are left in the run: it stops at ` +
      `${rounded(built.lr(length - 1))} and never reaches its end.`
    : `The schedule ends after ${own.steps} steps, and the remaining ${-slack} of the run have the rate ` +
      `${rounded(built.lr(length))}.`;
  return [{
    code: "plan-and-run-differ",
    severity: "warning",
    why: why + timesAsLong(own.steps, length, facts.accumulate),
    source: "learning-rate-schedules.md; Keras counts decay after warmup, optax within it",
    suggestions: [own.key, ...own.others ?? []].flatMap((key) =>
      lengthSuggestions(node, key, values[key] as number - slack)
    ),
  }];
};

/** A hint at what a schedule was counted in, where it is a whole number of times as long as the run or as short. */
function timesAsLong(steps: number, length: number, accumulate: number | undefined): string {
  const ratio = Math.max(steps, length) / Math.min(steps, length);
  const times = Math.round(ratio);
  if (times < 2 || times > 1024 || Math.abs(ratio - times) > 0.01 * times) return "";
  const factor = `That is ${times} times too ${steps > length ? "long" : "short"}`;
  return accumulate === times
    ? ` ${factor}, and accumulate is ${times}: schedules count steps of the optimizer, not batches.`
    : ` ${factor}: was it counted in batches, epochs or processes?`;
}

/** A curve that another schedule cuts off: a part shorter than what it plays, a period shorter than what it repeats. */
export const cutShort: AnyRule = (node) => {
  const own = node.entry.lint?.end?.(node.values) ?? null;
  if (own === null || node.untilEnd || own.steps <= node.length) return [];
  return [{
    code: "cut-short",
    severity: "warning",
    why:
      `The schedule is ${own.steps} steps long, but the one around it leaves it after ${node.length}, at ` +
      `${rounded(node.built.lr(node.length - 1))}.`,
    source: "optax join_schedules and torch SequentialLR have the same trap",
    suggestions: lengthSuggestions(node, own.key, node.values[own.key] as number - (own.steps - node.length)),
  }];
};

/** Another length, in the unit in which it is written where that comes out even, and in steps. */
function lengthSuggestions({ spec, shape }: EntryNode, key: string, steps: number): Suggestion[] {
  if (steps < 0) return [];
  const lengths = [inUnitOf(String(spec[key]), steps, shape), printDuration({ value: steps, unit: "steps" })];
  const whole = lengths.map((duration) => set({ [key]: duration }));
  // A curve that was made for more updates than there are epochs may be too coarse at its right length.
  const perStep = lengths.map((duration) => set({ [key]: duration, update: "step" }));
  return spec.update === "epoch" ? [...whole, ...perStep] : whole;
}

/** So many steps in the unit of a written duration where that comes out even, else in steps. */
function inUnitOf(written: string, steps: number, { totalSteps, stepsPerEpoch }: RunShape): string {
  const { value, unit } = parseDuration(written);
  // The same number, meant in epochs.
  if (unit === "steps" && stepsPerEpoch > 1 && value * stepsPerEpoch === steps) {
    return printDuration({ value, unit: "epochs" });
  }
  if (unit === "epochs" && steps % stepsPerEpoch === 0) {
    return printDuration({ value: steps / stepsPerEpoch, unit });
  }
  if (unit === "percent" && (100 * steps) % totalSteps === 0) {
    return printDuration({ value: 100 * steps / totalSteps, unit });
  }
  return printDuration({ value: steps, unit: "steps" });
}

/** A rate of this part of the peak, and more, has still to fall. */
const LEFT = 0.1;

/** A run that is set long and stopped early, so that the part in which the rate falls is never reached. */
export const decayNotReached: AnyRule = ({ path, built, length, facts, shape }) => {
  const { stopsAt } = facts;
  if (path.length > 0 || stopsAt === undefined || stopsAt >= length || built.feedback !== null) return [];
  const rates = (from: number, to: number) =>
    Array.from({ length: 200 }, (_, k) => built.lr(Math.floor(from + k * (to - from) / 200)));
  const peak = Math.max(...rates(0, stopsAt));
  const reached = built.lr(stopsAt - 1);
  const lowest = Math.min(...rates(stopsAt, length), built.lr(length - 1));
  if (reached < LEFT * peak || lowest > LEFT * reached) return [];
  const epochs = stopsAt / shape.stepsPerEpoch;
  const text = Number.isInteger(epochs)
    ? printDuration({ value: epochs, unit: "epochs" })
    : `${stopsAt} steps`;
  return [{
    code: "decay-not-reached",
    severity: "warning",
    why: `The run is expected to stop at step ${stopsAt} of ${length}; until then the rate only falls to ` +
      `${Math.round(100 * reached / peak)} % of its peak.`,
    source: "a schedule is made for the length of its run; early stopping ends before the decay",
    suggestions: [{
      kind: "run",
      facts: { stopsAt },
      totalSteps: stopsAt,
      text: `duration: ${text}, with lengths of the schedule that fit it`,
    }],
  }];
};
