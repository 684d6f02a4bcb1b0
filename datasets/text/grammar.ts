import type { Random } from "#lib/prng.ts";

/**
 * The grammar of the built-in text. A sentence is a line: a name of four random letters, a verb, and items, one after the
 * other: a noun, the sentence's name once more, or items in brackets of one of three kinds, at most three deep.
 *
 *     Kira holds moon [Kira (oak)] sea
 *
 * Every character has its own meaning at its place (capitals are names, small letters words), so that a text has one
 * derivation: its probability is the product of its choices', and its entropy is known exactly. A name that comes again and
 * the kind of a closing bracket are certain for a reader who looks back that far, and a guess for one who does not.
 */
const CONSONANTS = [..."bdfgklmnprst"];
const VOWELS = [..."aeiou"];
/** From the most frequent one on; none is the beginning of another. */
export const VERBS = ["has", "sees", "holds", "finds", "makes", "keeps", "takes", "hides"];
export const NOUNS =
  "sun rain stone moon sea salt bread leaf wind iron oak lamp cloud root ice river ash glass seed owl".split(
    " ",
  );
const BRACKETS = ["()", "[]", "{}"];
const NAME_LENGTH = 4;
const MOST_DEPTH = 3;

/** Shares of items; the rest are nouns, and so are brackets at the greatest depth. */
export const ITEMS = { name: 0.25, brackets: 0.2 };
/** Share of items that another one follows, in a line and in brackets. */
export const MORE = { line: 0.6, brackets: 0.45 };
/** Ends a line. */
export const LINE_END = "\n";

/** Share of the word of a rank, counted from 0, in proportion to 1 / (rank + 3). */
export function wordShare(rank: number, words: number): number {
  let total = 0;
  for (let other = 0; other < words; other++) total += 1 / (other + 3);
  return 1 / (rank + 3) / total;
}

/** One way on from a state. */
interface Choice {
  readonly probability: number;
  /** A character; a letter of the sentence's name, by its place; `null` for what closes the innermost bracket. */
  readonly emits: string | number | null;
  /** True for a letter that the sentence's name gets. */
  readonly names?: true;
  readonly next: number;
}

/** States by number, each its choices; state 0 begins a line. What is remembered (name, brackets) is no part of a state. */
type States = readonly (readonly Choice[])[];

const STATES = build();

/** The characters that occur, in the order of their codes. */
export const GRAMMAR_CHARACTERS: readonly string[] = [
  ...new Set([...STATES.flatMap((choices) => choices.map(({ emits }) => emits)), ...BRACKETS.join("")]),
].filter((emits) => typeof emits === "string").sort();

/** Characters from the beginning of a line on, `length` of them. */
export function* drawCharacters(length: number, source: Random): Generator<string> {
  let state = 0;
  let name: string[] = [];
  const open: string[] = [];
  for (let at = 0; at < length; at++) {
    if (state === 0) name = [];
    const { emits, names, next } = choose(STATES[state]!, source);
    const character = emits === null
      ? closing(open.pop()!)
      : typeof emits === "number"
      ? name[emits]!
      : emits;
    if (names) name.push(character);
    if (BRACKETS.some(([opening]) => opening === character)) open.push(character);
    state = next;
    yield character;
  }
}

/**
 * Entropy of the grammar's characters in nats a character, exact up to rounding.
 *
 * @param length of texts that begin with a line: the mean over their characters. Absent: the entropy rate, which it
 * approaches for long texts.
 */
export function grammarEntropy(length?: number): number {
  const entropies = STATES.map((choices) =>
    choices.reduce((sum, { probability: p }) => sum - p * Math.log(p), 0)
  );
  let reached = new Float64Array(STATES.length);
  reached[0] = 1;
  let [nats, characters] = [0, 0];
  while (length === undefined ? total(reached) > Number.EPSILON ** 2 : characters < length) {
    const next = new Float64Array(STATES.length);
    reached.forEach((mass, state) => {
      if (mass === 0) return;
      nats += mass * entropies[state]!;
      for (const choice of STATES[state]!) next[choice.next]! += mass * choice.probability;
    });
    characters += length === undefined ? total(reached) : 1;
    // The rate is a line's entropy over its length: what comes to the next line has ended.
    if (length === undefined) next[0] = 0;
    reached = next;
  }
  return nats / characters;
}

const total = (masses: Float64Array) => masses.reduce((sum, mass) => sum + mass, 0);

function choose(choices: readonly Choice[], source: Random): Choice {
  if (choices.length === 1) return choices[0]!;
  let left = source.uniform();
  return choices.find(({ probability }) => (left -= probability) < 0) ?? choices.at(-1)!;
}

const closing = (opening: string) => BRACKETS.find(([open]) => open === opening)![1]!;

/** Every state that can be reached from the beginning of a line. */
function build(): States {
  const states: (readonly Choice[])[] = [];
  const known = new Map<string, number>();
  const state = (key: string, choices: () => readonly Choice[]): number => {
    const found = known.get(key);
    if (found !== undefined) return found;
    const number = states.push([]) - 1;
    known.set(key, number);
    states[number] = choices();
    return number;
  };
  const letter = (at: number): number =>
    state(`name ${at}`, () => {
      const letters = at % 2 === 0 ? CONSONANTS : VOWELS;
      const next = at + 1 < NAME_LENGTH ? letter(at + 1) : space("verb", verb);
      return letters.map((small) => ({
        probability: 1 / letters.length,
        emits: at === 0 ? small.toUpperCase() : small,
        names: true,
        next,
      }));
    });
  const space = (key: string, then: () => number): number =>
    state(`space ${key}`, () => [{ probability: 1, emits: " ", next: then() }]);
  const verb = () => state("verb", () => spelling("verb", VERBS, "", () => space("item", () => item(0))));

  /** Ways on in a word of which `prefix` is written. */
  const spelling = (key: string, words: readonly string[], prefix: string, then: () => number): Choice[] => {
    const share = (start: string) =>
      words.reduce(
        (sum, word, rank) => word.startsWith(start) ? sum + wordShare(rank, words.length) : sum,
        0,
      );
    const letters = new Set(words.flatMap((word) => word.startsWith(prefix) ? word[prefix.length]! : []));
    return [...letters].map((character) => {
      const written = prefix + character;
      const next = words.includes(written)
        ? then()
        : state(`${key} ${written}`, () => spelling(key, words, written, then));
      return { probability: share(written) / share(prefix), emits: character, next };
    });
  };
  const item = (depth: number): number =>
    state(`item ${depth}`, () => {
      const brackets = depth < MOST_DEPTH ? ITEMS.brackets : 0;
      const nouns = 1 - ITEMS.name - brackets;
      return [
        ...spelling(`noun ${depth}`, NOUNS, "", () => after(depth))
          .map((choice) => ({ ...choice, probability: nouns * choice.probability })),
        { probability: ITEMS.name, emits: 0, next: again(1, depth) },
        ...(brackets > 0
          ? BRACKETS.map(([opening]) => ({
            probability: brackets / BRACKETS.length,
            emits: opening!,
            next: item(depth + 1),
          }))
          : []),
      ];
    });
  const again = (at: number, depth: number): number =>
    state(`again ${at} ${depth}`, () => [{
      probability: 1,
      emits: at,
      next: at + 1 < NAME_LENGTH ? again(at + 1, depth) : after(depth),
    }]);
  const after = (depth: number): number =>
    state(`after ${depth}`, () => {
      const more = depth === 0 ? MORE.line : MORE.brackets;
      return [
        { probability: more, emits: " ", next: item(depth) },
        depth === 0
          ? { probability: 1 - more, emits: LINE_END, next: letter(0) }
          : { probability: 1 - more, emits: null, next: after(depth - 1) },
      ];
    });
  letter(0);
  return states;
}
