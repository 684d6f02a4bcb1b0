import type { Diagnostic, Summary } from "#results/summary.ts";
import { DICE_THRESHOLDS } from "#study/experiment/dice_symptoms.ts";
import { THRESHOLDS } from "#study/experiment/diagnostics.ts";
import { printSchedule } from "#schedules/print.ts";
import { counted } from "#lib/numbers.ts";
import { type Section, seriesOf } from "../../model.ts";
import { left, type Table, tableOf } from "../../table.ts";

/** Problems found in the runs, and suggested changes; nothing where none was found. */
export function diagnosticsSection({ diagnostics = [], arms }: Summary): Section[] {
  if (diagnostics.length === 0) return [];
  const names = arms.map(({ name }) => name);
  return [{
    id: "diagnostics",
    title: "Diagnostics",
    brief: false,
    blocks: [
      {
        kind: "text",
        text: arms.some(({ runs }) => runs.some(({ masks }) => masks)) ? RULES_OF_MASKS : RULES,
      },
      symptomsTable(diagnostics, names),
      suggestionsTable(diagnostics, names),
    ],
  }];
}

function symptomsTable(diagnostics: readonly Diagnostic[], arms: readonly string[]): Table {
  return tableOf(diagnostics, {
    caption: "Problems found",
    columns: [
      left("arm", ({ arm }) => arm),
      left("symptom", ({ symptom }) => symptom),
      left("seen in", ({ runs, of }) => `${runs} of ${counted(of, "run")}`),
      left("observation, median of these runs", ({ text }) => text),
    ],
    keys: 2,
    series: ({ arm }) => seriesOf(arms, arm),
  });
}

function suggestionsTable(diagnostics: readonly Diagnostic[], arms: readonly string[]): Table {
  const rows = diagnostics.flatMap(({ arm, symptom, suggestions }) =>
    suggestions.map((suggestion) => ({ ...suggestion, arm, symptom }))
  );
  return tableOf(rows, {
    caption: "Suggested changes",
    columns: [
      left("arm", ({ arm }) => arm),
      left("symptom", ({ symptom }) => symptom),
      left("change", ({ change }) => change),
      left("changed schedule", ({ schedule }) => printSchedule(schedule)),
      ...(rows.some(({ loss }) => loss)
        ? [left("changed loss", ({ loss }: typeof rows[number]) => loss ? printSchedule(loss) : "as it is")]
        : []),
    ],
    keys: 2,
    series: ({ arm }) => seriesOf(arms, arm),
    note: "None was tested here. summary.json holds each as a spec: diagnostics[…].suggestions[…].spec.",
  });
}

const percent = (share: number) => Number((100 * share).toPrecision(2));

const RULES = "Seen in at least half of an arm's runs. Nothing learnt: diverged, or final accuracy at most " +
  `${THRESHOLDS.guessing} times that of guessing. Plateau: the last ${THRESHOLDS.plateauEpochs} epochs gain at most ` +
  `${percent(THRESHOLDS.plateauGain)} points over the best before. Volatile: the validation loss swings by ` +
  `${percent(THRESHOLDS.swing)} % and does not fall by ${
    percent(THRESHOLDS.convergence)
  } %. Worse after a restart: ` +
  `at least ${percent(THRESHOLDS.restartLoss)} point below the best before.`;

const RULES_OF_MASKS =
  "Seen in at least half of an arm's runs, by mean Dice on validation data. Nothing learnt: diverged, or " +
  `final Dice at most ${
    percent(THRESHOLDS.nothingFound)
  } %. Plateau: over the last ${DICE_THRESHOLDS.plateauEpochs} epochs ` +
  `Dice surely gains less than ${
    percent(DICE_THRESHOLDS.plateauGain)
  } point, two standard errors of its scatter ` +
  "included; the end of a decay is none, unless Dice is low or the rate was gone for half of the run. Volatile: Dice " +
  `changes by ${
    percent(DICE_THRESHOLDS.swing)
  } points from one evaluation to the next, and does not rise. Worse after a ` +
  `restart: at least ${
    percent(DICE_THRESHOLDS.restartLoss)
  } point, and more than scatter, below the best before it.`;
