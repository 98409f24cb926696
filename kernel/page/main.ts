import "./styles.ts";
import { showLessons } from "./lessons.ts";
import { followTheme } from "./theme.ts";

/** The page shows what its address names: a notebook, or the list of lessons. */
const notebook = /^\/notebooks\/(.+)$/.exec(window.location.pathname)?.[1];

followTheme();
if (notebook === undefined) await showLessons();
else {
  const { showNotebook } = await import("./notebook.ts");
  await showNotebook(decodeURIComponent(notebook));
}
