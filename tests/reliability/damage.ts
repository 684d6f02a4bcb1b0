/** A finished experiment's folder of which one file has a flipped bit or is cut, read by the commands that read folders. */
import { join } from "node:path";
import { random } from "#lib/prng.ts";
import { inProcess } from "../support/in_process.ts";
import { endKept } from "../support/kept_worker.ts";
import { training } from "./subjects.ts";

export interface Damaged {
  readonly file: string;
  readonly tries: number;
  /** Read as if nothing was: another digit of a figure, a space, or a file that the command does not need. */
  readonly read: number;
  readonly refused: number;
  readonly faults: readonly string[];
}

/** For each file of the folder: damages it in `tries` ways, by number, and reports the folder; every tenth way resumes it. */
export async function damage(first: number, tries: number): Promise<Damaged[]> {
  const root = await Deno.makeTempDir();
  try {
    const [spec, out] = [join(root, "spec.yaml"), join(root, "out")];
    await Deno.writeTextFile(spec, training(2, "cnn-tiny").spec);
    const trained = await inProcess("train", [
      spec,
      "--out",
      out,
      "--backend",
      "wasm",
      "--threads",
      "1",
      "--fresh",
    ]);
    if (trained.code !== 0) throw new Error(trained.stderr);
    // Else every refusal below would say nothing.
    for (const command of commandsOn(out)) {
      const { code, stderr } = await inProcess(...command);
      if (code !== 0) throw new Error(stderr);
    }
    const found: Damaged[] = [];
    for (const file of await filesBelow(out)) found.push(await damageOne(out, file, { first, tries }));
    return found;
  } finally {
    endKept();
    await Deno.remove(root, { recursive: true });
  }
}

const commandsOn = (out: string): [task: string, args: string[]][] => [
  ["report", [out]],
  ["resume", [out, "--backend", "wasm", "--threads", "1"]],
];

async function damageOne(
  out: string,
  file: string,
  { first, tries }: { readonly first: number; readonly tries: number },
): Promise<Damaged> {
  const path = join(out, file);
  const whole = await Deno.readFile(path);
  let [read, refused] = [0, 0];
  const faults: string[] = [];
  for (let number = first; number < first + tries && whole.length > 0; number++) {
    const source = random("damage", file, number);
    const at = source.below(whole.length);
    const isCut = source.below(3) === 0;
    const changed = isCut ? whole.slice(0, at) : whole.slice();
    if (!isCut) changed[at]! ^= 1 << source.below(8);
    for (const command of commandsOn(out).slice(0, number % 10 === 0 ? 2 : 1)) {
      await Deno.writeFile(path, changed);
      const { code, stderr } = await inProcess(...command);
      if (code === 0) read++;
      else if (/run with --debug|\n {4}at /.test(stderr)) {
        faults.push(`${command[0]}: ${stderr.slice(0, 300)}`);
      } else refused++;
    }
    await Deno.writeFile(path, whole);
  }
  return { file, tries: whole.length > 0 ? tries : 0, read, refused, faults };
}

async function filesBelow(folder: string, below = ""): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(join(folder, below)));
  const names = await Promise.all(
    entries.map(({ name, isDirectory }) =>
      isDirectory ? filesBelow(folder, join(below, name)) : [join(below, name)]
    ),
  );
  return names.flat().filter((name) => !/^(lock|report\.html)$/.test(name)).sort();
}
