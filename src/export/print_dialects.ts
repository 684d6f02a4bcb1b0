import type { Dialect } from "./dialect.ts";

/** The comparison as text, differing steps side by side. */
export function printDialects(dialects: readonly Dialect[]): string {
  return dialects.map(({ framework, call, why, differing, compared, unit, samples }) => {
    const title = `  ${framework}: ${call === null ? "" : call.replaceAll(/\s*\n\s*/g, " ")}`.trimEnd();
    if (differing === null) return `${title}${call === null ? "" : "\n   "} ${why}`;
    if (differing === 0) return `${title}\n    the same for all ${compared} ${unit}`;
    const rows = samples.map(({ step, ours, theirs }) =>
      `    ${String(step).padStart(8)}  ${show(ours)}  ${show(theirs)}`
    );
    return [
      title,
      `    differs at ${differing} of ${compared} ${unit}: ${why}`,
      `${unit.slice(0, -1).padStart(12)}  ${"here".padEnd(14)}  ${framework}`,
      ...rows,
    ].join("\n");
  }).join("\n") + "\n";
}

const show = (rate: number) =>
  (Number.isNaN(rate) ? "refuses" : String(Number(rate.toPrecision(8)))).padEnd(14);
