import { dirname } from "node:path";
import { isNestedTooDeep, MOST_NESTING } from "#lib/nesting.ts";
import { suggest } from "#lib/nearest.ts";
import { yamlMessage } from "#lib/yaml_message.ts";
import { describeSchedule } from "#schedules/describe.ts";
import type { Problem } from "#schedules/check_param.ts";
import { checkSchedule } from "#schedules/registry.ts";
import type { ScheduleSpec } from "#schedules/schedule.ts";
import { type CommandIo, UsageError } from "../../io.ts";
import { type Arm, type Arms, untunedText } from "../../schedules/facts.ts";

/**
 * Schedules from texts: JSON, or the same in YAML's flow style.
 *
 * @param option that has them, for messages.
 */
export async function armsOfTexts(texts: readonly string[], option = "--spec"): Promise<Arms> {
  const labelOf = (index: number) => texts.length === 1 ? option : `${option} ${index + 1}`;
  const schedules = await Promise.all(texts.map((text, index) => readText(text, labelOf(index))));
  const arms = schedules.map((schedule, index) => {
    const label = labelOf(index);
    refuseProblems(
      problemsOf(schedule, label),
      // The message itself begins with the last key.
      (path) => path.length < 2 ? label : `${label}: in ${path.slice(0, -1).join(".")}`,
    );
    return { name: describeSchedule(schedule as ScheduleSpec), schedule: schedule as ScheduleSpec };
  });
  return {
    arms: distinctNames(arms),
    folder: ".",
    facts: {},
    shape: { totalSteps: null, stepsPerEpoch: null },
  };
}

/**
 * Schedules from a YAML file: one schedule, or a whole spec, whose arms are taken; of `FILE#ARM` that arm alone.
 *
 * @throws {UsageError} for a file with a mistake, and for an arm that it does not have.
 */
export async function armsOfFile(
  file: string,
  io: CommandIo,
  profile: string | null = null,
): Promise<Arms> {
  const [, path = file, wanted] = /^([^#]+)#(.+)$/.exec(file) ?? [];
  const arms = await allArmsOf(path, io, profile);
  if (wanted === undefined) return arms;
  const named = arms.arms.filter(({ name }) => name === wanted);
  if (named.length === 1) return { ...arms, arms: named };
  throw new UsageError(
    `${path}: there is no arm ${JSON.stringify(wanted)}; ${
      suggest(wanted, arms.arms.map(({ name }) => name))
    }`,
  );
}

async function allArmsOf(path: string, io: CommandIo, profile: string | null): Promise<Arms> {
  const text = await io.readText(path);
  const { whole, locate } = await parseYaml(path, text);
  if (isPlannable(whole)) {
    const arms = await (await import("../../schedules/planned_arms.ts")).plannedArms({
      path,
      text,
      whole,
      profile,
    });
    if (arms.untuned) io.stderr(`${untunedText(arms.untuned)}\n`);
    return arms;
  }
  if (profile !== null) throw new UsageError(`${path}: only a whole spec has profiles`);
  const given = "arms" in whole ? armsOfSpec(whole) : [{ name: "", schedule: whole, path: [] }];
  if (given.length === 0) {
    throw new UsageError(`${locate(["arms"])}: expected at least one arm with a schedule`);
  }
  const problems = given.flatMap(({ schedule, path: prefix }) =>
    checkSchedule(schedule).map((problem) => ({ ...problem, path: [...prefix, ...problem.path] }))
  );
  refuseProblems(problems, locate);
  const arms = given.map(({ name, schedule }) => ({
    name: name === "" ? describeSchedule(schedule as ScheduleSpec) : name,
    schedule: schedule as ScheduleSpec,
  }));
  return {
    arms: distinctNames(arms),
    folder: dirname(path),
    facts: {},
    shape: { totalSteps: null, stepsPerEpoch: null },
  };
}

/** True for a spec that says how long its runs are; of a file with arms alone only the schedules are looked at. */
const isPlannable = (whole: Record<string, unknown>): boolean =>
  ["arms", "dataset", "batch_size", "duration"].every((key) => whole[key] !== undefined);

/** @throws {UsageError} for a schedule in a schedule in a schedule … without end. */
function problemsOf(schedule: unknown, label: string): Problem[] {
  try {
    return [...checkSchedule(schedule)];
  } catch (error) {
    throw new UsageError(`${label}: ${yamlMessage((error as Error).message)}`, { cause: error });
  }
}

type Keys = Problem["path"];

/** The mapping in a YAML text, and where a path into it is: `file:line:column: path`. */
async function parseYaml(
  file: string,
  text: string,
): Promise<{ whole: Record<string, unknown>; locate: (keys: Keys) => string }> {
  if (isNestedTooDeep(text)) throw new UsageError(`${file}: nested more than ${MOST_NESTING} deep`);
  const { isMap, LineCounter, parseDocument } = await import("yaml");
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col}`;
  };
  const [broken] = document.errors;
  if (broken) throw new UsageError(`${at(broken.pos[0])}: ${yamlMessage(broken.message)}`);
  if (!isMap(document.contents)) {
    const example = "{ name: cosine, lr: 0.1, T_max: 30 epochs }";
    throw new UsageError(`${file}: expected a schedule, such as ${example}, or a spec`);
  }
  const locate = (keys: Keys): string => {
    for (let length = keys.length; length > 0; length--) {
      const node = document.getIn(keys.slice(0, length), true) as { range?: readonly number[] } | undefined;
      if (node?.range) return `${at(node.range[0]!)}: ${keys.join(".")}`;
    }
    return at(document.contents!.range![0]);
  };
  try {
    return { whole: document.toJS({ maxAliasCount: 100 }) as Record<string, unknown>, locate };
  } catch (error) {
    throw new UsageError(`${file}: ${(error as Error).message}`);
  }
}

/** @throws {UsageError} for a text that is neither JSON nor YAML, and for a key that is there twice. */
async function readText(text: string, label: string): Promise<unknown> {
  let notJson: Error | null = null;
  try {
    JSON.parse(text);
  } catch (error) {
    notJson = error as Error;
  }
  // JSON is YAML too; only YAML's reader refuses a key that is there twice.
  const { LineCounter, parseDocument } = await import("yaml");
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { prettyErrors: false, uniqueKeys: true, lineCounter });
  const twice = document.errors.find(({ code }) => code === "DUPLICATE_KEY");
  if (twice) {
    const { line, col } = lineCounter.linePos(twice.pos[0]);
    const key = /^\s*("(?:[^"\\]|\\.)*"|[^\s:,{}]+)/.exec(text.slice(twice.pos[0]))?.[1] ?? "a key";
    throw new UsageError(`${label}:${line}:${col}: ${key} is there twice; give each key once`);
  }
  if (notJson === null) return JSON.parse(text);
  const value: unknown = document.errors.length > 0 ? null : document.toJS({ maxAliasCount: 100 });
  // A lone word is valid YAML, but what was meant is a mapping.
  if (typeof value === "object" && value !== null) return value;
  throw new UsageError(
    `${label} is not JSON: ${notJson.message}; expected such as ` +
      `'{"name": "cosine", "lr": 0.1, "T_max": "30 epochs"}'`,
  );
}

function armsOfSpec(
  spec: Record<string, unknown>,
): { name: string; schedule: unknown; path: (string | number)[] }[] {
  const arms = Array.isArray(spec.arms) ? spec.arms : [];
  return arms.map((arm, index) => {
    const { name, schedule } = (arm ?? {}) as { name?: unknown; schedule?: unknown };
    return { name: String(name ?? ""), schedule, path: ["arms", index, "schedule"] };
  });
}

function refuseProblems(problems: readonly Problem[], locate: (path: Problem["path"]) => string): void {
  if (problems.length === 0) return;
  throw new UsageError(problems.map(({ path, message }) => `${locate(path)}: ${message}`).join("\n"));
}

function distinctNames(arms: readonly Arm[]): Arm[] {
  return arms.map((arm, index) =>
    arms.slice(0, index).some(({ name }) => name === arm.name)
      ? { ...arm, name: `${arm.name} (${index + 1})` }
      : arm
  );
}
