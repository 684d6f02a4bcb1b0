import { DATASETS, loadDataset } from "#datasets/catalog.ts";
import { denoFiles } from "#datasets/files.ts";
import { type Spread, spread } from "./statistics.ts";

/** Time until a data set's splits lie in memory: read or drawn, checked, split and digested. */
export interface DataFigures {
  readonly dataset: string;
  readonly images: number;
  readonly ms: Spread;
  readonly us_per_image: number;
}

const SEED = 2017;

/** Every data set of the lab that is there, whole; one that is not is left out. */
export async function benchData(rounds: number, dataDir: string | null): Promise<DataFigures[]> {
  const figures: DataFigures[] = [];
  const ready = Object.keys(DATASETS).filter((name) => DATASETS[name]!.source !== "own");
  for (const name of ready) {
    const load = () =>
      loadDataset({ name, train: null, validation: null, test: null, seed: SEED, dataDir }, denoFiles);
    const first = await load().catch((error: Error) => {
      if (error.name === "DataError") return null;
      throw error;
    });
    if (first === null) continue;
    const images = first.train.count + first.validation.count + first.test.count;
    const times: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const started = performance.now();
      await load();
      times.push(performance.now() - started);
    }
    const ms = spread(times);
    figures.push({ dataset: name, images, ms, us_per_image: 1000 * ms.median / images });
  }
  return figures;
}
