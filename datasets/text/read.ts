import type { PixelSet, Split, TextFacts } from "#train/data.ts";
import { concat } from "#lib/bytes.ts";
import { type FileProblem, unusable } from "../images/folder.ts";
import { DataError, type DataFiles, type DataRequest } from "../source.ts";
import { sharedSet } from "../split.ts";
import { listTexts, MOST_TEXT_BYTES, type TextFile } from "./list.ts";
import { tokenise, type Tokens } from "./tokens.ts";
import { textFault } from "./utf8.ts";

const VERIFY = "`deno task data verify text --path PATH` lists what is wrong with every file";
/** Of UTF-8, which editors of Windows write before a text. */
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

/** Windows of a text, split by position. */
export interface ReadText {
  readonly classes: readonly string[];
  readonly text: TextFacts;
  readonly train: PixelSet;
  readonly validation: PixelSet;
  readonly test: PixelSet;
}

/**
 * Reads a file of text, or a folder of them, one after the other as they are, and cuts it by position: training windows at
 * its beginning, validation and test windows at its end, without a token between them in common. A window has `context`
 * tokens and, as labels, those that come next; the next window begins where it ends.
 *
 * @throws {DataError} for the first file that cannot be used, with the place in it, and for more windows than there are.
 */
export async function readText(
  request: Pick<DataRequest, Split> & { readonly path: string; readonly context: number },
  files: DataFiles,
): Promise<ReadText> {
  const { path, context } = request;
  const listed = await listTexts(path, files);
  if (listed.problems[0]) throw refused(listed.problems[0]);
  const parts: Uint8Array[] = [];
  for (const file of listed.files) {
    const { bytes, problem } = await readFile(file, files);
    if (problem !== null) throw refused({ path: file.path, problem });
    parts.push(bytes);
  }
  const tokens = tokenise(concat(parts), path);
  const sizes = windowsOf(tokens.values.length, request, path);
  return {
    classes: tokens.names,
    text: factsOf(tokens),
    train: windows(tokens.values, 0, sizes.train, context),
    validation: windows(tokens.values, sizes.validationFrom, sizes.validation, context),
    test: windows(tokens.values, sizes.testFrom, sizes.test, context),
  };
}

/** The text of a file, without a byte order mark, or what is wrong with it. */
export async function readFile(
  { path, bytes: size }: TextFile,
  files: DataFiles,
): Promise<{ readonly bytes: Uint8Array; readonly problem: string | null }> {
  if (size > MOST_TEXT_BYTES) {
    return {
      bytes: new Uint8Array(),
      problem: `is too large: ${size} bytes; at most ${MOST_TEXT_BYTES} are read`,
    };
  }
  const bytes = await files.read(path, MOST_TEXT_BYTES);
  const fault = textFault(bytes);
  const marked = BYTE_ORDER_MARK.every((byte, at) => bytes[at] === byte);
  return {
    bytes: marked ? bytes.subarray(BYTE_ORDER_MARK.length) : bytes,
    problem: fault &&
      `${fault.problem} (line ${fault.line}, byte ${fault.column} of it, ${fault.offset} of the file)`,
  };
}

export function factsOf({ unit, characters, values }: Tokens): TextFacts {
  return { unit, charactersPerToken: characters / values.length, entropy: null };
}

/**
 * Sizes and places of the splits in a text of so many tokens: a tenth of the windows each for validation and test unless
 * asked for, the rest for training. Test windows end with the text, validation windows end before them.
 *
 * @throws {DataError} where the text is too short; the message says what there is.
 */
export function windowsOf(
  tokens: number,
  { train, validation, test, context }: Pick<DataRequest, Split> & { readonly context: number },
  where: string,
) {
  const all = Math.floor((tokens - 1) / context);
  const tenth = Math.max(1, Math.floor(all / 10));
  const [held, tested] = [validation ?? tenth, test ?? tenth];
  // A window of n tokens needs one more, its last label.
  const testFrom = tokens - (tested * context + 1);
  const validationFrom = testFrom - (held * context + 1);
  const most = Math.max(0, Math.floor((validationFrom - 1) / context));
  const taken = train ?? most;
  if (taken < 1 || taken > most) {
    throw new DataError(
      `Cannot take ${
        train ?? "the rest as"
      } training, ${held} validation and ${tested} test windows of ${context} ` +
        `tokens from ${where}: it has ${tokens} tokens, ${
          Math.max(0, all)
        } windows. Ask for fewer, or for a smaller context`,
    );
  }
  return { train: taken, validation: held, validationFrom, test: tested, testFrom };
}

function windows(tokens: Uint8Array, from: number, count: number, context: number): PixelSet {
  const set = sharedSet(count, context, context);
  set.images.set(tokens.subarray(from, from + count * context));
  set.labels.set(tokens.subarray(from + 1, from + 1 + count * context));
  return set;
}

const refused = (problem: FileProblem) => unusable(problem, VERIFY);
