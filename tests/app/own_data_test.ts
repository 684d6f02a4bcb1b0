import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { VOCABULARY } from "#app/studies/study_spec.ts";
import { buildModel } from "#compute/models.ts";
import { GRAMMAR_CHARACTERS } from "#datasets/text/grammar.ts";
import { parseSpec } from "#spec/parse.ts";
import type { Summary } from "#results/summary.ts";
import { inFolder, png, twoClasses } from "../datasets/image_files.ts";
import { inProcess } from "../support/in_process.ts";
import { requires } from "../support/requires.ts";

const SPEC = `name: own
dataset: { name: images, path: photos, size: 8, validation: 4 }
model:
  name: mine
  layers:
    - { kind: conv, filters: 4, bias: false }
    - { kind: batch_norm }
    - { kind: relu }
    - { kind: max_pool }
    - { kind: residual, main: [{ kind: conv, filters: 4, kernel: 5 }, { kind: relu }] }
    - { kind: global_average_pool }
    - { kind: dropout, rate: 0.2 }
    - { kind: dense }
batch_size: 6
duration: 8 steps
eval_every: 4 steps
seeds: [1]
arms:
  - { name: constant, schedule: { name: constant, lr: 0.05 } }
  - { name: cosine, schedule: { name: cosine, lr: 0.05, T_max: 100% } }
`;

/** A folder with a spec and, beside it, the images that it names. */
const withSpec = (spec: string, body: (folder: string) => Promise<void>) =>
  inFolder({ ...twoClasses(15, "photos/"), "own.yaml": new TextEncoder().encode(spec) }, body);

async function ran(task: string, args: readonly string[], code = 0) {
  const found = await inProcess(task, args);
  assert.equal(found.code, code, found.stderr);
  return found;
}

const summaryOf = async (out: string) =>
  JSON.parse(await Deno.readTextFile(join(out, "summary.json"))) as Summary;

Deno.test("images of one's own train a network of one's own, are known by their content, and resume bit for bit", () =>
  withSpec(SPEC, async (folder) => {
    const [spec, out] = [join(folder, "own.yaml"), join(folder, "out")];
    await ran("train", [spec, "--out", out, "--backend", "wasm"]);
    const summary = await summaryOf(out);
    assert.deepEqual([summary.dataset.name, summary.dataset.train, summary.dataset.test], ["images", 20, 6]);
    assert.match(
      summary.model,
      /^mine: conv 4 kernel 3 bias false, batch_norm, .*residual main \(conv 4 kernel 5, relu\)/,
    );
    assert.match(await Deno.readTextFile(join(out, "report.html")), /mine: conv 4 kernel 3/);
    assert.doesNotMatch(await Deno.readTextFile(join(out, "plan.json")), /photos/);
    const { stdout } = await ran("resume", [out, "--verify", "--format", "json", "--threads", "1"]);
    const { steps, difference } = JSON.parse(stdout);
    assert.deepEqual([steps, difference], [8, null]);

    // The folder moves and its files are renamed: the runs are the same ones.
    await Deno.rename(join(folder, "photos"), join(folder, "moved"));
    await Deno.rename(join(folder, "moved/cat/0.png"), join(folder, "moved/cat/renamed.png"));
    const again = SPEC.replace("path: photos", "path: moved").replace("name: own", "name: moved");
    await Deno.writeTextFile(spec, again);
    const moved = await ran("train", [spec, "--out", join(folder, "out2"), "--backend", "wasm"]);
    assert.match(moved.stderr, /constant, seed 1: .*out/);
    assert.equal((await summaryOf(join(folder, "out2"))).dataset.digest, summary.dataset.digest);
    await ran("report", [join(folder, "out2")]);
  }));

Deno.test("a network of one's own is swept over and range-tested, and every cell's shapes are checked first", () =>
  withSpec(SPEC, async (folder) => {
    const spec = join(folder, "own.yaml");
    const over = ["--over", "model.layers[4].main[0].kernel=3,5", "--backend", "wasm", "--format", "json"];
    const swept = JSON.parse((await ran("sweep", [spec, "--out", join(folder, "sweep"), ...over])).stdout);
    assert.equal(swept.model, "as the cell says");
    const wrong = ["--over", "model.layers[4].main[0].filters=4,6", "--backend", "wasm"];
    const refused = await ran("sweep", [spec, "--out", join(folder, "wrong"), ...wrong], 2);
    assert.match(
      refused.stderr,
      /^Cell 2 \(6\): model\.layers\[4\]: Layer block1 cannot add \[4,4,4\] to \[4,4,6\] \(images has images of \[8,8,3\] and 2 classes\)/,
    );
    const ranged = ["--steps", "20", "--check-steps", "0", "--backend", "wasm", "--format", "json"];
    const test = JSON.parse(
      (await ran("range-test", [spec, "--out", join(folder, "range"), ...ranged])).stdout,
    );
    assert.match(test.model, /^mine: /);
  }));

Deno.test("a network that does not fit the images is refused before anything is written", () =>
  withSpec(SPEC.replace("- { kind: max_pool }", "- { kind: max_pool, size: 9 }"), async (folder) => {
    for (const task of ["train", "range-test"]) {
      const { stderr } = await ran(task, [join(folder, "own.yaml"), "--out", join(folder, "out")], 2);
      assert.match(
        stderr,
        /^model\.layers\[3\]: Layer max_pool has a window of 9, larger than its input \[8,8,4\] \(images has/,
      );
    }
    await assert.rejects(Deno.stat(join(folder, "out")), Deno.errors.NotFound);
  }));

Deno.test(
  "a network of one's own resumes bit for bit on WebGPU",
  await requires("vulkan"),
  () =>
    withSpec(SPEC, async (folder) => {
      const [spec, out] = [join(folder, "own.yaml"), join(folder, "out")];
      await ran("train", [spec, "--out", out, "--backend", "webgpu"]);
      const { stdout } = await ran("resume", [out, "--verify", "--format", "json"]);
      assert.equal(JSON.parse(stdout).difference, null);
    }),
);

Deno.test("data verify lists what is wrong with files of one's own, and ends with 1", () =>
  withSpec(SPEC, async (folder) => {
    const path = ["--path", join(folder, "photos")];
    assert.match(
      (await ran("data", ["verify", "images", ...path])).stdout,
      /can be used: 30 images of 2 classes/,
    );
    await Deno.writeFile(join(folder, "photos/cat/cut.png"), png(99).slice(0, 50));
    await Deno.writeFile(join(folder, "photos/dog/\u001b[2Jempty.jpg"), new Uint8Array());
    const { stderr, stdout } = await ran("data", ["verify", "images", ...path], 1);
    assert.equal(stdout, "");
    assert.match(stderr, /2 faults, beside 30 images of 2 classes/);
    assert.match(
      stderr,
      /\n {2}.*photos\/cat\/cut\.png is cut off: it ends after 50 bytes, within its chunks\n/,
    );
    assert.match(stderr, /\n {2}.*photos\/dog\/\ufffd\[2Jempty\.jpg is empty: 0 bytes\n/);
    const json = await ran("data", ["verify", "images", ...path, "--format", "json"], 1);
    assert.deepEqual(JSON.parse(json.stdout).problems.length, 2);
    assert.match(
      (await ran("data", ["verify", "images"], 2)).stderr,
      /reads files of your own: add --path PATH/,
    );
    assert.match((await ran("data", ["verify", "shapes", ...path], 2)).stderr, /--path does not fit shapes/);
  }));

Deno.test("the examples of a network of one's own are specs that fit their images, or their text", async () => {
  const read = async (name: string) => {
    const path = fileURLToPath(new URL(`../../exercises/${name}`, import.meta.url));
    return parseSpec(await Deno.readTextFile(path), { file: path, profile: null, overrides: {} }, VOCABULARY);
  };
  assert.equal(buildModel((await read("own_network.yaml")).model, [16, 16, 3], 10).layers.length, 12);
  const { model, dataset } = await read("text.yaml");
  assert.equal(dataset.name, "grammar");
  const classes = GRAMMAR_CHARACTERS.length;
  assert.equal(buildModel(model, [dataset.context!, 1, 1], classes, "token").name, "gpt-tiny");
});
