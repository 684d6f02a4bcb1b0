import { type Random, random } from "#lib/prng.ts";
import { meanRanks } from "#stats/mean_ranks.ts";
import { regrets } from "#stats/regret.ts";
import { mean } from "#stats/summary.ts";

/** Simulated benchmarks with known truth: what docs/evidence.md says, by
 * `deno run -A tests/stats/rank_coverage.ts [BENCHMARKS] [RESAMPLES] [PART OF A NAME]`. */
export interface Benchmark {
  /** True mean of a family in a setting, in standard deviations of a run; drawn once a benchmark. */
  readonly effect: (source: Random, family: number) => number;
  /** Share of runs that fail, by family. */
  readonly fails?: (family: number) => number;
  /** Skewed noise: a run now and then ends far lower. */
  readonly skewed?: boolean;
}

export interface Size {
  readonly settings: number;
  readonly families: number;
  readonly seeds: number;
}

export const BENCHMARKS: Readonly<Record<string, Benchmark>> = {
  "no difference": { effect: () => 0 },
  "no difference, skewed": { effect: () => 0, skewed: true },
  "five best, the others 3 behind": { effect: (_, family) => family < 5 ? 0 : -3 },
  "a third apart, settings differ": { effect: (source, family) => -family / 3 + source.normal() / 2 },
  "two apart, settings differ": { effect: (source, family) => -2 * family + source.normal() },
  "a third apart, every fourth fails in a fifth": {
    effect: (source, family) => -family / 3 + source.normal() / 2,
    fails: (family) => family % 4 === 1 ? 0.2 : 0,
  },
};

/** Standard errors of true ranks are below this. */
const TRUTH_NOISE = 0.25;

/** Score of a failed run, in standard deviations below the mean of the others. */
const FAILED = -20;

/** One benchmark's true means and its runs. */
interface Drawn {
  readonly effects: readonly (readonly number[])[];
  /** `[setting][family][seed]`, `null` for a failed run. */
  readonly scores: readonly (readonly (readonly (number | null)[])[])[];
}

export function drawn(
  { effect, fails = () => 0, skewed = false }: Benchmark,
  { settings, families, seeds }: Size,
  source: Random,
): Drawn {
  const noise = () => skewed ? 1 + Math.log(1 - source.uniform()) : source.normal();
  const all = Array.from({ length: settings }, () => {
    const shared = Array.from({ length: seeds }, () => 2 * source.normal());
    const effects = Array.from({ length: families }, (_, family) => effect(source, family));
    const scores = effects.map((own, family) =>
      shared.map((seed) => source.uniform() < fails(family) ? null : own + seed + noise())
    );
    return { effects, scores };
  });
  return { effects: all.map((one) => one.effects), scores: all.map((one) => one.scores) };
}

/** True regret of every family: its mean over settings, and the worst. */
function trueRegrets(effects: Drawn["effects"], fails: (family: number) => number) {
  const expected = effects.map((row) => row.map((own, f) => own + fails(f) * (FAILED - own)));
  return effects[0]!.map((_, family) => {
    const own = expected.map((row) => Math.max(...row) - row[family]!);
    return { mean: mean(own), worst: Math.max(...own) };
  });
}

/** True mean rank of a run, from many seeds of the same settings. */
function trueRanks(
  { fails, skewed }: Benchmark,
  effects: Drawn["effects"],
  seeds: number,
  source: Random,
): number[] {
  const many = effects.map((row) => {
    const fixed = { effect: (_: Random, family: number) => row[family]!, fails, skewed } as Benchmark;
    return drawn(fixed, { settings: 1, families: row.length, seeds }, source).scores[0]!;
  });
  return meanRanks(many).families.map(({ rank }) => rank);
}

export interface Held {
  /** Share of benchmarks in which the critical difference separates any two families. */
  readonly separated: number;
  /** Share of benchmarks in which seeds put a family behind the best one that is not worse in truth. */
  readonly here: number;
  /** Share of intervals of mean ranks, and of benchmarks in which all of them hold. */
  readonly rank: number;
  readonly ranks: number;
  /** The same of mean regrets. */
  readonly regret: number;
  readonly regrets: number;
  /** The same of the worst regrets. */
  readonly worst: number;
  readonly worsts: number;
  /** Mean error of the mean regret as it is estimated, and against the observed best, in standard deviations. */
  readonly bias: number;
  readonly plainBias: number;
  /** Mean width of its interval. */
  readonly width: number;
}

/** What holds over so many simulated benchmarks; `alone` takes each interval at 95 % by itself. */
export function rankCoverage(
  benchmark: Benchmark,
  size: Size,
  { benchmarks, resamples, truthSeeds = 400 }: {
    readonly benchmarks: number;
    readonly resamples: number;
    readonly truthSeeds?: number;
  },
): Held {
  const source = random(20261128, "ranks", size.settings, size.families, size.seeds);
  const sums = {
    separated: 0,
    here: 0,
    rank: 0,
    ranks: 0,
    regret: 0,
    regrets: 0,
    worst: 0,
    worsts: 0,
    bias: 0,
    plainBias: 0,
    width: 0,
  };
  const shared = (count: number) => count / (benchmarks * size.families);
  for (let at = 0; at < benchmarks; at++) {
    const { effects, scores } = drawn(benchmark, size, source);
    const compared = meanRanks(scores);
    if (compared.groups.length !== 1 || compared.groups[0]!.length < size.families) sums.separated++;
    const ranks = trueRanks(benchmark, effects, truthSeeds, source);
    const best = compared.families.map(({ rank }) => rank);
    const leader = ranks[best.indexOf(Math.min(...best))]!;
    // Under no difference the simulated truth scatters too: what is within that is no difference.
    if (compared.behindHere.some((family) => ranks[family]! < leader + TRUTH_NOISE)) sums.here++;
    const rankHits = compared.families.filter(({ interval }, family) =>
      holds(interval!, ranks[family]!)
    ).length;
    const truth = trueRegrets(effects, benchmark.fails ?? (() => 0));
    const filled = scores.map((row) => row.map((own) => own.map((score) => score ?? FAILED)));
    const estimated = regrets(filled, { resamples, seed: at });
    const hits = estimated.filter(({ interval }, family) => holds(interval!, truth[family]!.mean)).length;
    const worstHits =
      estimated.filter(({ worst }, family) => holds(worst.interval!, truth[family]!.worst)).length;
    sums.rank += rankHits;
    sums.ranks += Number(rankHits === size.families);
    sums.regret += hits;
    sums.regrets += Number(hits === size.families);
    sums.worst += worstHits;
    sums.worsts += Number(worstHits === size.families);
    estimated.forEach((one, family) => {
      sums.bias += one.mean - truth[family]!.mean;
      sums.plainBias += mean(one.bySetting) - truth[family]!.mean;
      sums.width += one.interval![1] - one.interval![0];
    });
  }
  return {
    separated: sums.separated / benchmarks,
    here: sums.here / benchmarks,
    rank: shared(sums.rank),
    ranks: sums.ranks / benchmarks,
    regret: shared(sums.regret),
    regrets: sums.regrets / benchmarks,
    worst: shared(sums.worst),
    worsts: sums.worsts / benchmarks,
    bias: shared(sums.bias),
    plainBias: shared(sums.plainBias),
    width: shared(sums.width),
  };
}

// Rounding may put an end of an interval a hair beside the truth, where both are 0.
const holds = ([low, high]: readonly [number, number], truth: number) =>
  low <= truth + 1e-9 && truth <= high + 1e-9;

if (import.meta.main) {
  const [benchmarks = 400, resamples = 1000] = Deno.args.slice(0, 2).map(Number);
  const only = Deno.args[2] ?? "";
  const percent = (share: number) => (100 * share).toFixed(1);
  console.log(
    "| benchmark | settings | seeds | separated | behind by seeds | ranks | regrets | worst regrets | error of the estimate | against the observed best | width |\n" +
      `|${"---|".repeat(11)}`,
  );
  for (const [name, benchmark] of Object.entries(BENCHMARKS).filter(([name]) => name.includes(only))) {
    for (const [settings, seeds] of [[3, 3], [9, 3], [9, 5], [9, 8]] as const) {
      const held = rankCoverage(benchmark, { settings, families: 12, seeds }, { benchmarks, resamples });
      const cells = [
        percent(held.separated),
        percent(held.here),
        `${percent(held.ranks)} (${percent(held.rank)})`,
        `${percent(held.regrets)} (${percent(held.regret)})`,
        `${percent(held.worsts)} (${percent(held.worst)})`,
        held.bias.toFixed(2),
        held.plainBias.toFixed(2),
        held.width.toFixed(2),
      ];
      console.log(`| ${[name, settings, seeds, ...cells].join(" | ")} |`);
    }
  }
}
