import type { Summary } from "#results/summary.ts";
import { endsChosen } from "#study/experiment/tuning.ts";
import { compact, counted, fixed } from "#lib/numbers.ts";
import type { Notice } from "../model.ts";

/** Missing runs, diverged runs, and arms tuned at the end of their range. */
export function experimentNotices({ complete, arms, tuning, looks }: Summary): Notice[] {
  const runs = arms.flatMap(({ name, runs }) => runs.map((run) => ({ ...run, name })));
  const partial: Notice[] = complete ? [] : [{
    kind: "partial",
    text:
      "The experiment was stopped before its end. This report is computed from the runs so far, of which " +
      `${fixed(runs.filter(({ reason }) => reason === "budget").length, 0)} are complete.`,
  }];
  const diverged = arms.flatMap(divergedText);
  return [
    ...partial,
    ...diverged,
    ...(complete ? missingSeeds(arms, looks?.planned ?? []) : []),
    ...tuning.flatMap(atEdge),
  ];
}

/** The diverged runs of an arm: one in full, several in short. */
function divergedText({ name, runs }: Summary["arms"][number]): Notice[] {
  const diverged = runs.filter((run) => run.diverged);
  const [first] = diverged;
  if (first === undefined) return [];
  const detail = first.detail ? ` (${first.detail.replace(/\.$/, "")})` : "";
  const text = diverged.length === 1
    ? `The run of “${name}” with seed ${first.seed} diverged at step ${fixed(first.steps, 0)}${detail}.`
    : `${diverged.length} of ${counted(runs.length, "run")} of “${name}” diverged (seeds ${
      diverged.map(({ seed }) => seed).join(", ")
    }).`;
  return [{ kind: "warning", text: `${text} Accuracy is compared without their pairs.` }];
}

/** A warning where the chosen rate is the smallest or largest tried: the range was too small. */
function atEdge(tuning: Summary["tuning"][number]): Notice[] {
  const { arm, chosen } = tuning;
  const [at] = endsChosen(tuning);
  if (at === undefined) return [];
  const [end, further] = at === "low" ? ["smallest", "smaller"] : ["largest", "larger"];
  return [{
    kind: "warning",
    text: `“${arm}” performs best with the ${end} learning rate tried, ${
      compact(chosen)
    }: a ${further} one may be better.`,
  }];
}

/**
 * Arms of a complete experiment that lack seeds of the others, because their parent run did not finish. An arm with the
 * first seeds alone, as many as a planned look takes, was decided at that look and lacks none.
 */
function missingSeeds(arms: Summary["arms"], planned: readonly number[]): Notice[] {
  const seedsOf = ({ runs }: Summary["arms"][number]) => runs.map(({ seed, member }) => member?.of ?? seed);
  const all = [...new Set(arms.flatMap(seedsOf))];
  return arms.flatMap((arm): Notice[] => {
    const missing = all.filter((seed) => !seedsOf(arm).includes(seed));
    const count = all.length - missing.length;
    const isDecided = planned.includes(count) && missing.every((seed) => all.indexOf(seed) >= count);
    if (missing.length === 0 || isDecided) return [];
    const seeds = `${missing.length === 1 ? "seed" : "seeds"} ${missing.join(", ")}`;
    const text = `“${arm.name}” was not run with ${seeds}: the run that it continues from did not finish.`;
    return [{ kind: "warning", text }];
  });
}
