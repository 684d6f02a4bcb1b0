import type { TrainEvent } from "#train/events.ts";
import { trainEvent } from "#train/events_schema.ts";
import { FileError, firstProblem, parseJson } from "./file.ts";

/** One event a line. */
export const EVENTS = "events.jsonl";

/**
 * The events of an `events.jsonl`. A last line that was cut off by a crash is left out; `null` in place of a measured
 * figure is NaN, which JSON has not. 100,000 steps take about 0.4 s.
 *
 * @param path the file's, for messages.
 * @throws {FileError} for a line that is no event: with its number, the place in it and what was expected.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { readEvents } from "#results/events.ts";
 *
 * const step = '{"kind":"step","step":0,"lr":0.1,"momentum":0.9,"loss":null}\n';
 * const [event] = readEvents(step + '{"kind":"st', "events.jsonl");
 * assert.ok(event?.kind === "step" && Number.isNaN(event.loss));
 * assert.throws(() => readEvents(`${step}null\n`, "events.jsonl"), /events\.jsonl is damaged: line 2, at its top: /);
 * ```
 */
export function readEvents(text: string, path: string): TrainEvent[] {
  return wholeLines(text).map(({ line, number }) => {
    const result = trainEvent.safeParse(parseJson(line, `${path}, line ${number}`));
    if (result.success) return result.data;
    throw new FileError(`${path} is damaged: line ${number}, ${firstProblem(result.error)}`);
  });
}

/** The lines that were written to their end, with their numbers from 1; empty ones are left out. */
export function wholeLines(text: string): { line: string; number: number }[] {
  return text.split("\n").slice(0, -1).map((line, index) => ({ line, number: index + 1 }))
    .filter(({ line }) => line !== "");
}
