import assert from "node:assert/strict";
import { join } from "node:path";
import { PLOTLY_MIME } from "#app/notebook_display.ts";
import { pythonPath, repositoryRoot, requires } from "../support/requires.ts";

interface Cell {
  readonly cell_type: string;
  readonly source: string | readonly string[];
  readonly outputs?: readonly { readonly output_type: string; readonly data?: Record<string, unknown> }[];
}

const NOTEBOOK = join(repositoryRoot(), "notebooks/00_theory.ipynb");

async function cellsOf(path: string): Promise<Cell[]> {
  return JSON.parse(await Deno.readTextFile(path)).cells;
}

async function run(command: string, args: string[], env: Record<string, string>): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(command, { args, env, cwd: repositoryRoot() })
    .output();
  const text = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  assert.ok(success, text);
  return text;
}

Deno.test("notebook 0 stores no outputs and defines no functions of its own", async () => {
  for (const { source, outputs = [] } of await cellsOf(NOTEBOOK)) {
    assert.deepEqual(outputs, []);
    assert.doesNotMatch([source].flat().join(""), /\bfunction\b|\bclass\b/);
  }
});

Deno.test(
  "notebook 0 runs in Jupyter and shows every claim and figure",
  await requires("jupyter"),
  async () => {
    const home = await Deno.makeTempDir();
    try {
      const kernels = join(home, "share");
      const env = {
        HOME: home,
        XDG_DATA_HOME: kernels,
        JUPYTER_PATH: join(kernels, "jupyter"),
        LR_LAB_RUNS: join(home, "runs"),
        DENO_DIR: Deno.env.get("DENO_DIR") ?? join(Deno.env.get("HOME") ?? "/root", ".cache/deno"),
      };
      await run(Deno.execPath(), ["jupyter", "--install"], env);
      await run(pythonPath(), ["notebooks/run.py", NOTEBOOK, home], env);
      const outputs = (await cellsOf(join(home, "00_theory.ipynb"))).flatMap(({ outputs = [] }) => outputs);
      assert.ok(outputs.every(({ output_type }) => output_type !== "error"));
      const text = outputs.map(({ data }) => [data?.["text/plain"]].flat().join("")).join("\n");
      assert.match(text, /Does 1\/√t meet both\?\n {2}contradicted: each doubling adds 1\.00 times/);
      assert.match(text, /1\/t², 3\.25|1\/t²: 3\.25/);
      assert.equal(outputs.filter(({ data }) => data?.[PLOTLY_MIME] !== undefined).length, 12);
    } finally {
      await Deno.remove(home, { recursive: true });
    }
  },
);
