import assert from "node:assert/strict";
import { COMMANDS } from "#app/commands/catalog.ts";
import { denoIo } from "#app/io.ts";
import { repositoryRoot } from "../support/requires.ts";

interface Named {
  name(): string;
  readonly options: readonly { readonly long?: string | undefined }[];
  readonly commands: readonly Named[];
}

/** Options by command: of `queue train` those of the subcommand. */
async function optionsOf(): Promise<Map<string, Set<string>>> {
  const found = new Map<string, Set<string>>();
  const add = (name: string, { options, commands }: Named) => {
    found.set(name, new Set(["--help", "--debug", ...options.flatMap(({ long }) => long ?? [])]));
    for (const own of commands) add(`${name} ${own.name()}`, own);
  };
  for (const [name, { load }] of Object.entries(COMMANDS)) {
    const command = (await load())(denoIo());
    assert.ok("options" in command && "commands" in command, `${name} is a command of Commander`);
    add(name, command as typeof command & Named);
  }
  return found;
}

async function pages(): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const folder of ["", "docs/", "datasets/"]) {
    for await (const { name } of Deno.readDir(`${repositoryRoot()}/${folder}`)) {
      if (!name.endsWith(".md") || name === "CHANGELOG.md") continue;
      found.set(folder + name, await Deno.readTextFile(`${repositoryRoot()}/${folder}${name}`));
    }
  }
  return found;
}

Deno.test("every task, command and option that a page names is there", async () => {
  const options = await optionsOf();
  const tasks: object = JSON.parse(await Deno.readTextFile(`${repositoryRoot()}/deno.json`)).tasks;
  const wrong: string[] = [];
  let seen = 0;
  for (const [page, text] of await pages()) {
    for (
      const [call, task, rest] of text.matchAll(/deno(?:@[\d.]+)? task ([a-z][a-z:-]*)((?: +[^`#|\n]*)?)/g)
    ) {
      seen++;
      if (!Object.hasOwn(tasks, task!)) wrong.push(`${page}: ${call}: no task ${task}`);
      const words = rest!.trim().split(/\s+/);
      const own = options.get(`${task} ${words[0]}`) ?? options.get(task!.replace(/:turbo$/, ""));
      if (!own) continue;
      for (const word of words) {
        const option = /^--[a-z][a-z0-9-]*/.exec(word)?.[0];
        if (option && !own.has(option)) wrong.push(`${page}: ${call}: no option ${option}`);
      }
    }
  }
  assert.ok(seen > 60, `only ${seen} commands were found`);
  assert.deepEqual(wrong, []);
});

Deno.test("every command has a task of its name", async () => {
  const tasks: object = JSON.parse(await Deno.readTextFile(`${repositoryRoot()}/deno.json`)).tasks;
  assert.deepEqual(Object.keys(COMMANDS).filter((name) => !Object.hasOwn(tasks, name)), []);
});
