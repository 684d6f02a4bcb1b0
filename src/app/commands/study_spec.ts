import { MODELS } from "#compute/models.ts";
import { DATASET_NAMES } from "#datasets/catalog.ts";
import { parseSpec } from "#spec/parse.ts";
import type { Spec, Vocabulary } from "#spec/schema.ts";
import type { SpecOptions } from "./study_options.ts";

/** Names of data sets and models that a spec may use. */
export const VOCABULARY: Vocabulary = { datasets: DATASET_NAMES, models: Object.keys(MODELS) };

/**
 * A spec's text, checked, with what options put in the place of its values.
 *
 * @param file what errors call it.
 * @param more further values by their path in the spec.
 * @throws {SpecError} for a spec or an option that is wrong.
 */
export function studySpec(
  { file, text }: { readonly file: string; readonly text: string },
  { profile, dataset, seeds }: SpecOptions,
  more: Readonly<Record<string, unknown>> = {},
): Spec {
  const overrides = {
    ...(dataset !== undefined && { "dataset.name": dataset }),
    ...(seeds && { seeds }),
    ...more,
  };
  return parseSpec(text, { file, profile: profile ?? null, overrides }, VOCABULARY);
}
