/** An expression of the part of Python that emitted calls are written in. */
export type Expression =
  /** `value` is a bigint for a literal without point or exponent, as Python separates int from float. */
  | { readonly kind: "literal"; readonly value: bigint | number | string | boolean | null }
  /** A name, dots included: `keras.optimizers.schedules.CosineDecay`. */
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "list"; readonly items: readonly Expression[] }
  | { readonly kind: "dict"; readonly entries: readonly (readonly [Expression, Expression])[] }
  | { readonly kind: "each"; readonly item: Expression; readonly variable: string; readonly of: Expression }
  | { readonly kind: "negative"; readonly of: Expression }
  | {
    readonly kind: "binary";
    readonly operator: Operator;
    readonly left: Expression;
    readonly right: Expression;
  }
  | { readonly kind: "lambda"; readonly parameter: string; readonly body: Expression }
  /** A function that another expression gives, called with one argument. */
  | { readonly kind: "apply"; readonly callee: Expression; readonly argument: Expression }
  | {
    readonly kind: "call";
    readonly name: string;
    readonly positional: readonly Expression[];
    readonly named: Readonly<Record<string, Expression>>;
  };

export type Operator = "+" | "-" | "*" | "/" | "//" | "%" | "**";

const TOKEN =
  /\s*(?:(\d+\.?\d*(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?)|([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)|("(?:[^"\\]|\\.)*")|(\*\*|\/\/|[-+*/%()[\]{},:=]))/gy;

/** Tokens of a text: numbers, names, texts in quotes and signs. @throws {SyntaxError} for any other character. */
function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (text.slice(TOKEN.lastIndex).trim() !== "") {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (match === null) {
      throw new SyntaxError(`Cannot read ${JSON.stringify(text.slice(at, at + 20))} in a call`);
    }
    tokens.push(match[0].trim());
  }
  return tokens;
}

/** Binding powers: a power binds tighter than a sign before it, and to the right. */
const POWERS: Readonly<Record<string, number>> = {
  "+": 1,
  "-": 1,
  "*": 2,
  "/": 2,
  "//": 2,
  "%": 2,
  "**": 4,
};
const SIGN_POWER = 3;

/**
 * Reads one expression.
 *
 * @throws {SyntaxError} for text that is none, or that continues after it.
 */
export function parseExpression(text: string): Expression {
  const parser = new Parser(tokensOf(text));
  const expression = parser.expression();
  parser.end();
  return expression;
}

class Parser {
  #at = 0;
  constructor(readonly tokens: readonly string[]) {}

  #next(): string {
    const token = this.tokens[this.#at++];
    if (token === undefined) throw new SyntaxError("Cannot read a call: it ends too early");
    return token;
  }

  #take(token: string): boolean {
    if (this.tokens[this.#at] !== token) return false;
    this.#at++;
    return true;
  }

  #expect(token: string): void {
    const found = this.#next();
    if (found !== token) throw new SyntaxError(`Cannot read a call: ${token} expected, not ${found}`);
  }

  end(): void {
    const rest = this.tokens[this.#at];
    if (rest !== undefined) throw new SyntaxError(`Cannot read a call: ${rest} follows its end`);
  }

  expression(power = 0): Expression {
    let left = this.#primary();
    while (this.#take("(")) {
      const argument = this.expression();
      this.#expect(")");
      left = { kind: "apply", callee: left, argument };
    }
    for (;;) {
      const operator = this.tokens[this.#at];
      const own = operator === undefined ? undefined : POWERS[operator];
      if (own === undefined || own <= power) return left;
      this.#at++;
      const right = this.expression(operator === "**" ? own - 1 : own);
      left = { kind: "binary", operator: operator as Operator, left, right };
    }
  }

  #primary(): Expression {
    const token = this.#next();
    if (token === "-") return { kind: "negative", of: this.expression(SIGN_POWER - 1) };
    if (token === "(") {
      const inner = this.expression();
      if (this.tokens[this.#at] === ",") return { kind: "list", items: this.#rest(inner, ")") };
      this.#expect(")");
      return inner;
    }
    if (token === "[") return this.#list();
    if (token === "{") return this.#dict();
    if (/^[\d.]/.test(token)) {
      return { kind: "literal", value: /^\d+$/.test(token) ? BigInt(token) : Number(token) };
    }
    if (token.startsWith('"')) return { kind: "literal", value: JSON.parse(token) as string };
    if (token === "lambda") {
      const parameter = this.#next();
      this.#expect(":");
      return { kind: "lambda", parameter, body: this.expression() };
    }
    if (!/^[A-Za-z_]/.test(token)) throw new SyntaxError(`Cannot read a call: ${token} begins no value`);
    if (Object.hasOwn(CONSTANTS, token)) return { kind: "literal", value: CONSTANTS[token]! };
    return this.#take("(") ? this.#call(token) : { kind: "name", name: token };
  }

  #list(): Expression {
    if (this.#take("]")) return { kind: "list", items: [] };
    const first = this.expression();
    if (this.#take("for")) {
      const variable = this.#next();
      this.#expect("in");
      const of = this.expression();
      this.#expect("]");
      return { kind: "each", item: first, variable, of };
    }
    return { kind: "list", items: this.#rest(first, "]") };
  }

  /** The items after the first one of a list or tuple, which may end in a comma. */
  #rest(first: Expression, closing: string): Expression[] {
    const items = [first];
    while (this.#take(",")) {
      if (this.tokens[this.#at] === closing) break;
      items.push(this.expression());
    }
    this.#expect(closing);
    return items;
  }

  #dict(): Expression {
    const entries: (readonly [Expression, Expression])[] = [];
    while (!this.#take("}")) {
      const key = this.expression();
      this.#expect(":");
      entries.push([key, this.expression()]);
      if (!this.#take(",")) {
        this.#expect("}");
        break;
      }
    }
    return { kind: "dict", entries };
  }

  #call(name: string): Expression {
    const positional: Expression[] = [];
    const named: Record<string, Expression> = {};
    while (!this.#take(")")) {
      const key = this.tokens[this.#at + 1] === "=" ? this.#next() : null;
      if (key !== null) this.#expect("=");
      if (key === null) positional.push(this.expression());
      else named[key] = this.expression();
      if (!this.#take(",")) {
        this.#expect(")");
        break;
      }
    }
    return { kind: "call", name, positional, named };
  }
}

/** Python's constants, and those of JSON, in which DeepSpeed's configuration is written. */
const CONSTANTS: Readonly<Record<string, boolean | null>> = {
  True: true,
  False: false,
  None: null,
  true: true,
  false: false,
  null: null,
};
