import type { LoggedRun } from "./model.ts";

/** Settings that frameworks keep the seed in, by the last part of their name. */
const SEEDS = ["seed", "random_seed", "rng_seed", "manual_seed", "seed_everything", "global_seed"];

/** The key of pairs: the runs' seed, none, or a setting. */
export type PairBy = { readonly kind: "seed" | "none" } | { readonly kind: "setting"; readonly name: string };

export interface PairKey {
  readonly key: string;
  /** `setting`: the run's own word; guessed from its name by the word `seed` there, or by a mere `number`. */
  readonly source: "setting" | "seed in name" | "number in name";
}

/**
 * The key that pairs a run with one of another group; `null` where nothing is known. A seed is a setting, else it is guessed from
 * the name: `seed3`, `seed=3`, `s3`, and `…_3` or `…-3` at its end.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { pairKeyOf } from "#study/logged_runs/pair_key.ts";
 *
 * const seed = { kind: "seed" } as const;
 * assert.equal(pairKeyOf({ name: "a", settings: { "trainer.seed": 3 } }, seed)?.key, "3");
 * assert.deepEqual(pairKeyOf({ name: "runs/adam/seed3", settings: {} }, seed), { key: "3", source: "seed in name" });
 * assert.equal(pairKeyOf({ name: "runs/adam_12", settings: {} }, seed)?.key, "12");
 * assert.equal(pairKeyOf({ name: "runs/resnet50", settings: {} }, seed), null);
 * ```
 */
export function pairKeyOf(
  { name, settings }: Pick<LoggedRun, "name" | "settings">,
  by: PairBy,
): PairKey | null {
  switch (by.kind) {
    case "none":
      return null;
    case "setting": {
      return Object.hasOwn(settings, by.name) ? { key: String(settings[by.name]), source: "setting" } : null;
    }
    case "seed": {
      const found = seedSetting(settings);
      if (found !== null) return { key: String(found), source: "setting" };
      return seedInName(name);
    }
  }
}

/** Of several the one with the shortest name: `seed` before `data.seed`. */
function seedSetting(settings: LoggedRun["settings"]): number | null {
  const names = Object.keys(settings)
    .filter((name) => SEEDS.includes(name.split(/[./]/).at(-1)!.toLowerCase()))
    .sort((a, b) => a.length - b.length);
  for (const name of names) {
    const value = settings[name]!;
    // Lightning's `seed_everything: true` is a seed that nobody wrote down.
    const seed = typeof value === "boolean" || value === "" ? NaN : Number(value);
    if (Number.isInteger(seed)) return seed;
  }
  return null;
}

/** In the last part of the name that has one, without its ending. */
function seedInName(name: string): PairKey | null {
  for (const part of name.split(/[/\\]/).reverse()) {
    const stem = part.replace(/\.(?:csv|jsonl?|tsv|txt|log)$/i, "");
    const seed = /(?:^|[^a-z])(?:seed|s)[-_=]?(\d+)(?!\d)/i.exec(stem);
    if (seed) return { key: String(Number(seed[1])), source: "seed in name" };
    const number = /(?:^|[^a-z])(?:rep|run|trial)[-_=]?(\d+)(?!\d)/i.exec(stem) ??
      /[-_](\d{1,6})$/.exec(stem);
    if (number) return { key: String(Number(number[1])), source: "number in name" };
  }
  return null;
}
