import { type LessonEntry, listLessons } from "./course.ts";
import { element } from "./elements.ts";
import { themeButton } from "./theme.ts";

/** The first page: what there is to learn. */
export async function showLessons(): Promise<void> {
  document.title = "Lessons · gradbook";
  const main = element("main", { class: "gb-lessons" });
  document.body.append(
    element("header", { class: "gb-header" }, element("span", { class: "gb-brand" }, "gradbook"), themeButton()),
    main,
  );
  main.append(element("h1", {}, "Computational graphs and backpropagation"));
  try {
    const entries = await listLessons();
    const lessons = entries.filter((entry) => entry.lesson);
    const others = entries.filter((entry) => !entry.lesson);
    if (lessons.length > 0) main.append(section("Lessons", lessons));
    if (others.length > 0) main.append(section(lessons.length > 0 ? "Your other notebooks" : "Notebooks", others));
    if (entries.length === 0) main.append(element("p", {}, "There is no notebook in this folder yet."));
  } catch (error) {
    main.append(element("p", { role: "alert", class: "gb-problem" }, error instanceof Error ? error.message : ""));
  }
}

function section(title: string, entries: readonly LessonEntry[]): HTMLElement {
  return element("section", {}, element("h2", {}, title), element("ol", {}, ...entries.map(item)));
}

function item(entry: LessonEntry): HTMLElement {
  const link = element("a", { href: `/notebooks/${encodeURIComponent(entry.path)}` }, entry.title);
  const state = entry.problem ?? (entry.worked && entry.lesson ? "begun" : "");
  const about = element("span", { class: entry.problem === undefined ? "gb-note" : "gb-problem" }, state);
  return element("li", {}, link, element("span", { class: "gb-file" }, entry.path), about);
}
