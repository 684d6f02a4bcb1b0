import type { Diagnostic, Summary } from "#results/summary.ts";
import { THRESHOLDS } from "#study/experiment/diagnostics.ts";
import { printSchedule } from "#schedules/print.ts";
import { type Section, seriesOf } from "../../model.ts";
import type { Row } from "../../table.ts";
import { counted } from "../../format/numbers.ts";

const left = (label: string) => ({ label, align: "left" as const });
const percent = (share: number) => Number((100 * share).toPrecision(2));

/** What went badly, and what may help; nothing where all went well. */
export function diagnosticsSection({ diagnostics = [], arms }: Summary): Section[] {
  if (diagnostics.length === 0) return [];
  const names = arms.map(({ name }) => name);
  const rows = (of: (diagnostic: Diagnostic) => readonly (readonly string[])[]): Row[] =>
    diagnostics.flatMap((diagnostic) =>
      of(diagnostic).map((cells) => ({
        series: seriesOf(names, diagnostic.arm),
        cells: [diagnostic.arm, diagnostic.symptom, ...cells],
      }))
    );
  return [{
    id: "diagnostics",
    title: "Trouble",
    brief: false,
    blocks: [
      { kind: "text", text: HOW_FOUND },
      {
        kind: "table",
        caption: "What went badly",
        columns: [left("arm"), left("symptom"), left("seen in"), left("what was seen, median of these runs")],
        keys: 2,
        rows: rows(({ runs, of, text }) => [[`${runs} of ${counted(of, "run")}`, text]]),
        note: "",
      },
      {
        kind: "table",
        caption: "What may help",
        columns: [left("arm"), left("symptom"), left("change"), left("the arm's schedule then")],
        keys: 2,
        rows: rows(({ suggestions }) =>
          suggestions.map(({ change, schedule }) => [change, printSchedule(schedule)])
        ),
        note:
          "Suggestions; none of them was tested here. Those for a plateau, a volatile loss and a loss after a restart are " +
          "a guide's on the escape from local minima. summary.json has " +
          "each as a spec that sets the changed arm against this one: diagnostics[…].suggestions[…].spec.",
      },
    ],
  }];
}

const HOW_FOUND =
  "Told by fixed rules where at least half of an arm's runs show it. Nothing learnt: the run diverged, or ends at " +
  `most at ${THRESHOLDS.guessing} times the accuracy of guessing. Plateau: the last ` +
  `${THRESHOLDS.plateauEpochs} epochs, or the last third of a shorter run, gain at most ` +
  `${
    percent(THRESHOLDS.plateauGain)
  } points of validation accuracy over the best before; a schedule that ends near ` +
  "zero does so by design. Volatile: over the second half of the run the validation loss changes by " +
  `${percent(THRESHOLDS.swing)} % of its mean or more between evaluations and does not fall by ` +
  `${percent(THRESHOLDS.convergence)} %. Worse after a restart: all that follows it stays ` +
  `${percent(THRESHOLDS.restartLoss)} point or more of validation accuracy below the best before it.`;
