import type { CommandIo } from "../io.ts";
import type { RunnableCommand } from "./command.ts";

export interface CommandEntry {
  readonly summary: string;
  /** Exit code of every error, where a command's other codes say something else; 1 and 2 if not given. */
  readonly errorCode?: number;
  /** Loaded only when the command is used, so that start-up stays short. */
  load(): Promise<(io: CommandIo) => RunnableCommand>;
}

/** Every command. A new one is one module and one entry. */
export const COMMANDS: Readonly<Record<string, CommandEntry>> = {
  exercise: {
    summary: "run an exercise and write its report",
    load: async () => (await import("./exercise.ts")).exerciseCommand,
  },
  train: {
    summary: "run an experiment of your own from a spec",
    load: async () => (await import("./train.ts")).trainCommand,
  },
  resume: {
    summary: "resume an experiment, prove that resuming is exact, or make it longer",
    load: async () => (await import("./resume.ts")).resumeCommand,
  },
  "range-test": {
    summary: "suggest a learning rate, with an interval, and try it",
    load: async () => (await import("./lr_range.ts")).rangeTestCommand,
  },
  worker: {
    summary: "train the runs that others put into a queue",
    load: async () => (await import("./worker.ts")).workerCommand,
  },
  queue: {
    summary: "show a queue, or let a command that trains reach one on another machine",
    load: async () => (await import("./queue.ts")).queueCommand,
  },
  sweep: {
    summary: "try values of any keys of a spec, and show the best region",
    load: async () => (await import("./sweep.ts")).sweepCommand,
  },
  benchmark: {
    summary: "rank all families of schedules, tuned alike, over workloads and lengths",
    load: async () => (await import("./benchmark.ts")).benchmarkCommand,
  },
  schedule: {
    summary: "show, compare, check or emit a schedule without training",
    load: async () => (await import("./schedule.ts")).scheduleCommand,
  },
  refine: {
    summary: "refine a schedule from the gradient norms of a run",
    load: async () => (await import("./refine.ts")).refineCommand,
  },
  predict: {
    summary: "predict the loss curve of a schedule from curves that were recorded",
    load: async () => (await import("./predict.ts")).predictCommand,
  },
  recommend: {
    summary: "recommend a schedule for a training run, and explain why",
    load: async () => (await import("./recommend.ts")).recommendCommand,
  },
  audit: {
    summary: "say what is wrong with the learning rates that a run logged",
    errorCode: 4,
    load: async () => (await import("./audit.ts")).auditCommand,
  },
  report: {
    summary: "build a report again, compare experiments, or list them",
    load: async () => (await import("./report.ts")).reportCommand,
  },
  judge: {
    summary: "say whether runs that any tool logged really differ",
    errorCode: 4,
    load: async () => (await import("./judge.ts")).judgeCommand,
  },
  claims: {
    summary: "set common claims about schedules against the exercises' records",
    load: async () => (await import("./claims.ts")).claimsCommand,
  },
  figures: {
    summary: "save each figure of a report as a picture",
    load: async () => (await import("./figures.ts")).figuresCommand,
  },
  notebooks: {
    summary: "run the exercises' notebooks in Jupyter, without a window",
    load: async () => (await import("./notebooks.ts")).notebooksCommand,
  },
  data: {
    summary: "list, get and verify data sets",
    load: async () => (await import("./data.ts")).dataCommand,
  },
  doctor: {
    summary: "show devices, versions and data sets of this machine",
    load: async () => (await import("./doctor.ts")).doctorCommand,
  },
  bench: {
    summary: "measure speed on this machine",
    load: async () => (await import("./bench.ts")).benchCommand,
  },
};
