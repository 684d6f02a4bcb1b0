import assert from "node:assert/strict";
import process from "node:process";
import { run } from "../support/command.ts";

const LINEAR = '{"name": "linear", "lr": 0.1, "duration": "100%"}';
const CONSTANT = '{"name": "constant", "lr": 0.1}';
const NESTED = '{"name": "warmup", "duration": "10%", "then": {"name": "sgdr", "lr": 0.1, "T_0": "30%"}}';
const PREDICT = ["schedule", "--predict", "--steps", "1000"];

Deno.test("schedule --predict --format json: bounds against linear decay, and how the best rate moves", async () => {
  const { out, err } = await run([...PREDICT, "--spec", LINEAR, "--spec", CONSTANT, "--format", "json"]);
  assert.equal(err, "");
  const [linear, constant] = JSON.parse(out).schedules;
  assert.ok(Math.abs(linear.bound_to_linear - 1) < 1e-12);
  assert.ok(Math.abs(linear.best_rate_to_linear - 1) < 1e-12);
  assert.equal(constant.bound_to_linear.toFixed(2), "1.45");
  assert.equal(constant.best_rate_to_linear.toFixed(2), "0.34");
  assert.equal(constant.curve.steps.at(-1), 1000);
  assert.equal(constant.curve.bound.at(-1), constant.bound);
  assert.deepEqual(constant.lengths.map(({ factor }: { factor: number }) => factor), [0.25, 0.5, 2, 4]);
  // Linear decay is a constant rate with a cooldown over the whole run.
  const whole = constant.cooldowns.find(({ share }: { share: number }) => share === 1);
  assert.ok(Math.abs(whole.bound / linear.bound - 1) < 1e-12);
  assert.ok(Math.abs(whole.best_rate / linear.best_rate - 1) < 1e-12);
  // The best rate of linear decay falls as 1/√T.
  assert.ok(Math.abs(linear.lengths[3].best_rate_to_unchanged - 0.5) < 0.01);
});

Deno.test("schedule --predict in the terminal, as CSV and as a page", async () => {
  const given = [...PREDICT, "--spec", NESTED, "--spec", CONSTANT];
  const { out } = await run(given);
  assert.match(out, /constant 0\.1 +1\.452 +0\.345/);
  assert.match(out, /Assumed: a convex loss/);
  assert.ok(out.split("\n").every((line) => line.length <= 80));
  const csv = (await run([...given, "--format", "csv"])).out.split("\r\n");
  assert.equal(csv[0], "name,steps,bound");
  assert.equal(csv.length, 202);
  const { files } = await run([...given, "--format", "html", "--out", "bounds.html"]);
  assert.match(files["bounds.html"]!, /Content-Security-Policy/);
  assert.match(files["bounds.html"]!, /Bound over the run/);
});

Deno.test("schedule --predict: a preset is predicted; schedules of feedback and of rate 0 say what is missing", async () => {
  const preset = JSON.parse(
    (await run(["schedule", "--preset", "bert", "--predict", "--format", "json"])).out,
  );
  assert.ok(preset.schedules[0].bound_to_linear > 1);
  const plateau = await run([...PREDICT, "--spec", '{"name": "plateau", "lr": 0.1}']);
  assert.match(plateau.out, /changes with validation_loss/);
  const zero = '{"name": "warmup", "duration": "100%", "then": {"name": "constant", "lr": 0.1}}';
  const none = await run(["schedule", "--predict", "--steps", "1", "--spec", zero]);
  assert.match(none.out, /no rate above 0/);
});

Deno.test("schedule --predict stands alone", async () => {
  const { code, err } = await run([...PREDICT, "--spec", LINEAR, "--check"]);
  assert.equal(code, 2);
  assert.match(err, /--check and --predict cannot be used together/);
});

Deno.test("schedule --predict: a million steps, in time proportional to their number", async () => {
  await run([...PREDICT, "--spec", LINEAR]);
  const { user: before } = process.cpuUsage();
  await run(["schedule", "--predict", "--steps", "1000000", "--spec", LINEAR]);
  const { user: after } = process.cpuUsage();
  // It takes half a second where nothing else runs; the papers' sums, in O(T²), would take hours.
  assert.ok(after - before < 5_000_000, `${(after - before) / 1000} ms of CPU time`);
});
