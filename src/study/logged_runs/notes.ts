import type { JudgedComparison } from "#results/judgement.ts";
import type { LoggedGroup } from "./model.ts";
import type { RunOutcome } from "./outcomes.ts";

/** Runs that a sentence names; the others are counted. */
const NAMED = 5;

/**
 * Notes on guesses, and on runs that were left out or are uneven, a sentence each.
 *
 * @param what runs are paired by, in words.
 */
export function notesOn(
  groups: readonly LoggedGroup[],
  outcomes: readonly (readonly RunOutcome[])[],
  comparisons: readonly JudgedComparison[],
  what: string,
): string[] {
  return [
    ...guesses(outcomes, comparisons, what),
    ...unpaired(comparisons),
    ...equal(comparisons),
    ...groups.flatMap(({ name }, index) => [
      ...repeated(name, outcomes[index]!, what),
      ...ofKind(name, outcomes[index]!, "failed"),
      ...ofKind(name, outcomes[index]!, "left out"),
    ]),
    ...lengths(groups, outcomes),
  ];
}

function guesses(
  outcomes: readonly (readonly RunOutcome[])[],
  comparisons: readonly JudgedComparison[],
  what: string,
): string[] {
  const guessed = outcomes.flat().filter(({ isGuessed }) => isGuessed);
  const [first] = guessed;
  if (first === undefined || comparisons.every(({ pairing }) => pairing === "unpaired")) return [];
  return [
    `${what === "seed" ? "Seeds" : what} of ${guessed.length} runs are guessed from their names ` +
    `(${first.run.name}: ${first.key}); --pair-by none compares them without pairs`,
  ];
}

function unpaired(comparisons: readonly JudgedComparison[]): string[] {
  return comparisons.filter(({ pairing, why_unpaired }) =>
    pairing === "unpaired" && why_unpaired !== "as asked"
  )
    .map(({ group, against, why_unpaired }) =>
      `${group} and ${against} are compared without pairs (${why_unpaired}), so the variation between seeds is not removed`
    );
}

function equal(comparisons: readonly JudgedComparison[]): string[] {
  return comparisons.filter(({ interval }) => interval?.every((end) => end === 0)).map((
    { group, against },
  ) =>
    `${group} and ${against} have the same values, run by run: they are copies, or what differs changes nothing`
  );
}

function repeated(name: string, outcomes: readonly RunOutcome[], what: string): string[] {
  const groups = Map.groupBy(
    outcomes.filter(({ key, state }) => key !== null && state.kind !== "left out"),
    ({ key }) => key!,
  );
  const several = [...groups].filter(([, runs]) => runs.length > 1);
  if (several.length === 0) return [];
  const [key, runs] = several[0]!;
  return [
    `${name} has ${runs.length} runs with ${what} ${key}${
      several.length > 1 ? ", and more such" : ""
    }: they count ` +
    "once, by their mean; --pair-by none counts each",
  ];
}

function ofKind(name: string, outcomes: readonly RunOutcome[], kind: "failed" | "left out"): string[] {
  const found = outcomes.flatMap(({ run, state }) => state.kind === kind ? [`${run.name} ${state.why}`] : []);
  if (found.length === 0) return [];
  const more = found.length > NAMED ? `; and ${found.length - NAMED} more` : "";
  return [
    `${name}: ${found.length} of ${outcomes.length} runs ${kind === "failed" ? "failed" : "left out"} ` +
    `(${found.slice(0, NAMED).join("; ")}${more})`,
  ];
}

/** Groups whose runs end at different steps: more training is a difference of its own. */
function lengths(groups: readonly LoggedGroup[], outcomes: readonly (readonly RunOutcome[])[]): string[] {
  const ends = groups.map(({ name }, index) => ({
    name,
    ends: outcomes[index]!.flatMap(({ state, lastStep }) =>
      state.kind === "finished" && lastStep !== null ? [lastStep] : []
    ),
  })).filter(({ ends }) => ends.length > 0);
  const all = ends.flatMap(({ ends }) => ends);
  if (all.length === 0 || Math.min(...all) >= 0.99 * Math.max(...all)) return [];
  const texts = ends.map(({ name, ends }) => {
    const [low, high] = [Math.min(...ends), Math.max(...ends)];
    return `${name} at ${low === high ? low : `${low} to ${high}`}`;
  });
  return [`Runs end at different steps (${texts.join(", ")}): more training is a difference of its own`];
}
