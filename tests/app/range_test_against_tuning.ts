/**
 * The rate that a range test recommends against the one that tuning would choose.
 *
 *     deno run -A tests/app/range_test_against_tuning.ts [--only NAME] [--out FOLDER]
 *
 * For each set-up: `range-test` with its default options, and nothing but model, optimizer, batch size and data given; then
 * tuning on a grid of factor 2 with three seeds, by validation accuracy, under a cosine schedule in a run three times as long
 * as a short run; then both rates with eight seeds that neither has seen, by test accuracy.
 *
 * Fixed before the runs: the two agree where they differ by a factor of 2 at most, one step of the grid, or where the 95 % interval
 * of the accuracy lost lies below 1 point. Prints a Markdown table; docs/lr_range.md has it.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { rangeTestFile } from "#results/lr_range.ts";
import { summaryFile } from "#results/summary.ts";
import { spawn } from "../support/cli.ts";

interface Setup {
  readonly name: string;
  readonly model: string;
  readonly optimizer: string;
  readonly batchSize: number;
  /** Lowest rate of the grid; six more follow, and two beyond an end at which the best one lies. */
  readonly lowest: number;
}

/** Reported; no setting of the range test was chosen on them. */
const SETUPS: readonly Setup[] = [
  { name: "a", model: "cnn-tiny", optimizer: "sgd", batchSize: 8, lowest: 0.01 },
  { name: "b", model: "cnn-tiny-plain", optimizer: "sgd", batchSize: 32, lowest: 0.01 },
  { name: "c", model: "cnn-tiny", optimizer: "adam", batchSize: 64, lowest: 0.0005 },
  { name: "d", model: "cnn-small", optimizer: "adamw", batchSize: 16, lowest: 0.0005 },
  { name: "e", model: "cnn-dropout", optimizer: "sgd", batchSize: 8, lowest: 0.005 },
];
/** Settings were chosen on these; not reported. */
const DEVELOPMENT: readonly Setup[] = [
  { name: "dev-sgd", model: "cnn-tiny", optimizer: "sgd", batchSize: 32, lowest: 0.01 },
  { name: "dev-adam", model: "cnn-tiny", optimizer: "adam", batchSize: 16, lowest: 0.0005 },
  { name: "dev-plain", model: "cnn-tiny-plain", optimizer: "sgd", batchSize: 16, lowest: 0.01 },
];

/** Of the comparison; neither choice has seen them. */
const SEEDS = "101-108";
const LARGEST_RATIO = 2;
const LARGEST_LOSS = 0.01;
/** Of a ramp and of a short run. */
const STEPS = 200;
/** Of the runs that are tuned, in short runs. */
const LENGTH = 3;

const shared = ({ name, model, optimizer, batchSize }: Setup) =>
  `name: ${name}
dataset: { name: shapes-16, train: 1600, validation: 500, test: 1000 }
model: ${model}
optimizer: { name: ${optimizer} }
batch_size: ${batchSize}
duration: ${LENGTH * STEPS} steps
eval_every: ${LENGTH * STEPS} steps
`;

const tested = (setup: Setup) =>
  `${shared(setup)}seeds: [1, 2, 3]
arms: [{ name: none, schedule: { name: constant, lr: 0.01 } }]
`;

const compared = (setup: Setup, recommended: number) =>
  `${shared(setup)}seeds: [101]
tune: { rates: [${
    Array.from({ length: 7 }, (_, step) => setup.lowest * 2 ** step).join(", ")
  }], seeds: [11, 12, 13], extend: 2 }
arms:
  - { name: tuned, schedule: { name: cosine, lr: tuned, T_max: 100% } }
  - { name: recommended, schedule: { name: cosine, lr: ${recommended}, T_max: 100% } }
`;

/** Runs one of the lab's own commands on a spec. */
async function lab(task: string, spec: string, out: string, options: readonly string[]): Promise<void> {
  const file = `${out}.yaml`;
  await Deno.writeTextFile(file, spec);
  const { code, stderr } = await (await spawn(task, [file, ...options, "--out", out])).output();
  if (code !== 0) throw new Error(`${task} ${file}: ${new TextDecoder().decode(stderr)}`);
}

async function row(setup: Setup, folder: string): Promise<string> {
  const [testedIn, comparedIn] = [`${folder}/${setup.name}-range`, `${folder}/${setup.name}-tuning`];
  await lab("range-test", tested(setup), testedIn, ["--steps", String(STEPS)]);
  const ranged = rangeTestFile.read(await Deno.readTextFile(join(testedIn, rangeTestFile.name)), testedIn);
  const { recommended, validation } = ranged;
  const name = `${setup.model}, ${setup.optimizer}, batch ${setup.batchSize}`;
  if (recommended === null) return `| ${name} | none | | | | | | no |`;
  await lab("train", compared(setup, recommended), comparedIn, ["--seeds", SEEDS]);
  const summary = summaryFile.read(await Deno.readTextFile(join(comparedIn, summaryFile.name)), comparedIn);
  const { chosen } = summary.tuning[0]!;
  const { difference, interval } = summary.comparisons.find(({ metric }) => metric === "test_accuracy")!;
  const lost = -(difference ?? NaN);
  const [low, high] = interval === null ? [NaN, NaN] : [-interval[1], -interval[0]];
  const ratio = recommended / chosen;
  const agrees = Math.max(ratio, 1 / ratio) <= LARGEST_RATIO || high <= LARGEST_LOSS;
  const failed = summary.arms.map(({ runs }) => runs.filter((run) => run.failed ?? run.diverged).length);
  return `| ${name} | ${recommended} | ${validation?.fails_from ?? "–"} | ${chosen} | ${
    ratio.toFixed(2)
  } | ` +
    `${points(lost)} [${points(low)}, ${points(high)}] | ${failed[1]} and ${failed[0]} | ${
      agrees ? "yes" : "no"
    } |`;
}

const points = (share: number) => (100 * share).toFixed(1).replace("-", "−");

if (import.meta.main) {
  const { values } = parseArgs({ options: { only: { type: "string" }, out: { type: "string" } } });
  const folder = values.out ?? await Deno.makeTempDir({ prefix: "range-test-against-tuning-" });
  await Deno.mkdir(folder, { recursive: true });
  const chosen = values.only === undefined
    ? SETUPS
    : [...SETUPS, ...DEVELOPMENT].filter(({ name }) => values.only!.split(",").includes(name));
  console.log(
    "| set-up | recommended | runs fail from | tuned | ratio | accuracy lost (points) | failed runs | agree |",
  );
  console.log("|---|---|---|---|---|---|---|---|");
  for (const setup of chosen) console.log(await row(setup, folder));
}
