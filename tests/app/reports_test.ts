import assert from "node:assert/strict";
import { join } from "node:path";
import { cli } from "../support/cli.ts";
import { inProcess } from "../support/in_process.ts";

const spec = (name: string, momentum: number) =>
  `name: ${name}
dataset: { name: shapes-16, train: 96, validation: 40, test: 50 }
model: cnn-tiny
optimizer: { name: sgd, momentum: ${momentum} }
batch_size: 16
duration: 2 epochs
eval_every: 1 epoch
seeds: [1, 2]
arms:
  - { name: constant, schedule: { name: constant, lr: 0.05 } }
  - { name: cosine, schedule: { name: cosine, lr: 0.1, T_max: 2 epochs } }
`;

Deno.test("a report that is built again has the curves of arms that came to the same run", async () => {
  const root = await Deno.makeTempDir();
  try {
    const twins = spec("twins", 0.9).replace(
      "{ name: cosine, lr: 0.1, T_max: 2 epochs }",
      "{ name: constant, lr: 0.05 }",
    );
    await Deno.writeTextFile(join(root, "spec.yaml"), twins);
    const folder = join(root, "runs");
    const ran = await inProcess("train", [join(root, "spec.yaml"), "--out", folder]);
    assert.equal(ran.code, 0, ran.stderr);
    const first = await Deno.readTextFile(join(folder, "report.html"));
    assert.equal((await inProcess("report", [folder])).code, 0);
    const again = await Deno.readTextFile(join(folder, "report.html"));
    const count = (page: string) => page.split(/cosine(?: ends at|: no run that did not fail)/).length - 1;
    assert.ok(count(first) > 0);
    assert.equal(count(again), count(first));
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

Deno.test("experiments that were trained are compared, listed and told as CSV", async (t) => {
  const root = await Deno.makeTempDir();
  const runs = join(root, "runs");
  const [heavy, light] = [join(runs, "heavy"), join(runs, "light")];
  try {
    for (
      const [folder, name, momentum] of [[heavy, "heavy ball", 0.9], [light, "light ball", 0.1]] as const
    ) {
      await Deno.writeTextFile(join(root, "spec.yaml"), spec(name, momentum));
      const ran = await inProcess("train", [join(root, "spec.yaml"), "--out", folder]);
      assert.equal(ran.code, 0, ran.stderr);
    }

    await t.step("a comparison pairs the seeds and names the setting that differs", async () => {
      const ran = await inProcess("report", [heavy, light, "--format", "json"]);
      assert.equal(ran.code, 0, ran.stderr);
      const { comparisons } = JSON.parse(ran.stdout);
      assert.equal(comparisons.length, 8, "two arms, four metrics");
      for (const one of comparisons) assert.deepEqual(one.pairing, { kind: "paired", why: [] });
      const page = await Deno.readTextFile(join(runs, "comparison.html"));
      assert.match(page, /optimizer\.momentum<\/th><td class="left">0\.9<\/td><td class="left">0\.1</);
      const text = await inProcess("report", [heavy, light, "--out", join(root, "other.html"), "--verbose"]);
      assert.match(text.stdout, /Settings that differ\n.*\n(name .*\n)?optimizer\.momentum +0\.9 +0\.1/);
      assert.ok(text.stdout.includes(`Report: ${join(root, "other.html")}`));
      assert.equal((await Deno.stat(join(root, "other.html"))).isFile, true);
    });

    await t.step("every step of both is in steps.csv", async () => {
      const csv = join(root, "new", "csv");
      const ran = await inProcess("report", [heavy, light, "--csv", csv]);
      assert.equal(ran.code, 0, ran.stderr);
      const names = (await Array.fromAsync(Deno.readDir(csv))).map(({ name }) => name).sort();
      assert.deepEqual(names, [
        "answers.csv",
        "comparisons.csv",
        "ensembles.csv",
        "evaluations.csv",
        "failures.csv",
        "final.csv",
        "hessian.csv",
        "loss_components.csv",
        "models.csv",
        "paths.csv",
        "probes.csv",
        "sharpness.csv",
        "steps.csv",
        "sweep.csv",
        "tuning.csv",
      ]);
      const lines = (await Deno.readTextFile(join(csv, "steps.csv"))).trimEnd().split("\r\n");
      assert.equal(lines.length, 1 + 2 * 2 * 2 * 12, "experiments, arms, seeds, steps");
      assert.ok(lines[1]!.startsWith(`${heavy},constant-1,arm,constant,1,0,0.05`), lines[1]!);
    });

    await t.step("the index lists both and what is broken, and drops nothing", async () => {
      await Deno.mkdir(join(runs, "empty"));
      await Deno.mkdir(join(runs, "killed"));
      await Deno.copyFile(join(heavy, "spec.yaml"), join(runs, "killed", "spec.yaml"));
      await Deno.mkdir(join(runs, "torn"));
      await Deno.writeTextFile(join(runs, "torn", "summary.json"), '{"version": 1, "na');
      await Deno.mkdir(join(runs, "twisted"));
      const summary = JSON.parse(await Deno.readTextFile(join(heavy, "summary.json")));
      summary.arms[1].runs[0].final = null;
      await Deno.writeTextFile(join(runs, "twisted", "summary.json"), JSON.stringify(summary));
      await Deno.remove(join(light, "report.html"));
      const theory = await inProcess("exercise", ["0", "--out", join(runs, "theory")]);
      assert.equal(theory.code, 0, theory.stderr);
      const ran = await cli("report", ["--index", "--format", "json"], { cwd: root });
      assert.equal(ran.code, 0, ran.stderr);
      const found = new Map<string, Record<string, unknown>>(
        JSON.parse(ran.stdout).map((entry: { folder: string }) => [entry.folder.split("/").at(-1), entry]),
      );
      assert.deepEqual([...found.keys()], ["empty", "heavy", "killed", "light", "theory", "torn", "twisted"]);
      assert.match(String(found.get("empty")!["wrong"]), /no experiment: it has neither/);
      assert.match(String(found.get("killed")!["wrong"]), /still running, or was ended.*--resume/);
      assert.match(String(found.get("torn")!["wrong"]), /JSON/);
      assert.match(String(found.get("twisted")!["wrong"]), /at arms\[1\]\.runs\[0\]\.final: /);
      assert.equal(found.get("heavy")!["report"], join("runs", "heavy", "report.html"));
      assert.equal(found.get("light")!["report"], null);
      assert.equal(found.get("theory")!["kind"], "theory");
      const page = await Deno.readTextFile(join(runs, "index.html"));
      assert.ok(page.includes('href="./heavy/report.html"') && !page.includes("./light/"));
    });

    await t.step("what cannot be done is refused in one line", async () => {
      const refusals: [args: string[], message: RegExp][] = [
        [[], /^Cannot build a report of nothing: name the folder/],
        [[heavy, join(runs, "empty")], /empty: it has no summary\.json\. Name the folder of an experiment/],
        [[heavy, join(runs, "twisted")], /twisted\/summary\.json: at arms\[1\]\.runs\[0\]\.final/],
        [[heavy, join(runs, "theory")], /of another kind \(theory\), and the command that made it/],
        [[heavy, light, `${heavy}/`], /^Cannot compare .*heavy\/ with itself/],
        [Array.from({ length: 27 }, (_, i) => `${heavy}${i}`), /at most 26 fit/],
        [[heavy, "--out", "x.html"], /its folder's report\.html: leave --out away/],
        [["--index", join(root, "none")], /^Cannot list the experiments in .*none: /],
        [["--index", heavy, light], /^Cannot list several folders/],
        [["--index", "--csv", "x"], /An index has no series for --csv/],
      ];
      for (const [args, message] of refusals) {
        const { code, stdout, stderr } = await inProcess("report", args);
        assert.equal(code, 2, stderr);
        assert.equal(stdout, "");
        assert.match(stderr, message);
        assert.equal(stderr.trimEnd().split("\n").length, 1, stderr);
      }
      const blocked = await inProcess("report", [heavy, "--csv", join(heavy, "summary.json")]);
      assert.equal(blocked.code, 2);
      assert.match(blocked.stderr, /^Cannot write CSV files to .*summary\.json: it is a file/);
    });
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});
