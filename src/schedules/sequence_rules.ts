import { rounded } from "#lib/numbers.ts";
import type { Node, Place, Raised, Rule, Suggestion } from "./finding.ts";
import type { Param } from "./param_types.ts";

type SequenceRule = Rule<{ readonly parts: Extract<Param, { kind: "parts" }> }>;
/** A part that starts far from where the part before it ended, unless both are flat: that is a stair. */
const jumpAtJoin: SequenceRule = ({ values: { parts }, built, length, inner }) => {
  let boundary = 0;
  return parts.slice(0, -1).flatMap(({ steps }, index): Raised[] => {
    boundary += steps;
    if (boundary >= length) return [];
    const [before, after] = [built.lr(boundary - 1), built.lr(boundary)];
    const own = Math.abs(before - built.lr(Math.max(0, boundary - 2)));
    const jump = Math.abs(after - before);
    // A step as large as the one before it is the slope of the curve, not a jump.
    if (jump <= 0.05 * Math.max(before, after) || jump <= 3 * own) return [];
    if (isFlat(inner[index]) && isFlat(inner[index + 1])) return [];
    return [{
      code: "jump-at-join",
      severity: "warning",
      why: `At step ${boundary} the rate jumps from ${rounded(before)} to ${rounded(after)}, because part ${
        index + 1
      } starts from its own first rate.`,
      source: "optax join_schedules and torch SequentialLR have the same trap",
      suggestions: meeting(index, before, after),
    }];
  });
};

/** The second part starts where the first one ends, or the first one ends where the second one starts. */
function meeting(index: number, before: number, after: number): Suggestion[] {
  const at = (part: number, key: string): Place => ["parts", part, "schedule", key];
  const places: [Place, number][] = [
    [at(index + 1, "lr"), rounded(before)],
    [at(index + 1, "max_lr"), rounded(before)],
    [at(index, "eta_min"), rounded(after)],
    [at(index, "end_lr"), rounded(after)],
    [at(index, "lr"), rounded(after)],
  ];
  return places.map((change) => ({ kind: "set", changes: [change] }));
}

/** True for a schedule with one rate in its stretch, tried at a few of its steps. */
function isFlat(node: Node | undefined): boolean {
  if (node === undefined) return false;
  const { built: { lr }, length } = node;
  return Array.from({ length: 50 }, (_, k) => Math.floor(k * length / 50)).every((step) =>
    lr(step) === lr(0)
  ) &&
    lr(length - 1) === lr(0);
}

/** Parts that are shorter than the run, so that the last one goes on, or that begin after its end. */
const partsAndRun: SequenceRule = ({ values: { parts }, length, untilEnd, inner }) => {
  if (!untilEnd) return [];
  const total = parts.reduce((sum, { steps }) => sum + steps, 0);
  const last = parts.length - 1;
  const starts = parts.map((_, index) => parts.slice(0, index).reduce((sum, { steps }) => sum + steps, 0));
  const late = starts.filter((start) => start >= length).length;
  const set = (index: number, steps: number): Suggestion => ({
    kind: "set",
    changes: [[["parts", index, "for"], `${steps} steps`]],
  });
  if (late > 0) {
    return [{
      code: "parts-and-run-differ",
      severity: "warning",
      why: `The run ends after ${length} steps, before the last ${
        late === 1 ? "part begins" : `${late} parts begin`
      } (step ${starts[parts.length - late]}).`,
      source: "torch SequentialLR: milestones past the end of the run never come",
      suggestions: [{
        kind: "set",
        changes: parts.map(({ steps }, index) => [
          ["parts", index, "for"],
          `${Math.max(1, portion(starts[index]!, steps, total, length))} steps`,
        ]),
      }],
    }];
  }
  // A curve that is as long as what is left of the run was meant to last until its end.
  if (total >= length || (inner[last]?.end ?? null) === inner[last]?.length) return [];
  return [{
    code: "parts-and-run-differ",
    severity: "warning",
    why:
      `The parts last ${total} steps and the run ${length}: the last part goes on for ${
        length - total
      } steps ` +
      `more than it says.`,
    source: "optax join_schedules and torch SequentialLR continue their last part",
    suggestions: [set(last, length - starts[last]!)],
  }];
};

/** A part's share of the run, rounded with the others. */
const portion = (start: number, steps: number, total: number, length: number): number =>
  Math.round((start + steps) * length / total) - Math.round(start * length / total);

export const SEQUENCE_RULES: readonly SequenceRule[] = [jumpAtJoin, partsAndRun];
