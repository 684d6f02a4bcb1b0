import { MEANING } from "#report/compose/benchmark.ts";
import { fixed } from "#lib/numbers.ts";
import { VERDICTS } from "#report/format/text.ts";
import { answerOf } from "#report/sections/answers/answers.ts";
import { benchmarkHeadline, benchmarkSummary } from "#report/sections/benchmark/headline.ts";
import {
  robustnessTables,
  settingName,
  slicesTables,
  standingsTable,
  workloadTables,
} from "#report/sections/benchmark/tables.ts";
import { duration } from "#report/sections/setup/provenance.ts";
import type { Table } from "#report/table.ts";
import type { Benchmark } from "#results/benchmark.ts";
import { type Standings, standingsOf } from "#study/benchmark/standings.ts";
import { markdownTable, tableMarkdown } from "./markdown_table.ts";

/** Folder of the pictures, beside the page: `deno task figures` draws them, with a browser, which `benchmark` may not start. */
export const PICTURES = "benchmark";

/**
 * `docs/benchmark.md`: what the benchmark found, its tables and its record.
 *
 * @param digest SHA-256 (hex) of the benchmark.json.
 * @throws {RangeError} for a benchmark without a finished setting.
 */
export function benchmarkMarkdown(result: Benchmark, digest: string): string {
  const { scores, provenance } = result;
  const standings = standingsOf(scores);
  if (standings === null) throw new RangeError("Cannot write the benchmark's page: no setting is finished");
  return `# The benchmark of all schedule families

${benchmarkHeadline(standings)}. ${benchmarkSummary(standings)}

![Mean ranks with intervals; bars join families that are not separated](${PICTURES}/ranks.svg)

${scores.families.length} families of schedules, each tuned with the same number of rates and the same seeds in ${scores.settings.length} settings (a workload at a length), then compared on test data with seeds that chose nothing. What is found holds for networks and budgets of this size. Written by

    deno task benchmark --from FOLDER --write docs/benchmark.md
    deno task figures FOLDER --format svg --out docs/${PICTURES}

from the record below; do not edit.${unfinished(scores.unfinished)}

## Ranks and regrets

${rankText(standings)}

${tableMarkdown(standingsTable(standings))}

${slicesTables(standings).map(captioned).join("\n\n")}

![Regret of each family in each setting](${PICTURES}/regret.svg)

## By setting

Mean over seeds with its 95 % interval, for each setting alone, at the rate that tuning chose. † the smallest or the largest rate that was tried.

${workloadTables(standings).map(captioned).join("\n\n")}

## Robustness to the rate

${robustnessTables(standings).map(tableMarkdown).join("\n\n")}
${questions(result)}
## How to read it

${MEANING.map(({ label, value }) => `- ${label}: ${value}`).join("\n")}

How often the intervals hold is measured in [evidence](evidence.md#ranks-and-regrets-of-a-benchmark).

## Families

${markdownTable(["family", "what it is"], scores.families.map(({ name, why }) => [name, why]))}

## Settings

${
    markdownTable(
      ["setting", "workload", "data, training + validation + test", "steps", "rates", "seeds", "training"],
      scores.settings.map(settingCells),
    )
  }

## Record

benchmark.json has the SHA-256 \`${digest}\`. Begun ${provenance.at.slice(0, 10)}, ${
    duration(provenance.wall_s)
  } of training, commit ${provenance.commit ?? "unknown"}, ${
    Object.entries(provenance.versions).map((pair) => pair.join(" ")).join(", ")
  }. The command that makes it again:

    ${provenance.command}
`;
}

function captioned(table: Table): string {
  return `${table.caption}:\n\n${tableMarkdown(table)}`;
}

function unfinished(missing: Benchmark["scores"]["unfinished"]): string {
  return missing.length === 0
    ? ""
    : ` Not finished, and in no rank: ${
      missing.map((one) => `${settingName(one)} (${one.runs} of ${one.of} runs)`).join(", ")
    }.`;
}

function rankText({ ranks: { test, criticalDifference }, settings }: Standings): string {
  if (test === null || criticalDifference === null) return "Too few settings for a test of ranks.";
  const p = test.p < 0.001 ? "< 0.001" : `= ${fixed(test.p, 3)}`;
  return `Friedman's test over ${settings.length} settings: F = ${
    test.f === Infinity ? "∞" : fixed(test.f, 2)
  }, p ${p}. Families whose mean ranks are at least ${
    fixed(criticalDifference, 2)
  } apart (Nemenyi's critical difference) are separated.`;
}

/** The questions with their verdicts; nothing where none was asked. */
function questions({ answers }: Benchmark): string {
  if (answers.length === 0) return "";
  const rows = answers.map((answer) => {
    const { question, hypothesis, verdict, finding } = answerOf(answer);
    return [question, hypothesis, `_${VERDICTS[verdict]}_`, finding];
  });
  return `
## Questions

Written before the runs. Intervals hold together for all of them.

${markdownTable(["question", "expected", "verdict", "finding"], rows)}

`;
}

function settingCells(setting: Benchmark["scores"]["settings"][number]): string[] {
  const { title, model, dataset, steps, families, tuning_seeds, seeds, wall_s } = setting;
  // A family that is judged by another's runs has the one rate that was chosen there.
  const tried = Math.max(...families.map(({ rates }) => rates.length));
  return [
    settingName(setting),
    `${title} (${model})`,
    `${dataset.name}, ${dataset.train} + ${dataset.validation} + ${dataset.test}`,
    String(steps),
    String(tried),
    `${tuning_seeds.length} + ${seeds.length}`,
    duration(wall_s),
  ];
}
