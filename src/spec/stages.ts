import { parseDuration } from "#lib/duration.ts";
import { isObject } from "#lib/json.ts";
import { type Path, printPath, readPath } from "./path.ts";
import type { Problem } from "./error.ts";

/** A spec as plain data whose arms have no stages any more. */
export interface Expanded {
  readonly raw: unknown;
  readonly problems: readonly Problem[];
  /** The path at which a value of {@link raw} was written. */
  placeOf(path: Path): Path;
}

type Plain = Readonly<Record<string, unknown>>;

interface Link {
  readonly arm: unknown;
  readonly place: Path;
}

/**
 * An arm with `stages` becomes a line of arms, each the parent of the next. The last has the
 * arm's own name, for it is what is compared; those before it are called `arm: stage`, and are drawn alone. What the
 * arm has beside its stages is theirs where they have nothing of their own.
 */
export function expandStages(raw: unknown): Expanded {
  if (!isObject(raw) || !Array.isArray(raw["arms"])) return { raw, problems: [], placeOf: (path) => path };
  const problems: Problem[] = [];
  const chains = raw["arms"].map((arm: unknown, index) => {
    const place = ["arms", index];
    if (!isObject(arm) || arm["stages"] === undefined) return [{ arm, place }];
    problems.push(...problemsOf(arm, place));
    return problems.length > 0 ? [] : linksOf(arm, place);
  });
  const links = chains.flat();
  return {
    raw: { ...raw, arms: links.map(({ arm }) => arm), ...withSweep(raw, chains) },
    problems,
    placeOf: ([first, index, ...rest]) =>
      first === "arms" && typeof index === "number" && links[index]
        ? [...links[index].place, ...rest]
        : [first, index, ...rest].filter((part) => part !== undefined),
  };
}

function linksOf(arm: Plain, place: Path): Link[] {
  const { name, stages, from, compare, ...shared } = arm;
  const all = stages as readonly Plain[];
  const nameOf = (index: number) => index === all.length - 1 ? name : `${name}: ${all[index]!["name"]}`;
  return all.map((stage, index) => {
    const parent = index === 0 ? from : nameOf(index - 1);
    const isCompared = index === all.length - 1 ? compare : false;
    return {
      arm: {
        ...shared,
        ...stage,
        name: nameOf(index),
        ...(parent !== undefined && { from: parent }),
        ...(isCompared !== undefined && { compare: isCompared }),
      },
      place: [...place, "stages", index],
    };
  });
}

function problemsOf(arm: Plain, place: Path): Problem[] {
  const { stages } = arm;
  if (!Array.isArray(stages) || stages.length === 0 || !stages.every(isObject)) {
    const message = "expected a list of stages, each with a name, a schedule and where it ends";
    return [{ path: [...place, "stages"], message }];
  }
  const own = ["schedule", "duration"].filter((key) => arm[key] !== undefined).map((key) => ({
    path: [...place, key],
    message: "an arm with stages cannot have this key; each stage has one",
  }));
  const names = stages.map((stage) => stage["name"]);
  return [
    ...own,
    ...stages.flatMap((stage: Plain, index) => {
      const at = [...place, "stages", index];
      return [
        ...(typeof stage["name"] !== "string" || names.indexOf(stage["name"]) < index
          ? [{ path: [...at, "name"], message: "expected a name that no other stage of the arm has" }]
          : []),
        ...["from", "members", "compare", "stages"].filter((key) => stage[key] !== undefined).map((key) => ({
          path: [...at, key],
          message:
            "a stage cannot have this key: a stage's parent is the stage before it, and the rest belongs to the arm",
        })),
        ...endProblems(stage, stages[index - 1], index === stages.length - 1).map((message) => ({
          path: [...at, "duration"],
          message,
        })),
      ];
    }),
  ];
}

/** Stages end one after another, each counted from the beginning. The last may leave that to the spec. */
function endProblems(stage: Plain, before: Plain | undefined, isLast: boolean): string[] {
  const [end, earlier] = [stage["duration"], before?.["duration"]];
  if (end === undefined) {
    return isLast ? [] : ["expected where the stage ends, counted from the beginning, such as 10 epochs"];
  }
  const [own, other] = [durationOf(end), durationOf(earlier)];
  return own && other && own.unit === other.unit && own.value <= other.value
    ? [`${end} are counted from the beginning, and the stage before it ends at ${earlier}: expected more`]
    : [];
}

/** `null` where the text is no duration: the schema reports it. */
function durationOf(text: unknown) {
  try {
    return parseDuration(text as string);
  } catch {
    return null;
  }
}

/** A sweep's paths name arms and stages as they are written: `arms[1].stages[0].schedule.lr`. */
function withSweep({ sweep }: Plain, chains: readonly (readonly Link[])[]): { sweep?: Plain } {
  if (!isObject(sweep) || !isObject(sweep["over"])) return {};
  const written = chains.flat().map(({ place }) => place.slice(1));
  const moved = (text: string): string => {
    const path = pathOf(text);
    if (path?.[0] !== "arms") return text;
    // The last link stands for the arm itself.
    const isStage = path[2] === "stages";
    const length = isStage ? 3 : 1;
    const own = path.slice(1, 1 + length).join();
    const index = written.findLastIndex((place) => place.slice(0, length).join() === own);
    return index < 0 ? text : printPath(["arms", index, ...path.slice(1 + length)]);
  };
  const over = Object.entries(sweep["over"]).map(([text, values]) => [moved(text), values]);
  return { sweep: { ...sweep, over: Object.fromEntries(over) } };
}

/** `null` where the text is no path: the check of the sweep reports it. */
function pathOf(text: string): Path | null {
  try {
    return readPath(text);
  } catch {
    return null;
  }
}
