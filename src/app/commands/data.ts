import { DATASET_NAMES } from "#datasets/catalog.ts";
import { REMOTE_NAMES } from "#datasets/manifest.ts";
import { DataError, DEFAULT_DATA_DIR } from "#datasets/source.ts";
import { type CommandIo, Failure } from "../io.ts";
import { newCommand } from "./command.ts";
import { list, verify } from "./data/inspect.ts";
import { dataDirOption, formatOption } from "./options.ts";
import { parsePath } from "./parsers.ts";

const dataDir = () => dataDirOption().default(DEFAULT_DATA_DIR);

/** `data list`, `data get NAME`, `data verify NAME`. */
export function dataCommand(io: CommandIo) {
  const data = newCommand("data", io).description("Lists, gets and verifies data sets.");
  data.command("list").description("Lists every data set, its state, size and licence.")
    .addOption(dataDir()).addOption(formatOption())
    .action((options) => plainly(() => list(options, io)));
  data.command("get").description("Downloads a data set, checks it and puts it into the data folder.")
    .argument("<name>", REMOTE_NAMES.join(", "))
    .addOption(dataDir())
    .option("--from <file-or-url>", "another address, or the archive on disk (a folder, for several files)")
    .option("--md5 <hex>", "digest of an archive of your own (default: the official one)")
    .action((name, options) =>
      plainly(async () => await (await import("./data/get.ts")).get(name, options, io))
    );
  data.command("verify").description("Checks the files of a data set: sizes, labels, digests, every image.")
    .argument("<name>", DATASET_NAMES.join(", "))
    .option("--path <path>", "files of your own, for images, image-masks, npz, idx and text", parsePath)
    .addOption(dataDir()).addOption(formatOption())
    .action((name, options) => plainly(() => verify(name, options, io)));
  return data;
}

/** A fault of the data is reported in one line; it has no stack trace worth showing. */
async function plainly(action: () => Promise<void>): Promise<void> {
  try {
    await action();
  } catch (error) {
    throw error instanceof DataError ? new Failure(error.message, { cause: error }) : error;
  }
}
