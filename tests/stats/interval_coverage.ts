import { type Random, random } from "#lib/prng.ts";
import { bootstrapInterval } from "#stats/bootstrap.ts";
import { chiSquareQuantile, studentQuantile } from "#stats/distributions.ts";
import { pairedDifference } from "#stats/paired.ts";
import { mean, quantile, sampleSd } from "#stats/summary.ts";
import { differenceOverLooks } from "#study/experiment/looks.ts";

/** Figures of a baseline and the arms against it, `[arm][seed]`, and the true differences. */
export interface Draw {
  readonly figures: readonly (readonly number[])[];
  readonly truth: readonly number[];
}

/** Draws experiments of `family` arms against one baseline with `count` seeds. */
export type Population = (source: Random, count: number, family: number) => Draw;

type Interval = readonly [number, number];
/** The intervals of all arms against the baseline, so that they hold together with 95 %. */
type Method = (figures: Draw["figures"]) => Interval[];

const ALPHA = 0.05;

/** Noise of each arm on top of what the seed does to all arms alike, which pairs leave out. */
function noise(of: (source: Random, arm: number, baseline: number) => number): Population {
  return (source, count, family) => {
    const figures = Array.from({ length: family + 1 }, (): number[] => []);
    for (let seed = 0; seed < count; seed++) {
      const shared = 2 * source.normal();
      const baseline = of(source, 0, 0);
      figures.forEach((row, arm) => row.push(shared + (arm === 0 ? baseline : of(source, arm, baseline))));
    }
    return { figures, truth: Array.from({ length: family }, () => 0) };
  };
}

/** Mean 0, standard deviation 1, skewness −2: a run now and then ends far lower. */
const skewed = (source: Random) => 1 + Math.log(1 - source.uniform());
const everyOther = (arm: number) => arm % 2 === 1 ? 3 : 1;

export const POPULATIONS: Readonly<Record<string, Population>> = {
  "normal": noise((source) => source.normal()),
  "skewed": noise(skewed),
  "one arm scatters three times as much": noise((source, arm) => (arm === 1 ? 3 : 1) * source.normal()),
  "every other arm does nearly what the baseline does": noise((source, arm, baseline) =>
    arm % 2 === 0 && arm > 0 ? baseline + 0.1 * source.normal() : source.normal()
  ),
  "every other arm scatters three times as much": noise((source, arm) => everyOther(arm) * source.normal()),
  "skewed, and every other arm three times as much": noise((source, arm) => everyOther(arm) * skewed(source)),
};

/** Seeds of a record, drawn with replacement: `{ arm: { seed: figure } }`, the first arm is the baseline. */
export function recorded(record: Readonly<Record<string, Readonly<Record<string, number>>>>): Population {
  const arms = Object.values(record);
  const seeds = Object.keys(arms[0]!).filter((seed) => arms.every((arm) => Number.isFinite(arm[seed])));
  const means = arms.map((arm) => mean(seeds.map((seed) => arm[seed]!)));
  return (source, count, family) => {
    const others = arms.slice(1).map((_, index) => index + 1);
    // Any of the arms, where the record has more.
    while (others.length > family) others.splice(source.below(others.length), 1);
    const drawn = Array.from({ length: count }, () => seeds[source.below(seeds.length)]!);
    return {
      figures: [0, ...others].map((arm) => drawn.map((seed) => arms[arm]![seed]!)),
      truth: others.map((arm) => means[arm]! - means[0]!),
    };
  };
}

/** Quantiles are asked for thousands of times. */
const quantiles = new Map<string, number>();
function quantileOf(probability: number, degrees: number): number {
  const key = `${probability} ${degrees}`;
  const found = quantiles.get(key) ?? studentQuantile(probability, degrees);
  quantiles.set(key, found);
  return found;
}

const bySeed = (values: readonly number[]) => new Map(values.map((value, seed) => [seed, value]));
const differences = ([baseline, ...arms]: Draw["figures"]) =>
  arms.map((arm) => arm.map((value, seed) => value - baseline![seed]!));

function overLooks(skewed: boolean): Method {
  return ([baseline, ...arms]) => {
    const count = baseline!.length;
    const seeds = baseline!.map((_, seed) => seed);
    const options = { seeds, counts: [Math.max(2, count / 2), count], family: arms.length, skewed };
    return arms.map((arm) => differenceOverLooks(bySeed(arm), bySeed(baseline!), options).interval!);
  };
}

export const METHODS: Readonly<Record<string, Method>> = {
  /** The lab's: Student's intervals at a Bonferroni error. */
  "Student": ([baseline, ...arms]) =>
    arms.map((arm) => pairedDifference(bySeed(arm), bySeed(baseline!), { family: arms.length }).interval!),
  /** The same over two looks at half and all of the seeds. */
  "Student, two looks": overLooks(false),
  /** The lab's where it looks: half of the degrees of freedom. */
  "half the degrees, two looks": overLooks(true),
  /** One variance for all pairs. */
  "pooled": (figures) => {
    const pairs = differences(figures);
    const pooled = Math.sqrt(mean(pairs.map((values) => sampleSd(values) ** 2)));
    return student(pairs, pairs.length * (pairs[0]!.length - 1), () => pooled);
  },
  /** Each pair's own spread, at least the usual one, with twice the degrees of freedom. */
  "guarded": (figures) => {
    const pairs = differences(figures);
    const degrees = pairs[0]!.length - 1;
    if (pairs.length < 3) return student(pairs, degrees, sampleSd);
    const variances = pairs.map((values) => sampleSd(values) ** 2);
    const usual = Math.sqrt(quantile(variances, 0.5) * degrees / chiSquareQuantile(0.5, degrees));
    return student(pairs, 2 * degrees, (values) => Math.max(usual, sampleSd(values)));
  },
  /** The bootstrap that was the lab's before, its half-widths multiplied for the family. */
  "bootstrap": (figures) =>
    differences(figures).map((values, index, { length }) => {
      const [low, high] = bootstrapInterval(values, { resamples: 300, seed: index })!;
      const degrees = values.length - 1;
      const factor = studentQuantile(1 - ALPHA / 2 / length, degrees) /
        studentQuantile(1 - ALPHA / 2, degrees);
      const centre = mean(values);
      return [centre + factor * (low - centre), centre + factor * (high - centre)];
    }),
};

function student(
  pairs: readonly (readonly number[])[],
  degrees: number,
  spread: (values: readonly number[]) => number,
): Interval[] {
  const reach = quantileOf(1 - ALPHA / 2 / pairs.length, degrees);
  return pairs.map((values) => {
    const half = reach * spread(values) / Math.sqrt(values.length);
    return [mean(values) - half, mean(values) + half];
  });
}

export interface Coverage {
  /** Share of experiments in which all intervals hold. */
  readonly held: number;
  /** Mean width of the first arm's interval. */
  readonly width: number;
}

/** Coverage of a method over simulated experiments; all methods see the same ones. */
export function intervalCoverage(
  method: Method,
  population: Population,
  { count, family, experiments }: {
    readonly count: number;
    readonly family: number;
    readonly experiments: number;
  },
): Coverage {
  const source = random(20261128, "interval", count, family);
  let [held, width] = [0, 0];
  for (let experiment = 0; experiment < experiments; experiment++) {
    const { figures, truth } = population(source, count, family);
    const intervals = method(figures);
    if (intervals.every(([low, high], arm) => low <= truth[arm]! && truth[arm]! <= high)) held++;
    width += intervals[0]![1] - intervals[0]![0];
  }
  return { held: held / experiments, width: width / experiments };
}

// `deno run -A tests/stats/interval_coverage.ts [RECORD.json …]` prints the table of docs/evidence.md: simulated
// experiments, or those drawn from records `{ arm: { seed: figure } }`, whose first arm is the baseline.
if (import.meta.main) {
  const records = Deno.args.map((file): [string, Population] => [
    file.split("/").at(-1)!.replace(/\.json$/, ""),
    recorded(JSON.parse(Deno.readTextFileSync(file))),
  ]);
  const names = Object.keys(METHODS);
  console.log(`| data | arms | ${names.join(" | ")} |\n|${"---|".repeat(names.length + 2)}`);
  for (const [name, population] of records.length > 0 ? records : Object.entries(POPULATIONS)) {
    for (const family of [1, 3, 5, 8]) {
      const cells = Object.values(METHODS).map((method) =>
        [4, 8, 16, 32].map((count) => {
          const { held } = intervalCoverage(method, population, { count, family, experiments: 1000 });
          return (100 * held).toFixed(1);
        }).join(" ")
      );
      console.log(`| ${[name, family, ...cells].join(" | ")} |`);
    }
  }
}
