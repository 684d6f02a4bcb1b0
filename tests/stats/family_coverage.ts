import { random } from "#lib/prng.ts";
import { pairedDifference } from "#stats/paired.ts";

/**
 * Share of simulated experiments in which every interval of `family` arms against one baseline holds the true
 * difference (zero). The baseline's own scatter is shared, so the differences are correlated as in a real experiment.
 */
export function familyCoverage(
  count: number,
  family: number,
  { experiments, corrected }: { readonly experiments: number; readonly corrected: boolean },
): number {
  const source = random(20261124, "family", count, family);
  let held = 0;
  for (let experiment = 0; experiment < experiments; experiment++) {
    const arm = () => new Map(Array.from({ length: count }, (_, seed) => [seed, source.normal()]));
    const baseline = arm();
    const all = Array.from({ length: family }, () => {
      const { interval, uncorrected } = pairedDifference(arm(), baseline, {
        family,
      });
      const [low, high] = corrected ? interval! : uncorrected!;
      return low <= 0 && high >= 0;
    });
    if (all.every(Boolean)) held++;
  }
  return held / experiments;
}

// `deno run -A tests/stats/family_coverage.ts` prints the table of `src/stats/family.ts`.
if (import.meta.main) {
  for (const count of [2, 3, 5, 10]) {
    const experiments = 4_000;
    const cells = [3, 8].map((family) => {
      const [with_, without] = [true, false].map((corrected) =>
        familyCoverage(count, family, { experiments, corrected })
      );
      return `${(100 * with_!).toFixed(1)} % (${(100 * without!).toFixed(1)})`;
    });
    console.log(` * | ${[count, ...cells].join(" | ")} |`);
  }
}
