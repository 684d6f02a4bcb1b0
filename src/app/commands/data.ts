import { Command, Option } from "@commander-js/extra-typings";
import { DATASET_NAMES } from "#datasets/catalog.ts";
import { REMOTE_NAMES } from "#datasets/manifest.ts";
import { DataError, DEFAULT_DATA_DIR } from "#datasets/source.ts";
import { type CommandIo, Failure } from "../io.ts";
import { list, verify } from "./data/inspect.ts";
import { parsePath } from "./parsers.ts";

const dataDir = () =>
  new Option("--data-dir <dir>", "folder that holds one folder per data set").argParser(parsePath).default(
    DEFAULT_DATA_DIR,
  );
const format = () =>
  new Option("--format <format>", "text, or json: only data on stdout").choices(["text", "json"])
    .default("text" as const);

/** `data list`, `data get NAME`, `data verify NAME`. */
export function dataCommand(io: CommandIo) {
  const data = new Command("data")
    .description("Lists, gets and verifies data sets.")
    // Subcommands take these over only when they are set first.
    .exitOverride()
    .configureOutput({ writeOut: io.stdout, writeErr: io.stderr })
    .showHelpAfterError("(add --help for the options)");
  data.command("list").description("Lists every data set, its state, size and licence.")
    .addOption(dataDir()).addOption(format())
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
    .addOption(
      new Option("--path <path>", "files of your own, for images, image-masks, npz, idx and text").argParser(
        parsePath,
      ),
    )
    .addOption(dataDir()).addOption(format())
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
