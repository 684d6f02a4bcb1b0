import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

/** A change of the sources: a file with its text, or a catalogue with an import and an entry more. */
export type Change =
  | { readonly kind: "file"; readonly path: string; readonly text: string }
  | { readonly kind: "entry"; readonly path: string; readonly name: string; readonly from: string };

/**
 * Runs a program over a copy of the sources in which a few files were changed: what adding an entry takes, and nothing
 * else. The program is checked by the compiler, and its answer is what it printed as JSON.
 */
export async function runChanged(changes: readonly Change[], program: string): Promise<unknown> {
  const folder = await Deno.makeTempDir();
  try {
    await copy(join(ROOT, "src"), join(folder, "src"));
    for (const name of ["deno.json", "deno.lock"]) await Deno.copyFile(join(ROOT, name), join(folder, name));
    for (const change of changes) await apply(folder, change);
    await Deno.writeTextFile(join(folder, "program.ts"), program);
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--allow-all", "--check", "program.ts"],
      cwd: folder,
      env: { NO_COLOR: "1" },
    }).output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    assert.ok(success, text(stderr));
    return JSON.parse(text(stdout));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function apply(folder: string, change: Change): Promise<void> {
  const path = join(folder, change.path);
  if (change.kind === "file") return await Deno.writeTextFile(path, change.text);
  const text = await Deno.readTextFile(path);
  const changed = text.replace("\n] as const;", `\n  ${change.name},\n] as const;`);
  assert.notEqual(changed, text, `${change.path} has no list of entries`);
  await Deno.writeTextFile(path, `import { ${change.name} } from "${change.from}";\n${changed}`);
}

async function copy(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (isDirectory) await copy(join(from, name), join(to, name));
    else await Deno.copyFile(join(from, name), join(to, name));
  }
}
