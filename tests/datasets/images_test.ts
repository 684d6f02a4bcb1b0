import assert from "node:assert/strict";
import { loadDataset } from "#datasets/catalog.ts";
import { denoFiles } from "#datasets/files.ts";
import { inspectImages } from "#datasets/images/inspect.ts";
import { DATA_SEED, DataError, type DataRequest } from "#datasets/source.ts";
import type { TrainingData } from "#train/data.ts";
import { inFolder, jpg, picture, png, twoClasses } from "./image_files.ts";

const load = (path: string, more: Partial<DataRequest> = {}): Promise<TrainingData> =>
  loadDataset({
    name: "images",
    path,
    size: 8,
    train: null,
    validation: null,
    test: null,
    seed: DATA_SEED,
    dataDir: null,
    ...more,
  }, denoFiles);

const counts = ({ train, validation, test }: TrainingData) => [train.count, validation.count, test.count];

/** The images of a split as texts, without regard to their order. */
const imagesOf = ({ images, count }: TrainingData["train"]) =>
  Array.from(
    { length: count },
    (_, at) => images.slice(at * images.length / count, (at + 1) * images.length / count).join(),
  )
    .sort();

async function refused(path: string, message: RegExp, more: Partial<DataRequest> = {}): Promise<void> {
  await assert.rejects(
    load(path, more),
    (error) => error instanceof DataError && message.test(error.message),
  );
}

Deno.test("a folder of class folders is split by content: a fifth of each class is test data", () =>
  inFolder(twoClasses(10), async (folder) => {
    const data = await load(folder);
    assert.deepEqual(data.classes, ["cat", "dog"]);
    assert.deepEqual(data.shape, [8, 8, 3]);
    assert.deepEqual(counts(data), [15, 1, 4]);
    assert.deepEqual([...data.test.labels].sort(), [0, 0, 1, 1]);
    const grey = await load(folder, { colour: "grey", size: 16, test: 2 });
    assert.deepEqual([grey.shape, counts(grey)], [[16, 16, 1], [15, 1, 2]]);
  }));

Deno.test("names, order, place and copies of files change nothing: the data are known by their content", () =>
  inFolder(twoClasses(10), async (folder) => {
    const before = await load(folder);
    let number = 100;
    for (const name of ["cat", "dog"]) {
      for (const file of await denoFiles.list(`${folder}/${name}`)) {
        const extension = file.slice(file.indexOf("."));
        await Deno.rename(
          `${folder}/${name}/${file}`,
          `${folder}/${name}/${number--} ünïcode${extension.toUpperCase()}`,
        );
      }
    }
    const [copied] = await denoFiles.list(`${folder}/dog`);
    await Deno.copyFile(
      `${folder}/dog/${copied}`,
      `${folder}/dog/copy${copied!.slice(copied!.lastIndexOf("."))}`,
    );
    await Deno.writeTextFile(`${folder}/README.md`, "beside the classes");
    await Deno.writeTextFile(`${folder}/cat/.hidden`, "hidden");
    await Deno.writeTextFile(`${folder}/cat/Thumbs.db`, "litter");
    const moved = `${folder}-moved`;
    await Deno.rename(folder, moved);
    try {
      const after = await load(moved);
      assert.equal(after.digest, before.digest);
      assert.deepEqual(after.train, before.train);
      const { notes, problems } = await inspectImages(moved, denoFiles);
      assert.deepEqual([problems, notes], [[], [
        "1 files are copies of others in their class and count once",
      ]]);
    } finally {
      await Deno.rename(moved, folder);
    }
  }));

Deno.test("a folder with train and test is taken as it is split", () =>
  inFolder(
    { ...twoClasses(6, "train/"), "test/cat/a.png": png(50), "test/dog/b.png": png(150) },
    async (folder) => {
      const data = await load(folder);
      assert.deepEqual(counts(data), [11, 1, 2]);
      assert.deepEqual(imagesOf(data.test), [50, 150].map((seed) => picture(seed).join()).sort());
      await Deno.writeFile(`${folder}/test/cat/leak.png`, png(1));
      await refused(
        folder,
        /test\/cat\/leak\.png: it has the same bytes as .*train\/cat\/0\.png: a test image that is trained on/,
      );
      await Deno.remove(`${folder}/test/cat/leak.png`);
      await Deno.mkdir(`${folder}/test/bird`);
      await refused(folder, /test\/bird: it is a class that .*\/train does not have/);
      await Deno.remove(`${folder}/test/bird`);
      await Deno.mkdir(`${folder}/val`);
      await refused(folder, /val: it stands beside train and test; validation images are held out of train/);
    },
  ));

Deno.test("links are followed to files and folders, and a broken one is named", () =>
  inFolder({ ...twoClasses(5), "elsewhere.png": png(77) }, async (folder) => {
    const before = counts(await load(folder));
    await Deno.symlink(`${folder}/elsewhere.png`, `${folder}/cat/linked.png`);
    const after = await load(folder);
    assert.equal(
      after.train.count + after.validation.count + after.test.count,
      before.reduce((a, b) => a + b) + 1,
    );
    await Deno.symlink(`${folder}/nowhere.png`, `${folder}/cat/broken.png`);
    await refused(
      folder,
      /cat\/broken\.png: it is a link that leads nowhere; `deno task data verify images --path FOLDER`/,
    );
    await Deno.remove(`${folder}/cat/broken.png`);
    await Deno.symlink("/dev/zero", `${folder}/cat/endless.png`);
    await refused(folder, /cat\/endless\.png: it is no regular file/);
  }));

Deno.test("folders that are no data set are refused with what they lack", async () => {
  await refused("/nowhere at all", /there is no such folder; name one with a folder for each class/);
  await inFolder(
    { "cat/a.png": png(1) },
    (folder) => refused(folder, /has 1 class folders; expected one for each class, 2 to 256/),
  );
  await inFolder({ ...twoClasses(3), "bird/x": new Uint8Array() }, async (folder) => {
    await refused(folder, /bird\/x: it is no image that is read/);
    await Deno.remove(`${folder}/bird/x`);
    await refused(folder, /bird: it is a class without images/);
    await Deno.mkdir(`${folder}/bird/inner`);
    await refused(folder, /bird\/inner: it is a folder; a class folder holds image files alone/);
  });
  await inFolder(
    twoClasses(2),
    (folder) => refused(folder, /cat: it holds 2 different images; a class has at least 3/),
  );
  await inFolder(
    twoClasses(3, "train/"),
    (folder) =>
      refused(folder, /train: it is called like a part of a split; a split folder has train and test, both/),
  );
  await inFolder(
    { ...twoClasses(4), "dog/twin.png": png(1) },
    (folder) => refused(folder, /twin\.png: it has the same bytes as .*cat\/0\.png, of another class/),
  );
  await inFolder(
    { "a\u001b[31m/x.png": png(1), "b/x.png": png(2) },
    (folder) => refused(folder, /has control characters in its name/),
  );
  await inFolder(twoClasses(4), async (folder) => {
    await Deno.truncate(`${folder}/cat/0.png`, 40 * 2 ** 20);
    await refused(folder, /cat\/0\.png: it is too large: 41943040 bytes; at most 33554432 are read/);
  });
});

Deno.test("data verify lists every file that is at fault, and why", () =>
  inFolder({
    ...twoClasses(4),
    "cat/empty.png": new Uint8Array(),
    "cat/cut.png": png(31).slice(0, 60),
    "dog/named.png": jpg(32),
    "dog/notes.txt": new TextEncoder().encode("no image"),
    "dog/twin.png": png(1),
  }, async (folder) => {
    const { problems, parts } = await inspectImages(folder, denoFiles);
    assert.deepEqual(problems.map(({ path, problem }) => `${path.slice(folder.length + 1)} ${problem}`), [
      "cat/cut.png is cut off: it ends after 60 bytes, within its chunks",
      "cat/empty.png is empty: 0 bytes",
      "dog/named.png is a JPEG, though it is called .png; rename it to .jpg",
      "dog/notes.txt is no image that is read; a class folder holds .png, .jpg, .jpeg files",
      `dog/twin.png has the same bytes as ${folder}/cat/0.png, of another class`,
    ]);
    assert.deepEqual(parts, [{ name: "all", images: 8, perClass: [4, 4] }]);
  }));

Deno.test("a data set takes its own keys and no other's", async () => {
  const request = { train: null, validation: null, test: null, seed: DATA_SEED, dataDir: null };
  await assert.rejects(
    loadDataset({ ...request, name: "images" }, denoFiles),
    /The data set images needs `path`/,
  );
  await assert.rejects(
    loadDataset({ ...request, name: "npz", path: "a.npz", size: 8 }, denoFiles),
    /The data set npz has no key `size`; its own keys are path/,
  );
  await assert.rejects(
    loadDataset({ ...request, name: "shapes", labels: "fine" }, denoFiles),
    /shapes has no key `labels`; it has no keys of its own/,
  );
});
