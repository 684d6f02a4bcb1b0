import assert from "node:assert/strict";
import { EXERCISES, THEORY } from "#exercises/catalog.ts";
import { laneOf, LANES, testFiles } from "./support/lanes.ts";
import { repositoryRoot } from "./support/requires.ts";

/** The names that `deno test` takes for tests: `test.ts`, `name_test.ts`, `name.test.ts`, also in JavaScript and JSX. */
const LOOKS_LIKE_A_TEST = /(^|\/|_|\.)test\.(ts|tsx|mts|js|mjs|jsx)$/;
/** Folders that are made while the lab is used, and Git's own. */
const NOT_OURS = [".git", ".cache", "node_modules", "runs", "data"];

async function files(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(`${repositoryRoot()}/${folder}`)) {
    const path = folder === "" ? name : `${folder}/${name}`;
    if (!isDirectory) found.push(path);
    else if (!NOT_OURS.includes(path)) found.push(...await files(path));
  }
  return found;
}

Deno.test("no file outside of tests/ looks like a test to the test runner", async () => {
  const product = (await files("")).filter((path) => !path.startsWith("tests/"));
  assert.ok(product.length > 300, `only ${product.length} files were found`);
  assert.deepEqual(product.filter((path) => LOOKS_LIKE_A_TEST.test(path)), []);
});

Deno.test("deno test without arguments takes its tests from tests/ alone", async () => {
  const config = JSON.parse(await Deno.readTextFile(`${repositoryRoot()}/deno.json`)) as {
    test?: { include?: string[] };
  };
  assert.deepEqual(config.test?.include, ["tests/"]);
});

Deno.test("packages that every command downloads are those that the product imports; the rest stand under scopes", async () => {
  const config = JSON.parse(await Deno.readTextFile(`${repositoryRoot()}/deno.json`)) as {
    imports: Record<string, string>;
  };
  const product = (await files("")).filter((path) =>
    /^(src|datasets|exercises|bench|main\.ts).*\.ts$/.test(path)
  );
  const text = (await Promise.all(product.map((path) => Deno.readTextFile(`${repositoryRoot()}/${path}`))))
    .join();
  const packages = Object.entries(config.imports).filter(([, target]) => target.startsWith("npm:"));
  assert.ok(packages.length > 5, "no packages were found");
  const unused = packages.filter(([name]) => !text.includes(name.endsWith("/") ? `"${name}` : `"${name}"`));
  assert.deepEqual(unused.map(([name]) => name), []);
});

Deno.test("names of tests are told from names of product files", () => {
  const tests = ["test.ts", "a/test.mjs", "a/b_test.ts", "a/b.test.tsx"];
  const others = ["contest.ts", "a/lr_range.ts", "a/test_support.ts", "a/b_tests.ts", "a/test/run.ts"];
  assert.deepEqual([...tests, ...others].filter((path) => LOOKS_LIKE_A_TEST.test(path)), tests);
});

Deno.test("an exercise is a folder with its questions, its spec and a README, and an entry in the catalogue", async () => {
  const found = await files("exercises");
  const folders = [
    ...new Set(found.filter((path) => /^exercises\/\d/.test(path)).map((path) => path.split("/")[1]!)),
  ];
  const numbers = folders.map((folder) => String(Number(folder.slice(0, 2)))).sort();
  assert.deepEqual(numbers, [THEORY.number, ...Object.keys(EXERCISES)].sort());
  for (const folder of folders) {
    const needed = ["exercise.ts", "README.md", ...(folder.startsWith("00") ? [] : ["spec.yaml"])];
    for (const name of needed) assert.ok(found.includes(`exercises/${folder}/${name}`), `${folder}/${name}`);
  }
});

Deno.test("every test file is in a lane of the suite, every lane has a file that loads it, and the task runs them all", async () => {
  const found = (await files("tests")).map((path) => path.slice("tests/".length));
  const tests = found.filter((path) => LOOKS_LIKE_A_TEST.test(path) && !path.startsWith("long/"));
  assert.deepEqual(await testFiles(), tests.sort());
  assert.ok(tests.length > 150, `only ${tests.length} files were found`);
  const lanes = Object.keys(LANES).sort();
  assert.deepEqual([...new Set(tests.map(laneOf))].sort(), lanes, "a lane without a test");
  const loaded = found.filter((path) => path.startsWith("lanes/")).sort();
  assert.deepEqual(loaded, lanes.map((lane) => `lanes/${lane}.ts`));
  for (const lane of lanes) {
    const text = await Deno.readTextFile(`${repositoryRoot()}/tests/lanes/${lane}.ts`);
    assert.ok(text.includes(`await load("${lane}");`), lane);
  }
  const { tasks } = JSON.parse(await Deno.readTextFile(`${repositoryRoot()}/deno.json`));
  assert.match(tasks.test, / tests\/lanes\/\*\.ts$/);
  assert.match(tasks["test:long"], /^LR_LAB_LONG=1 .* tests\/lanes\/\*\.ts tests\/long\/$/);
});
