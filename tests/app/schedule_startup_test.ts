import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** The files that `schedule --spec … --format json` loads one after the other; each loads what it imports. */
const LOADED = [
  "main.ts",
  "src/app/commands/schedule.ts",
  "src/app/commands/schedule/read_arms.ts",
  "src/app/commands/schedule/curves.ts",
  "src/app/commands/schedule/traces.ts",
  "src/app/commands/schedule/curves_data.ts",
];

/** What else they may bring: the command line, and the YAML that `--spec` may be written in. */
const PACKAGES = ["@commander-js/extra-typings", "commander", "yaml"];
/** With 24 schedules, each a file of its own or a small folder. */
const MOST_FILES = 110;

interface Info {
  roots: string[];
  redirects?: Record<string, string>;
  modules: {
    specifier: string;
    dependencies?: { isDynamic?: boolean; code?: { specifier?: string } }[];
  }[];
}

/** Modules that are loaded with a file, without those that it imports later, when they are needed. */
async function loadedWith(file: string): Promise<string[]> {
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json", file], cwd: ROOT })
    .output();
  const { roots, redirects = {}, modules } = JSON.parse(new TextDecoder().decode(stdout)) as Info;
  const known = new Map(modules.map((module) => [module.specifier, module]));
  const found = new Set<string>();
  const waiting = [...roots];
  while (waiting.length > 0) {
    const specifier = waiting.pop()!;
    if (found.has(specifier)) continue;
    found.add(specifier);
    for (const { isDynamic, code } of known.get(specifier)?.dependencies ?? []) {
      if (!isDynamic && code?.specifier) waiting.push(redirects[code.specifier] ?? code.specifier);
    }
  }
  return [...found];
}

// How long it takes on a machine is measured by `bench startup`; what it loads is what decides it.
Deno.test("schedule starts without a chart, a checker of specs, a device or a report", async () => {
  const loaded = new Set((await Promise.all(LOADED.map(loadedWith))).flat());
  const files = [...loaded].filter((specifier) => specifier.startsWith("file:"));
  const packages = [...loaded].flatMap((specifier) =>
    /^npm:\/?((?:@[^/@]+\/)?[^/@]+)/.exec(specifier)?.[1] ?? []
  );
  assert.deepEqual(packages.filter((name) => !PACKAGES.includes(name)), []);
  assert.deepEqual(
    files.filter((path) => /src\/(compute|train|study|report|results|stats)\//.test(path)),
    [],
  );
  assert.ok(files.length > 50 && files.length <= MOST_FILES, `${files.length} files`);
});
