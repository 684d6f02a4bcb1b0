import type { Layer, Model } from "../model.ts";
import { parametersOf } from "../parameters.ts";
import type { AdapterFacts } from "./adapter.ts";
import { size, stagesOf } from "./stages.ts";

/** A run by what decides how much of a GPU it takes. */
export interface RunSize {
  readonly model: Model;
  readonly batchSize: number;
}

/** By reasoning, not by measurement: outputs of layers in a step from which on a GPU has enough to do at once. */
const ENOUGH_VALUES = 2 ** 23;
/** Beyond it the host's share, which grows with every run, would be the limit. */
const MOST_RUNS = 16;

/**
 * Runs that a GPU trains at once by default: as many as fill it, for the largest of the runs, and whose weights fit one
 * buffer. One alone on a software adapter, which gains nothing by more.
 */
export function runsAtOnce(
  { software, limits }: Pick<AdapterFacts, "software" | "limits">,
  runs: readonly RunSize[],
): number {
  if (software || runs.length === 0) return 1;
  const limit = Math.min(limits.maxBufferSize!, limits.maxStorageBufferBindingSize!);
  const most = runs.map(({ model, batchSize }) => {
    const weights = parametersOf(model).reduce((sum, { shape }) => sum + 4 * size(shape), 0);
    const values = batchSize * outputValues(model.layers, [1, ...model.input]);
    return Math.min(Math.floor(ENOUGH_VALUES / values), Math.floor(limit / weights));
  });
  return Math.max(1, Math.min(MOST_RUNS, ...most));
}

/** Values of the outputs of all layers, those of branches included. */
function outputValues(layers: readonly Layer[], shape: readonly number[]): number {
  return stagesOf(layers, shape, 0).reduce((sum, { layer, input, output }) => {
    const branches = "main" in layer ? [layer.main, layer.shortcut] : [];
    return sum + size(output) + branches.reduce((inside, each) => inside + outputValues(each, input), 0);
  }, 0);
}
