import type { CommandIo } from "../../io.ts";
import { write } from "../../terminal/output.ts";
import type { Output } from "./output.ts";

/** Every schedule with its parameters, and every preset. */
export async function list({ format, out }: Output, io: CommandIo): Promise<void> {
  const { catalogJson, catalogText } = await import("./catalog_text.ts");
  await write(format === "json" ? catalogJson() : catalogText(), out, io);
}

/** A preset as a spec that `train` and `--file` read. */
export async function printPreset(name: string, out: string | undefined, io: CommandIo): Promise<void> {
  const { presetYaml } = await import("./read_preset.ts");
  await write(presetYaml(name), out, io);
}
