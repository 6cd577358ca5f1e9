/*
 * Loads the page from where static files should be served and, where they are not, from the page's own view.
 * Only used where static files were collected; it is the one file that the view then always serves itself.
 */
const { assets } = JSON.parse(document.getElementById("chanspec-config").textContent);

// A module waits for the style sheets before it. One without rules by now could not be loaded; so could one of this
// origin whose rules may not be read. Those of another host never may.
const style = document.querySelector("link[data-chanspec]");
const isMissing = () => {
  try {
    return !style.sheet?.cssRules.length;
  } catch {
    return new URL(style.href).origin === location.origin;
  }
};
if (isMissing()) style.href = assets.style;

import(assets.script).catch(() => import(assets.spareScript));
