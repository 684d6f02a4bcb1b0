import type { Param } from "#schedules/entry.ts";
import { PRESETS } from "#advise/presets.ts";
import { COMMON_PARAMS, ENTRIES, SCHEDULE_NAMES } from "#schedules/registry.ts";

/** Every schedule: what it is, its formula, its parameters; then the presets. */
export function catalogText(): string {
  const schedules = SCHEDULE_NAMES.map((name) => {
    const { summary, formula, params } = ENTRIES[name]!;
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

export function catalogJson(): string {
  const schedules = SCHEDULE_NAMES.map((name) => {
    const { summary, formula, first, last, source, params, sample } = ENTRIES[name]!;
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
