import { epochsText, parseDuration, stepsText } from "#lib/duration.ts";
import { set, type Suggestion } from "#schedules/finding.ts";
import { rounded } from "#lib/numbers.ts";
import type { AnyRule, EntryNode } from "./nodes.ts";

/** Drops that would come when the run is over. */
export const dropAfterEnd: AnyRule = (node) => {
  const own = node.entry.lint?.drops?.(node.values) ?? null;
  if (own === null || !node.untilEnd) return [];
  const { key, first } = own;
  const late = first.filter((step) => step >= node.length);
  if (late.length === 0) return [];
  const none = late.length === first.length;
  return [{
    code: "drop-after-end",
    severity: "warning",
    why:
      `${
        none ? "No drop of the rate is reached" : `${late.length} of ${first.length} drops are not reached`
      }: ` +
      `${late.join(", ")} ${
        late.length === 1 ? "is" : "are"
      } not within the ${node.length} steps that are left.`,
    source: "torch StepLR and MultiStepLR never say that a drop lies beyond the run",
    suggestions: [
      ...(none
        ? []
        : [set({ [key]: (node.spec[key] as string[]).filter((_, index) => first[index]! < node.length) })]),
      ...otherUnit(node, key),
      ...spread(node, key, first.length),
    ],
  }];
};

/** All drops within this part of the run: most likely steps were written where epochs were meant. */
const AT_ONCE = 0.1;

/** Drops that are over almost before the run has begun. */
export const dropsAtOnce: AnyRule = (node) => {
  const own = node.entry.lint?.drops?.(node.values) ?? null;
  if (own === null || !Array.isArray(node.spec[own.key])) return [];
  const last = own.first.at(-1);
  const written = node.spec[own.key] as readonly unknown[];
  if (last === undefined || last > AT_ONCE * node.length || parseDuration(written.at(-1)).unit !== "steps") {
    return [];
  }
  return [{
    code: "drops-at-once",
    severity: "warning",
    why: `All drops come within the first ${last} of ${node.length} steps, and the rate stays at ` +
      `${rounded(node.built.lr(last))}; are they meant in another unit?`,
    source: "torch MultiStepLR counts calls of step(), which are epochs or batches",
    suggestions: [...otherUnit(node, own.key), ...spread(node, own.key, own.first.length)],
  }];
};

/** A rate, or the height of a wave, below this part of its peak changes nothing. */
const GONE = 1e-6;

/** A rate that falls by factors, and is gone before half of the run is over. */
export const rateCollapses: AnyRule = (node) => {
  const { entry, built, length } = node;
  const half = Math.floor(length / 2);
  if (entry.lint?.factorKey === undefined || length < 4) return [];
  const rates = (from: number, to: number) =>
    Array.from({ length: 400 }, (_, k) => built.lr(Math.floor(from + k * (to - from) / 400)));
  const [early, late] = [rates(0, half), rates(half, length)];
  // A wave falls to its base rate, everything else to 0.
  const base = entry.lint.cycling === undefined ? 0 : Math.min(...late);
  const peak = Math.max(...early) - base;
  if (Math.max(...late) - base >= GONE * peak) return [];
  const drops = entry.lint.drops?.(node.values) ?? null;
  // A few drops that end early are a stair; `drops-at-once` is about those.
  if (Array.isArray(node.spec[drops?.key ?? ""])) return [];
  const gone = early.findIndex((rate) => rate - base < GONE * peak);
  return [{
    code: "rate-collapses",
    severity: "warning",
    why: `The rate has fallen to ${rounded(built.lr(half))} by step ${half} of ${length}${
      gone < 0 ? "" : ` (it was gone by step ${Math.ceil(gone * half / 400)})`
    }: is its period meant in epochs?`,
    source: "a scheduler that is stepped once a batch where its numbers are epochs",
    suggestions: [
      ...Object.entries(entry.params).flatMap(([key, { kind }]) =>
        kind === "duration" ? otherUnit(node, key) : []
      ),
      ...(drops === null ? [] : spread(node, drops.key, 1)),
      ...entry.lint.slower?.(node) ?? [],
    ],
  }];
};

/** The same numbers in epochs where they are steps, and the reverse. */
function otherUnit({ spec, entry }: EntryNode, key: string): Suggestion[] {
  const written = spec[key] ?? entry.params[key]?.default;
  const swapped = (text: unknown): string | null => {
    const { value, unit } = parseDuration(text);
    if (unit === "steps") return epochsText(value);
    return unit === "epochs" && Number.isInteger(value) ? stepsText(value) : null;
  };
  if (written == null) return [];
  const other = Array.isArray(written) ? written.map(swapped) : swapped(written);
  return other === null || (Array.isArray(other) && other.includes(null)) ? [] : [set({ [key]: other })];
}

/** Drops at even distances over the stretch. */
function spread({ spec, length }: EntryNode, key: string, count: number): Suggestion[] {
  if (!Array.isArray(spec[key])) return [set({ [key]: stepsText(Math.max(1, Math.ceil(length / 3))) })];
  const drops = Array.from({ length: count }, (_, index) => Math.round(length * (index + 1) / (count + 1)));
  return [set({ [key]: [...new Set(drops.filter((step) => step >= 1 && step < length))].map(stepsText) })];
}
