/// <reference lib="dom" />
import { setText, svg } from "../dom.ts";

/** Adds an element to a group, or takes the one that was there in the last drawing. */
export type Add = (
  tag: "line" | "text" | "path" | "circle",
  attributes: Record<string, string | number>,
  text?: string,
) => void;

interface Pooled {
  readonly tag: string;
  readonly element: SVGElement;
  readonly attributes: Map<string, string | number>;
}

/** Elements of a group that are used again at each drawing: what is unchanged costs nothing. */
export function pool(group: SVGGElement): (fill: (add: Add) => void) => void {
  const pooled: Pooled[] = [];
  return (fill) => {
    let used = 0;
    fill((tag, attributes, text) => {
      let one = pooled[used];
      if (one?.tag !== tag) {
        const fresh = { tag, element: svg(tag), attributes: new Map() };
        if (one === undefined) group.append(fresh.element);
        else one.element.replaceWith(fresh.element);
        one = pooled[used] = fresh;
      }
      used++;
      for (const [name, value] of Object.entries({ class: "", ...attributes })) {
        if (one.attributes.get(name) === value) continue;
        one.attributes.set(name, value);
        one.element.setAttribute(name, String(value));
      }
      if (text !== undefined) setText(one.element, text);
    });
    for (const { element } of pooled.splice(used)) element.remove();
  };
}
