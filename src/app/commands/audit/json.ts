import type { Named } from "#audit/audit.ts";
import { headlineOf, threadUrl } from "#audit/words.ts";
import type { AuditedRun, Outcome } from "./audit_path.ts";

/** The outcome as JSON: `version`, `plan`, `notes`, and one entry in `runs` for each series of rates. */
export function toJson({ planName, runs, notes }: Outcome): string {
  return JSON.stringify({ version: 1, plan: planName, runs: runs.map(asData), notes }, null, 2) + "\n";
}

function asData({ run, group, tag, log, audit, stepsPerEpoch, notes }: AuditedRun) {
  const { found, departure } = audit;
  return {
    run,
    group,
    tag,
    verdict: audit.verdict,
    headline: headlineOf(audit),
    defects: audit.defects.map(defectData),
    suspicions: audit.suspicions.map(defectData),
    recognised: found === null ? null : {
      family: found.family,
      parameters: found.parameters,
      spec: found.spec,
      largest_relative_error: audit.error,
    },
    departure: departure === null ? null : {
      step: departure.step,
      logged: departure.logged,
      planned: departure.planned,
      differing_points: departure.differing,
      largest_ratio: departure.most,
    },
    log: {
      points: log.steps.length,
      first_step: log.steps[0] ?? null,
      last_step: log.steps.at(-1) ?? null,
      every: log.every,
      steps_per_epoch: stepsPerEpoch,
      resumed_at: log.resumedAt,
    },
    notes,
  };
}

const defectData = ({ defect: { code, title, threads, mend }, what, needs }: Named) => ({
  code,
  title,
  what,
  needs,
  threads: threads.map(threadUrl),
  mend,
});
