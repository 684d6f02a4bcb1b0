import { MODELS } from "#compute/models.ts";
import { DATASET_NAMES } from "#datasets/catalog.ts";
import type { RangeSetup } from "#study/lr_range_test/plan.ts";
import { parseSpec } from "#spec/parse.ts";
import type { Spec } from "#spec/schema.ts";
import { isPlain } from "#train/loss.ts";
import type { CommandIo } from "../io.ts";

/** What is tested where no spec says otherwise. A range test looks at no arm. */
const BUILT_IN = `name: built-in
dataset: { name: shapes, train: 1600, validation: 500, test: 100 }
model: cnn-small
batch_size: 32
duration: 1 epoch
seeds: [1, 2, 3]
arms: [{ name: none, schedule: { name: constant, lr: 0.01 } }]
`;

export interface RangeTestChoice {
  readonly profile?: string | undefined;
  readonly dataset?: string | undefined;
  readonly model?: string | undefined;
  readonly optimizer?: string | undefined;
  readonly batchSize?: number | undefined;
  readonly seeds?: readonly number[] | undefined;
}

/**
 * What is trained: a spec's own settings, not those of its arms, with what options put in their place.
 *
 * @throws {UsageError | SpecError} for a file that cannot be read, or a spec or an option that is wrong.
 */
export async function rangeTestSpec(
  file: string | undefined,
  choice: RangeTestChoice,
  io: CommandIo,
): Promise<{ name: string; spec: Spec; setup: RangeSetup; seeds: readonly number[] }> {
  const text = file === undefined ? BUILT_IN : await io.readText(file);
  const spec = parsed(text, file ?? "options", choice.profile ?? null, {
    ...(choice.dataset !== undefined && { "dataset.name": choice.dataset }),
    ...(choice.model !== undefined && { model: choice.model }),
    ...(choice.batchSize !== undefined && { batch_size: choice.batchSize }),
    ...(choice.seeds && { seeds: choice.seeds }),
  });
  const { name, dataset, model, optimizer, loss, batch_size, accumulate, seeds } = spec;
  const other = choice.optimizer !== undefined && choice.optimizer !== optimizer.name
    ? parsed(BUILT_IN, "options", null, { "optimizer.name": choice.optimizer }).optimizer
    : optimizer;
  return {
    name,
    spec: { ...spec, optimizer: other },
    setup: {
      dataset,
      model,
      optimizer: other,
      ...(loss && !isPlain(loss) && { loss }),
      batch_size,
      ...(accumulate !== undefined && { accumulate }),
    },
    seeds,
  };
}

function parsed(
  text: string,
  file: string,
  profile: string | null,
  overrides: Record<string, unknown>,
): Spec {
  return parseSpec(text, { file, profile, overrides }, {
    datasets: DATASET_NAMES,
    models: Object.keys(MODELS),
  });
}
