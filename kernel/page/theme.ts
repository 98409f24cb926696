/** Light or dark: as the system has it, until the learner chooses. */
export function followTheme(): void {
  const link = document.getElementById("theme") as HTMLLinkElement;
  const toggle = document.getElementById("theme-toggle") as HTMLButtonElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const chosen = (): string | null => localStorage.getItem("gradbook-theme");
  const apply = (): void => {
    const dark = (chosen() ?? (system.matches ? "dark" : "light")) === "dark";
    link.href = dark ? "page/dark.css" : "page/light.css";
    document.body.dataset["jpThemeLight"] = String(!dark);
    document.body.dataset["jpThemeName"] = dark ? "JupyterLab Dark" : "JupyterLab Light";
    document.documentElement.style.colorScheme = dark ? "dark" : "light";
    toggle.textContent = dark ? "Light" : "Dark";
    toggle.setAttribute("aria-pressed", String(dark));
  };
  toggle.addEventListener("click", () => {
    const dark = document.body.dataset["jpThemeLight"] === "false";
    localStorage.setItem("gradbook-theme", dark ? "light" : "dark");
    apply();
  });
  system.addEventListener("change", apply);
  apply();
}
