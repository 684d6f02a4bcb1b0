import { type ScoreName, scoreName } from "#results/score.ts";
import type { Summary } from "#results/summary.ts";
import type { LineChart } from "../../charts/lines/chart.ts";
import type { ArmRuns } from "./arm_lines.ts";

/** The figure that runs are chosen by as charts show it: accuracy and Dice in percent, the likelihood of tokens as perplexity. */
export interface ShownScore {
  readonly name: "accuracy" | "Dice" | "perplexity";
  readonly axis: LineChart["y"];
  /** From a share to the figure shown. */
  readonly of: (score: number) => number;
  /** The figure with its unit. */
  readonly text: (shown: number) => string;
}

/** Figures of an experiment beside its runs, as levels in charts. */
export interface Levels {
  /** Score that `steps_to_target` asks for. */
  readonly target: number | null;
  /** Of text whose source is known: the mean loss of the best possible prediction, in nats. */
  readonly entropy?: number | undefined;
}

/** Those of an experiment. */
export function levelsOf({ target, dataset: { entropy } }: Pick<Summary, "target" | "dataset">): Levels {
  return { target, entropy };
}

export const shownScore = (arms: readonly ArmRuns[]): ShownScore =>
  scoreAs(scoreName(arms.flatMap(({ runs }) => runs)));

/** The same for a score of a name. */
export function scoreAs(name: ScoreName): ShownScore {
  if (name === "token likelihood") {
    return {
      name: "perplexity",
      axis: { title: "perplexity, log", scale: "log", decimals: 2 },
      of: (likelihood) => 1 / likelihood,
      text: (perplexity) => perplexity.toFixed(2),
    };
  }
  return {
    name,
    axis: { title: `${name} (%)`, scale: "linear", decimals: 1 },
    of: (share) => 100 * share,
    text: (percent) => `${percent.toFixed(1)} %`,
  };
}

/** Target and floor of the score's axis. */
export function scoreLevels(
  { target, entropy }: Levels,
  { name, of, text }: ShownScore,
): LineChart["levels"] {
  const level = (label: string, value: number) => ({ label: `${label} ${text(value)}`, value });
  return [
    ...(target === null ? [] : [level("target", of(target))]),
    ...(entropy === undefined || name !== "perplexity" ? [] : [level("floor", Math.exp(entropy))]),
  ];
}
