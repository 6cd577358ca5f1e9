/*
 * Loads the page from where static files should be served and, where they are not, from the page's own view.
 * Only used where static files were collected; it is the one file that the view then always serves itself.
 */
const { assets } = JSON.parse(document.getElementById("chanspec-config").textContent);

// A module waits for the style sheets before it: one without a sheet by now could not be loaded.
const style = document.querySelector("link[data-chanspec]");
if (style.sheet === null) style.href = assets.style;

import(assets.script).catch(() => import(assets.spareScript));
