import type { Spec } from "./schema.ts";

/** Looks of a spec that plans none, where seeds are to be added until the evidence decides. */
const USUAL_LOOKS = [8, 16] as const;

/**
 * The looks and seeds of a spec that is to be trained until the evidence decides: its own looks, or the usual ones with as
 * many seeds more as the last of them takes.
 *
 * @param seeds that are asked for in place of the spec's: looks end with them.
 * @param budget in place of the spec's; `null` for that.
 *
 * @example Three seeds become sixteen; the tuning's seed is left to the tuning
 * ```ts
 * import assert from "node:assert/strict";
 * import { untilDecided } from "#spec/looks.ts";
 *
 * const spec = { seeds: [1, 2, 3], tune: { seeds: [5] }, sweep: null };
 * const { seeds, looks } = untilDecided(spec, null, null);
 * assert.deepEqual(looks, { at: [8, 16], budget: null });
 * assert.deepEqual(seeds.slice(0, 5), [1, 2, 3, 4, 6]);
 * assert.deepEqual(untilDecided(spec, [1, 2, 3, 4, 5, 6], "60 s").looks, { at: [6], budget: "60 s" });
 * ```
 */
export function untilDecided(
  spec: Pick<Spec, "seeds" | "looks"> & {
    readonly tune: Pick<NonNullable<Spec["tune"]>, "seeds"> | null;
  },
  seeds: readonly number[] | null,
  budget: string | null,
): { readonly seeds: readonly number[]; readonly looks: NonNullable<Spec["looks"]> } {
  const planned = spec.looks?.at ?? USUAL_LOOKS;
  const all = seeds ?? withMore(spec.seeds, planned.at(-1)!, spec.tune?.seeds ?? []);
  const most = seeds === null ? planned.at(-1)! : all.length;
  const at = [...planned.filter((count) => count < most), most];
  return { seeds: all, looks: { at, budget: budget ?? spec.looks?.budget ?? null } };
}

/** Seeds with the next whole numbers after the largest, until there are `count`. */
function withMore(seeds: readonly number[], count: number, except: readonly number[]): number[] {
  const all = [...seeds];
  for (let next = Math.max(...seeds) + 1; all.length < count; next++) {
    if (!except.includes(next)) all.push(next);
  }
  return all;
}

/** Counts of seeds at which the evidence is looked at: all seeds at once where the spec plans no looks. */
export function lookCounts(
  { seeds, looks }: Pick<Spec, "seeds" | "looks">,
  among: readonly number[] = seeds,
): number[] {
  const planned = looks?.at ?? [];
  const most = Math.min(planned.at(-1) ?? among.length, among.length);
  return [...planned.filter((count) => count < most), most];
}

/** Seeds of the sweep, which follow the looks as far as there are so many. */
export function sweepSeeds({ seeds, sweep }: Pick<Spec, "seeds" | "sweep">): readonly number[] {
  return sweep?.seeds ?? seeds;
}
