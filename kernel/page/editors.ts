import { javascript } from "@codemirror/lang-javascript";
import { EditorView } from "@codemirror/view";
import {
  CodeMirrorEditorFactory,
  CodeMirrorMimeTypeService,
  EditorExtensionRegistry,
  EditorLanguageRegistry,
  EditorThemeRegistry,
  ybinding,
} from "@jupyterlab/codemirror";
import { createMarkdownParser } from "@jupyterlab/markedparser-extension";
import { MathJaxTypesetter } from "@jupyterlab/mathjax-extension";
import { NotebookPanel, NotebookWidgetFactory } from "@jupyterlab/notebook";
import { RenderMimeRegistry, standardRendererFactories } from "@jupyterlab/rendermime";
import { figureFactory, figureRank } from "./figures.ts";

/** What a lesson is written in; the build leaves the other languages of JupyterLab out. */
const names = new Set(["JSON", "ipythongfm", "Markdown", "CSS", "HTML"]);

function languageRegistry(): EditorLanguageRegistry {
  const languages = new EditorLanguageRegistry();
  for (const language of EditorLanguageRegistry.getDefaultLanguages()) {
    if (names.has(language.name)) languages.addLanguage(language);
  }
  languages.addLanguage({
    name: "typescript",
    displayName: "TypeScript",
    alias: ["ts", "javascript", "js"],
    mime: ["text/typescript", "application/typescript", "text/javascript", "application/javascript"],
    extensions: ["ts", "mts", "js", "mjs"],
    support: javascript({ typescript: true }),
  });
  return languages;
}

function extensionRegistry(): EditorExtensionRegistry {
  const themes = new EditorThemeRegistry();
  for (const theme of EditorThemeRegistry.getDefaultThemes()) themes.addTheme(theme);
  const extensions = new EditorExtensionRegistry();
  for (const extension of EditorExtensionRegistry.getDefaultExtensions({ themes })) extensions.addExtension(extension);
  // Screen readers name the field by it.
  const label = EditorView.contentAttributes.of({ "aria-label": "Text of the cell" });
  extensions.addExtension({
    name: "label",
    factory: () => EditorExtensionRegistry.createImmutableExtension(label),
  });
  extensions.addExtension({
    name: "shared-model-binding",
    factory: ({ model }) => {
      const shared = model.sharedModel as unknown as Parameters<typeof ybinding>[0] & {
        ysource: Parameters<typeof ybinding>[0]["ytext"];
      };
      const binding = { ytext: shared.ysource, ...(shared.undoManager ? { undoManager: shared.undoManager } : {}) };
      return EditorExtensionRegistry.createImmutableExtension(ybinding(binding));
    },
  });
  return extensions;
}

/** Makes notebook panels: editors, Markdown, mathematics and figures as lessons need them. */
export function notebookFactory(): NotebookWidgetFactory {
  const languages = languageRegistry();
  const rendermime = new RenderMimeRegistry({
    initialFactories: standardRendererFactories,
    latexTypesetter: new MathJaxTypesetter(),
    markdownParser: createMarkdownParser(languages),
  });
  rendermime.addFactory(figureFactory, figureRank);
  const editors = new CodeMirrorEditorFactory({ extensions: extensionRegistry(), languages });
  return new NotebookWidgetFactory({
    name: "Notebook",
    modelName: "notebook",
    fileTypes: ["notebook"],
    defaultFor: ["notebook"],
    preferKernel: true,
    canStartKernel: true,
    rendermime,
    contentFactory: new NotebookPanel.ContentFactory({ editorFactory: editors.newInlineEditor }),
    mimeTypeService: new CodeMirrorMimeTypeService(languages),
    editorConfig: {
      code: { lineNumbers: false, lineWrap: true, matchBrackets: true, tabFocusable: false, autoClosingBrackets: true },
      markdown: { lineNumbers: false, lineWrap: true },
      raw: { lineNumbers: false, lineWrap: true },
    },
    notebookConfig: {
      scrollPastEnd: true,
      defaultCell: "code",
      recordTiming: false,
      inputHistoryScope: "global",
      maxNumberOutputs: 500,
      showEditorForReadOnlyMarkdown: true,
      disableDocumentWideUndoRedo: true,
      renderingLayout: "default",
      sideBySideLeftMarginOverride: "10px",
      sideBySideRightMarginOverride: "10px",
      sideBySideOutputRatio: 1,
      overscanCount: 1,
      // Lessons are short: every cell stays in the page, for searching, printing and screen readers.
      windowingMode: "none",
      accessKernelHistory: false,
      showHiddenCellsButton: true,
      enableKernelInitNotification: false,
      autoRenderMarkdownCells: true,
      showInputPlaceholder: false,
      showMinimap: false,
    },
  });
}
