import { MODELS } from "#compute/models.ts";
import { DATASET_VOCABULARY } from "#datasets/catalog.ts";
import { parseSpec } from "#spec/parse.ts";
import { untilDecided } from "#spec/looks.ts";
import type { Spec, Vocabulary } from "#spec/schema.ts";
import { UsageError } from "../errors.ts";

/** Options that change a spec. */
export interface SpecOptions {
  readonly profile?: string | undefined;
  readonly dataset?: string | undefined;
  readonly seeds?: readonly number[] | undefined;
  readonly until?: "decided" | "all" | undefined;
  /** As it was written: `60 s`. */
  readonly budget?: string | undefined;
}

/** Names of data sets and models that a spec may use. */
export const VOCABULARY: Vocabulary = { ...DATASET_VOCABULARY, models: Object.keys(MODELS) };

/**
 * A spec's text, checked, with what options put in the place of its values.
 *
 * @param file what errors call it.
 * @param more further values by their path in the spec.
 * @throws {SpecError} for a spec or an option that is wrong.
 * @throws {UsageError} for a time limit of an experiment without looks.
 */
export function studySpec(
  { file, text }: { readonly file: string; readonly text: string },
  { profile, dataset, seeds, until, budget }: SpecOptions,
  more: Readonly<Record<string, unknown>> = {},
): Spec {
  const read = (overrides: Readonly<Record<string, unknown>>) =>
    parseSpec(text, { file, profile: profile ?? null, overrides }, VOCABULARY);
  const given = { ...(dataset !== undefined && { "dataset.name": dataset }), ...more };
  const isFixed = until === "all" || (until === undefined && seeds !== undefined);
  if (isFixed && budget !== undefined) {
    throw new UsageError(
      "--budget ends looks, and all seeds are run here: add --until decided, or leave it out",
    );
  }
  if (isFixed) return read({ ...given, ...(seeds && { seeds }), looks: null });
  const spec = read(given);
  const isLooking = until === "decided" || (spec.looks && budget !== undefined);
  if (!isLooking && budget !== undefined) {
    throw new UsageError("--budget ends looks, and this spec plans none: add --until decided");
  }
  return isLooking ? read({ ...given, ...untilDecided(spec, seeds ?? null, budget ?? null) }) : spec;
}
