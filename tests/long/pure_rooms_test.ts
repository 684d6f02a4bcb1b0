import assert from "node:assert/strict";
import { PURE, root, runDeno, sources } from "../support/rooms.ts";

/** What lib may use of the Web platform: nothing that the platform has is written again. */
const LIB_GLOBALS = `export {};
declare global {
  class TextEncoder {
    encode(text: string): Uint8Array<ArrayBuffer>;
  }
  class TextDecoder {
    constructor(label: "utf-8", options: { fatal: boolean; ignoreBOM: boolean });
    decode(bytes: Uint8Array): string;
  }
  const crypto: {
    readonly subtle: { digest(algorithm: "SHA-256", data: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer> };
  };
}
`;

Deno.test("pure rooms compile without Deno's or a browser's types", async () => {
  const config = JSON.parse(await Deno.readTextFile(root + "deno.json"));
  config.compilerOptions.lib = ["esnext"];
  const absolute = (path: string) =>
    path.startsWith("./") ? new URL(`../../${path.slice(2)}`, import.meta.url).href : path;
  config.imports = Object.fromEntries(
    Object.entries(config.imports as Record<string, string>).map(([name, to]) => [name, absolute(to)]),
  );
  config.scopes = Object.fromEntries(
    Object.entries(config.scopes as Record<string, unknown>).map(([folder, own]) => [absolute(folder), own]),
  );
  const folder = await Deno.makeTempDir();
  const path = `${folder}/deno.json`;
  const globals = `${folder}/globals.d.ts`;
  await Deno.writeTextFile(path, JSON.stringify(config));
  await Deno.writeTextFile(globals, LIB_GLOBALS);
  const pure = (await Promise.all(PURE.map((room) => sources(`src/${room}`)))).flat();
  const { success, stderr } = await runDeno(["check", "--config", path, "--no-lock", globals, ...pure]);
  await Deno.remove(folder, { recursive: true });
  assert.ok(success, stderr);
});

Deno.test("a pure room that names Deno or document would not compile", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/deno.json`, JSON.stringify({ compilerOptions: { lib: ["esnext"] } }));
  await Deno.writeTextFile(`${folder}/globals.d.ts`, LIB_GLOBALS);
  const impure = [
    "Deno.cwd()",
    "document.title",
    "console.log(1)",
    "performance.now()",
    "crypto.randomUUID()",
  ];
  const lines = impure.map((code, index) => `export const x${index}: unknown = ${code};\n`);
  await Deno.writeTextFile(`${folder}/impure.ts`, lines.join(""));
  const { success, stderr } = await runDeno([
    "check",
    "--config",
    `${folder}/deno.json`,
    `${folder}/globals.d.ts`,
    `${folder}/impure.ts`,
  ]);
  assert.equal(success, false);
  impure.forEach((code, index) => assert.match(stderr, new RegExp(`impure\\.ts:${index + 1}:`), code));
  await Deno.remove(folder, { recursive: true });
});
