import { isMap, LineCounter, parseDocument } from "yaml";
import type { Document } from "yaml";
import type { z } from "zod";
import { suggest } from "#lib/nearest.ts";
import { checkSchedule } from "#schedules/registry.ts";
import { type Path, printPath, readPath, setIn } from "./path.ts";
import { ancestors, comparedArms, originOf } from "./chain.ts";
import { ARM_KEYS, LOSS_KEYS, OPTIMIZER_KEYS, type Spec, specSchema, type Vocabulary } from "./schema.ts";
import { expandStages } from "./stages.ts";
import { rateKey, tunedArm, withRate } from "./tuned.ts";

export interface SpecSource {
  /** What messages call the text: a file's path. */
  readonly file: string;
  /** The profile to merge, `null` for none. */
  readonly profile: string | null;
  /** Values that take the place of the text's own (from command-line options), by dotted path. */
  readonly overrides: Readonly<Record<string, unknown>>;
}

/** A longer text is not a spec, and parsing it would cost more than it can be worth. */
const LARGEST_SPEC_BYTES = 1_000_000;

/** What was wrong with a spec and where: a complete message, to be shown as it is. */
export class SpecError extends SyntaxError {
  override name = "SpecError";
}

/** Something wrong in a spec as data. */
export interface Problem {
  readonly path: Path;
  readonly message: string;
}

/**
 * Text (YAML) to a checked spec.
 *
 * @throws {SpecError} whose message names file, line, column, path, what is wrong, what is allowed, and shows the
 * lines around it, for each of the first five problems.
 */
export function parseSpec(text: string, source: SpecSource, vocabulary: Vocabulary): Spec {
  if (text.length > LARGEST_SPEC_BYTES) {
    throw new SpecError(
      `${source.file}: ${text.length} characters; a spec has at most ${LARGEST_SPEC_BYTES}`,
    );
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const frame = (offset: number) => codeFrame(text, lines.linePos(offset));
  const broken = document.errors[0];
  if (broken) throw new SpecError(`${source.file}:${frame(broken.pos[0])}\n${broken.message}`);
  if (!isMap(document.contents)) {
    throw new SpecError(
      `${source.file}: expected a mapping with name, dataset, model, arms …; see the README`,
    );
  }
  const merged = mergeProfile(toPlain(document, source.file), source);
  const checked = check(merged, vocabulary);
  if (checked.spec) return checked.spec;

  const told = checked.problems.slice(0, 5).map(({ path, message }) => {
    // No line of the text is to blame for what an option put in its place.
    if (isOverridden(path, source)) return `${printPath(path)}, as given by an option: ${message}`;
    const offset = locate(document, path, source.profile);
    return `${source.file}:${offset === null ? "" : frame(offset).split("\n")[0] + ":"} ${
      printPath(path)
    }: ${message}` +
      (offset === null ? "" : "\n" + frame(offset).split("\n").slice(1).join("\n"));
  });
  const more = checked.problems.length - told.length;
  throw new SpecError(told.join("\n") + (more > 0 ? `\n… and ${more} more` : ""));
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
  if (profiles !== undefined && !isRecord(profiles)) {
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
    if (!isRecord(profile)) {
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
const isRecord = (value: unknown): value is Plain =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function mergeDeep(base: Plain, over: Plain): Plain {
  const merged: Plain = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const old = merged[key];
    merged[key] = isRecord(old) && isRecord(value) ? mergeDeep(old, value) : value;
  }
  return merged;
}

/** Plain data to a spec with its defaults, or what is wrong with it, each with its path. */
export function check(
  raw: unknown,
  vocabulary: Vocabulary,
): { spec: Spec; problems: [] } | { spec: null; problems: Problem[] } {
  const expanded = expandStages(raw);
  if (expanded.problems.length > 0) return { spec: null, problems: [...expanded.problems] };
  const checked = checkFlat(expanded.raw, vocabulary);
  if (checked.spec) return checked;
  const placed = checked.problems.map(({ path, message }) => ({ path: expanded.placeOf(path), message }));
  return { spec: null, problems: placed };
}

/** The same for a spec whose arms have no stages. */
function checkFlat(raw: unknown, vocabulary: Vocabulary): ReturnType<typeof check> {
  const parsed = specSchema.safeParse(raw);
  if (!parsed.success) {
    return {
      spec: null,
      problems: parsed.error.issues.flatMap((issue) => explain(issue)),
    };
  }
  const spec = parsed.data;
  const problems: Problem[] = [];
  const named = (path: Path, name: string, allowed: readonly string[]) => {
    if (!allowed.includes(name)) {
      problems.push({ path, message: `unknown ${JSON.stringify(name)}; ${suggest(name, allowed)}` });
    }
  };
  named(["dataset", "name"], spec.dataset.name, vocabulary.datasets);
  named(["model"], spec.model, vocabulary.models);
  const arms = comparedArms(spec).map(({ name }) => name);
  if (spec.baseline !== null) named(["baseline"], spec.baseline, arms);
  spec.arms.forEach((arm, index) => {
    problems.push(...checkArm(spec, arm.schedule, ["arms", index, "schedule"]));
    problems.push(...checkOrigin(spec, index));
  });
  if (arms.length === 0) problems.push({ path: ["arms"], message: "expected one that is compared" });
  problems.push(...checkGroups(spec.optimizer, ["optimizer"]));
  spec.arms.forEach(({ optimizer }, index) => {
    if (optimizer) problems.push(...checkGroups(optimizer, ["arms", index, "optimizer"]));
  });
  problems.push(...checkSeeds(spec));
  for (const [text, values] of Object.entries(spec.sweep?.over ?? {})) {
    problems.push(...checkSweep(spec, text, values));
  }
  return problems.length ? { spec: null, problems } : { spec, problems: [] };
}

/** Rates are tuned with seeds that no comparison uses: what was selected on them would flatter the arm. */
function checkSeeds({ seeds, tune, sweep }: Spec): Problem[] {
  const used = new Set([...seeds, ...sweep?.seeds ?? []]);
  const both = (tune?.seeds ?? []).filter((seed) => used.has(seed));
  if (both.length === 0) return [];
  const message = `${both.length === 1 ? "seed" : "seeds"} ${both.join(", ")} ${
    both.length === 1 ? "is" : "are"
  } compared too; expected seeds to tune with that no comparison uses`;
  return [{ path: ["tune", "seeds"], message }];
}

function checkArm(spec: Spec, schedule: Spec["arms"][number]["schedule"], path: Path): Problem[] {
  const arms = spec.arms.map(({ name }) => name);
  const tuned = tunedArm(schedule, "");
  if (tuned !== null && spec.tune === null) {
    return [{
      path: [...path, rateKey(schedule)],
      message: "`tuned` needs a `tune` section with the rates to try",
    }];
  }
  if (tuned !== null && tuned !== "" && !arms.includes(tuned)) {
    return [{
      path: [...path, rateKey(schedule)],
      message: `tuned of an unknown arm; ${suggest(tuned, arms)}`,
    }];
  }
  const concrete = tuned === null ? schedule : withRate(schedule, spec.tune!.rates[0]!);
  return checkSchedule(concrete).map((problem) => ({ ...problem, path: [...path, ...problem.path] }));
}

/** Groups have schedules of their own, which must not wait for evaluations: the run's own schedule alone does. */
function checkGroups({ groups = [] }: Spec["optimizer"], path: Path): Problem[] {
  return groups.flatMap(({ schedule }, index) => {
    if (!schedule) return [];
    const at = [...path, "groups", index, "schedule"];
    return checkSchedule(schedule).map((problem) => ({ ...problem, path: [...at, ...problem.path] }));
  });
}

/** What an arm goes on from: another arm that does not come from it, with as many members or one, or a file. */
function checkOrigin(spec: Spec, index: number): Problem[] {
  const arm = spec.arms[index]!;
  const path = ["arms", index, "from"];
  if (arm.clock !== undefined && originOf(spec.arms, arm)?.kind !== "arm") {
    const message = "only an arm that goes on from another one has a schedule to stretch, keep or append to";
    return [{ path: ["arms", index, "clock"], message }];
  }
  const origin = originOf(spec.arms, arm);
  if (origin?.kind === "unknown") {
    const others = spec.arms.map(({ name }) => name).filter((name) => name !== arm.name);
    const hint = others.length > 0 ? suggest(origin.name, others) : "there is no other arm";
    const file = "or a checkpoint file, a path that ends in .safetensors";
    return [{ path, message: `unknown arm ${JSON.stringify(origin.name)}; ${hint}; ${file}` }];
  }
  if (origin?.kind === "arm") {
    if (ancestors(spec.arms, arm).includes(arm.name)) {
      return [{ path, message: `${JSON.stringify(arm.name)} would go on from itself` }];
    }
    if (origin.arm.members !== undefined && origin.arm.members !== arm.members) {
      const many = `${JSON.stringify(origin.arm.name)} has ${origin.arm.members} members`;
      return [{ path, message: `${many}, so what goes on from it has as many` }];
    }
  }
  return [];
}

function checkSweep(spec: Spec, text: string, values: readonly unknown[]): Problem[] {
  const at: Path = ["sweep", "over", text];
  let path: Path;
  try {
    path = readPath(text);
  } catch (error) {
    return [{ path: at, message: (error as Error).message }];
  }
  const [arms, index, inner, ...rest] = path;
  if (arms !== "arms" || typeof index !== "number" || inner !== "schedule" || rest.length === 0) {
    return [{ path: at, message: "expected a path into an arm's schedule, such as arms[0].schedule.gamma" }];
  }
  const arm = spec.arms[index];
  if (!arm) {
    return [{ path: at, message: `there is no arms[${index}]; the last is arms[${spec.arms.length - 1}]` }];
  }
  return values.flatMap((value, position) =>
    checkArm(spec, setIn(arm.schedule, rest, value) as typeof arm.schedule, []).map(({ message }) => ({
      path: [...at, position],
      message,
    }))
  );
}

/** A validation issue in words: what came, what is allowed. */
function explain(issue: z.core.$ZodIssue): Problem[] {
  const path = issue.path as Path;
  if (issue.code === "unrecognized_keys") {
    const known = knownKeys(path);
    return issue.keys.map((key) => ({
      path: [...path, key],
      message: `unknown key; ${suggest(key, known)}`,
    }));
  }
  if (issue.code === "invalid_value") {
    return [{
      path,
      message: `${shown(issue.input)}expected ${
        issue.values.map((value) => JSON.stringify(value)).join(" or ")
      }`,
    }];
  }
  return [{ path, message: issue.message.replace(/^Invalid input: /, "") }];
}

const shown = (input: unknown) => input === undefined ? "" : `got ${JSON.stringify(input)}; `;

function knownKeys(path: Path): string[] {
  const top = specSchema.shape;
  const keys: Record<string, string[]> = {
    "": Object.keys(top),
    dataset: ["name", "train", "validation", "test", "augment"],
    optimizer: OPTIMIZER_KEYS,
    loss: LOSS_KEYS,
    arms: path.includes("optimizer") ? OPTIMIZER_KEYS : path.includes("loss") ? LOSS_KEYS : ARM_KEYS,
    averages: ["kind", "name", "decay", "from", "every"],
    snapshots: ["limit"],
    probe: ["for", "every"],
    tune: ["rates", "seeds"],
    sweep: ["over", "seeds"],
  };
  return keys[String(path[0] ?? "")] ?? [];
}

/** Offset of the deepest part of the path that the text has; the profile's own place first. */
function locate(document: Document, path: Path, profile: string | null): number | null {
  for (let length = path.length; length > 0; length--) {
    const part = path.slice(0, length);
    for (const full of profile === null ? [part] : [["profiles", profile, ...part], part]) {
      const offset = keyOffset(document, full);
      if (offset !== null) return offset;
    }
  }
  return null;
}

function keyOffset(document: Document, path: Path): number | null {
  const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  const key = path.at(-1);
  if (isMap(parent)) {
    const pair = parent.items.find((item) => String(item.key) === String(key));
    const range = (pair?.value as { range?: [number, number, number] } | null)?.range ??
      (pair?.key as { range?: [number, number, number] } | undefined)?.range;
    return range ? range[0] : null;
  }
  const node = document.getIn(path, true) as { range?: [number, number, number] } | undefined;
  return node?.range ? node.range[0] : null;
}

/** `line:column`, then the lines around it with a caret below the place. */
function codeFrame(text: string, { line, col }: { line: number; col: number }): string {
  const all = text.split("\n");
  const first = Math.max(1, line - 1);
  const last = Math.min(all.length, line + 1);
  const width = String(last).length;
  const shownLines: string[] = [];
  for (let number = first; number <= last; number++) {
    const content = (all[number - 1] ?? "").slice(0, 200);
    shownLines.push(`${number === line ? ">" : " "} ${String(number).padStart(width)} | ${content}`);
    if (number === line) {
      shownLines.push(`  ${" ".repeat(width)} | ${" ".repeat(Math.max(0, Math.min(col, 200) - 1))}^`);
    }
  }
  return `${line}:${col}\n${shownLines.join("\n")}`;
}
