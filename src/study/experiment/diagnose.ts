import type { Evidence } from "./evidence.ts";
import { suggestionsFor } from "./suggestions.ts";
import { hasDiverged } from "#results/final.ts";
import { type ScoreName, scoreName } from "#results/score.ts";
import type { RunRecord } from "#results/run.ts";
import type { Diagnostic, Symptom } from "#results/summary.ts";
import { type ArmDiagnostics, diagnosticsOf } from "./diagnostics.ts";

/** The symptoms of at least half of an arm's runs, each with the changes that may help. */
export function diagnose(
  { spec, classes, records }: Pick<Evidence, "spec" | "classes" | "records">,
): Diagnostic[] {
  const all = spec.arms.flatMap(({ name }) => records(name));
  return spec.arms.flatMap(({ name: arm }) =>
    diagnosticsOf(records(arm), classes).map((diagnostics): Diagnostic => ({
      arm,
      symptom: diagnostics.symptom,
      runs: diagnostics.runs,
      of: diagnostics.of,
      text: TEXTS[diagnostics.symptom](diagnostics, factsOf(records(arm), diagnostics)),
      suggestions: suggestionsFor(diagnostics.symptom, spec, arm, all),
    }))
  );
}

/** The parts of sentences beside the symptom. */
interface Facts {
  /** The figure that runs are chosen by. */
  readonly score: ScoreName;
  /** True where at least half of the runs that show the symptom diverged. */
  readonly diverged: boolean;
}

function factsOf(records: readonly RunRecord[], { runs }: ArmDiagnostics): Facts {
  return { score: scoreName(records), diverged: 2 * records.filter(hasDiverged).length >= runs };
}

const TEXTS: Record<Symptom, (diagnostics: ArmDiagnostics, facts: Facts) => string> = {
  "nothing learnt": ({ size }, { score, diverged }) => {
    if (diverged) return "The loss diverged.";
    const like = score === "Dice" ? "with next to nothing found" : "hardly better than guessing";
    return `The run ends at ${points(size)} % validation ${score}, ${like}.`;
  },
  plateau: ({ size }, { score }) =>
    score === "Dice"
      ? `The last stretch of the run changes validation Dice by ${
        points(size)
      } points from its first half to its second.`
      : size < 0
      ? `The last stretch of the run stays ${
        points(-size)
      } points of validation ${score} below the best before it.`
      : `The last stretch of the run gains ${
        points(size)
      } points of validation ${score} over the best before it.`,
  volatile: ({ size }, { score }) =>
    score === "Dice"
      ? `Validation Dice changes by ${
        points(size)
      } points from one evaluation to the next over the second half of the run, and does not rise.`
      : `The validation loss changes by ${
        (100 * size).toFixed(0)
      } % of its mean from one evaluation to the next over ` +
        "the second half of the run, and does not fall.",
  "worse after a restart": ({ size }, { score }) =>
    `All that follows a restart stays ${
      points(size)
    } points of validation ${score} below the best before it.`,
};

function points(share: number): string {
  return (100 * share).toFixed(1);
}
