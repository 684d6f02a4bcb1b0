import { z } from "zod";
import type { Frozen } from "#lib/frozen.ts";

/** The version of every file that this lab writes. */
export const VERSION = 2;

/** The data that a schema describes. */
export type DataOf<S extends z.ZodType> = Frozen<z.output<S>>;

/** A file of results that cannot be used. The message names the file, the place in it and what was expected. */
export class FileError extends Error {
  override name = "FileError";
}

/** One kind of file on disk: what it holds, and how its text becomes data. */
export interface ResultFile<S extends z.ZodType = z.ZodType> {
  /** `summary.json` */
  readonly name: string;
  /** Name of its published JSON Schema, without the ending: `summary`. */
  readonly id: string;
  readonly schema: S;
  /** @throws {FileError} for text that is no JSON, or as {@link ResultFile.check}. */
  read(text: string, path: string): DataOf<S>;
  /** @throws {FileError} for data of another kind, of a newer version, or with a part missing or of the wrong kind. */
  check(data: unknown, path: string): DataOf<S>;
}

export interface FileDefinition<S extends z.ZodType> {
  readonly name: string;
  readonly id: string;
  readonly schema: S;
  /** Version 2 of data of version 1: renames keys and changes nothing else. */
  readonly upgrade: (data: unknown) => unknown;
}

/**
 * A kind of file with its reader.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { z } from "zod";
 * import { resultFile } from "#results/file.ts";
 *
 * const note = resultFile({
 *   name: "note.json",
 *   id: "note",
 *   schema: z.object({ version: z.literal(2), text: z.string() }),
 *   upgrade: (data) => ({ ...Object(data), version: 2 }),
 * });
 * assert.equal(note.read('{ "version": 1, "text": "hot" }', "runs/a/note.json").text, "hot");
 * assert.throws(
 *   () => note.read('{ "version": 2, "text": 7 }', "runs/a/note.json"),
 *   /^FileError: Cannot use runs\/a\/note\.json: at text: expected string, received number$/,
 * );
 * assert.throws(() => note.read('{ "version": 3 }', "note.json"), /written by a newer version of the lab/);
 * ```
 */
export function resultFile<S extends z.ZodType>(definition: FileDefinition<S>): ResultFile<S> {
  const { name, id, schema, upgrade } = definition;
  const check = (data: unknown, path: string): DataOf<S> => {
    const current = checkVersion(data, path) === 1 ? upgrade(data) : data;
    const result = schema.safeParse(current);
    if (result.success) return result.data as DataOf<S>;
    throw new FileError(`Cannot use ${path}: ${firstProblem(result.error)}`);
  };
  return { name, id, schema, check, read: (text, path) => check(parseJson(text, path), path) };
}

/** @throws {FileError} for what is no JSON. */
export function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new FileError(`Cannot read ${path}: it is damaged (${(error as Error).message})`);
  }
}

/** The place in the data and what was expected there, of the first problem that a schema found. */
export function firstProblem({ issues }: z.ZodError): string {
  const { path, message } = issues[0]!;
  return `at ${z.core.toDotPath(path) || "its top"}: ${message.replace(/^Invalid input: /, "")}`;
}

/** A list, as plan.json was in version 1, has no version of its own. */
function checkVersion(data: unknown, path: string): 1 | 2 {
  const version = Array.isArray(data) ? 1 : versionOf(data);
  if (version === 1 || version === 2) return version;
  if (typeof version === "number" && version > VERSION) {
    throw new FileError(
      `Cannot use ${path}: it was written by a newer version of the lab (file version ${version}; this lab reads 1 ` +
        `and ${VERSION})`,
    );
  }
  throw new FileError(
    `Cannot use ${path}: at version: expected 1 or ${VERSION}, received ${
      JSON.stringify(version) ?? "nothing"
    }`,
  );
}

function versionOf(data: unknown): unknown {
  return typeof data === "object" && data !== null && "version" in data ? data.version : undefined;
}
