import type { Cycling } from "#schedules/finding.ts";
import type { CyclePosition } from "#schedules/schedule.ts";
import type { AnyRule, EntryNode } from "./nodes.ts";

const SGDR = "sgdr.md; Loshchilov and Hutter, 2016, arXiv:1608.03983";

/** The cycles of a schedule in its stretch of the run. */
interface Cycles extends Cycling {
  /** Steps in the first cycle. */
  readonly first: number;
  /** First steps of the cycles after the first, within the node's stretch. */
  readonly restarts: readonly number[];
  /** True where the schedule was chosen for its restarts. */
  readonly wantsRestarts: boolean;
}

/** The cycles of a node, or `null` for a schedule without. */
function cyclesOf({ entry, values, built, length }: EntryNode): Cycles | null {
  const own = entry.lint?.cycling?.(values);
  if (own === undefined || built.cycles === null) return null;
  return {
    ...own,
    first: built.cycles(0).length,
    restarts: restartsWithin(built.cycles, length),
    wantsRestarts: own.purpose !== "wave",
  };
}

/** First steps of the cycles after the first, found from cycle to cycle. */
function restartsWithin(cycles: (step: number) => CyclePosition, length: number): number[] {
  const restarts: number[] = [];
  for (let start = 0;;) {
    const next = start + cycles(start).length;
    if (next >= length || !cycles(next).isRestart) return restarts;
    restarts.push(next);
    start = next;
  }
}

/** Pitfall 3 of sgdr.md: a length meant in steps but counted in epochs never restarts. */
export const cycleOutlastsRun: AnyRule = (node) => {
  const found = cyclesOf(node);
  const { length } = node;
  if (found === null || found.first <= length) return [];
  const written = String(node.spec[found.lengthKey] ?? "");
  const count = /^([\d.e+]+)\s*epochs?$/i.exec(written)?.[1];
  const asSteps = count === undefined ? null : Number(count);
  const suggestion = asSteps !== null && asSteps <= length
    ? `${found.lengthKey}: ${asSteps} steps`
    : `${found.lengthKey}: ${Math.max(1, Math.floor(length / 4))} steps`;
  return [{
    code: "cycle-outlasts-run",
    severity: "warning",
    why:
      `The first cycle lasts ${found.first} steps, but only ${length} are left in the run, so it never restarts; ` +
      `is ${found.lengthKey} (${written}) meant in another unit?`,
    source: "sgdr.md, pitfall 3",
    suggestion,
  }];
};

/** A run that ends before its cycle does, far from the minimum. */
export const endsInMidCycle: AnyRule = (node) => {
  const found = cyclesOf(node);
  if (found === null || !node.untilEnd || found.restarts.length === 0) return [];
  const { cycle, position, length } = node.built.cycles!(node.length - 1);
  if (position >= length - 1) return [];
  const weights = Array.from({ length: cycle + 1 }, (_, k) => found.growth ** k).reduce((a, b) => a + b);
  const whole = node.length / weights * (found.lengthPart);
  return [{
    code: "ends-in-mid-cycle",
    severity: "warning",
    why: `The run ends ${position + 1} steps into cycle ${cycle}, which has ${length}, so the last rate is ` +
      `${Number(node.built.lr(node.length - 1).toPrecision(3))} and not the cycle's minimum.`,
    source: SGDR,
    suggestion: `${found.lengthKey}: ${Math.max(1, Math.round(whole))} steps`,
  }];
};

/** A run so many times as long as its first growing cycle sees most of its restarts at the very start. */
const LONG_RUN = 64;

/** Pitfall 7 of sgdr.md: cycles that grow too fast for the run. */
export const fewRestarts: AnyRule = (node) => {
  const found = cyclesOf(node);
  if (found === null || !found.wantsRestarts) return [];
  if (found.first > node.length) return []; // cycle-outlasts-run reports it
  const count = found.restarts.length;
  if (found.limit !== null && found.limit - 1 <= count) return []; // asked for
  const late = found.restarts.filter((restart) => restart >= node.length / 2).length;
  const thinsOut = found.growth > 1 && node.length >= LONG_RUN * found.first && late < 3;
  if (count >= 3 && !thinsOut) return [];
  const fifths = Math.max(1, Math.floor(node.length / 5));
  const smaller = Math.max(1, Math.floor(node.length * (found.growth - 1) / (found.growth ** 5 - 1)));
  const suggestion = found.growth === 1
    ? `${found.lengthKey}: ${fifths} steps`
    : `${found.growthKey}: 1 with ${found.lengthKey}: ${fifths} steps${
      smaller < found.first ? `, or ${found.lengthKey}: ${smaller} steps` : ""
    }`;
  const fit = `${count} ${
    count === 1 ? "restart fits" : "restarts fit"
  } into the ${node.length} steps of the run`;
  return [{
    code: "few-restarts",
    severity: "warning",
    why: count >= 3
      ? `${fit}, but only ${late} of them into its second half: with ${found.growthKey} ${found.growth} the cycles outgrow a ` +
        `run ${Math.round(node.length / found.first)} times as long as the first one.`
      : `Only ${fit}; restarts pay off from three on, better four or five.`,
    source: "sgdr.md, pitfall 7",
    suggestion,
  }];
};

/** Pitfall 1 of sgdr.md: each restart undoes what the short cycle before it reached. */
export const restartsTooFrequent: AnyRule = (node) => {
  const { convergenceSteps } = node.facts;
  const found = cyclesOf(node);
  if (found?.purpose !== "descents") return [];
  // Without a measurement: an epoch, or more than a fiftieth of the run.
  const guess = Math.max(node.shape.stepsPerEpoch, Math.floor(node.length / 50) + 1);
  const needed = convergenceSteps ?? guess;
  if (found.first >= needed || needed > node.length) return [];
  const than = convergenceSteps !== undefined
    ? `the ${convergenceSteps} that a monotonic schedule needs to converge`
    : guess === node.shape.stepsPerEpoch
    ? `one epoch (${guess})`
    : `a fiftieth of the run (${guess - 1})`;
  const suggestion = Math.min(
    convergenceSteps ?? 5 * node.shape.stepsPerEpoch,
    Math.max(needed, Math.floor(node.length / 4)),
  );
  return [{
    code: "restarts-too-frequent",
    severity: "warning",
    why:
      `The first cycle has ${found.first} steps, no more than ${than}: the model cannot settle before the next ` +
      `restart undoes it.`,
    source: "sgdr.md, pitfall 1",
    suggestion: `${found.lengthKey}: ${suggestion} steps`,
  }];
};

/** Pitfall 4 of sgdr.md: the ensemble that the cycles would have given at no cost. */
export const snapshotsForgotten: AnyRule = (node) => {
  const { snapshots } = node.facts;
  const found = cyclesOf(node);
  if (found === null || !found.wantsRestarts || found.restarts.length === 0 || snapshots === true) return [];
  return [{
    code: "snapshots-forgotten",
    severity: snapshots === false ? "warning" : "note",
    why:
      `${snapshots === false ? "No" : "If no"} model is saved at the ends of the ${
        found.restarts.length + 1
      } cycles` +
      `${snapshots === false ? ", so" : ","} the ensemble that they would give at no cost is lost.`,
    source: "sgdr.md, pitfall 4; Huang et al., 2017, arXiv:1704.00109",
    suggestion: "save a snapshot at the last step of each cycle (isLast)",
  }];
};

/** Pitfall 5 of sgdr.md: moments from the end of a cycle steer the first steps after its restart. */
export const adamKeepsItsState: AnyRule = (node) => {
  const { optimizer, resetsOptimizer } = node.facts;
  const found = cyclesOf(node);
  if (found === null || !found.wantsRestarts || found.restarts.length === 0 || resetsOptimizer === true) {
    return [];
  }
  if (optimizer === undefined || !/adam|rmsprop|adagrad|adadelta|lion|lamb/i.test(optimizer)) return [];
  return [{
    code: "adaptive-optimizer-without-reset",
    // Decoupled decay softens it, so that adamw with care is a way out too.
    severity: /adamw/i.test(optimizer) && resetsOptimizer === undefined ? "note" : "warning",
    why:
      `${optimizer} keeps its moments over a restart, and they damp or misdirect the large rate that the restart is for.`,
    source: "sgdr.md, pitfall 5; Reddi et al., 2018, arXiv:1904.09237",
    suggestion: "optimizer: { name: sgd, momentum: 0.9 }, or reset the optimizer's state at each restart",
  }];
};

/** Pitfall 6 of sgdr.md: the first steps after a restart are the likeliest to explode. */
export const restartsWithoutClipping: AnyRule = (node) => {
  const { clipNorm } = node.facts;
  const found = cyclesOf(node);
  const at = found?.restarts[0];
  if (found === null || !found.wantsRestarts || at === undefined || typeof clipNorm === "number") return [];
  const [before, after] = [node.built.lr(at - 1), node.built.lr(at)];
  if (after < 10 * before) return [];
  return [{
    code: "restarts-without-clipping",
    severity: clipNorm === null ? "warning" : "note",
    why:
      `At step ${at} the rate jumps ${before === 0 ? "from 0" : `${Math.round(after / before)}-fold`} to ` +
      `${Number(after.toPrecision(3))}; ${
        clipNorm === null ? "without" : "if there is no"
      } bound on the gradient's ` +
      `norm${clipNorm === null ? "" : ","} such a jump can make the loss explode.`,
    source: "sgdr.md, pitfall 6",
    suggestion: "clip_norm: 1.0",
  }];
};
