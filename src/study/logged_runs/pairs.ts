import { mean } from "#stats/summary.ts";
import type { RunOutcome } from "./outcomes.ts";

/** Runs that are compared: those that finished or failed. */
export function counted(outcomes: readonly RunOutcome[]): RunOutcome[] {
  return outcomes.filter(({ state }) => state.kind !== "left out");
}

/** One value a seed: runs of one seed are no independent ones, so they count once, by their mean. */
export function byKey(outcomes: readonly RunOutcome[]): Map<string, number | null> {
  const groups = Map.groupBy(counted(outcomes), ({ key }) => key ?? "");
  return new Map([...groups].map(([key, runs]) => [key, meanOf(runs)]));
}

/** Values of runs that are not paired: one a seed where it is known, else one a run. */
export function unpairedValues(outcomes: readonly RunOutcome[]): (number | null)[] {
  const kept = counted(outcomes);
  const known = kept.filter(({ key }) => key !== null);
  const others = kept.filter(({ key }) => key === null);
  return [...byKey(known).values(), ...others.map((one) => meanOf([one]))];
}

/** The form of a comparison of two groups, and the reason where it is without pairs. */
export type Pairing =
  | { readonly kind: "paired"; readonly keys: readonly string[] }
  | { readonly kind: "unpaired"; readonly why: string };

/** In pairs where every run has a seed, and at least half of the seeds, and two, are in both groups. */
export function pairingOf(
  group: readonly RunOutcome[],
  against: readonly RunOutcome[],
  what: string,
): Pairing {
  const [own, other] = [group, against].map((outcomes) => counted(outcomes));
  if (what === "none") return { kind: "unpaired", why: "as asked" };
  if ([...own!, ...other!].some(({ key }) => key === null)) {
    return { kind: "unpaired", why: `not every run has a ${what}` };
  }
  const [keys, others] = [own!, other!].map((outcomes) => new Set(outcomes.map(({ key }) => key!)));
  const shared = [...keys!.intersection(others!)].sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
  if (shared.length < 2 || 2 * shared.length < Math.max(keys!.size, others!.size)) {
    return {
      kind: "unpaired",
      why: `${shared.length === 0 ? "no" : `only ${shared.length}`} ${what} in common`,
    };
  }
  return { kind: "paired", keys: shared };
}

function meanOf(runs: readonly RunOutcome[]): number | null {
  const values = runs.flatMap(({ state }) => state.kind === "finished" ? [state.value] : []);
  return values.length < runs.length ? null : mean(values);
}
