import { type Goal, GOALS, type Task, TASKS, type TrainingFacts } from "#advise/facts.ts";
import { recommendSchedule } from "#advise/recommend.ts";
import { epochsText } from "#lib/duration.ts";
import { describeSchedule } from "#schedules/describe.ts";
import { printSchedule } from "#schedules/print.ts";
import { type CommandIo, UsageError } from "../../io.ts";
import { hasDescents, specYaml } from "./spec_yaml.ts";

interface Given {
  readonly goal?: Goal | undefined;
  readonly task?: Task | undefined;
  readonly epochs?: number | undefined;
  readonly drops?: readonly number[] | undefined;
  readonly lr?: number | undefined;
  readonly ask: boolean;
}

const GOAL_WORDS: Readonly<Record<Goal, string>> = {
  unsure: "unsure what will work",
  fast: "a good model as fast as possible",
  best: "the best model in the given time",
  "known-drops": "the epochs at which the rate should drop are known",
  explore: "to explore a range of rates",
  ensemble: "several models out of one run",
  escape: "a checkpoint that is stuck",
};
const TASK_WORDS: Readonly<Record<Task, string>> = {
  cnn: "a convolutional network, from scratch",
  transformer: "a transformer or language model, from scratch",
  "fine-tuning": "a model that was trained before",
  "policy-gradient": "a policy, by PPO or A2C",
  "off-policy": "a policy, by SAC or TD3",
};
const DEFAULT_EPOCHS = 30;

/** The facts from options; for a missing one a terminal is asked, elsewhere it takes its default. */
export async function factsFrom(given: Given, io: CommandIo): Promise<TrainingFacts> {
  const asks = given.ask && io.isTerminal && io.ask !== undefined;
  const ask = async (question: string, fallback: string) =>
    asks ? (await io.ask!(`${question} [${fallback}] `)).trim() || fallback : fallback;
  const choose = async <T extends string>(
    words: Readonly<Record<T, string>>,
    options: readonly T[],
    question: string,
    fallback: T,
  ) => {
    const menu = options.map((option, index) => `  ${index + 1} ${option}: ${words[option]}`).join("\n");
    const answer = await ask(`${question}\n${menu}\n`, fallback);
    const chosen = options.find((option, index) => option === answer || String(index + 1) === answer);
    if (chosen === undefined) {
      throw new UsageError(`${JSON.stringify(answer)} is none of ${options.join(", ")}`);
    }
    return chosen;
  };
  if (given.drops !== undefined && given.goal !== undefined && given.goal !== "known-drops") {
    throw new UsageError(
      `--drops gives the epochs at which the rate drops, and --goal ${given.goal} does not use it: omit one of them, ` +
        "or choose --goal known-drops",
    );
  }
  const goal = given.goal ??
    (given.drops === undefined
      ? await choose(GOAL_WORDS, GOALS, "What matters most?", "best")
      : "known-drops");
  const task = given.task ?? await choose(TASK_WORDS, TASKS, "What is trained?", "cnn");
  const epochs = given.epochs ?? Number(await ask("For how many epochs?", String(DEFAULT_EPOCHS)));
  const drops = given.drops ??
    (goal === "known-drops" && asks
      ? (await ask("At which epochs does the rate drop?", "")).split(",").map(Number)
      : []);
  return { goal, task, epochs, drops, lr: given.lr ?? null };
}

/** The recommendation as a spec with its reasons as comments, or as data. */
export function recommend(facts: TrainingFacts, format: "yaml" | "json"): string {
  const { schedule, why, source } = recommended(facts);
  if (format === "json") {
    return JSON.stringify({ schedule, describe: describeSchedule(schedule), why, source, facts }) + "\n";
  }
  const lab = facts.task === "cnn"
    ? []
    : ["The lab trains its own small network with sgd, whose best rate is another."];
  return specYaml({
    name: `recommended for ${facts.goal} ${facts.task}`,
    comments: [...why, `source: ${source}`, ...lab],
    arm: "recommended",
    schedule: printSchedule(schedule),
    restarts: hasDescents(schedule),
    duration: epochsText(facts.epochs),
    clipNorm: ["ensemble", "escape"].includes(facts.goal) ? 1 : null,
  });
}

function recommended(facts: TrainingFacts) {
  try {
    return recommendSchedule(facts);
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}
