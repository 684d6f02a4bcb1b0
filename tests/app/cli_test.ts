import assert from "node:assert/strict";
import { join } from "node:path";
import { cli, type Ran, spawn } from "../support/cli.ts";
import { inProcess } from "../support/in_process.ts";
import { LONG } from "../support/long.ts";

/** Wrong use: one clear message on stderr, nothing on stdout, no stack trace. */
function refused(
  { code, stdout, stderr }: Pick<Ran, "code" | "stdout" | "stderr">,
  message: RegExp,
  codes = [2],
): void {
  assert.ok(codes.includes(code), `exit code ${code}: ${stderr}`);
  assert.equal(stdout, "");
  assert.match(stderr, message);
  assert.doesNotMatch(stderr, /^\s+at |file:\/\/\//m, "a stack trace");
  assert.ok(stderr.trim().split("\n").length <= 12, stderr);
}

const WRONG: [what: string, task: string, args: string[], message: RegExp][] = [
  ["an unknown command", "exercsie", [], /Unknown command "exercsie"; did you mean "exercise"\?/],
  ["an unknown exercise", "exercise", ["99"], /Unknown exercise "99"; .*1/],
  ["no exercise", "exercise", [], /missing required argument 'number'/],
  [
    "an unknown option",
    "exercise",
    ["1", "--bakend", "wasm"],
    /unknown option '--bakend'\n\(Did you mean --backend\?\)/,
  ],
  [
    "an unknown backend",
    "exercise",
    ["1", "--backend", "cuda"],
    /'cuda' is invalid. Allowed choices are auto, webgpu, wasm, cpu/,
  ],
  ["an unknown profile", "exercise", ["1", "--profile", "quik"], /no profile "quik"; did you mean "quick"\?/],
  [
    "an unknown data set",
    "exercise",
    ["1", "--dataset", "cifar10"],
    /^dataset\.name, as given by an option: unknown "cifar10"; did you mean "cifar-10"\?/,
  ],
  ["seeds that are none", "exercise", ["1", "--seeds", "one"], /--seeds.*list such as 1,2,3/],
  ["a number of jobs that is none", "exercise", ["1", "--jobs", "0"], /whole number from 1 to 256/],
  ["a spec that is not there", "train", ["none.yaml"], /Cannot read.* none\.yaml/],
  ["a format that is none", "exercise", ["1", "--format", "xml"], /Allowed choices are text, json/],
];

for (const [what, task, args, message] of WRONG) {
  Deno.test(`${what} is refused in one message`, async () => refused(await inProcess(task, args), message));
}

Deno.test("a process answers as this one does: the same exit code, the same text on the same streams", async () => {
  // What the lab itself says, and what its reader of options does.
  for (const [, task, args] of LONG ? WRONG : [WRONG[0]!, WRONG[3]!]) {
    const { signal, ...seen } = await cli(task, args);
    assert.equal(signal, null);
    assert.deepEqual(seen, await inProcess(task, args));
  }
});

Deno.test("a reader that closes the output early, as head does, is no error", async () => {
  const child = await spawn("schedule", ["--preset", "bert", "--format", "csv"]);
  await child.stdout.cancel();
  const stderr = new TextDecoder().decode(await new Response(child.stderr).bytes());
  assert.deepEqual([(await child.status).code, stderr], [0, ""]);
});

Deno.test("a spec with a wrong schedule is refused with path, line, column and a code frame", async () => {
  const folder = await Deno.makeTempDir();
  const spec = join(folder, "mine.yaml");
  await Deno.writeTextFile(
    spec,
    "name: x\ndataset: { name: shapes }\nmodel: cnn-small\nbatch_size: 8\nduration: 9 steps\nseeds: [1]\n" +
      "arms:\n  - { name: a, schedule: { name: cosinus, lr: 0.1 } }\n",
  );
  const ran = await inProcess("train", [spec, "--out", join(folder, "out")]);
  refused(ran, /mine\.yaml:8:\d+: arms\[0\]\.schedule\.name: .*cosine/);
  assert.match(ran.stderr, /> 8 \|/);
  assert.deepEqual((await Array.fromAsync(Deno.readDir(folder))).length, 1, "something was written");
  await Deno.remove(folder, { recursive: true });
});

Deno.test("an --out that is taken or cannot be written is refused and left as it is", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(join(folder, "thesis.txt"), "years of work");
  refused(await inProcess("exercise", ["1", "--out", folder]), /not empty, and nothing is overwritten/);
  refused(await inProcess("exercise", ["1", "--out", join(folder, "thesis.txt")]), /it is a file/);
  refused(
    await inProcess("exercise", ["1", "--out", join(folder, "thesis.txt", "below")]),
    /Cannot write to/,
  );
  assert.deepEqual((await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name), ["thesis.txt"]);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("data that is not there is named, with the way to get it, and no folder is left behind", async () => {
  const folder = await Deno.makeTempDir();
  const out = join(folder, "out");
  const ran = await inProcess("exercise", [
    "1",
    "--dataset",
    "cifar-10",
    "--data-dir",
    join(folder, "data"),
    "--out",
    out,
  ]);
  refused(ran, /data\/cifar-10\/cifar-10-batches-bin.*deno task data get cifar-10/s, [1, 2]);
  await assert.rejects(Deno.stat(out), Deno.errors.NotFound);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("help names every command and every option on stdout", async () => {
  const help = await cli("--help", []);
  assert.equal(help.code, 0);
  for (const command of ["exercise", "train", "schedule", "recommend", "report", "data", "doctor", "bench"]) {
    assert.match(help.stdout, new RegExp(`^  ${command} `, "m"));
  }
  const exercise = await cli("exercise", ["--help"]);
  assert.equal(exercise.code, 0);
  for (
    const option of [
      "profile",
      "dataset",
      "data-dir",
      "backend",
      "seeds",
      "jobs",
      "out",
      "resume",
      "fresh",
      "open",
      "format",
    ]
  ) {
    assert.match(exercise.stdout, new RegExp(`--${option}`));
  }
});
