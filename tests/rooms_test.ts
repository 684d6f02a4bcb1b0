import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { PURE, root, runDeno, sources } from "./support/rooms.ts";

/** What each room may import: other rooms, and packages by name. The table of docs/design.md. */
const ROOMS: Record<string, { rooms: string[]; packages: string[] }> = {
  lib: { rooms: [], packages: [] },
  schedules: { rooms: ["lib"], packages: ["yaml"] },
  export: { rooms: ["lib", "schedules"], packages: [] },
  lint: { rooms: ["lib", "schedules"], packages: [] },
  advise: { rooms: ["lib", "schedules"], packages: [] },
  audit: { rooms: ["lib", "schedules", "lint"], packages: [] },
  stats: { rooms: ["lib"], packages: [] },
  theory: { rooms: ["lib", "schedules", "stats"], packages: ["ml-levenberg-marquardt"] },
  train: { rooms: ["lib", "schedules"], packages: ["zod"] },
  spec: { rooms: ["lib", "schedules", "train"], packages: ["zod", "yaml"] },
  results: { rooms: ["lib", "schedules", "stats", "train", "spec", "theory"], packages: ["zod"] },
  compute: {
    rooms: ["lib", "train"],
    packages: [
      "@tensorflow/tfjs",
      "@tensorflow/tfjs-core",
      "@tensorflow/tfjs-backend-cpu",
      "@tensorflow/tfjs-backend-wasm",
      "@tensorflow/tfjs-backend-webgpu",
      "assemblyscript",
    ],
  },
  study: { rooms: ["lib", "schedules", "spec", "stats", "train", "results", "theory"], packages: [] },
  trackers: { rooms: ["lib", "train", "results"], packages: ["@bufbuild/protobuf", "yaml"] },
  report: {
    rooms: ["lib", "schedules", "stats", "theory", "spec", "results", "study"],
    packages: ["plotly.js-cartesian-dist-min", "d3-array", "d3-scale", "string-width", "fast-png"],
  },
  browser: { rooms: ["lib", "schedules", "export", "lint", "theory", "report"], packages: [] },
  datasets: { rooms: ["lib", "train"], packages: ["tar-stream", "fast-png", "jpeg-js", "yauzl"] },
  exercises: { rooms: ["spec", "stats", "theory", "results", "study", "report"], packages: [] },
  app: {
    rooms: [
      "lib",
      "schedules",
      "export",
      "lint",
      "advise",
      "audit",
      "stats",
      "theory",
      "results",
      "spec",
      "train",
      "compute",
      "study",
      "trackers",
      "report",
      "datasets",
      "exercises",
      "bench",
    ],
    packages: [
      "commander",
      "@commander-js/extra-typings",
      "cli-progress",
      "yaml",
      "zod",
      "plotly.js-cartesian-dist-min",
      "playwright-core",
      "bullmq",
      "ioredis",
    ],
  },
  bench: {
    rooms: ["lib", "train", "compute", "datasets"],
    packages: ["@tensorflow/tfjs-core", "@tensorflow/tfjs-backend-wasm", "@tensorflow/tfjs-backend-webgpu"],
  },
};

/** Rooms that may import Node's built-in modules. */
const WITH_NODE = ["app", "datasets", "compute", "bench"];

function roomOf(path: string): string | null {
  const [first, second] = path.split("/");
  if (first === "src") return second ?? null;
  if (path === "main.ts") return "app";
  return ["datasets", "exercises", "bench"].includes(first!) ? first! : null;
}

interface Info {
  modules: {
    specifier: string;
    dependencies?: { specifier: string; code?: { specifier?: string }; type?: { specifier?: string } }[];
  }[];
}

/** What each file imports by a static import, types included: paths in the repository, and other specifiers. */
async function readGraph(): Promise<Map<string, { specifier: string; target: string }[]>> {
  const files = [
    "main.ts",
    ...(await Promise.all(["src", "datasets", "exercises", "bench"].map(sources))).flat(),
  ];
  // One graph of everything, whether main.ts reaches it or not.
  const entry = await Deno.makeTempFile({ suffix: ".ts" });
  await Deno.writeTextFile(
    entry,
    files.map((file) => `import "${new URL(`../${file}`, import.meta.url)}";\n`).join(""),
  );
  const { success, stdout, stderr } = await runDeno(["info", "--json", "--config", "deno.json", entry]);
  await Deno.remove(entry);
  assert.ok(success, stderr);
  const graph = new Map<string, { specifier: string; target: string }[]>();
  for (const { specifier, dependencies = [] } of (JSON.parse(stdout) as Info).modules) {
    if (!specifier.startsWith("file://")) continue;
    graph.set(
      pathOf(specifier),
      dependencies.map((each) => {
        const target = each.code?.specifier ?? each.type?.specifier ?? each.specifier;
        return { specifier: each.specifier, target: target.startsWith("file://") ? pathOf(target) : target };
      }),
    );
  }
  return graph;
}

let graph: ReturnType<typeof readGraph> | undefined;
const importGraph = () => graph ??= readGraph();

const pathOf = (url: string) => fileURLToPath(url).replace(root, "");

/** Groups of files that import each other, directly or by way of others (Tarjan's strongly connected components). */
function circlesOf(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const index = new Map<string, number>();
  const lowest = new Map<string, number>();
  const stack: string[] = [];
  const circles: string[][] = [];
  const visit = (file: string) => {
    index.set(file, index.size);
    lowest.set(file, index.get(file)!);
    stack.push(file);
    for (const other of graph.get(file) ?? []) {
      if (!graph.has(other)) continue;
      if (!index.has(other)) visit(other);
      // A file that has left the stack lies in a group that is whole.
      if (stack.includes(other)) lowest.set(file, Math.min(lowest.get(file)!, lowest.get(other)!));
    }
    if (lowest.get(file) !== index.get(file)) return;
    const group = stack.splice(stack.indexOf(file));
    if (group.length > 1 || graph.get(file)!.includes(file)) circles.push(group.sort());
  };
  for (const file of graph.keys()) if (!index.has(file)) visit(file);
  return circles;
}

/** The most files that one file imports; a catalogue, which lists its entries and does nothing else, has no limit. */
const MOST_IMPORTS = 20;

Deno.test("no import goes against the table of rooms", async () => {
  const wrong: string[] = [];
  let edges = 0;
  for (const [path, imports] of await importGraph()) {
    const room = roomOf(path);
    if (room === null) continue;
    const allowed = ROOMS[room];
    assert.ok(allowed, `${path} lies in no room of the table`);
    for (const { specifier, target } of imports) {
      edges++;
      if (target.startsWith("node:")) {
        if (!WITH_NODE.includes(room)) wrong.push(`${path} imports ${specifier}`);
      } else if (target.startsWith("npm:")) {
        // Types of a package stand for it where it is imported as a type alone.
        const name = /^npm:\/?(?:@types\/)?((?:@[^/@]+\/)?[^/@]+)/.exec(target)?.[1];
        if (!name || !allowed.packages.includes(name)) wrong.push(`${path} imports ${specifier}`);
      } else {
        // deno.json, and text beside a module, lie in no other room.
        const other = roomOf(target);
        if (other !== null && other !== room && !allowed.rooms.includes(other)) {
          wrong.push(`${path} imports ${specifier}`);
        }
      }
    }
  }
  assert.ok(edges > 100, `the graph has only ${edges} imports`);
  assert.deepEqual(wrong, []);
});

Deno.test("no files import each other in a circle, and none imports more than 20 others", async () => {
  const graph = await importGraph();
  const files = new Map(
    [...graph].filter(([path]) => roomOf(path) !== null)
      .map(([path, imports]) => [path, [...new Set(imports.map(({ target }) => target))]]),
  );
  assert.ok(files.size > 300, `the graph has only ${files.size} files`);
  assert.deepEqual(circlesOf(files), []);
  const many = [...files].filter(([path, { length }]) =>
    length > MOST_IMPORTS && !path.endsWith("/catalog.ts")
  );
  assert.deepEqual(many.map(([path, { length }]) => `${path}: ${length}`), []);
});

Deno.test("no folders of app import each other in a circle, and commands, which is above them all, is imported by main alone", async () => {
  const folders = new Map<string, string[]>();
  const folderOf = (path: string) => /^src\/app\/([^/]+)\//.exec(path)?.[1];
  for (const [path, imports] of await importGraph()) {
    if (path !== "main.ts" && roomOf(path) !== null && folderOf(path) !== "commands") {
      assert.deepEqual(imports.filter(({ target }) => folderOf(target) === "commands"), [], path);
    }
    const folder = folderOf(path);
    if (folder === undefined) continue;
    const others = imports.flatMap(({ target }) => folderOf(target) ?? []).filter((other) =>
      other !== folder
    );
    folders.set(folder, [...new Set([...folders.get(folder) ?? [], ...others])]);
  }
  assert.ok(folders.size > 10, `app has only ${folders.size} folders`);
  assert.deepEqual(circlesOf(folders), []);
});

Deno.test("circles are found: two files, three, one that imports itself; a shared import is none", () => {
  const graph = new Map([
    ["a", ["b", "shared"]],
    ["b", ["a", "c"]],
    ["c", ["d", "shared"]],
    ["d", ["e"]],
    ["e", ["c"]],
    ["self", ["self"]],
    ["shared", ["outside"]],
  ]);
  const circles = circlesOf(graph).map((circle) => circle.join(" ")).sort();
  assert.deepEqual(circles, ["a b", "c d e", "self"]);
});

Deno.test("of the pure rooms lib alone names the globals of the platform that it may use", async () => {
  const found: string[] = [];
  for (const room of PURE) {
    for (const file of await sources(`src/${room}`)) {
      const names = (await Deno.readTextFile(root + file)).match(/\b(?:TextEncoder|TextDecoder|crypto)\b/g);
      if (names) found.push(`${file} names ${names.join(", ")}`);
    }
  }
  assert.ok(found.length > 0, "lib names them");
  assert.deepEqual(found.filter((line) => !line.startsWith("src/lib/")), []);
});
