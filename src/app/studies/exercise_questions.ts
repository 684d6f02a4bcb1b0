import { EXERCISES } from "#exercises/catalog.ts";
import type { Question } from "#study/exercise.ts";
import { UsageError } from "../errors.ts";

/**
 * The questions of an exercise that a folder is of.
 *
 * @param refusal beginning of the error: `Cannot resume runs/a`.
 * @throws {UsageError} for an exercise that this lab does not have.
 */
export async function questionsOf(exercise: string, refusal: string): Promise<readonly Question[]> {
  const entry = Object.hasOwn(EXERCISES, exercise) ? EXERCISES[exercise] : undefined;
  if (entry) return (await entry.load()).questions;
  throw new UsageError(`${refusal}: it is of exercise ${exercise}, which this lab does not have`);
}
