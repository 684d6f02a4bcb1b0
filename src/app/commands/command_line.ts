import type { Invocation } from "../storage/invocation.ts";

/** Options that say where a result goes or how fast it comes, and change no figure: with a value, and without. */
const WITH_VALUE = ["--out", "--format", "--jobs", "--checkpoint-every", "--log", "--shard", "--queue"];
const WITHOUT_VALUE = ["--resume", "--open", "--fresh", "--turbo", "--debug", "--verbose", "--wait"];
/** The same, with or without a port. */
const SERVE = "--serve";

/**
 * The command that makes a result again: as it was typed, without what changes no figure.
 *
 * @param args of the program, the command's name first.
 * @param idle further options with a value that this command has no use for.
 */
export function commandLine(args: readonly string[], idle: readonly string[] = []): string {
  const withValue = [...WITH_VALUE, ...idle];
  // `queue train` is `train` with the net.
  const own = args[0] === "queue" ? args.slice(1) : args;
  const kept = own.filter((argument, index) => {
    const [name] = argument.split("=", 1);
    const before = own[index - 1]!;
    if (name === SERVE || (before === SERVE && /^\d+$/.test(argument))) return false;
    return !WITHOUT_VALUE.includes(argument) && !withValue.includes(name!) && !withValue.includes(before);
  });
  return `deno task ${kept.map(quoted).join(" ")}`;
}

/**
 * The invocation of a study that is no exercise's.
 *
 * @param folder that the spec's modules and checkpoint files are relative to.
 * @param idle as for {@link commandLine}.
 */
export function ownInvocation(folder: string, idle: readonly string[] = []): Invocation {
  return { command: commandLine(Deno.args, idle), exercise: null, introduction: "", folder };
}

/** A word for a shell. */
export function quoted(text: string): string {
  return /^[\w./:,@=+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
