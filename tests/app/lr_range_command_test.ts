import assert from "node:assert/strict";
import { join } from "node:path";
import { diskStore } from "#app/storage/disk.ts";
import type { RangeTestResult } from "#results/lr_range.ts";
import { RULES } from "#stats/rate_suggestions.ts";
import { cli, spawn } from "../support/cli.ts";
import { inProcess } from "../support/in_process.ts";

const SPEC = `name: small <b>& quick</b>
dataset: { name: shapes-16, train: 96, validation: 40, test: 50, augment: [flip] }
model: cnn-tiny
optimizer: { name: sgd, momentum: 0.9, nesterov: true, weight_decay: 5.0e-4 }
batch_size: 8
duration: 1 epoch
seeds: [1, 2]
arms: [{ name: any, schedule: { name: constant, lr: 0.05 } }]
`;

async function inFolder(
  body: (paths: { spec: string; out: string; folder: string }) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const spec = join(folder, "spec.yaml");
    await Deno.writeTextFile(spec, SPEC);
    await body({ spec, out: join(folder, "out"), folder });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const read = async (out: string) =>
  JSON.parse(await Deno.readTextFile(join(out, "range-test.json"))) as RangeTestResult;
const names = async (folder: string) =>
  (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort();
/** All that a range test measured: no times. */
const measured = ({ runs, suggestions, chosen, recommended, validation }: RangeTestResult) => ({
  runs: runs.map(({ ms_per_step: _, ...run }) => run),
  suggestions,
  chosen,
  recommended,
  validation,
});

Deno.test("range-test: ramps, suggestions, short runs, and a page", () =>
  inFolder(async ({ spec, out }) => {
    // Up to rates at which every seed diverges.
    const ran = await cli("range-test", [
      spec,
      ...["--from", "1e-4", "--to", "100", "--steps", "150", "--smoothing", "0.9", "--check-steps", "60"],
      ...["--out", out, "--format", "json"],
    ]);
    assert.equal(ran.code, 0, ran.stderr);
    const result = await read(out);
    assert.deepEqual({ ...result, folder: out }, JSON.parse(ran.stdout), "stdout is the result alone");
    assert.deepEqual(await names(out), ["lock", "range-test.json", "report.html", "runs", "spec.yaml"]);
    const stored = await diskStore(out).records();
    assert.deepEqual(
      stored.filter(({ plan }) => plan.lr_range).map(({ plan, events }) => [plan.id, events.at(-1)!.kind]),
      [["ramp-1", "ended"], ["ramp-2", "ended"]],
    );
    assert.equal(stored.length, 2 + 2 * result.validation!.candidates.length);
    assert.equal(result.complete, true);
    assert.deepEqual(result.runs.map(({ seed }) => seed), [1, 2]);
    for (const { lr, loss, smoothed, reason, detail } of result.runs) {
      assert.equal(reason, "diverged", detail ?? "");
      assert.ok(lr.length < 150 && loss.length === lr.length && smoothed.length === lr.length);
      lr.forEach((rate, step) => assert.ok(Math.abs(rate / (1e-4 * 1e6 ** (step / 149)) - 1) < 1e-5));
      assert.ok(loss.slice(0, -1).every((each) => each !== null));
      assert.ok(Math.abs(smoothed[0]! / loss[0]! - 1) < 1e-9);
    }

    assert.deepEqual(result.suggestions.map(({ rule }) => rule), [...RULES]);
    for (const { lr, interval, reason, seeds } of result.suggestions) {
      assert.deepEqual(seeds.map(({ seed }) => seed), [1, 2]);
      assert.equal(lr === null, reason !== null);
      if (lr !== null && interval !== null) assert.ok(interval[0] <= lr && lr <= interval[1]);
    }
    const { chosen, validation } = result;
    assert.ok(chosen && validation, ran.stderr);
    assert.deepEqual(validation.seeds, [50_001, 50_002]);
    const { candidates, best, bracketed, fails_from } = validation;
    candidates.slice(1).forEach(({ lr }, i) => {
      const ratio = lr / candidates[i]!.lr;
      assert.ok(Math.abs(ratio / 3 - 1) < 0.02 || Math.abs(ratio / Math.sqrt(3) - 1) < 0.02, String(ratio));
    });
    for (const { runs, lr } of candidates) {
      assert.equal(runs.length, 2, String(lr));
      for (const { accuracy, diverged } of runs) assert.equal(accuracy === null, diverged);
      if (lr === best) assert.ok(runs.every(({ failed }) => failed === false));
    }
    const at = candidates.findIndex(({ lr }) => lr === best);
    assert.equal(bracketed, at > 0 && at < candidates.length - 1);
    if (fails_from != null) assert.ok(fails_from > best!);
    assert.ok(
      result.recommended === null || validation.candidates.some(({ lr }) => lr === result.recommended),
    );
    const page = await Deno.readTextFile(join(out, "report.html"));
    assert.ok(page.includes("small &#60;b&#62;&#38; quick") && !page.includes("small <b>"), "not escaped");

    // The page can be made again from the result alone; a comparison says what the folder holds.
    await Deno.remove(join(out, "report.html"));
    assert.equal((await inProcess("report", [out])).code, 0);
    assert.equal(await Deno.readTextFile(join(out, "report.html")), page);
    const compared = await inProcess("report", [out, join(out, "..")]);
    assert.equal(compared.code, 2);
    assert.match(compared.stderr, /it holds a range test, and only experiments are compared/);
  }));

Deno.test("range-test: the same bits each time, however many ramps go at a time; linear; options over the spec", () =>
  inFolder(async ({ spec, folder }) => {
    const run = async (name: string, ...options: string[]) => {
      const out = join(folder, name);
      const ran = await inProcess("range-test", [
        spec,
        ...["--to", "0.5", "--steps", "40", "--check-steps", "0", "--out", out],
        ...options,
      ]);
      assert.equal(ran.code, 0, ran.stderr);
      return { result: await read(out), ...ran };
    };
    const one = await run("one", "--jobs", "1", "--verbose");
    const two = await run("two", "--jobs", "2");
    assert.deepEqual(measured(one.result), measured(two.result));
    assert.equal(one.result.validation, null);
    assert.match(one.stdout, /smoothed training loss \(nats\)/);
    assert.match(one.stdout, /Suggestions[\s\S]*Valley/);
    assert.match(one.stdout, /had not diverged at the end of the ramp/);

    const other = await run(
      "other",
      ...["--ramp", "linear", "--from", "0.01", "--seeds", "5-5", "--optimizer", "adam", "--batch-size", "4"],
    );
    const { runs, optimizer, batch_size, suggestions } = other.result;
    assert.deepEqual([optimizer.name, optimizer.weight_decay, batch_size], ["adam", 0, 4]);
    assert.deepEqual(runs.map(({ seed }) => seed), [5]);
    runs[0]!.lr.forEach((rate, i) => assert.ok(Math.abs(rate - (0.01 + (0.49 * i) / 39)) < 1e-6));
    for (const { interval } of suggestions) assert.equal(interval, null, "one seed has no interval");
  }));

Deno.test("range-test: Ctrl-C keeps what was measured", () =>
  inFolder(async ({ spec, out }) => {
    const child = await spawn("range-test", [
      spec,
      ...["--to", "0.01", "--steps", "20000", "--jobs", "1", "--out", out],
    ]);
    const ended = child.output();
    const events = join(out, "runs", "ramp-1", "events.jsonl");
    const begun = () => Deno.stat(events).then(({ size }) => size > 0, () => false);
    while (!await begun()) await new Promise((go) => setTimeout(go, 20));
    child.kill("SIGINT");
    const { code, stderr } = await ended;
    assert.equal(code, 130, new TextDecoder().decode(stderr));
    const result = await read(out);
    assert.equal(result.complete, false);
    assert.equal(result.runs[0]!.reason, "stopped");
    assert.ok(result.runs[0]!.loss.length > 0);
    assert.equal(result.chosen, null);
    assert.match(result.suggestions[0]!.reason!, /stopped before its end/);
    assert.match(await Deno.readTextFile(join(out, "report.html")), /partial/i);
  }));

Deno.test("range-test: what cannot be is refused before anything is written", () =>
  inFolder(async ({ spec, out, folder }) => {
    const refused: [string[], RegExp][] = [
      [["--from", "0.1", "--to", "0.1"], /--to must be above --from/],
      [["--from", "0"], /Expected a rate above 0/],
      [["--from", "-1"], /Expected a rate above 0/],
      [["--to", "Infinity"], /Expected a rate above 0/],
      [["--steps", "5"], /whole number from 20/],
      [["--steps", "1e9"], /whole number from 20/],
      [["--smoothing", "1"], /from 0 to 0.999/],
      [["--smoothing", "NaN"], /from 0 to 0.999/],
      [["--ramp", "cosine"], /exponential, linear/],
      [["--rule", "deepest"], /valley, steepest/],
      [["--seeds", "1,1"], /without repeats/],
      [["--model", "cnn-smal"], /nearest is.*cnn-small|cnn-small/],
      [["--optimizer", "adm"], /adam/],
      [["--dataset", "../../etc"], /unknown/],
      [["--jobs", "0"], /from 1 to 256/],
      [["--data-dir", join(folder, "none"), "--dataset", "cifar-10"], /cifar-10/],
    ];
    for (const [options, message] of refused) {
      const ran = await inProcess("range-test", [spec, ...options, "--out", out]);
      assert.notEqual(ran.code, 0, options.join(" "));
      assert.match(ran.stderr, message, options.join(" "));
      assert.doesNotMatch(ran.stderr, /at file:|\.ts:\d+/, "a stack trace");
      await assert.rejects(Deno.stat(out), Deno.errors.NotFound);
    }
    assert.match((await inProcess("range-test", [join(folder, "none.yaml")])).stderr, /no such file/);
    await Deno.mkdir(out);
    await Deno.writeTextFile(join(out, "mine"), "");
    const full = await inProcess("range-test", [spec, "--out", out]);
    assert.equal(full.code, 2);
    assert.match(full.stderr, /not empty/);
    assert.deepEqual(await names(out), ["mine"]);
  }));
