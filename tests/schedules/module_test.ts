import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import config from "../../deno.json" with { type: "json" };

const ROOT = new URL("../../", import.meta.url);

/** A program in another folder, which knows the schedules by an import map alone. */
const PROGRAM = `
import { buildSchedule, parseSchedule, type ScheduleSpec } from "lr-lab/schedules";
const spec: ScheduleSpec = parseSchedule("{ name: linear, lr: 1, duration: 10 steps }");
console.log(buildSchedule(spec, { totalSteps: 10, stepsPerEpoch: 1 }).lr(5));
`;

async function deno(folder: string, ...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args,
    cwd: folder,
    env: { NO_COLOR: "1" },
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

Deno.test("a program outside the lab builds schedules, and loads yaml and nothing else beside them", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/program.ts`, PROGRAM);
    const imports = {
      "lr-lab/schedules": new URL(config.exports["./schedules"], ROOT).href,
      "yaml": config.imports.yaml,
    };
    await Deno.writeTextFile(`${folder}/deno.json`, JSON.stringify({ imports }));
    assert.equal(await deno(folder, "run", "--check", "--no-lock", "--allow-env", "program.ts"), "0.5\n");
    const { modules, npmPackages } = JSON.parse(
      await deno(folder, "info", "--no-lock", "--json", "program.ts"),
    );
    assert.deepEqual(Object.keys(npmPackages), [config.imports.yaml.replace("npm:", "")]);
    const root = fileURLToPath(ROOT);
    const files = (modules as { specifier: string }[])
      .filter(({ specifier }) => specifier.startsWith(ROOT.href))
      .map(({ specifier }) => fileURLToPath(specifier).replace(root, ""));
    assert.ok(files.length > 30);
    assert.deepEqual(files.filter((file) => !/^src\/(schedules|lib)\//.test(file)), []);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("every schedule of the catalogue has an example, which deno task test:doc runs", async () => {
  const read = (path: string) => Deno.readTextFile(new URL(`src/schedules/${path}`, ROOT));
  const paths = [...(await read("catalog.ts")).matchAll(/from "\.\/(.+)";/g)].map(([, path]) => path!);
  assert.ok(paths.length > 20);
  for (const path of paths) {
    assert.match(await read(path.replace("/entry.ts", "/formula.ts")), /@example\n \* ```ts\n/, path);
  }
});
