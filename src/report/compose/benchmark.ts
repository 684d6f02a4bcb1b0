import type { Benchmark } from "#results/benchmark.ts";
import type { BenchmarkScores } from "#results/benchmark_scores.ts";
import { standingsOf } from "#study/benchmark/standings.ts";
import { counted, fixed, ranges } from "#lib/numbers.ts";
import type { Block, Fact, Notice, Report, Section } from "../model.ts";
import { answerOf } from "../sections/answers/answers.ts";
import { ranksFigure, regretFigure } from "../sections/benchmark/figures.ts";
import { benchmarkHeadline, benchmarkSummary } from "../sections/benchmark/headline.ts";
import {
  robustnessTables,
  settingName,
  settingTables,
  slicesTables,
  standingsTable,
} from "../sections/benchmark/tables.ts";
import { verdictStrip } from "../sections/overview/strip.ts";
import { duration, reproductionBlocks } from "../sections/setup/provenance.ts";
import { left, right, tableOf } from "../table.ts";

/** A benchmark as a report: which families are separated, the regret of each, the questions; then the rest, folded. */
export function composeBenchmark(result: Benchmark): Report {
  const { name, profile, provenance, scores } = result;
  const standings = standingsOf(scores);
  const answers = result.answers.map(answerOf);
  const shared = {
    eyebrow: `LR Lab · ${name} · ${profile} · ${scores.families.length} families · ${
      provenance.at.slice(0, 10)
    }`,
    notices: notices(scores),
    series: [],
  };
  if (standings === null) {
    return {
      ...shared,
      title: "No setting has finished all its runs",
      summary: "",
      overview: [],
      sections: [setupSection(result)],
    };
  }
  return {
    ...shared,
    title: benchmarkHeadline(standings),
    summary: benchmarkSummary(standings),
    overview: [ranksFigure(standings), regretFigure(standings), ...verdictStrip(answers, "answers")],
    sections: [
      ...section("answers", "Answers", true, answers.length === 0 ? [] : [{ kind: "answers", answers }]),
      ...section("families-over-settings", "Ranks and regrets", true, [standingsTable(standings)]),
      ...section("by-setting", "By setting", false, settingTables(standings)),
      ...section("robustness", "Robustness to the rate", true, robustnessTables(standings)),
      ...section("slices", "By length and by workload", false, slicesTables(standings)),
      ...section("costs", "Costs", false, [costsTable(scores.settings)]),
      ...section("reading", "How to read it", false, [{ kind: "facts", facts: MEANING }]),
      setupSection(result),
    ],
  };
}

function section(id: string, title: string, brief: boolean, blocks: readonly Block[]): Section[] {
  return blocks.length === 0 ? [] : [{ id, title, brief, blocks }];
}

function notices({ settings, unfinished }: BenchmarkScores): Notice[] {
  if (unfinished.length === 0) return [];
  const missing = unfinished.map((one) => `${settingName(one)} (${one.runs} of ${counted(one.of, "run")})`);
  return [{
    kind: "partial",
    text:
      `${settings.length} of ${
        settings.length + unfinished.length
      } settings are finished, and these alone are ranked. ` +
      `Missing: ${missing.join(", ")}.`,
  }];
}

/** Runs and steps of each setting. */
function costsTable(settings: BenchmarkScores["settings"]): Block {
  return tableOf(settings, {
    caption: "Training of each setting: all families, at all rates, with all seeds",
    columns: [
      left("setting", settingName),
      left("workload", ({ title, model }) => `${title} (${model})`),
      left("data", ({ dataset }) => dataset.name),
      right("steps of a run", ({ steps }) => fixed(steps, 0)),
      right(
        "rates of a family",
        // One that is judged by another's runs has the one rate that was chosen there.
        ({ families }) => String(Math.max(...families.map(({ rates }) => rates.length))),
      ),
      right("tuning seeds", ({ tuning_seeds }) => String(tuning_seeds.length)),
      right("seeds", ({ seeds }) => String(seeds.length)),
      right("training", ({ wall_s }) => duration(wall_s)),
      left("device", ({ device }) => `${device.backend}: ${device.name}`),
    ],
  });
}

function setupSection({ scores: { families, settings }, provenance }: Benchmark): Section {
  const { at, command, commit, versions, wall_s } = provenance;
  const seeds = (of: (setting: BenchmarkScores["settings"][number]) => readonly number[]) =>
    [...new Set(settings.map((setting) => ranges(of(setting))))].join("; ");
  const facts: Fact[] = [
    ...(settings.length === 0 ? [] : [
      { label: "Seeds that choose rates", value: seeds(({ tuning_seeds }) => tuning_seeds) },
      {
        label: "Seeds of the comparison",
        value: `${seeds((setting) => setting.seeds)}, the same for every family`,
      },
    ]),
    { label: "Started", value: at },
    { label: "Wall time", value: duration(wall_s) },
    { label: "Versions", value: Object.entries(versions).map((pair) => pair.join(" ")).join(", ") },
    { label: "Commit", value: commit ?? "unknown" },
  ];
  return {
    id: "setup",
    title: "Setup",
    brief: false,
    blocks: [
      tableOf(families, {
        caption: "Families",
        columns: [
          left("family", ({ name }) => name),
          left("what it is", ({ why }) => why),
          left("weights", ({ weights }) => weights ?? "the last ones"),
        ],
      }),
      ...reproductionBlocks(command, facts),
    ],
  };
}

/** What the figures say and what they cannot say. */
export const MEANING: readonly Fact[] = [
  {
    label: "Tuning",
    value:
      "every family tries equally many rates with the same tuning seeds, and takes the one that validation data " +
      "choose. Test data are read once, at the end of each run.",
  },
  {
    label: "Mean rank",
    value:
      "runs with the same seed are ranked within each setting, failed ones last; the mean is over seeds, then over " +
      "settings. It is 1 plus the number of families that are expected to beat this one.",
  },
  {
    label: "Critical difference",
    value:
      "Nemenyi's, with settings as blocks: where families do not differ, it separates any two of them in at most 5 % of " +
      "benchmarks. It speaks about settings such as these, other ones too.",
  },
  {
    label: "Intervals",
    value:
      "for other seeds in these very settings, at the rates that these tuning seeds chose; those of all families " +
      "hold together with about 95 %.",
  },
  {
    label: "Regret",
    value:
      "the mean of the setting's best family minus the family's own, of what the best gains over guessing; of a text, " +
      "in loss. The best of many noisy means is too good, so the mean regret is against the family that the other seeds " +
      "call best, and its upper limit allows for the choice.",
  },
  {
    label: "Not seen",
    value:
      "other networks, data and lengths, larger ones above all; how much a finer grid of rates would change.",
  },
];
