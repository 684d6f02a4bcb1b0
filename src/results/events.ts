import type { StepEvent, TrainEvent } from "#train/events.ts";
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
    const data = parseJson(line, `${path}, line ${number}`);
    if (isPlainStep(data)) return data;
    const result = trainEvent.safeParse(data);
    if (result.success) return result.data;
    throw new FileError(`${path} is damaged: line ${number}, ${firstProblem(result.error)}`);
  });
}

const PLAIN_STEP = ["kind", "step", "lr", "momentum", "loss"];

/**
 * True for a step that was finite and has no optional key: by far the most frequent event, and the schema takes ten times as
 * long to say so. Whatever is false here, the schema decides.
 */
function isPlainStep(data: unknown): data is StepEvent {
  if (typeof data !== "object" || data === null || !("kind" in data) || data.kind !== "step") return false;
  const keys = Object.keys(data);
  if (keys.length !== PLAIN_STEP.length || !PLAIN_STEP.every((key) => keys.includes(key))) return false;
  const { step, lr, momentum, loss } = data as Record<string, unknown>;
  return Number.isSafeInteger(step) && Number(step) >= 0 && [lr, momentum, loss].every(Number.isFinite);
}

/** The lines that were written to their end, with their numbers from 1; empty ones are left out. */
export function wholeLines(text: string): { line: string; number: number }[] {
  return text.split("\n").slice(0, -1).map((line, index) => ({ line, number: index + 1 }))
    .filter(({ line }) => line !== "");
}
