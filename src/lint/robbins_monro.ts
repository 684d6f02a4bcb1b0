import type { Registry } from "#schedules/entry.ts";
import type { Node, Raised } from "#schedules/finding.ts";
import { conditionsOf } from "#schedules/robbins_monro.ts";

/** The two conditions for the whole schedule; a finite run needs neither. */
export function conditionsOfWhole(
  { spec, path }: Node,
  registry: Registry | undefined,
): Raised[] {
  const found = path.length === 0 ? conditionsOf(spec, registry) : null;
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
    suggestions: [],
    isFact: true,
  }];
}
