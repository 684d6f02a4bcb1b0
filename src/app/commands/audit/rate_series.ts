import type { LoggedRun } from "../../trackers/read_run.ts";
import type { Series } from "#trackers/series.ts";
import { suggest } from "#lib/nearest.ts";
import { isRateTag } from "#trackers/known_tags.ts";
import { UsageError } from "../../io.ts";

/** A run in which nothing is a learning rate by its name, or has the name that was asked for. */
export class NoRates extends UsageError {}

/**
 * The learning rates of a run, one series a parameter group.
 *
 * @throws {NoRates} for a run without any, or without the one that was asked for.
 */
export function rateSeries({ series, path, name }: LoggedRun, asked: string | undefined): Series[] {
  const of = name === null ? path : `${path}, run ${name}`;
  const tags = [...series.keys()];
  if (asked !== undefined) {
    const found = series.get(asked);
    if (found !== undefined) return [found];
    throw new NoRates(`${of}: there is no series ${JSON.stringify(asked)}; ${suggest(asked, tags)}`);
  }
  const found = tags.filter(isRateTag).map((tag) => series.get(tag)!).filter(({ steps }) => steps.length > 0);
  if (found.length > 0) return found;
  throw new NoRates(
    `${of}: no series is named lr or learning_rate; name it with --rate. There are: ${
      tags.join(", ") || "none"
    }`,
  );
}

/** Updates in an epoch, from a series of epochs with fractions, as Hugging Face's Trainer logs it; else `null`. */
export function stepsPerEpochOf({ series }: LoggedRun): number | null {
  const epochs = series.get("epoch") ?? series.get("train/epoch");
  if (epochs === undefined || epochs.unit !== "step" || epochs.values.every(Number.isInteger)) return null;
  const [step, epoch] = [epochs.steps.at(-1)!, epochs.values.at(-1)!];
  const found = Math.round(step / epoch);
  return Number.isSafeInteger(found) && found >= 1 && Math.abs(step / epoch - found) < 0.01 * found
    ? found
    : null;
}
