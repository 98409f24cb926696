/** Light or dark: what the system says, until the learner chooses. */
type Theme = "light" | "dark";

const storageKey = "gradbook-theme";
const systemDark = window.matchMedia("(prefers-color-scheme: dark)");

const system = (): Theme => (systemDark.matches ? "dark" : "light");

function chosen(): Theme | undefined {
  const stored = window.localStorage.getItem(storageKey);
  return stored === "light" || stored === "dark" ? stored : undefined;
}

function apply(): void {
  const theme = chosen() ?? system();
  document.documentElement.dataset["theme"] = theme;
  document.body.dataset["jpThemeLight"] = String(theme === "light");
  document.body.dataset["jpThemeName"] = theme === "light" ? "JupyterLab Light" : "JupyterLab Dark";
  for (const button of document.querySelectorAll<HTMLElement>("[data-theme-button]")) describe(button);
}

export function followTheme(): void {
  apply();
  systemDark.addEventListener("change", apply);
  // Another page of the same server has changed it.
  window.addEventListener("storage", apply);
}

export function themeButton(): HTMLButtonElement {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "gb-icon-button";
  button.dataset["themeButton"] = "";
  button.addEventListener("click", () => {
    const next: Theme = document.documentElement.dataset["theme"] === "dark" ? "light" : "dark";
    // A choice that is the system's own goes on following it.
    if (next === system()) window.localStorage.removeItem(storageKey);
    else window.localStorage.setItem(storageKey, next);
    apply();
  });
  describe(button);
  return button;
}

function describe(button: HTMLElement): void {
  const dark = document.documentElement.dataset["theme"] === "dark";
  button.textContent = dark ? "☀" : "☾";
  button.title = dark ? "Light theme" : "Dark theme";
  button.setAttribute("aria-label", button.title);
}
