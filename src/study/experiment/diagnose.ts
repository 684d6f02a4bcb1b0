import type { Evidence } from "./evidence.ts";
import { suggestionsFor } from "./suggestions.ts";
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
      text: TEXTS[diagnostics.symptom](diagnostics),
      suggestions: suggestionsFor(diagnostics.symptom, spec, arm, all),
    }))
  );
}

const TEXTS: Record<Symptom, (diagnostics: ArmDiagnostics) => string> = {
  "nothing learnt": ({ size }) =>
    size === 0
      ? "The loss diverged."
      : `The run ends at ${points(size)} % validation accuracy, hardly better than guessing.`,
  plateau: ({ size }) =>
    size < 0
      ? `The last stretch of the run stays ${
        points(-size)
      } points of validation accuracy below the best before it.`
      : `The last stretch of the run gains ${
        points(size)
      } points of validation accuracy over the best before it.`,
  volatile: ({ size }) =>
    `The validation loss changes by ${
      (100 * size).toFixed(0)
    } % of its mean from one evaluation to the next over ` +
    "the second half of the run, and does not fall.",
  "worse after a restart": ({ size }) =>
    `All that follows a restart stays ${
      points(size)
    } points of validation accuracy below the best before it.`,
};

function points(share: number): string {
  return (100 * share).toFixed(1);
}
