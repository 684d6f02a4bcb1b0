/**
 * How far a queue scales: throughput by workers on this machine, what the queue costs a run, and, simulated from that with
 * recorded run times, how many workers a session and a Redis can keep busy. Prints the tables of docs/queue.md.
 *
 *     deno task bench:queue [--quick]
 */
import { parseArgs } from "node:util";
import { measureBullmq, measureCosts, measureStudy } from "./measure.ts";
import { type QueueCosts, simulateQueue } from "./simulate.ts";

const { values } = parseArgs({ args: Deno.args, options: { quick: { type: "boolean", default: false } } });
const print = (line: string) => console.log(line);
const round = (value: number, digits = 2) => value.toFixed(digits);

// 1. Throughput by workers.
const [runs, steps] = values.quick ? [6, 400] : [24, 500];
print(
  "| workers, one core each | runs | wall time (s) | runs a second | processor time a run, workers (ms) | Redis (ms) | session (ms) |",
);
print("| ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
for (const workers of values.quick ? [1, 2] : [1, 2, 3]) {
  const one = await measureStudy(workers, runs, steps);
  const perRun = [one.workersMs, one.redisMs, one.sessionMs].map((ms) => round(ms / runs, 1));
  print(
    `| ${workers} | ${runs} | ${round(one.wallS)} | ${round(runs / one.wallS)} | ${perRun.join(" | ")} |`,
  );
}

// 2. Costs.
const empty = await measureBullmq(values.quick ? 500 : 5000);
const { costs, runMs, steps: measuredSteps } = await measureCosts();
const COSTS: Readonly<Record<keyof QueueCosts, string>> = {
  redisPerRun: "Redis, a run",
  redisPerKilostep: "Redis, a thousand steps",
  sessionPerRun: "session, a run",
  sessionPerKilostep: "session, a thousand steps",
  workerPerRun: "worker, a run of 16 steps, its training included",
};
print("\n| cost | processor time (ms) |\n| --- | ---: |");
print(`| Redis, an empty job of BullMQ (${round(empty.wallMs)} ms of wall time) | ${round(empty.redisMs)} |`);
for (const [name, text] of Object.entries(COSTS)) {
  print(`| ${text} | ${round(costs[name as keyof QueueCosts])} |`);
}

// 3. Simulated.
const mean = runMs.reduce((a, b) => a + b, 0) / runMs.length;
print(
  `\nRecorded run times: ${runMs.length} runs of ${measuredSteps} steps, ${
    round(mean, 0)
  } ms on average; scaled below.`,
);
print(
  "\n| run | workers | runs a second | of ideal | Redis busy | session busy | in batches of 8: of ideal |",
);
print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |");
const percent = (share: number) => `${round(100 * share, 0)} %`;
/** Runs of known networks, with their milliseconds a step on one core of docs/performance.md. */
const RUNS = [
  { text: "cnn-tiny, 1 s", seconds: 1, msPerStep: 0.7 },
  { text: "cnn-small, 10 s", seconds: 10, msPerStep: 21.6 },
  { text: "cnn-small, 65 s", seconds: 65, msPerStep: 21.6 },
];
for (const { text, seconds, msPerStep } of RUNS) {
  const times = runMs.map((ms) => ms * 1000 * seconds / mean);
  for (const workers of [1, 3, 10, 30, 100, 300, 1000]) {
    // Many enough that beginning and end weigh little; whole jobs of 8 for each worker.
    const options = { runs: 48 * workers, msPerStep };
    const one = simulateQueue(workers, times, costs, options);
    const batched = simulateQueue(workers, times, costs, { ...options, batch: 8 });
    print(
      `| ${text} | ${workers} | ${round(one.throughput)} | ${percent(one.share)} | ${
        percent(one.redisBusy)
      } | ` +
        `${percent(one.sessionBusy)} | ${percent(batched.share)} |`,
    );
  }
}
Deno.exit(0);
