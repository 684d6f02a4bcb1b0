import { type Random, random } from "#lib/prng.ts";
import { pairedDifference } from "#stats/paired.ts";
import { unpairedDifference } from "#stats/unpaired.ts";

/** Figures of the runs of a baseline and of the groups against it, `[group][run]`; all true differences are 0. */
type Draw = readonly (readonly number[])[];

export interface Population {
  /** A run of group `group`; its mean is 0. */
  readonly of: (source: Random, group: number) => number;
}

/** Mean 0, standard deviation 1, skewness −2: a run now and then ends far lower. */
const skewed = (source: Random) => 1 + Math.log(1 - source.uniform());
/** Every group but the baseline and each second one scatters three times as much. */
const uneven = (group: number) => group % 2 === 1 ? 3 : 1;

export const POPULATIONS: Readonly<Record<string, Population>> = {
  "normal": { of: (source) => source.normal() },
  "normal, unequal variances": { of: (source, group) => uneven(group) * source.normal() },
  "skewed": { of: skewed },
  "skewed, unequal variances": { of: (source, group) => uneven(group) * skewed(source) },
};

function draw({ of }: Population, source: Random, runs: number, groups: number, isPaired: boolean): Draw {
  const figures = Array.from({ length: groups }, (): number[] => []);
  for (let run = 0; run < runs; run++) {
    const shared = isPaired ? 2 * source.normal() : 0;
    figures.forEach((row, group) => row.push(shared + of(source, group)));
  }
  return figures;
}

/** The intervals of `judge`, which hold together. */
function intervals([baseline, ...groups]: Draw, isPaired: boolean): (readonly [number, number])[] {
  const options = { family: groups.length, allowsSkewness: true };
  const byRun = (values: readonly number[]) => new Map(values.map((value, run) => [run, value]));
  return groups.map((group) =>
    (isPaired
      ? pairedDifference(byRun(group), byRun(baseline!), options)
      : unpairedDifference(group, baseline!, options)).interval!
  );
}

/** The share of experiments in which all intervals hold the true differences. */
export function judgeCoverage(
  population: Population,
  options: {
    readonly runs: number;
    readonly groups: number;
    readonly isPaired: boolean;
    readonly experiments: number;
  },
): number {
  const { runs, groups, isPaired, experiments } = options;
  const source = random(runs + 100 * groups, isPaired ? "paired" : "unpaired");
  let held = 0;
  for (let i = 0; i < experiments; i++) {
    const found = intervals(draw(population, source, runs, groups, isPaired), isPaired);
    if (found.every(([low, high]) => low <= 0 && high >= 0)) held++;
  }
  return held / experiments;
}

const RUNS = [3, 4, 5, 6, 7, 8, 9, 10];

// deno run -A tests/study/judge_coverage.ts [EXPERIMENTS] prints the table of docs/judge.md.
if (import.meta.main) {
  const experiments = Number(Deno.args[0] ?? 4000);
  console.log(`| data | groups | runs are | ${RUNS.join(" | ")} | 3 to 10 |`);
  console.log(`| --- | --- | --- | ${RUNS.map(() => "---").join(" | ")} | --- |`);
  for (const [name, population] of Object.entries(POPULATIONS)) {
    for (const groups of [2, 4]) {
      for (const isPaired of [true, false]) {
        const shares = RUNS.map((runs) => judgeCoverage(population, { runs, groups, isPaired, experiments }));
        const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
        const cells = [...shares, mean].map((share) => (100 * share).toFixed(1));
        console.log(`| ${name} | ${groups} | ${isPaired ? "paired" : "unpaired"} | ${cells.join(" | ")} |`);
      }
    }
  }
}
