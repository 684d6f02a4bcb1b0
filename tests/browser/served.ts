import { spawn } from "../support/cli.ts";
import { type Look, openTab } from "./chromium.ts";

/** A spec: long enough to look at while it runs. */
export const specOf = (epochs: number) =>
  `name: watched
dataset: { name: shapes-16, train: 320, validation: 40, test: 40 }
model: cnn-tiny
batch_size: 16
duration: ${epochs} epochs
eval_every: 1 epoch
seeds: [1, 2]
arms:
  - { name: constant, schedule: { name: constant, lr: 0.02 } }
  - { name: "<b>cosine</b>", schedule: { name: cosine, lr: 0.02, T_max: 100% } }
`;

/** A study that serves its page. */
export interface Served {
  readonly address: string;
  readonly ended: Promise<{ code: number; stderr: string }>;
}

/** Starts a command that serves its page, and waits for the address. */
export async function serve(task: string, args: readonly string[]): Promise<Served> {
  const child = await spawn(task, [...args, "--serve", "0"]);
  const decoder = new TextDecoder();
  let stderr = "";
  const address = Promise.withResolvers<string>();
  const read = (async () => {
    for await (const bytes of child.stderr) {
      stderr += decoder.decode(bytes, { stream: true });
      const found = /^Live page: (\S+)\n/m.exec(stderr);
      if (found) address.resolve(found[1]!);
    }
    address.reject(new Error(stderr));
  })();
  const drained = child.stdout.pipeTo(new WritableStream());
  const ended = (async () => {
    const [{ code }] = await Promise.all([child.status, read, drained]);
    return { code, stderr };
  })();
  return { address: await address.promise, ended };
}

/** Opens a page, and notes what it complains about. */
export async function open(address: string, look: Look = {}, tab = openTab(look)) {
  const page = await tab;
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  await page.goto(address);
  return { page, complaints };
}
