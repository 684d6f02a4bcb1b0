/**
 * What happens to an experiment whose disk fills up, is read-only or goes: run by {@link onDisks} in a namespace of its own,
 * where it may mount. The first argument is a folder to mount on, the second one with room.
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { spawn } from "../support/cli.ts";
import { repositoryRoot } from "../support/requires.ts";
import { differing } from "./compare.ts";
import { training } from "./subjects.ts";

export interface DiskOutcome {
  readonly what: string;
  readonly tries: number;
  readonly faults: readonly string[];
}

/** Runs this file where mounts are its own. @throws {Error} where the system allows none. */
export async function onDisks(): Promise<DiskOutcome[]> {
  const [disk, room] = [await Deno.makeTempDir(), await Deno.makeTempDir()];
  try {
    const { success, stdout, stderr } = await new Deno.Command("unshare", {
      args: [
        ...["--map-root-user", "--mount", Deno.execPath(), "run", "--no-check", "--quiet", "-A", "--config"],
        ...[join(repositoryRoot(), "deno.json"), fileURLToPath(import.meta.url), disk, room],
      ],
    }).output();
    if (!success) throw new Error(new TextDecoder().decode(stderr));
    return JSON.parse(new TextDecoder().decode(stdout));
  } finally {
    for (const folder of [disk, room]) await Deno.remove(folder, { recursive: true });
  }
}

const SUBJECT = training(2, "cnn-tiny");
/** First size of the disk and growth of the next one: a small step, so that each kind of write meets a full disk. */
const FIRST_KIB = 40;
const GROWTH = 1.3;

async function ended(task: string, args: readonly string[]): Promise<{ code: number; text: string }> {
  const { code, stderr } = await (await spawn(task, args)).output();
  return { code, text: new TextDecoder().decode(stderr) };
}

/** What is wrong with a refusal: anything but one message in words. */
const unclear = (text: string, message: RegExp) =>
  message.test(text) && !/\n {4}at |run with --debug/.test(text) ? [] : [text.slice(-400)];

async function system(...command: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(command[0]!, { args: command.slice(1) }).output();
  if (!success) throw new Error(`${command.join(" ")}: ${new TextDecoder().decode(stderr)}`);
}

const trainingArgs = (spec: string, out: string) => [
  ...[spec, "--out", out, "--backend", "wasm", "--threads", "1", "--fresh", "--checkpoint-every", "0"],
];

async function full(disk: string, spec: string, whole: string): Promise<DiskOutcome> {
  const out = join(disk, "out");
  const faults: string[] = [];
  await system("mount", "-t", "tmpfs", "-o", `size=${FIRST_KIB}k`, "none", disk);
  let tries = 0;
  for (let size = FIRST_KIB; tries < 60; size *= GROWTH) {
    await system("mount", "-o", `remount,size=${Math.ceil(size)}k`, disk);
    const begun = await Deno.stat(out).then(() => true, () => false);
    const { code, text } = await ended("train", [...trainingArgs(spec, out), ...(begun ? ["--resume"] : [])]);
    if (code === 0) break;
    tries++;
    faults.push(...unclear(text, /[Dd]isk is full|No space left/));
  }
  faults.push(...(await differing(whole, out)).map((name) => `${name} differs at the end`));
  await system("umount", disk);
  return { what: "Disk full at a write, resumed on one that is 30 % larger", tries, faults };
}

async function readOnly(disk: string, spec: string, whole: string): Promise<DiskOutcome> {
  const faults: string[] = [];
  await system("mount", "--bind", whole, disk);
  await system("mount", "-o", "remount,bind,ro", disk);
  const tasks: [task: string, args: string[]][] = [
    ["train", trainingArgs(spec, join(disk, "new"))],
    ["resume", [disk]],
    ["report", [disk]],
    ["report", [disk, "--csv", join(disk, "csv")]],
  ];
  for (const [task, args] of tasks) {
    const { code, text } = await ended(task, args);
    if (code === 0) faults.push(`${task} ends with 0`);
    else faults.push(...unclear(text, /[Rr]ead-only|Cannot write/));
  }
  await system("umount", disk);
  return { what: "Folder on a read-only disk: train, resume, report", tries: tasks.length, faults };
}

async function vanished(disk: string, spec: string): Promise<DiskOutcome> {
  const faults: string[] = [];
  const tries = 3;
  for (let number = 0; number < tries; number++) {
    await system("mount", "-t", "tmpfs", "none", disk);
    const out = join(disk, "out");
    const child = await spawn("train", trainingArgs(spec, out));
    const output = child.output();
    const begun = () => Deno.stat(join(out, "runs")).then(() => true, () => false);
    while (!await begun()) await new Promise((resolve) => setTimeout(resolve, 5));
    await system("umount", "--lazy", disk);
    const { code, stderr } = await output;
    if (code === 0) faults.push("a training whose disk is gone ends with 0");
    else {faults.push(
        ...unclear(new TextDecoder().decode(stderr), /not there, or no longer: \S+ could not be written/),
      );}
  }
  return { what: "Disk gone in mid-run", tries, faults };
}

if (import.meta.main) {
  const [disk, room] = Deno.args as [string, string];
  const [spec, whole] = [join(room, "spec.yaml"), join(room, "whole")];
  await Deno.writeTextFile(spec, SUBJECT.spec);
  const { code, text } = await ended("train", trainingArgs(spec, whole));
  if (code !== 0) throw new Error(text);
  console.log(JSON.stringify([
    await full(disk, spec, whole),
    await readOnly(disk, spec, whole),
    await vanished(disk, spec),
  ]));
}
