import { fileURLToPath } from "node:url";

/**
 * The files of the test suite, some of them in one thread: a file that `deno test` runs alone costs half a second of
 * starting, which is more than most of them test for. A lane is a list of paths in `tests/`; a file belongs to the lane
 * with the longest path that it begins with, so a new one needs no entry. `deno task test` runs three lanes at a time, in
 * the order of their files' names: those that take longest come first. Tests wait for processes and pages, so that two
 * lanes keep 1.4 of two cores at work.
 */
export const LANES: Readonly<Record<string, readonly string[]>> = {
  "1_app": ["app/"],
  "1_browser": ["browser/"],
  "1_notebooks": ["notebooks/"],
  "2_app_training": [
    "app/train_test.ts",
    "app/resume_test.ts",
    "app/longer_test.ts",
    "app/stages_test.ts",
  ],
  "2_app_studies": ["app/sweep_test.ts", "app/lr_range", "app/sandbox_test.ts", "app/tensorboard_test.ts"],
  "2_contract": ["conformance/contract_test.ts"],
  "3_webgpu": ["compute/webgpu", "compute/tfjs", "conformance/"],
  "3_wasm": ["compute/"],
  "4_rooms": [""],
  // With the golden schedules, whose PyTorch is the one that runs the snippets of exports.
  "4_report": ["report/", "export/", "golden/", "datasets/", "schedules/golden_test.ts"],
  "4_schedules": ["schedules/", "spec/", "study/"],
};

/** Not of the suite: `deno task test:long` runs them. */
const LONG = "long/";

const TESTS = fileURLToPath(new URL("../", import.meta.url));

/** The lane of a file, which is given by its path in `tests/`. */
export function laneOf(file: string): string {
  const [found] = Object.entries(LANES)
    .flatMap(([lane, paths]) => paths.filter((path) => file.startsWith(path)).map((path) => ({ lane, path })))
    .sort((a, b) => b.path.length - a.path.length);
  return found!.lane;
}

/** Paths in `tests/` of all test files but the long ones. */
export async function testFiles(folder = ""): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(TESTS + folder)) {
    const path = folder + name;
    if (isDirectory) found.push(...await testFiles(`${path}/`));
    else if (path.endsWith("_test.ts") && !path.startsWith(LONG)) found.push(path);
  }
  return found.sort();
}

/** Declares the tests of every file of a lane. */
export async function load(lane: string): Promise<void> {
  for (const file of await testFiles()) if (laneOf(file) === lane) await import(`../${file}`);
}
