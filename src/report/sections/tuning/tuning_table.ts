import type { ScoreName } from "#results/score.ts";
import type { Summary, TuningSummary } from "#results/summary.ts";
import { compact, fixed, MISSING } from "#lib/numbers.ts";
import { capitalized } from "../../format/text.ts";
import { seriesOf } from "../../model.ts";
import { left, right, type Table, tableOf } from "../../table.ts";

/** The chosen rates, and each rate that was tried for each arm. */
export function tuningTables(summary: Summary, name: ScoreName): Table[] {
  return [...chosenTable(summary, name), triedTable(summary, name)];
}

/** The evidence for each arm's choice, and its distance from the first rate that fails; nothing without such figures. */
function chosenTable({ tuning, arms }: Summary, score: ScoreName): Table[] {
  if (tuning.every(({ fails_from }) => fails_from === undefined)) return [];
  const names = arms.map(({ name }) => name);
  return [tableOf(tuning, {
    caption: "Chosen learning rates",
    columns: [
      left("arm", ({ arm }) => arm),
      right("rate", ({ chosen }) => compact(chosen)),
      right("lower quartile (%)", (one) => percent(trialOf(one)?.lower_quartile)),
      right("failed", (one) => failedText(trialOf(one))),
      right(
        "first rate that fails",
        ({ fails_from }) => fails_from == null ? "none tried" : compact(fails_from),
      ),
      right(
        "margin",
        ({ chosen, fails_from }) => fails_from == null ? MISSING : `× ${compact(fails_from / chosen)}`,
      ),
    ],
    series: ({ arm }) => seriesOf(names, arm),
    note: `Chosen: the fewest failed runs, then the best lower quartile of validation ${score}.`,
  })];
}

function triedTable({ tuning, arms }: Summary, score: ScoreName): Table {
  const names = arms.map(({ name }) => name);
  const trials = tuning.flatMap(({ arm, trials, chosen }) =>
    trials.map((trial) => ({ ...trial, arm, chosen }))
  );
  return tableOf(trials, {
    caption: "Learning rates tried",
    columns: [
      left("arm", ({ arm }) => arm),
      right("rate", ({ value, chosen }) => `${value === chosen ? "★ " : ""}${compact(value)}`),
      right(`validation ${score} (%)`, ({ accuracy }) => percent(accuracy)),
      ...(trials.some(({ lower_quartile }) => lower_quartile !== undefined)
        ? [right("lower quartile (%)", ({ lower_quartile }: Trial) => percent(lower_quartile))]
        : []),
      right("failed", failedText),
    ],
    keys: 2,
    series: ({ arm }) => seriesOf(names, arm),
    note: `★ chosen. ${capitalized(score)}: mean over the runs that did not fail.${
      score === "token likelihood" ? " Token likelihood: 1 / perplexity." : ""
    }`,
  });
}

type Trial = TuningSummary["trials"][number];

const trialOf = ({ trials, chosen }: TuningSummary) => trials.find(({ value }) => value === chosen);
const percent = (share: number | null | undefined) => fixed(share == null ? null : 100 * share, 1);

function failedText(trial: Trial | undefined): string {
  if (trial === undefined) return MISSING;
  const { failed, runs, diverged } = trial;
  const count = failed ?? diverged;
  return runs === undefined ? (count === 0 ? MISSING : String(count)) : `${count} of ${runs}`;
}
