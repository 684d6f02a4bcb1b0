import { fileURLToPath } from "node:url";

/** This repository's folder, with a slash at the end. */
export const root = fileURLToPath(new URL("../../", import.meta.url));

/** Rooms that know neither Deno nor a browser. */
export const PURE = [
  "lib",
  "schedules",
  "export",
  "lint",
  "advise",
  "audit",
  "stats",
  "theory",
  "train",
  "spec",
  "results",
  "study",
  "trackers",
  "report",
];

/** The product's TypeScript in a folder, as paths in the repository. */
export async function sources(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const entry of Deno.readDir(root + folder)) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) found.push(...await sources(path));
    else if (path.endsWith(".ts") && !path.includes("/kernels/")) found.push(path);
  }
  return found;
}

/** What a command of Deno's prints in the repository's folder. */
export async function runDeno(args: string[]): Promise<{ success: boolean; stdout: string; stderr: string }> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args,
    cwd: root,
    env: { NO_COLOR: "1" },
  }).output();
  return { success, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}
