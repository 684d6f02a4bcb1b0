import assert from "node:assert/strict";
import { loadDataset } from "#datasets/catalog.ts";
import { denoFiles } from "#datasets/files.ts";
import { DATA_SEED } from "#datasets/source.ts";
import {
  drawCharacters,
  GRAMMAR_CHARACTERS,
  grammarEntropy,
  ITEMS,
  MORE,
  NOUNS,
  VERBS,
  wordShare,
} from "#datasets/text/grammar.ts";
import { random } from "#lib/prng.ts";
import { mean, sampleSd } from "#stats/summary.ts";

const load = (more = {}) =>
  loadDataset(
    { name: "grammar", train: 40, validation: 10, test: 10, seed: DATA_SEED, dataDir: null, ...more },
    denoFiles,
  );

/**
 * −ln of the probability of a text by the grammar as it is documented, read from left to right by another way than it is
 * drawn: `null` for what is no beginning of a text by it.
 */
function costOf(text: string): number | null {
  let [at, nats] = [0, 0];
  const rest = () => text.slice(at);
  const pay = (probability: number) => void (nats -= Math.log(probability));
  class End extends Error {}
  const take = (expected: string) => {
    const here = text.slice(at, at + expected.length);
    if (!expected.startsWith(here)) throw new SyntaxError(`${expected} at ${at}`);
    at += here.length;
    if (here.length < expected.length) throw new End();
  };
  const word = (words: readonly string[]) => {
    const left = rest();
    const fitting = words.filter((one) => left.startsWith(one) || one.startsWith(left));
    if (fitting.length === 0) throw new SyntaxError(`no word at ${at}`);
    pay(fitting.reduce((sum, one) => sum + wordShare(words.indexOf(one), words.length), 0));
    if (!left.startsWith(fitting[0]!)) throw new End();
    at += fitting[0]!.length;
  };
  const ended = () => {
    if (at === text.length) throw new End();
  };
  const item = (name: string, depth: number) => {
    ended();
    const next = text[at]!;
    const brackets = depth < 3 ? ITEMS.brackets : 0;
    if (next === name[0]) {
      pay(ITEMS.name);
      take(name);
    } else if (depth < 3 && "([{".includes(next)) {
      pay(brackets / 3);
      at++;
      items(name, depth + 1, MORE.brackets);
      take({ "(": ")", "[": "]", "{": "}" }[next]!);
    } else {
      pay(1 - ITEMS.name - brackets);
      word(NOUNS);
    }
  };
  const items = (name: string, depth: number, more: number) => {
    item(name, depth);
    ended();
    while (text[at] === " ") {
      pay(more);
      at++;
      item(name, depth);
      ended();
    }
    pay(1 - more);
  };
  try {
    while (true) {
      let name = "";
      for (let letter = 0; letter < 4; letter++) {
        ended();
        const allowed = letter === 0 ? "BDFGKLMNPRST" : letter === 2 ? "bdfgklmnprst" : "aeiou";
        if (!allowed.includes(text[at]!)) throw new SyntaxError(`no letter of a name at ${at}`);
        pay(1 / allowed.length);
        name += text[at++];
      }
      take(" ");
      ended();
      word(VERBS);
      take(" ");
      items(name, 0, MORE.line);
      take("\n");
    }
  } catch (error) {
    if (error instanceof End) return nats;
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

Deno.test("no word of the grammar begins another, and shares of words add up to 1", () => {
  for (const words of [NOUNS, VERBS]) {
    for (const one of words) assert.ok(!words.some((other) => other !== one && other.startsWith(one)), one);
    const sum = words.reduce((total, _, rank) => total + wordShare(rank, words.length), 0);
    assert.ok(Math.abs(sum - 1) < 1e-12);
  }
});

Deno.test("all beginnings of a length together have probability 1, and their mean cost is the entropy", () => {
  // Every text of two characters: a name's first two letters.
  const pairs = GRAMMAR_CHARACTERS.flatMap((a) => GRAMMAR_CHARACTERS.map((b) => costOf(a + b)));
  const costs = pairs.filter((cost) => cost !== null);
  assert.ok(Math.abs(costs.reduce((sum, cost) => sum + Math.exp(-cost), 0) - 1) < 1e-12);
  const entropy = costs.reduce((sum, cost) => sum + Math.exp(-cost) * cost, 0) / 2;
  assert.ok(Math.abs(entropy - grammarEntropy(2)) < 1e-12);
});

Deno.test("the entropy is the mean cost of texts under the true probabilities, within their standard error", () => {
  for (const [length, texts] of [[16, 6000], [64, 4000], [256, 1000], [20_000, 20]] as const) {
    const costs = Array.from({ length: texts }, (_, index) => {
      const cost = costOf([...drawCharacters(length, random(7, "entropy", length, index))].join(""));
      assert.notEqual(cost, null, "a text that was drawn can be read");
      return cost! / length;
    });
    const error = sampleSd(costs) / Math.sqrt(texts);
    const off = (mean(costs) - grammarEntropy(length)) / error;
    assert.ok(Math.abs(off) < 4 && error < 0.004, `${length}: ${off} standard errors of ${error}`);
  }
});

Deno.test("the entropy of long texts is the entropy rate", () => {
  const rate = grammarEntropy();
  // What the first line differs by is shared by all characters.
  const [one, two] = [grammarEntropy(20_000) - rate, grammarEntropy(40_000) - rate];
  assert.ok(Math.abs(one - 2 * two) < 1e-9 && Math.abs(one) < 2e-4);
  assert.ok(Math.abs(rate - 0.8623) < 1e-4, `${rate}`);
});

Deno.test("windows of the grammar begin with a line, are labelled by what comes next, and are the same everywhere", async () => {
  const data = await load();
  assert.equal(data.digest, "4ef9e9e6fae87ad616e9b4ca46f7440cd255873067d3ecc9209e145e094947fb");
  assert.deepEqual([data.shape, data.labelUnit, data.mean, data.std], [[64, 1, 1], "token", [0], [1 / 255]]);
  assert.deepEqual(data.text, { unit: "character", charactersPerToken: 1, entropy: grammarEntropy(64) });
  for (let window = 0; window < data.train.count; window++) {
    const [inputs, labels] = [data.train.images, data.train.labels].map((
      all,
    ) => [...all.subarray(64 * window, 64 * (window + 1))]) as [number[], number[]];
    assert.equal(data.classes[inputs[0]!], "\n");
    assert.deepEqual(inputs.slice(1), labels.slice(0, -1));
    assert.notEqual(costOf(labels.map((token) => data.classes[token]).join("")), null);
  }
  const larger = await load({ train: 80 });
  assert.deepEqual(larger.train.images.slice(0, 40 * 64), data.train.images.slice());
  const other = await load({ context: 32 });
  assert.deepEqual([other.shape, other.text!.entropy], [[32, 1, 1], grammarEntropy(32)]);
  assert.notEqual(other.digest, data.digest);
  await assert.rejects(load({ train: 2 ** 30 }), /Cannot draw .* windows of 64 characters: at most/);
});
