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
import { RenderMimeRegistry, standardRendererFactories } from "@jupyterlab/rendermime";
import { rendererFactory as vegaFactory } from "@jupyterlab/vega5-extension";

/** The languages that lessons are written in; others would be dead weight. */
export function createLanguages(): EditorLanguageRegistry {
  const languages = new EditorLanguageRegistry();
  const wanted = ["typescript", "javascript", "json", "python", "ipython"];
  for (const language of EditorLanguageRegistry.getDefaultLanguages()) {
    if (wanted.includes(language.name.toLowerCase())) languages.addLanguage(language);
  }
  languages.addLanguage({
    name: "ipythongfm",
    mime: "text/x-ipythongfm",
    load: async () => {
      const { markdown, markdownLanguage } = await import("@codemirror/lang-markdown");
      return markdown({ base: markdownLanguage });
    },
  });
  return languages;
}

export function createEditorServices(languages: EditorLanguageRegistry): {
  factoryService: CodeMirrorEditorFactory;
  mimeTypeService: CodeMirrorMimeTypeService;
} {
  const themes = new EditorThemeRegistry();
  for (const theme of EditorThemeRegistry.getDefaultThemes()) themes.addTheme(theme);
  const extensions = new EditorExtensionRegistry();
  for (const extension of EditorExtensionRegistry.getDefaultExtensions({ themes })) extensions.addExtension(extension);
  extensions.addExtension({
    name: "shared-model",
    factory: ({ model }) => {
      // Cells' models are made of shared text; the interface does not say so.
      const shared = model.sharedModel as unknown as {
        ysource: Parameters<typeof ybinding>[0]["ytext"];
        undoManager: unknown;
      };
      return EditorExtensionRegistry.createImmutableExtension(
        ybinding({ ytext: shared.ysource, undoManager: (shared.undoManager ?? undefined) as never }),
      );
    },
  });
  return {
    factoryService: new CodeMirrorEditorFactory({ extensions, languages }),
    mimeTypeService: new CodeMirrorMimeTypeService(languages),
  };
}

export function createRendering(languages: EditorLanguageRegistry): RenderMimeRegistry {
  const rendermime = new RenderMimeRegistry({
    initialFactories: standardRendererFactories,
    latexTypesetter: new MathJaxTypesetter(),
    markdownParser: createMarkdownParser(languages),
  });
  // At its default rank the picture that the renderer itself adds would replace the live figure when it is shown again.
  rendermime.addFactory(vegaFactory, 57);
  return rendermime;
}
