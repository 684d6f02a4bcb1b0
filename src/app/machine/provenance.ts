import config from "../../../deno.json" with { type: "json" };

/** Versions of everything besides the device that can change a number. */
export function versions(): Record<string, string> {
  return {
    lab: config.version,
    deno: Deno.version.deno,
    v8: Deno.version.v8,
    typescript: Deno.version.typescript,
    tfjs: config.scopes["./src/compute/"]["@tensorflow/tfjs-core"].split("@").at(-1)!,
  };
}

/** The commit of the lab's own checkout, read from its files; `null` outside a checkout. */
export async function commit(): Promise<string | null> {
  try {
    const folder = new URL("../../../.git/", import.meta.url);
    const head = (await Deno.readTextFile(new URL("HEAD", folder))).trim();
    const reference = /^ref: (.+)$/.exec(head)?.[1];
    if (!reference) return head;
    const loose = await Deno.readTextFile(new URL(reference, folder)).catch(() => null);
    if (loose !== null) return loose.trim();
    const packed = await Deno.readTextFile(new URL("packed-refs", folder));
    return packed.split("\n").find((line) => line.endsWith(` ${reference}`))?.split(" ")[0] ?? null;
  } catch {
    return null;
  }
}
