import { conditionsOf } from "#schedules/robbins_monro.ts";
import type { Rule } from "./finding.ts";

/** What the two conditions say of the whole schedule; a finite run needs neither. */
export const robbinsMonro: Rule = ({ spec, path }) => {
  const found = path.length === 0 ? conditionsOf(spec) : null;
  if (found === null) return [];
  const says = (meets: boolean) => meets ? "meets" : "does not meet";
  return [{
    code: "robbins-monro",
    severity: "note",
    why: `Continued for ever, it ${says(found.sumDiverges)} the first condition (Σ η = ∞) and ` +
      `${
        says(found.squaresConverge)
      } the second (Σ η² < ∞): ${found.because}. A run of finite length needs neither.`,
    source: "learning-rate-schedules.md; Robbins and Monro, 1951",
    mend: null,
  }];
};
