import assert from "node:assert/strict";
import { join } from "node:path";
import type { Summary } from "#results/summary.ts";
import { diskStore } from "#app/storage/disk.ts";
import { inProcess } from "../support/in_process.ts";

const SPEC = `name: masks
dataset: { name: shapes-masks, train: 48, validation: 12, test: 10, augment: [crop, flip] }
model: unet-tiny
optimizer: { name: adam }
loss:
  name: sum
  components:
    - { name: dice }
    - { name: cross_entropy, weight: 0.5 }
    - { name: hausdorff, alpha: 2, weight: 0.01 }
batch_size: 16
duration: 3 epochs
seeds: [1, 2]
averages: [{ kind: ema, decay: 0.5 }]
arms:
  - { name: sum, schedule: { name: constant, lr: 0.02 } }
  - { name: Dice alone, loss: { name: dice }, schedule: { name: constant, lr: 0.02 } }
`;

Deno.test("images with masks are trained, judged, reported and resumed as images with labels are", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const [spec, out] = [join(folder, "spec.yaml"), join(folder, "out")];
    await Deno.writeTextFile(spec, SPEC);
    const ran = await inProcess("train", [spec, "--out", out, "--backend", "wasm", "--format", "json"]);
    assert.equal(ran.code, 0, ran.stderr);

    // 1. Events: every component of every step, and the scores of every evaluation.
    const records = new Map((await diskStore(out).records()).map((record) => [record.plan.id, record]));
    const { events } = records.get("sum-1")!;
    const steps = events.filter((event) => event.kind === "step");
    assert.equal(steps.length, 9);
    for (const { loss, loss_components: components } of steps) {
      assert.deepEqual(components!.map(({ name, weight }) => [name, weight]), [
        ["dice", 1],
        ["cross_entropy", 0.5],
        ["hausdorff", 0.01],
      ]);
      const sum = components!.reduce((total, each) => total + each.weight * each.loss, 0);
      assert.ok(Math.abs(sum - loss) < 1e-6 * loss, `${sum} and ${loss}`);
    }
    const evaluations = events.filter((event) => event.kind === "eval");
    assert.ok(
      evaluations.length >= 5 &&
        evaluations.every(({ segmentation }) => segmentation!.class_dice.length === 5),
    );
    const alone = records.get("dice-alone-1")!.events.filter((event) => event.kind === "step");
    assert.ok(alone.every((step) => step.loss_components === undefined && step.loss < 1));

    // 2. Summary and table: figures of masks, compared between arms.
    const summary = JSON.parse(await Deno.readTextFile(join(out, "summary.json"))) as Summary;
    for (const { runs } of summary.arms) {
      for (const { masks } of runs) {
        assert.ok(masks!.test_dice! >= 0 && masks!.test_dice! <= 1 && masks!.validation_hausdorff_95! > 0);
      }
    }
    const compared = new Set(summary.comparisons.map(({ metric }) => metric));
    for (
      const metric of ["test_dice", "test_iou", "test_hausdorff_95", "test_boundary_f1", "test_dice:ema"]
    ) {
      assert.ok(compared.has(metric), `${metric} is not among ${[...compared]}`);
    }
    const report = await Deno.readTextFile(join(out, "report.html"));
    assert.match(report, /test Dice/);
    assert.match(report, /1 × Dice, smoothing 1 \+ 0\.5 × cross-entropy \+ 0\.01 × Hausdorff, alpha 2/);

    // 3. Pictures: of each arm a strip and the extremes, those of the same images with the same names.
    for (const id of ["strip-0", "strip-1", "extremes-0", "extremes-1"]) {
      assert.match(report, new RegExp(`<figure id="masks-${id}"[^]*?<img src="data:image/png;base64,`));
    }
    const damaged = join(out, "runs", "sum-1", "masks", "extremes.safetensors");
    const bytes = await Deno.readFile(damaged);
    await Deno.writeFile(damaged, bytes.subarray(0, bytes.length - 9));
    const refused = await inProcess("report", [out]);
    assert.equal(refused.code, 1);
    assert.match(
      refused.stderr,
      /Cannot use masks\/extremes\.safetensors of run sum-1: .* Remove the folder/,
    );
    await Deno.writeFile(damaged, bytes);

    // 4. Resumption, bit for bit.
    const verified = await inProcess("resume", [out, "--verify"]);
    assert.equal(verified.code, 0, verified.stdout + verified.stderr);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a network or a loss that does not fit the task is refused before anything is trained", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const spec = join(folder, "spec.yaml");
    const refused = async (text: string, message: RegExp) => {
      await Deno.writeTextFile(spec, text);
      const ran = await inProcess("train", [spec, "--out", join(folder, "out"), "--backend", "wasm"]);
      assert.notEqual(ran.code, 0);
      assert.match(ran.stderr, message);
    };
    await refused(
      SPEC.replace("unet-tiny", "cnn-tiny"),
      /Cannot train cnn-tiny on images with masks; allowed: unet-micro, unet-tiny/,
    );
    await refused(
      SPEC.replace("shapes-masks", "shapes-16"),
      /loss\.name: sum needs images with masks, and shapes-16/,
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
