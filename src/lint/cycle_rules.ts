import { assertNever } from "#lib/assert_never.ts";
import type { RunShape } from "#lib/duration.ts";
import type { CyclePosition } from "#schedules/schedule.ts";
import type { Node, Rule } from "./finding.ts";
import { stepsOf } from "./nodes.ts";
import { numberOf } from "#schedules/number_of.ts";

const SGDR = "sgdr.md; Loshchilov and Hutter, 2016, arXiv:1608.03983";

/** The cycles that a schedule has of its own; `null` for a schedule without. */
interface Cycles {
  /** The key of the first cycle's length, for the line that mends. */
  readonly key: string;
  readonly first: number;
  readonly multiplier: number;
  /** First steps of the cycles after the first, within the node's stretch. */
  readonly restarts: readonly number[];
  /** Whether the schedule was chosen for its restarts. */
  readonly wantsRestarts: boolean;
}

type Cyclic = "sgdr" | "adaptive_sgdr" | "cyclic" | "aggressive_restart";

/** The cycles of a node, or `null`. */
export function cyclesOf({ spec, built, length }: Node, shape: RunShape): Cycles | null {
  const name = spec.name as Cyclic;
  if (!["sgdr", "adaptive_sgdr", "cyclic", "aggressive_restart"].includes(name)) return null;
  const { cycles } = built;
  const restarts = restartsWithin(cycles!, length);
  const first = cycles!(0).length;
  switch (name) {
    case "sgdr":
    case "adaptive_sgdr":
      return { key: "T_0", first, multiplier: numberOf(spec, "T_mult")!, restarts, wantsRestarts: true };
    case "cyclic":
      return {
        key: "step_size_up",
        first: stepsOf(spec, "step_size_up", shape)!,
        multiplier: 1,
        restarts,
        wantsRestarts: false,
      };
    case "aggressive_restart":
      return { key: "period", first, multiplier: 1, restarts, wantsRestarts: true };
    default:
      return assertNever(name);
  }
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
export const cycleOutlastsRun: Rule = (node, shape) => {
  const found = cyclesOf(node, shape);
  const { length } = node;
  const whole = node.built.cycles?.(0).length ?? 0;
  if (found === null || whole <= length) return [];
  const written = String(node.spec[found.key] ?? "");
  const count = /^([\d.e+]+)\s*epochs?$/i.exec(written)?.[1];
  const asSteps = count === undefined ? null : Number(count);
  const mend = asSteps !== null && asSteps <= length
    ? `${found.key}: ${asSteps} steps`
    : `${found.key}: ${Math.max(1, Math.floor(length / 4))} steps`;
  return [{
    code: "cycle-outlasts-run",
    severity: "warning",
    why:
      `The first cycle lasts ${whole} steps, but only ${length} are left in the run, so it never restarts; ` +
      `is ${found.key} (${written}) meant in another unit?`,
    source: "sgdr.md, pitfall 3",
    mend,
  }];
};

/** A run that ends before its cycle does, far from the minimum. */
export const endsInMidCycle: Rule = (node, shape) => {
  const found = cyclesOf(node, shape);
  if (found === null || !node.untilEnd || found.restarts.length === 0) return [];
  const { cycle, position, length } = node.built.cycles!(node.length - 1);
  if (position >= length - 1) return [];
  const weights = Array.from({ length: cycle + 1 }, (_, k) => found.multiplier ** k).reduce((a, b) => a + b);
  const whole = node.length / weights * (found.key === "step_size_up" ? 0.5 : 1);
  return [{
    code: "ends-in-mid-cycle",
    severity: "warning",
    why: `The run ends ${position + 1} steps into cycle ${cycle}, which has ${length}, so the last rate is ` +
      `${Number(node.built.lr(node.length - 1).toPrecision(3))} and not the cycle's minimum.`,
    source: SGDR,
    mend: `${found.key}: ${Math.max(1, Math.round(whole))} steps`,
  }];
};

/** A run so many times as long as its first growing cycle sees most of its restarts at the very start. */
const LONG_RUN = 64;

/** Pitfall 7 of sgdr.md: cycles that grow too fast for the run. */
export const fewRestarts: Rule = (node, shape) => {
  const found = cyclesOf(node, shape);
  if (found === null || !found.wantsRestarts) return [];
  if (node.built.cycles!(0).length > node.length) return []; // said by cycle-outlasts-run
  const count = found.restarts.length;
  const limit = numberOf(node.spec, "cycle_limit");
  if (limit !== null && limit - 1 <= count) return []; // asked for
  const late = found.restarts.filter((restart) => restart >= node.length / 2).length;
  const thinsOut = found.multiplier > 1 && node.length >= LONG_RUN * found.first && late < 3;
  if (count >= 3 && !thinsOut) return [];
  const fifths = Math.max(1, Math.floor(node.length / 5));
  const smaller = Math.max(1, Math.floor(node.length * (found.multiplier - 1) / (found.multiplier ** 5 - 1)));
  const mend = found.multiplier === 1
    ? `${found.key}: ${fifths} steps`
    : `T_mult: 1 with T_0: ${fifths} steps${smaller < found.first ? `, or T_0: ${smaller} steps` : ""}`;
  const fit = `${count} ${
    count === 1 ? "restart fits" : "restarts fit"
  } into the ${node.length} steps of the run`;
  return [{
    code: "few-restarts",
    severity: "warning",
    why: count >= 3
      ? `${fit}, but only ${late} of them into its second half: with T_mult ${found.multiplier} the cycles outgrow a ` +
        `run ${Math.round(node.length / found.first)} times as long as the first one.`
      : `Only ${fit}; restarts pay off from three on, better four or five.`,
    source: "sgdr.md, pitfall 7",
    mend,
  }];
};

/** Pitfall 1 of sgdr.md: each restart undoes what the short cycle before it reached. */
export const restartsTooFrequent: Rule = (node, shape, { convergenceSteps }) => {
  const found = cyclesOf(node, shape);
  if (found === null || node.spec.name === "aggressive_restart" || node.spec.name === "cyclic") return [];
  // Without a measurement: an epoch, or more than a fiftieth of the run.
  const guess = Math.max(shape.stepsPerEpoch, Math.floor(node.length / 50) + 1);
  const needed = convergenceSteps ?? guess;
  if (found.first >= needed || needed > node.length) return [];
  const than = convergenceSteps !== undefined
    ? `the ${convergenceSteps} that a monotonic schedule needs to converge`
    : guess === shape.stepsPerEpoch
    ? `one epoch (${guess})`
    : `a fiftieth of the run (${guess - 1})`;
  const mend = Math.min(
    convergenceSteps ?? 5 * shape.stepsPerEpoch,
    Math.max(needed, Math.floor(node.length / 4)),
  );
  return [{
    code: "restarts-too-frequent",
    severity: "warning",
    why:
      `The first cycle has ${found.first} steps, no more than ${than}: the model cannot settle before the next ` +
      `restart undoes it.`,
    source: "sgdr.md, pitfall 1",
    mend: `T_0: ${mend} steps`,
  }];
};

/** Pitfall 4 of sgdr.md: the ensemble that the cycles would have given for nothing. */
export const snapshotsForgotten: Rule = (node, shape, { snapshots }) => {
  const found = cyclesOf(node, shape);
  if (found === null || !found.wantsRestarts || found.restarts.length === 0 || snapshots === true) return [];
  return [{
    code: "snapshots-forgotten",
    severity: snapshots === false ? "warning" : "note",
    why:
      `${snapshots === false ? "No" : "If no"} model is kept at the ends of the ${
        found.restarts.length + 1
      } cycles` +
      `${snapshots === false ? ", so" : ","} the ensemble that they would give for nothing is lost.`,
    source: "sgdr.md, pitfall 4; Huang et al., 2017, arXiv:1704.00109",
    mend: "save a snapshot at the last step of each cycle (isLast)",
  }];
};

/** Pitfall 5 of sgdr.md: moments from the end of a cycle steer the first steps after its restart. */
export const adamKeepsItsState: Rule = (node, shape, { optimizer, resetsOptimizer }) => {
  const found = cyclesOf(node, shape);
  if (found === null || !found.wantsRestarts || found.restarts.length === 0 || resetsOptimizer === true) {
    return [];
  }
  if (optimizer === undefined || !/adam|rmsprop|adagrad|adadelta|lion|lamb/i.test(optimizer)) return [];
  return [{
    code: "adaptive-optimizer-without-reset",
    // Decoupled decay softens it: the seed's third way out is adamw with care.
    severity: /adamw/i.test(optimizer) && resetsOptimizer === undefined ? "note" : "warning",
    why:
      `${optimizer} keeps its moments over a restart, and they damp or misdirect the large rate that the restart is for.`,
    source: "sgdr.md, pitfall 5; Reddi et al., 2018, arXiv:1904.09237",
    mend: "optimizer: { name: sgd, momentum: 0.9 }, or reset the optimizer's state at each restart",
  }];
};

/** Pitfall 6 of sgdr.md: the first steps after a restart are the likeliest to explode. */
export const restartsWithoutClipping: Rule = (node, shape, { clipNorm }) => {
  const found = cyclesOf(node, shape);
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
    mend: "clip_norm: 1.0",
  }];
};
