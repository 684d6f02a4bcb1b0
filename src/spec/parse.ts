import { yamlMessage } from "#lib/yaml_message.ts";
import { isMap, LineCounter, parseDocument } from "yaml";
import type { Document } from "yaml";
import { suggest } from "#lib/nearest.ts";
import { isNestedTooDeep, MOST_NESTING } from "#lib/nesting.ts";
import { isObject } from "#lib/json.ts";
import { check } from "./check.ts";
import { SpecError } from "./error.ts";
import { type Path, printPath } from "./path.ts";
import { codeFrame, locate } from "./place.ts";
import type { Spec, Vocabulary } from "./schema.ts";

export { SpecError };

export interface SpecSource {
  /** The text's name in messages: a file's path. */
  readonly file: string;
  /** The profile to merge, `null` for none. */
  readonly profile: string | null;
  /** Values that take the place of the text's own (from command-line options), by dotted path. */
  readonly overrides: Readonly<Record<string, unknown>>;
}

/** A longer text is not a spec, and parsing it would cost more than it can be worth. */
const LARGEST_SPEC_BYTES = 1_000_000;

/**
 * Text (YAML) to a checked spec.
 *
 * @throws {SpecError} whose message has file, line, column, path, problem, allowed values and the lines around it, for
 * each of the first five problems.
 */
export function parseSpec(text: string, source: SpecSource, vocabulary: Vocabulary): Spec {
  if (text.length > LARGEST_SPEC_BYTES) {
    throw new SpecError(
      `${source.file}: ${text.length} characters; a spec has at most ${LARGEST_SPEC_BYTES}`,
    );
  }
  if (isNestedTooDeep(text)) {
    throw new SpecError(`${source.file}: nested more than ${MOST_NESTING} deep; a spec takes fewer than ten`);
  }
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: true,
    merge: true,
  });
  const frame = (offset: number) => codeFrame(text, lines.linePos(offset));
  const broken = document.errors[0];
  if (broken) throw new SpecError(`${source.file}:${frame(broken.pos[0])}\n${yamlMessage(broken.message)}`);
  if (!isMap(document.contents)) {
    throw new SpecError(
      `${source.file}: expected a mapping with name, dataset, model, arms …; docs/spec.md has every key`,
    );
  }
  const merged = mergeProfile(toPlain(document, source.file), source);
  const checked = check(merged, vocabulary);
  if (checked.spec) return checked.spec;

  const shown = checked.problems.slice(0, 5).map(({ path, message }) => {
    // No line of the text is to blame for what an option put in its place.
    if (isOverridden(path, source)) return `${printPath(path)}, as given by an option: ${message}`;
    const offset = locate(document, path, source.profile);
    return `${source.file}:${offset === null ? "" : frame(offset).split("\n")[0] + ":"} ${
      printPath(path)
    }: ${message}` +
      (offset === null ? "" : "\n" + frame(offset).split("\n").slice(1).join("\n"));
  });
  const more = checked.problems.length - shown.length;
  throw new SpecError(shown.join("\n") + (more > 0 ? `\n… and ${more} more` : ""));
}

function isOverridden(path: Path, { overrides }: SpecSource): boolean {
  return Object.keys(overrides).some((text) => text.split(".").every((key, index) => path[index] === key));
}

function toPlain(document: Document, file: string): Record<string, unknown> {
  try {
    return document.toJS({ maxAliasCount: 100 }) as Record<string, unknown>;
  } catch (error) {
    throw new SpecError(`${file}: ${(error as Error).message}`);
  }
}

/** Deep for mappings, whole for lists and scalars. */
function mergeProfile(raw: Record<string, unknown>, source: SpecSource): Record<string, unknown> {
  const { profiles, ...base } = raw;
  const named = profiles as Record<string, unknown> | undefined;
  if (profiles !== undefined && !isObject(profiles)) {
    throw new SpecError(`${source.file}: profiles: expected a mapping`);
  }
  let merged = base;
  if (source.profile !== null) {
    const names = Object.keys(named ?? {});
    if (!named || !names.includes(source.profile)) {
      throw new SpecError(
        `${source.file}: no profile ${JSON.stringify(source.profile)}; ` +
          (names.length ? suggest(source.profile, names) : "this spec has none"),
      );
    }
    const profile = named[source.profile];
    if (!isObject(profile)) {
      throw new SpecError(`${source.file}: profiles.${source.profile}: expected a mapping`);
    }
    merged = mergeDeep(base, profile);
  }
  for (const [path, value] of Object.entries(source.overrides)) {
    const keys = path.split(".");
    merged = mergeDeep(merged, keys.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as Plain);
  }
  return merged;
}

type Plain = Record<string, unknown>;

function mergeDeep(base: Plain, over: Plain): Plain {
  const merged: Plain = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const old = merged[key];
    merged[key] = isObject(old) && isObject(value) ? mergeDeep(old, value) : value;
  }
  return merged;
}
