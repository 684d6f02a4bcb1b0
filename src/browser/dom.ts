/// <reference lib="dom" />

type Attributes = Readonly<Record<string, string | number | boolean>>;

/** An HTML element with its attributes and children; text stays text. `true` writes an attribute without a value. */
export function html<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  return filled(document.createElement(tag), attributes, children);
}

/** The same for SVG. */
export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): SVGElementTagNameMap[K] {
  return filled(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

function filled<E extends Element>(
  element: E,
  attributes: Attributes,
  children: readonly (Node | string)[],
): E {
  setAttributes(element, attributes);
  element.append(...children);
  return element;
}

/** Sets attributes; `false` takes one away. */
export function setAttributes(element: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false) element.removeAttribute(name);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
}

/** Sets a text where it is another one: an unchanged text is laid out once. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
