import { type CifarFormat, recordBytes } from "./cifar_records.ts";
import { DataError, type DataFiles } from "./source.ts";

export const CIFAR100_SHAPE = [32, 32, 3] as const;
export const CIFAR100_FOLDER = "cifar-100-binary";
export const CIFAR100_FILES = { train: "train.bin", test: "test.bin" } as const;

const GET = "get it with `deno task data get cifar-100`";

const names = (text: string): readonly string[] => text.split(" ");

/** The two labels of an image, by the file of the archive that lists their names. */
export const CIFAR100_LABELS = {
  coarse: {
    file: "coarse_label_names.txt",
    classes: names(
      "aquatic_mammals fish flowers food_containers fruit_and_vegetables " +
        "household_electrical_devices household_furniture insects large_carnivores " +
        "large_man-made_outdoor_things large_natural_outdoor_scenes large_omnivores_and_herbivores " +
        "medium_mammals non-insect_invertebrates people reptiles small_mammals trees vehicles_1 " +
        "vehicles_2",
    ),
  },
  fine: {
    file: "fine_label_names.txt",
    classes: names(
      "apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus " +
        "butterfly camel can castle caterpillar cattle chair chimpanzee clock cloud cockroach couch " +
        "crab crocodile cup dinosaur dolphin elephant flatfish forest fox girl hamster house " +
        "kangaroo keyboard lamp lawn_mower leopard lion lizard lobster man maple_tree motorcycle " +
        "mountain mouse mushroom oak_tree orange orchid otter palm_tree pear pickup_truck pine_tree " +
        "plain plate poppy porcupine possum rabbit raccoon ray road rocket rose sea seal shark " +
        "shrew skunk skyscraper snail snake spider squirrel streetcar sunflower sweet_pepper table " +
        "tank telephone television tiger tractor train trout tulip turtle wardrobe whale " +
        "willow_tree wolf woman worm",
    ),
  },
} as const;

/** Bytes of a record before its pixels, in their order. */
export const LABEL_BYTES = ["coarse", "fine"] as const;
/** A record is its coarse label, its fine label, and its pixels. */
export const CIFAR100: CifarFormat = {
  labels: LABEL_BYTES.map((kind) => ({ name: `${kind} label`, classes: CIFAR100_LABELS[kind].classes })),
  help: GET,
};
/** Of the official training file, which holds 50,000 records. */
export const MOST_CIFAR100_BYTES = 50_000 * recordBytes(CIFAR100);

/** The two files of records. @throws {DataError} where one is missing. */
export async function cifar100Files(
  folder: string,
  files: DataFiles,
): Promise<{ readonly train: string; readonly test: string }> {
  const there = await files.list(folder);
  const missing = Object.values(CIFAR100_FILES).find((name) => !there.includes(name));
  if (missing !== undefined) {
    throw new DataError(
      `Cannot load cifar-100 from ${folder}: ${missing} is missing; ${GET}, or name the folder that holds cifar-100/ ` +
        "with --data-dir",
    );
  }
  return { train: `${folder}/${CIFAR100_FILES.train}`, test: `${folder}/${CIFAR100_FILES.test}` };
}
