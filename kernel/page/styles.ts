import "@jupyterlab/theme-light-extension/style/variables.css";
import "@jupyterlab/theme-dark-extension/style/variables.css";
// First: it brings the styles of the application, on which the others build.
import "@jupyterlab/mathjax-extension/style/index.js";
import "@jupyterlab/notebook/style/index.js";
import "@jupyterlab/completer/style/index.js";
import "@jupyterlab/tooltip/style/index.js";
import "@jupyterlab/vega5-extension/style/index.js";
// Last: what the page says wins over what its parts say.
import "./style.css";
