import { z } from "zod";
import { FileError, firstProblem, parseJson } from "#results/file.ts";
import { EVENTS, readEvents } from "#results/events.ts";
import { isFinished } from "#results/run.ts";
import type { RunPlan } from "#spec/run_plan.ts";
import type { TrainEvent } from "#train/events.ts";
import { sha256 } from "../sha256.ts";
import type { PoolListener } from "../workers/pool.ts";
import { isArtifact } from "../storage/run_files.ts";
import { manifestSchema, PartError, sha256Hex } from "./parts.ts";
import { CHECKPOINT, type RunState } from "./run_state.ts";

/** Most characters of an entry: a worker gathers the events of a quarter of a second. */
const MOST_BODY = 64 * 2 ** 20;

const eventsBody = z.strictObject({ from: z.int().min(0), sha256: sha256Hex, text: z.string() });
const fileBody = z.strictObject({
  name: z.string().refine(isArtifact, "expected the name of a run's file"),
  file: manifestSchema.nullable(),
});

/** An entry that no worker of the lab writes, or that was damaged on its way. */
export class EntryError extends Error {
  override readonly name = "EntryError";
}

/** The log of one run, as a session reads it. */
export interface RunReader {
  readonly plan: RunPlan;
  readonly state: RunState;
  /** The last entry that was read. */
  readonly cursor: string;
  readonly isDone: boolean;
  /** Reads the log from its beginning: Redis may have lost its last seconds, and others may stand in their place. */
  rewind(): void;
  /**
   * Takes an entry. Events that were read before come again after a run was taken over from its last checkpoint; they are
   * the same, and left out.
   *
   * @throws {EntryError} for an entry that is not one.
   */
  entry(id: string, kind: string, body: string): Promise<void>;
}

/** @param known events of the run that the session has already. */
export function openRunReader(
  { plan, state, known, listener }: {
    readonly plan: RunPlan;
    readonly state: RunState;
    readonly known: number;
    readonly listener: Pick<PoolListener, "onEvents" | "onFile">;
  },
): RunReader {
  let cursor = "0";
  let count = known;
  let isEnded = false;
  let isDone = false;
  const place = (id: string) => `entry ${id} of ${plan.id}`;

  const events = (id: string, body: string) => {
    const { from, sha256: digest, text } = checked(eventsBody, body, place(id));
    if (sha256(text) !== digest) {
      throw new EntryError(`${place(id)} is damaged: its text is not that of its digest`);
    }
    if (from > count) {
      throw new EntryError(`${place(id)} begins at event ${from}, but ${count} came before it`);
    }
    const all = readEvents(text, `${EVENTS} in ${place(id)}`);
    const fresh: TrainEvent[] = all.slice(count - from);
    if (fresh.length === 0) return;
    count += fresh.length;
    isEnded ||= isFinished({ events: fresh });
    listener.onEvents(plan, fresh);
  };
  const file = async (id: string, body: string) => {
    const { name, file } = checked(fileBody, body, place(id));
    // A run that has ended needs no checkpoint any more.
    if (name === CHECKPOINT && isEnded) return;
    try {
      listener.onFile(plan, { name, bytes: file === null ? null : await state.file(name, file) });
    } catch (error) {
      // A newer checkpoint has taken its place, and comes later in the log.
      if (!(error instanceof PartError && name === CHECKPOINT)) throw error;
    }
  };
  return {
    plan,
    state,
    get cursor() {
      return cursor;
    },
    get isDone() {
      return isDone;
    },
    rewind: () => cursor = "0",
    entry: async (id, kind, body) => {
      if (body.length > MOST_BODY) {
        throw new EntryError(`${place(id)} has ${body.length} characters; at most ${MOST_BODY} are read`);
      }
      try {
        if (kind === "events") events(id, body);
        else if (kind === "file") await file(id, body);
        else if (kind === "done") isDone = isEnded;
        else throw new EntryError(`${place(id)} is of an unknown kind`);
      } catch (error) {
        const isDamage = error instanceof FileError || error instanceof PartError;
        throw isDamage ? new EntryError(`${place(id)} cannot be used: ${error.message}`) : error;
      }
      cursor = id;
    },
  };
}

function checked<S extends z.ZodType>(schema: S, body: string, place: string): z.output<S> {
  const result = schema.safeParse(parseJson(body, place));
  if (result.success) return result.data;
  throw new EntryError(`${place} is damaged: ${firstProblem(result.error)}`);
}
