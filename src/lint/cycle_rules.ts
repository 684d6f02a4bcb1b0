import { stepsText } from "#lib/duration.ts";
import { set, type Suggestion } from "#schedules/finding.ts";
import { type Cycles, cyclesOf } from "./cycles.ts";
import type { AnyRule } from "./nodes.ts";

const SGDR = "sgdr.md; Loshchilov and Hutter, 2016, arXiv:1608.03983";

/** Pitfall 3 of sgdr.md: a length meant in steps but counted in epochs never restarts. */
export const cycleOutlastsRun: AnyRule = (node) => {
  const found = cyclesOf(node);
  const { length } = node;
  if (found === null || found.first <= length) return [];
  const written = String(node.spec[found.lengthKey] ?? "");
  const count = /^([\d.e+]+)\s*epochs?$/i.exec(written)?.[1];
  const asSteps = count === undefined ? null : Number(count);
  const inSteps = asSteps !== null && asSteps <= length ? [asSteps] : [];
  const cycle = (count: number) => Math.max(1, Math.ceil(found.lengthPart * length / count));
  return [{
    code: "cycle-outlasts-run",
    severity: "warning",
    why:
      `The first cycle lasts ${found.first} steps, but only ${length} are left in the run, so it never restarts; ` +
      `is ${found.lengthKey} (${written}) meant in another unit?`,
    source: "sgdr.md, pitfall 3",
    suggestions: [...inSteps, cycle(4), cycle(5), cycle(1)].flatMap((steps) =>
      lengthSuggestions(found, steps)
    ),
  }];
};

/** Changes of the first cycle's length, with as long a cycle each time where it grows else. */
function lengthSuggestions({ lengthKey, growthKey, growth }: Cycles, steps: number): Suggestion[] {
  const length = { [lengthKey]: stepsText(steps) };
  return [set(length), ...(growthKey !== null && growth > 1 ? [set({ [growthKey]: 1, ...length })] : [])];
}

/** The part of the first cycle's height by which a last rate may lie above its cycle's minimum. */
const NEAR = 0.05;

/** A run that ends far from the minimum of its last cycle. */
export const endsInMidCycle: AnyRule = (node) => {
  const found = cyclesOf(node);
  if (found === null || !node.untilEnd || found.restarts.length === 0) return [];
  const { cycle, position, length } = node.built.cycles!(node.length - 1);
  if (position >= length - 1) return [];
  const start = node.length - 1 - position;
  const { low } = rangeOf(node.built.lr, start, length);
  const { high } = rangeOf(node.built.lr, 0, found.first);
  const last = node.built.lr(node.length - 1);
  if (last - low <= NEAR * (high - low)) return [];
  const weights = Array.from({ length: cycle + 1 }, (_, k) => found.growth ** k).reduce((a, b) => a + b);
  const whole = node.length / weights * found.lengthPart;
  const { limitKey } = found;
  return [{
    code: "ends-in-mid-cycle",
    severity: "warning",
    why: `The run ends ${position + 1} steps into a cycle of ${length}, so the last rate is ` +
      `${Number(last.toPrecision(3))} and not the cycle's minimum.`,
    source: SGDR,
    suggestions: [
      ...[...new Set([whole, Math.ceil(whole)].map((steps) => Math.max(1, Math.round(steps))))]
        .map((steps) => set({ [found.lengthKey]: stepsText(steps) })),
      ...(limitKey === undefined ? [] : [set({ [limitKey]: cycle })]),
    ],
  }];
};

/** Steps of a cycle that are looked at for its range. */
const LOOKED_AT = 200;

/** The lowest and the highest rate of so many steps. */
function rangeOf(lr: (step: number) => number, start: number, length: number) {
  const steps = Math.min(LOOKED_AT, length);
  const rates = Array.from({ length: steps + 1 }, (_, k) => lr(start + Math.round(k * (length - 1) / steps)));
  return { low: Math.min(...rates), high: Math.max(...rates) };
}

/** A run so many times as long as its first growing cycle sees most of its restarts at the very start. */
const LONG_RUN = 64;

/** Pitfall 7 of sgdr.md: cycles that grow too fast for the run. */
export const fewRestarts: AnyRule = (node) => {
  const found = cyclesOf(node);
  if (found?.purpose !== "descents") return [];
  if (found.first > node.length) return []; // cycle-outlasts-run reports it
  const count = found.restarts.length;
  if (found.limit !== null && found.limit - 1 <= count) return []; // as many as the spec asks for
  const late = found.restarts.filter((restart) => restart >= node.length / 2).length;
  const thinsOut = found.growth > 1 && node.length >= LONG_RUN * found.first && late < 3;
  if (count >= 3 && !thinsOut) return [];
  const fifths = Math.max(1, Math.ceil(node.length / 5));
  const smaller = Math.max(1, Math.floor(node.length * (found.growth - 1) / (found.growth ** 5 - 1)));
  const equal = { [found.lengthKey]: stepsText(fifths) };
  const grown = smaller < found.first ? [set({ [found.lengthKey]: stepsText(smaller) })] : [];
  const fit = `${count} ${
    count === 1 ? "restart fits" : "restarts fit"
  } into the ${node.length} steps of the run`;
  return [{
    code: "few-restarts",
    severity: "warning",
    why: count >= 3
      ? `${fit}, but only ${late} of them into its second half: with ${found.growthKey} ${found.growth} the cycles ` +
        `outgrow the run, which is ${Math.round(node.length / found.first)} times as long as the first cycle.`
      : `Only ${fit}; restarts pay off from three on, and four or five are better.`,
    source: "sgdr.md, pitfall 7",
    suggestions: found.growth === 1 ? [set(equal)] : [set({ [found.growthKey!]: 1, ...equal }), ...grown],
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
  const fewerThan = convergenceSteps !== undefined
    ? `fewer than the ${convergenceSteps} in which a monotonic schedule converges`
    : guess === node.shape.stepsPerEpoch
    ? `fewer than one epoch (${guess})`
    : `no more than a fiftieth of the run (${guess - 1})`;
  const suggestion = Math.min(
    convergenceSteps ?? 5 * node.shape.stepsPerEpoch,
    Math.max(needed, Math.floor(node.length / 4)),
  );
  return [{
    code: "restarts-too-frequent",
    severity: "warning",
    why:
      `The first cycle has ${found.first} steps, ${fewerThan}: the model cannot settle before the next restart ` +
      `undoes its progress.`,
    source: "sgdr.md, pitfall 1",
    suggestions: [
      suggestion,
      Math.ceil(node.length / 4),
      Math.ceil(node.length / 5),
      Math.ceil(node.length / 3),
    ]
      .flatMap((steps) => lengthSuggestions(found, Math.max(1, steps))),
  }];
};
