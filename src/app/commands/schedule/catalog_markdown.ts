import type { Entry, Registry } from "#schedules/entry.ts";
import type { Param } from "#schedules/param_types.ts";
import { PRESETS } from "#advise/presets.ts";
import { printSchedule } from "#schedules/print.ts";
import { CATALOGUE, COMMON_PARAMS } from "#schedules/entries.ts";

/** `docs/schedules.md`: the catalogue and the presets as Markdown, all of it from the entries themselves. */
export function catalogMarkdown({ names, entries }: Registry = CATALOGUE): string {
  return [
    "# Schedules",
    "",
    "`t` is the zero-based number of the step about to be taken; durations in a formula are in steps. In a spec " +
    "every duration has a unit: `30 epochs`, `500 steps`, `10%` of the run, `2M samples` or `10B tokens` (k, M and " +
    "B), or is `rest`, what the lengths around it leave of the run. Every schedule also takes " +
    `\`update\`: ${COMMON_PARAMS.update!.doc}. \`deno task schedule --spec JSON\` shows any of them.`,
    "",
    table(
      ["name", "rate of step t", "first", "last"],
      names.map((name) => {
        const { formula, first, last } = entries[name]!;
        return [`[${name}](#${name})`, formula, first, last];
      }),
    ),
    "",
    ...names.flatMap((name) => section(entries[name]!)),
    "## Presets",
    "",
    "`deno task schedule --preset NAME` prints one as a spec.",
    "",
    table(
      ["name", "what it is", "source"],
      PRESETS.map(({ name, summary, source }) => [name, summary, source]),
    ),
    "",
  ].join("\n");
}

function section({ name, summary, params, sample, source }: Entry): string[] {
  return [
    `## ${name}`,
    "",
    summary,
    "",
    table(
      ["key", "value", "default", "meaning"],
      Object.entries(params).map((
        [key, param],
      ) => [`\`${key}\``, kindOf(param), defaultOf(param), param.doc]),
    ),
    "",
    "```yaml",
    `schedule: ${printSchedule(sample)}`,
    "```",
    "",
    `Source: ${source}.`,
    "",
  ];
}

function kindOf(param: Param): string {
  if (param.kind === "choice") return param.options.map((option) => `\`${option}\``).join(", ");
  if (!("range" in param)) return param.kind;
  const { min, above, max, below, whole } = param.range;
  const bounds = [
    above === undefined ? null : `> ${above}`,
    // A duration of at least one step is any duration.
    min === undefined || (param.kind !== "number") ? null : `>= ${min}`,
    below === undefined ? null : `< ${below}`,
    max === undefined ? null : `<= ${max}`,
  ].filter((bound) => bound !== null);
  const kind = whole === true && param.kind === "number" ? "whole number" : param.kind;
  return [kind, bounds.join(" and ")].join(" ").trim();
}

const defaultOf = (param: Param): string =>
  param.default === undefined ? "required" : param.default === null ? "none" : `\`${param.default}\``;

/** A Markdown table whose columns line up. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [head, ...rows].map((row) => row.map((cell) => cell.replaceAll("|", "\\|")));
  const widths = head.map((_, column) => Math.max(3, ...cells.map((row) => row[column]!.length)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column]!)).join(" | ")} |`;
  return [
    line(cells[0]!),
    `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`,
    ...cells.slice(1).map(line),
  ].join("\n");
}
