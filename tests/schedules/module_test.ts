import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { withOutsideProgram } from "../support/outside_program.ts";
import config from "../../deno.json" with { type: "json" };

const ROOT = new URL("../../", import.meta.url);

Deno.test("a program outside the lab builds schedules, and loads yaml and nothing else beside them", () =>
  withOutsideProgram(async (deno) => {
    // tests/long/outside_program_test.ts checks its types.
    assert.equal(await deno("run", "--no-check", "--no-lock", "--allow-env", "program.ts"), "0.5\n");
    const { modules, npmPackages } = JSON.parse(await deno("info", "--no-lock", "--json", "program.ts"));
    assert.deepEqual(Object.keys(npmPackages), [config.imports.yaml.replace("npm:", "")]);
    const root = fileURLToPath(ROOT);
    const files = (modules as { specifier: string }[])
      .filter(({ specifier }) => specifier.startsWith(ROOT.href))
      .map(({ specifier }) => fileURLToPath(specifier).replace(root, ""));
    assert.ok(files.length > 30);
    assert.deepEqual(files.filter((file) => !/^src\/(schedules|lib)\//.test(file)), []);
  }));

Deno.test("every schedule of the catalogue has an example, which deno task test:doc runs", async () => {
  const read = (path: string) => Deno.readTextFile(new URL(`src/schedules/${path}`, ROOT));
  const paths = [...(await read("catalog.ts")).matchAll(/from "\.\/(.+)";/g)].map(([, path]) => path!);
  assert.ok(paths.length > 20);
  for (const path of paths) {
    assert.match(await read(path.replace("/entry.ts", "/formula.ts")), /@example\n \* ```ts\n/, path);
  }
});
