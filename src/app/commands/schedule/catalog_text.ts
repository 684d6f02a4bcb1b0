import type { Registry } from "#schedules/entry.ts";
import type { Param } from "#schedules/param_types.ts";
import { PRESETS } from "#advise/presets.ts";
import { CATALOGUE, COMMON_PARAMS } from "#schedules/entries.ts";

/** Every schedule: what it is, its formula, its parameters; then the presets. */
export function catalogText({ names, entries }: Registry = CATALOGUE): string {
  const schedules = names.map((name) => {
    const { summary, formula, params } = entries[name]!;
    const rows = Object.entries(params).map(([key, param]) => `    ${parameter(key, param)}`);
    return [`${name}: ${summary}`, `    ${formula}`, ...rows].join("\n");
  });
  const common = Object.entries(COMMON_PARAMS).map(([key, param]) => `    ${parameter(key, param)}`);
  const presets = PRESETS.map(({ name, summary }) => `    ${name.padEnd(22)} ${summary}`);
  return [
    ...schedules,
    ["every schedule also takes", ...common].join("\n"),
    ["presets", ...presets].join("\n"),
  ]
    .join("\n\n") + "\n";
}

/** The same as JSON, with a sample of each schedule. */
export function catalogJson({ names, entries }: Registry = CATALOGUE): string {
  const schedules = names.map((name) => {
    const { summary, formula, first, last, source, params, sample } = entries[name]!;
    return { name, summary, formula, first, last, source, params: { ...params, ...COMMON_PARAMS }, sample };
  });
  return JSON.stringify({ schedules, presets: PRESETS }) + "\n";
}

function parameter(key: string, param: Param): string {
  const kind = param.kind === "choice" ? param.options.join(" | ") : param.kind;
  const given = param.default === undefined
    ? "required"
    : param.default === null
    ? "none"
    : `= ${param.default}`;
  return `${key.padEnd(18)} ${`${kind}, ${given}`.padEnd(36)} ${param.doc}`;
}
