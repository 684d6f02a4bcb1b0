import type { CandidateResult, RangeTestResult } from "#results/lr_range.ts";
import { START_NAMES } from "#study/lr_range_test/plan.ts";
import { compact, counted, fixed } from "#lib/numbers.ts";

/** The recommended rate, how well it did, and where runs begin to fail, in one sentence. */
export function headlineOf({ chosen, recommended, validation, suggestions }: RangeTestResult): string {
  if (chosen === null) {
    const why = [...new Set(suggestions.map(({ reason }) => reason))].join("; ");
    return `The range test suggests no learning rate: ${why}`;
  }
  const suggested = `${compact(chosen.lr)} (${START_NAMES[chosen.rule]})`;
  if (validation === null) return `Suggested learning rate: ${suggested}, without short runs`;
  if (recommended === null) {
    return `Short runs failed at all ${counted(validation.candidates.length, "rate")} around ${suggested}`;
  }
  const found = validation.candidates.find(({ lr }) => lr === recommended);
  // Short runs of an earlier lab judged the suggestion, and looked for no best rate.
  if (validation.best === undefined || !found || found.accuracy === null) {
    return `Recommended learning rate: ${compact(recommended)}`;
  }
  return `Recommended learning rate: ${compact(recommended)}, ${
    recommended === validation.best ? "the best" : "as good as the best"
  } of ${counted(validation.candidates.length, "rate")} in short runs (${
    fixed(100 * found.accuracy, 1)
  } %); ${failureText(validation)}`;
}

function failureText({ candidates, fails_from = null }: NonNullable<RangeTestResult["validation"]>): string {
  return fails_from === null
    ? `no run failed up to ${compact(Math.max(...candidates.map(({ lr }) => lr)))}`
    : `runs begin to fail at ${compact(fails_from)}`;
}

/** The runs and steps that the result cost: `18 short runs and 3 ramps, 4,163 steps, 27 s`. */
export function spentText({ runs, validation, provenance }: RangeTestResult): string {
  const checks = validation?.candidates.flatMap((candidate) => candidate.runs) ?? [];
  const steps = runs.reduce((sum, { lr }) => sum + lr.length, 0) + checks.length * (validation?.steps ?? 0);
  return `${counted(runs.length, "ramp")} and ${counted(checks.length, "short run")}, at most ${
    counted(steps, "step")
  }, took ${fixed(provenance.wall_s, 0)} s with ${provenance.jobs} at a time.`;
}

/** The rate that differences are taken to: the best one, or the suggestion in results of an earlier lab. */
export function comparedWith({ chosen, validation }: RangeTestResult): number | null {
  return validation?.best === undefined ? chosen?.lr ?? null : validation.best;
}

/** Count of failed runs among a rate's short runs. */
export function failuresOf({ runs }: CandidateResult): number {
  return runs.filter(({ failed, diverged }) => failed ?? diverged).length;
}
