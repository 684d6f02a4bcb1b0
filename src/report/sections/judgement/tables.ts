import type { JudgedComparison, Judgement } from "#results/judgement.ts";
import { MAX_SEEDS } from "#stats/power.ts";
import { compact, counted, fixed, interval, MISSING, signed } from "#lib/numbers.ts";
import { seriesOf } from "../../model.ts";
import { left, right, type Table, tableOf } from "../../table.ts";
import { percent } from "./difference_figure.ts";
import type { JudgedStyle } from "./metric_text.ts";

/** The groups with their means; a row each. */
export function groupsTable({ groups, baseline }: Judgement, style: JudgedStyle): Table {
  const { name, valueUnit, scale, decimals } = style;
  const names = groups.map((group) => group.name);
  const shown = (value: number | null) => fixed(value === null ? null : scale * value, decimals);
  return tableOf(groups, {
    caption: `Groups: ${name}${valueUnit && ` (${valueUnit})`}`,
    columns: [
      left("group", ({ name }) => name === baseline ? `${name} (baseline)` : name),
      right("mean", ({ mean }) => shown(mean)),
      right("sd", ({ sd }) => shown(sd)),
      right("runs", ({ runs }) => String(runs.length)),
      right("failed", ({ failed }) => String(failed)),
      right("left out", ({ runs }) => String(runs.filter(({ state }) => state === "left out").length)),
    ],
    series: ({ name }) => seriesOf(names, name),
    note: "Mean and standard deviation of the runs that finished.",
  });
}

const WORDS = {
  for: "better",
  against: "worse",
  "no difference that matters": "no difference",
  open: "open",
} as const;

/** The comparisons with their intervals and what more seeds would show. */
export function comparisonsTable(judgement: Judgement, style: JudgedStyle): Table {
  const { comparisons, groups, baseline, confidence } = judgement;
  const { unit, scale, decimals } = style;
  const names = groups.map((group) => group.name);
  return tableOf(comparisons, {
    caption: `Group minus “${baseline}”${unit && ` (${unit})`}`,
    columns: [
      left("group", ({ group }) => group),
      right(
        "difference",
        ({ difference }) => signed(difference === null ? null : scale * difference, decimals),
      ),
      right(`${percent(confidence)} interval`, (one) => interval(one.interval, decimals, scale)),
      left("compared in", (one) => one.pairing === "paired" ? counted(one.seeds, "pair") : "no pairs"),
      left(
        "failed",
        ({ failures }) =>
          `${failures.failed} of ${failures.runs}, ${failures.against_failed} of ${failures.against_runs}`,
      ),
      left("verdict", ({ decision }) => WORDS[decision]),
      right("more seeds", (one) => moreText(one)),
    ],
    series: ({ group }) => seriesOf(names, group),
    note: comparisons.length === 1
      ? moreNote(comparisons[0]!, style)
      : `All ${comparisons.length} intervals hold together. ${moreNote(comparisons[0]!, style)}`,
  });
}

function moreText({ plan }: JudgedComparison): string {
  if (plan === null) return MISSING;
  if (plan.seeds >= MAX_SEEDS) return `> ${fixed(MAX_SEEDS, 0)}`;
  const low = Math.max(0, plan.range[0] - (plan.seeds - plan.more));
  const high = Math.max(0, plan.range[1] - (plan.seeds - plan.more));
  return `${plan.more} [${low}, ${plan.range[1] >= MAX_SEEDS ? `> ${fixed(MAX_SEEDS, 0)}` : high}]`;
}

function moreNote({ plan }: JudgedComparison, { unit, scale }: JudgedStyle): string {
  if (plan === null) return "";
  const size = compact(scale * plan.difference);
  return `More seeds: with which 8 of 10 experiments would show a difference of ${size} ${
    size === "1" ? unit.replace(/s$/, "") : unit
  }`.trimEnd() + ".";
}

/** Every run with its value, or why it has none. */
export function runsTable({ groups }: Judgement, { name, scale, decimals, valueUnit }: JudgedStyle): Table {
  const names = groups.map((group) => group.name);
  const rows = groups.flatMap((group) => group.runs.map((run) => ({ group: group.name, run })));
  return tableOf(rows, {
    caption: `Runs: ${name}${valueUnit && ` (${valueUnit})`}`,
    columns: [
      left("group", ({ group }) => group),
      left("run", ({ run }) => run.name),
      left(
        "seed",
        ({ run }) => run.seed === null ? MISSING : run.seed + (run.seed_guessed ? " (guessed)" : ""),
      ),
      right("last step", ({ run }) => run.last_step === null ? MISSING : compact(run.last_step, 6)),
      right("value", ({ run }) => fixed(run.value === null ? null : scale * run.value, decimals)),
      left("", ({ run }) => run.why === undefined ? "" : `${run.state}: ${run.why}`),
    ],
    series: ({ group }) => seriesOf(names, group),
    keys: 2,
  });
}
