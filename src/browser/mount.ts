/// <reference lib="dom" />

/**
 * Mounts a program on each part of the page that asks for it, with the data beside it. What stood there before is hidden
 * once the program has drawn; where it fails, that stays.
 */
export function mount<Data>(program: string, start: (root: HTMLElement, data: Data) => void): void {
  for (const part of document.querySelectorAll<HTMLElement>(`[data-program="${program}"]`)) {
    const data = JSON.parse(document.getElementById(`${part.id}-data`)!.textContent!) as Data;
    const root = document.createElement("div");
    root.className = program;
    part.append(root);
    try {
      start(root, data);
      part.dataset["ready"] = "";
    } catch (error) {
      root.remove();
      throw error;
    }
  }
}

/**
 * Draws at most once a frame, however often it is asked to. Each drawing, with the layout that it causes, is measured as
 * `redraw` in the page's performance entries.
 */
export function redrawing(draw: () => void): () => void {
  let waits = false;
  return () => {
    if (waits) return;
    waits = true;
    requestAnimationFrame(() => {
      waits = false;
      const start = performance.now();
      draw();
      // Reading a size makes the browser lay out what was drawn, so that the measure has it.
      void document.documentElement.offsetHeight;
      performance.measure("redraw", { start, end: performance.now() });
    });
  };
}
